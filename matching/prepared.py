"""Rows as a model reads them: every compared value hashed, texts and numbers kept aside; a row depends on no other."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from matching.arrays import numpy
from matching.model import Model
from matching.values import (
    Value,
    level_numbers,
    level_texts,
    masked_columns,
    model_values,
    names_in,
    value_columns,
)
from warehouse.errors import ToldError

Hashes = NDArray[np.uint64]
NO_HASHES: Hashes = np.empty(0, dtype=np.uint64)


class RecordsError(ToldError, ValueError):
    """The table does not fit the model; the message says what is missing and what to do."""


def prepared_rows(
    source: Path | pa.Table, model: Model, connection: duckdb.DuckDBPyConnection, *, to_stand: bool = False
) -> pa.Table:
    """What the model reads of each row, hashed and cleaned, in the order of the keys; a row depends on no other.

    Those `to_stand` carry a fingerprint, by which a later change of the row is noticed.
    """
    texts, numbers, masked = model_parts(model)
    columns = [*value_columns(hashed_values(model), texts, numbers), *masked_columns(masked)]
    relation = _relation(source, connection)
    if to_stand:
        columns.append(_fingerprint(connection, relation, model))
    prepared = _select(connection, relation, model, columns)
    _refuse_repeated_keys(prepared.column("record_key").combine_chunks(), model.key)
    return prepared


def fingerprints(source: Path | pa.Table, model: Model, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Key of each row with a hash over all the model may read of it: equal hashes prepare to equal rows."""
    relation = _relation(source, connection)
    return _select(connection, relation, model, [_fingerprint(connection, relation, model)])


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


def model_parts(model: Model) -> tuple[list[str], list[str], list[str]]:
    """Expressions a model reads as texts, as numbers, as texts with hidden characters."""
    levels = [level for comparison in model.comparisons.values() for level in comparison.levels]
    texts = list(dict.fromkeys(text for level in levels for text in level_texts(level)))
    numbers = list(dict.fromkeys(number for level in levels for number in level_numbers(level)))
    return texts, numbers, list(dict.fromkeys(level.masked for level in levels if level.masked))


def _fingerprint(connection: duckdb.DuckDBPyConnection, relation: str, model: Model) -> str:
    described = connection.sql(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    texts, numbers, _ = model_parts(model)
    expressions = [e for value in hashed_values(model) for e in (*value.expressions, value.where or "")]
    read = names_in([*expressions, *texts, *numbers, model.rows or ""])
    quoted = [f'"{name}"' for name, *_ in described if name in read or " " in name]
    return f"hash({', '.join(quoted) or 'NULL'}) AS fingerprint"


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
