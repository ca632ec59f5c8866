"""The rows to link as narrow columns: dense integer codes for values that are compared (0 = null), texts kept aside.

Rows are numbered in the order of their keys, so nothing downstream depends on the order in which they arrived.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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
    names_in,
    value_columns,
    weighed_by_frequency,
)
from warehouse.errors import ToldError

Rows = NDArray[np.int32]
Mask = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
NO_HASHES: Hashes = np.empty(0, dtype=np.uint64)


class RecordsError(ToldError, ValueError):
    """The table does not fit the model; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Coded:
    """Codes of one value: an array by row for each joint expression (else one), holders and hashes by code.

    Hashes are kept where frequency is weighed. `beyond` are those left out because too many rows hold them,
    `beyond_holders` how many do.
    """

    rows: tuple[Rows, ...]
    holders: Rows
    hashes: Hashes
    beyond: Hashes = field(default_factory=lambda: NO_HASHES)
    beyond_holders: Rows = field(default_factory=lambda: np.empty(0, dtype=np.int32))

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
    return coded_records(prepared_rows(source, model, connection), model)


def prepared_rows(source: Path | pa.Table, model: Model, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """What the model reads of each row, hashed and cleaned, in the order of the keys; a row depends on no other."""
    texts, numbers, masked = _parts(model)
    columns = [*value_columns(hashed_values(model), texts, numbers), *masked_columns(masked)]
    relation = _relation(source, connection)
    prepared = _select(connection, relation, model, [*columns, _fingerprint(connection, relation, model)])
    _refuse_repeated_keys(prepared.column("record_key").combine_chunks(), model.key)
    return prepared


def fingerprints(source: Path | pa.Table, model: Model, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Key of each row with a hash over all the model may read of it: equal hashes prepare to equal rows."""
    relation = _relation(source, connection)
    return _select(connection, relation, model, [_fingerprint(connection, relation, model)])


def _fingerprint(connection: duckdb.DuckDBPyConnection, relation: str, model: Model) -> str:
    described = connection.sql(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    texts, numbers, _ = _parts(model)
    expressions = [e for value in hashed_values(model) for e in (*value.expressions, value.where or "")]
    read = names_in([*expressions, *texts, *numbers, model.rows or ""])
    quoted = [f'"{name}"' for name, *_ in described if name in read or " " in name]
    return f"hash({', '.join(quoted) or 'NULL'}) AS fingerprint"


def coded_records(prepared: pa.Table, model: Model, beyond: Mapping[Value, Hashes] | None = None) -> Records:
    """Prepared rows as codes; `beyond` are values known to be held by too many rows, some of them not here."""
    texts, numbers, masked = _parts(model)
    return Records(
        prepared.column("record_key").combine_chunks(),
        _all_coded(prepared, model, beyond or {}),
        {name: numpy(prepared.column(f"n{i}")) for i, name in enumerate(numbers)},
        {name: numpy(prepared.column(f"d{i}")) for i, name in enumerate(numbers)},
        {name: prepared.column(f"t{i}").combine_chunks() for i, name in enumerate(texts)},
        {name: _characters(prepared, f"c{i}") for i, name in enumerate(masked)},
        {name: numpy(prepared.column(f"m{i}")) > 0 for i, name in enumerate(masked)},
    )


def hashed_values(model: Model) -> list[Value]:
    """Every value that is hashed, each once, however many of its holders are too many."""
    return list(dict.fromkeys(unlimited(value) for value in model_values(model)))


def unlimited(value: Value) -> Value:
    """The value whoever holds it."""
    return replace(value, implausible_above=None)


def row_hashes(prepared: pa.Table, position: int, value: Value) -> list[Hashes]:
    """Hashes of one value by row, for each joint expression (else one); `position` is its place in hashed_values."""
    members = len(value.expressions) if value.is_joint else 1
    return [numpy(prepared.column(f"h{position}_{member}")) for member in range(members)]


def _parts(model: Model) -> tuple[list[str], list[str], list[str]]:
    """Expressions read as texts, as numbers, as texts with hidden characters."""
    levels = [level for comparison in model.comparisons.values() for level in comparison.levels]
    texts = list(dict.fromkeys(text for level in levels for text in level_texts(level)))
    numbers = list(dict.fromkeys(number for level in levels for number in level_numbers(level)))
    return texts, numbers, list(dict.fromkeys(level.masked for level in levels if level.masked))


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


def _all_coded(prepared: pa.Table, model: Model, beyond: Mapping[Value, Hashes]) -> dict[Value, Coded]:
    hashed = hashed_values(model)
    coded = {value: _coded(row_hashes(prepared, position, value)) for position, value in enumerate(hashed)}
    weighed = weighed_by_frequency(model).values()
    plausible = {}
    for value in model_values(model):
        found = _plausible(coded[unlimited(value)], value.implausible_above, beyond.get(value))
        plausible[value] = found if value in weighed else replace(found, hashes=NO_HASHES)
    return plausible


def _coded(hashes: list[Hashes]) -> Coded:
    codes, holders, distinct = dense_codes(np.concatenate(hashes))
    return Coded(tuple(np.split(codes, len(hashes))), holders, distinct)


def _plausible(coded: Coded, most: int | None, known_beyond: Hashes | None) -> Coded:
    """The same without values that too many rows hold."""
    if most is None:
        return coded
    is_beyond = coded.holders > most
    if known_beyond is not None and len(known_beyond):
        is_beyond |= np.isin(coded.hashes, known_beyond)
    if not is_beyond.any():
        return coded
    return Coded(
        tuple(np.where(is_beyond[codes], 0, codes).astype(np.int32) for codes in coded.rows),
        np.where(is_beyond, 0, coded.holders).astype(np.int32),
        coded.hashes,
        coded.hashes[is_beyond],
        coded.holders[is_beyond],
    )


def dense_codes(hashes: Hashes) -> tuple[Rows, Rows, Hashes]:
    """Codes 1, 2, ... of the distinct hashes (0 stays 0), how many times each occurs, and the hashes in order."""
    order = np.argsort(hashes)
    ordered = hashes[order]
    is_first = np.empty(len(ordered), dtype=bool)
    is_first[:1] = len(ordered) > 0 and ordered[0] != 0
    is_first[1:] = ordered[1:] != ordered[:-1]
    codes = np.empty(len(ordered), dtype=np.int32)
    codes[order] = np.cumsum(is_first, dtype=np.int32)
    holders = np.bincount(codes, minlength=1).astype(np.int32)
    holders[:1] = 0
    return codes, holders, np.concatenate([np.zeros(1, dtype=np.uint64), ordered[is_first]])


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
