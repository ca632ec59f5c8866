"""Values of a landed batch by `from`: a column as it stands, or a path into a JSON column."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from cleansing.header import landed_column


@dataclass(frozen=True)
class LandedValues:
    """Text of every `from` a contract reads, and per JSON column which documents do not parse."""

    texts: Mapping[str, pa.Array]
    broken: Mapping[str, pa.Array]

    def is_broken(self, origin: str) -> pa.Array | None:
        """Which rows hold no JSON where `origin` points into it; None for a plain column."""
        return self.broken.get(landed_column(origin)) if "." in origin else None


def landed_values(batch: pa.RecordBatch, origins: Iterable[str]) -> LandedValues:
    """The text behind each of `origins`; a JSON null, and a path that leads nowhere, are null."""
    wanted = list(dict.fromkeys(origins))
    texts = {origin: _text(batch.column(origin)) for origin in wanted if "." not in origin}
    broken = {}
    for document in dict.fromkeys(landed_column(origin) for origin in wanted if "." in origin):
        paths = [origin for origin in wanted if origin.startswith(f"{document}.")]
        extracted = _extract(_text(batch.column(document)), [path.partition(".")[2] for path in paths])
        broken[document] = extracted.column("is_broken").combine_chunks()
        texts |= {path: extracted.column(at).combine_chunks() for at, path in enumerate(paths)}
    return LandedValues(texts, broken)


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
