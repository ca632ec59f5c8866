"""Values of a landed batch by `from`: a column as it stands, or a path into a JSON column."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleansing.header import landed_column

UNDECODABLE = "undecodable"  # JSON: the fields of a row that are no text, or not to their end, with their bytes as hex


@dataclass(frozen=True)
class LandedValues:
    """Text of every `from` a contract reads, which rows of a landed column hold none, and which lost its end."""

    texts: Mapping[str, pa.Array]
    broken: Mapping[str, pa.Array]
    cut: Mapping[str, pa.Array]

    def is_broken(self, origin: str) -> pa.Array | None:
        """Which rows hold no JSON where `origin` points into it, or bytes that are no text; None where all is well."""
        return self.broken.get(landed_column(origin))

    def is_cut(self, origin: str) -> pa.Array | None:
        """Which rows hold a text whose last character was cut through and dropped; None where none was."""
        return self.cut.get(origin)


def landed_values(batch: pa.RecordBatch, origins: Iterable[str]) -> LandedValues:
    """The text behind each of `origins`; a JSON null, and a path that leads nowhere, are null."""
    wanted = list(dict.fromkeys(origins))
    texts = {origin: _text(batch.column(origin)) for origin in wanted if "." not in origin}
    broken, cut = _undecodable(batch, texts)
    for document in dict.fromkeys(landed_column(origin) for origin in wanted if "." in origin):
        paths = [origin for origin in wanted if origin.startswith(f"{document}.")]
        extracted = _extract(_text(batch.column(document)), [path.partition(".")[2] for path in paths])
        broken[document] = extracted.column("is_broken").combine_chunks()
        texts |= {path: extracted.column(at).combine_chunks() for at, path in enumerate(paths)}
    return LandedValues(texts, broken, cut)


Masks = dict[str, pa.Array]


def _undecodable(batch: pa.RecordBatch, texts: Mapping[str, pa.Array]) -> tuple[Masks, Masks]:
    """Of each column the rows a source could not decode, or only without its end; the bytes stay in landing."""
    broken: dict[str, npt.NDArray[np.bool_]] = {}
    cut: dict[str, npt.NDArray[np.bool_]] = {}
    told = batch.column(UNDECODABLE) if UNDECODABLE in batch.schema.names else pa.nulls(0, pa.string())
    for row, document in zip(np.flatnonzero(told.is_valid()), told.drop_null(), strict=True):
        for name in json.loads(document.as_py()).keys() & texts.keys():
            kind = cut if texts[name][row].is_valid else broken
            kind.setdefault(name, np.zeros(len(batch), dtype=bool))[row] = True
    return {name: pa.array(mask) for name, mask in broken.items()}, {name: pa.array(mask) for name, mask in cut.items()}


def _text(column: pa.Array) -> pa.Array:
    return column if column.type == pa.string() else column.cast(pa.string())


def _extract(documents: pa.Array, paths: list[str]) -> pa.Table:
    """One text column per path, then `is_broken`, in row order."""
    landed = pa.table({"document": documents})
    values = ", ".join(f"parsed ->> ${at + 1} AS value_{at}" for at in range(len(paths)))
    query = (
        f"SELECT {values}, document IS NOT NULL AND parsed IS NULL AS is_broken "
        "FROM (SELECT document, CASE WHEN json_valid(document) THEN document::JSON END AS parsed FROM landed)"
    )
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.register("landed", landed)
        return connection.sql(query, params=[f"$.{path}" for path in paths]).to_arrow_table()
