"""The rows to link as narrow columns: dense integer codes for values that are compared (0 = null), texts kept aside.

Rows are numbered in the order of their keys, so nothing downstream depends on the order in which they arrived.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from matching.arrays import numpy
from matching.model import Model
from matching.values import (
    MASKED_WIDTH,
    Value,
    level_numbers,
    level_texts,
    masked_columns,
    model_values,
    value_columns,
)

Rows = NDArray[np.int32]
Mask = NDArray[np.bool_]


class RecordsError(ValueError):
    """The table does not fit the model; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Coded:
    """Codes of one value: an array by row for each joint expression (else one), and holders by code."""

    rows: tuple[Rows, ...]
    holders: Rows

    def is_present(self) -> Mask:
        """Rows that hold any value."""
        present: Mask = np.any([codes > 0 for codes in self.rows], axis=0)
        return present


@dataclass(frozen=True)
class Records:
    """All rows to link, by row number."""

    keys: pa.Array
    coded: dict[Value, Coded]
    numbers: dict[str, NDArray[np.int64]]
    decimals: dict[str, NDArray[np.int64]]
    texts: dict[str, pa.Array]
    characters: dict[str, NDArray[np.uint8]]
    masked: dict[str, Mask]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.keys)

    @cached_property
    def _present(self) -> dict[Value, Mask]:
        return {value: coded.is_present() for value, coded in self.coded.items()}

    def present(self, value: Value) -> Mask:
        """Rows that hold `value`."""
        return self._present[value]

    def is_masked(self, expression: str) -> Mask:
        """Rows whose text hides some of its characters."""
        return self.masked[expression]

    def packed(self, expression: str) -> NDArray[np.uint64]:
        """Dates (as yyyymmdd) and whole numbers with one hexadecimal digit for each decimal one; 0 where null."""
        return self._packed[expression]

    @cached_property
    def _packed(self) -> dict[str, NDArray[np.uint64]]:
        return {expression: _packed_digits(self.decimals[expression]) for expression in self.decimals}


def read_records(source: Path | pa.Table, model: Model, connection: duckdb.DuckDBPyConnection) -> Records:
    """Rows of `source` the model is about; raises RecordsError naming the expression or the repeated key."""
    relation = _relation(source, connection)
    values = model_values(model)
    hashed = list(dict.fromkeys(replace(value, implausible_above=None) for value in values))
    levels = [level for comparison in model.comparisons.values() for level in comparison.levels]
    texts = list(dict.fromkeys(text for level in levels for text in level_texts(level)))
    numbers = list(dict.fromkeys(number for level in levels for number in level_numbers(level)))
    masked = list(dict.fromkeys(level.masked for level in levels if level.masked))
    columns = [*value_columns(hashed, texts, numbers), *masked_columns(masked)]
    table = _select(connection, relation, model, columns)
    keys = table.column("record_key").combine_chunks()
    _refuse_repeated_keys(keys, model.key)
    coded = _all_coded(table, values, hashed)
    return Records(
        keys,
        coded,
        {name: numpy(table.column(f"n{i}")) for i, name in enumerate(numbers)},
        {name: numpy(table.column(f"d{i}")) for i, name in enumerate(numbers)},
        {name: table.column(f"t{i}").combine_chunks() for i, name in enumerate(texts)},
        {name: _characters(table, f"c{i}") for i, name in enumerate(masked)},
        {name: numpy(table.column(f"m{i}")) > 0 for i, name in enumerate(masked)},
    )


def _relation(source: Path | pa.Table, connection: duckdb.DuckDBPyConnection) -> str:
    if isinstance(source, pa.Table):
        connection.register("records_to_link", source)
        return "records_to_link"
    quoted = str(source).replace("'", "''")
    return f"read_csv('{quoted}', all_varchar = true)" if source.suffix == ".csv" else f"read_parquet('{quoted}')"


def _select(connection: duckdb.DuckDBPyConnection, relation: str, model: Model, columns: Iterable[str]) -> pa.Table:
    where = f"WHERE {model.rows}" if model.rows else ""
    selected = ", ".join([f"CAST({model.key} AS VARCHAR) AS record_key", *columns])
    try:
        source = _trimmed(connection, relation, model) if model.trim_text else relation
        return connection.sql(f"SELECT {selected} FROM {source} {where} ORDER BY 1").to_arrow_table()
    except duckdb.Error as error:
        raise RecordsError(f"model {model.version} does not fit the table: {str(error).splitlines()[0]}") from error


def _trimmed(connection: duckdb.DuckDBPyConnection, relation: str, model: Model) -> str:
    """The relation with its texts, but for the key, in lower case, trimmed, empty as null."""
    described = connection.sql(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    texts = [f'"{name}"' for name, kind, *_ in described if kind == "VARCHAR" and name != model.key.strip('"')]
    trimmed = ", ".join(f"nullif(lower(trim({text})), '') AS {text}" for text in texts)
    return f"(SELECT * REPLACE ({trimmed}) FROM {relation})" if texts else relation


def _refuse_repeated_keys(keys: pa.Array, key: str) -> None:
    if keys.null_count:
        raise RecordsError(f"{keys.null_count} rows have no {key}; give every row a key")
    repeated = pc.sum(pc.equal(keys[1:], keys[:-1])).as_py() or 0
    if repeated:
        raise RecordsError(f"{repeated} rows repeat another row's {key}; keep one row for each key")


def _all_coded(table: pa.Table, values: list[Value], hashed: list[Value]) -> dict[Value, Coded]:
    coded = {value: _coded(table, position, value) for position, value in enumerate(hashed)}
    return {value: _plausible(coded[replace(value, implausible_above=None)], value) for value in values}


def _coded(table: pa.Table, position: int, value: Value) -> Coded:
    members = len(value.expressions) if value.is_joint else 1
    hashes = [numpy(table.column(f"h{position}_{member}")) for member in range(members)]
    codes, holders = dense_codes(np.concatenate(hashes))
    return Coded(tuple(np.split(codes, members)), holders)


def _plausible(coded: Coded, value: Value) -> Coded:
    """The same without values that too many rows hold."""
    if value.implausible_above is None or not (coded.holders > value.implausible_above).any():
        return coded
    is_plausible = coded.holders <= value.implausible_above
    return Coded(
        tuple(np.where(is_plausible[codes], codes, 0).astype(np.int32) for codes in coded.rows),
        np.where(is_plausible, coded.holders, 0).astype(np.int32),
    )


def dense_codes(hashes: NDArray[np.uint64]) -> tuple[Rows, Rows]:
    """Codes 1, 2, ... of the distinct hashes (0 stays 0), and how many times each occurs."""
    order = np.argsort(hashes)
    ordered = hashes[order]
    is_first = np.empty(len(ordered), dtype=bool)
    is_first[:1] = len(ordered) > 0 and ordered[0] != 0
    is_first[1:] = ordered[1:] != ordered[:-1]
    codes = np.empty(len(ordered), dtype=np.int32)
    codes[order] = np.cumsum(is_first, dtype=np.int32)
    holders = np.bincount(codes, minlength=1).astype(np.int32)
    holders[:1] = 0
    return codes, holders


def _packed_digits(decimals: NDArray[np.int64]) -> NDArray[np.uint64]:
    packed, rest, shift = np.zeros(len(decimals), dtype=np.uint64), decimals.astype(np.uint64), 0
    while rest.any():
        packed |= (rest % np.uint64(10)) << np.uint64(shift)
        rest, shift = rest // np.uint64(10), shift + 4
    return packed


def _characters(table: pa.Table, column: str) -> NDArray[np.uint8]:
    """One row of bytes for each text of a column padded in SQL."""
    padded = pa.concat_arrays(table.column(column).chunks) if table.num_rows else pa.array([], pa.string())
    start, size = padded.offset * MASKED_WIDTH, len(padded) * MASKED_WIDTH
    return np.frombuffer(padded.buffers()[2] or b"", dtype=np.uint8)[start : start + size].reshape(-1, MASKED_WIDTH)
