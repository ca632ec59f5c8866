"""Rows as a model reads them: every compared value hashed, texts and numbers kept aside; a row depends on no other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from matching.arrays import numpy, whole
from matching.model import Model
from matching.values import (
    Value,
    amount_columns,
    columns_in,
    condition_columns,
    hash_arguments,
    hash_columns,
    level_amounts,
    level_numbers,
    level_pieces,
    level_texts,
    model_values,
    number_columns,
    piece_columns,
    text_columns,
)
from warehouse.errors import ToldError

Hashes = NDArray[np.uint64]
SAYS_NOTHING = ("", "null", "nan", "n/a", "#n/a", "<na>", "none", "unknown", "unk", "unk.", "-", "--", "?", "未知")
NO_HASHES: Hashes = np.empty(0, dtype=np.uint64)
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2 to the 64 over the golden ratio, odd: keeps the order of joined hashes apart
HASHED_WITH = f"duckdb {duckdb.__version__}, joined by product"


class RecordsError(ToldError, ValueError):
    """The table does not fit the model; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Parts:
    """What a model reads of a row, each once: as hashes, conditions, texts, dates, pieces, amounts."""

    hashed: list[str]
    conditions: list[str]
    texts: list[str]
    numbers: list[str]
    masked: list[str]
    pieces: list[str]
    amounts: list[str]


def prepared_rows(
    source: Path | pa.Table, model: Model, connection: duckdb.DuckDBPyConnection, *, to_stand: bool = False
) -> pa.Table:
    """What the model reads of each row, hashed and cleaned, in the order of the keys; a row depends on no other.

    Those `to_stand` carry a fingerprint, by which a later change of the row is noticed.
    """
    parts = model_parts(model)
    columns = [
        *hash_columns(parts.hashed),
        *condition_columns(parts.conditions),
        *text_columns(parts.texts),
        *number_columns(parts.numbers),
        *piece_columns(parts.pieces),
        *amount_columns(parts.amounts),
    ]
    relation = _relation(source, connection)
    if to_stand:
        columns.append(_fingerprint(connection, relation, model))
    return _in_key_order(_select(connection, relation, model, columns), model.key)


def fingerprints(source: Path | pa.Table, model: Model, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Key of each row with a hash over all the model may read of it: equal hashes prepare to equal rows."""
    relation = _relation(source, connection)
    return _select(connection, relation, model, [_fingerprint(connection, relation, model)])


def unlimited(value: Value) -> Value:
    """The value whoever holds it."""
    return replace(value, implausible_above=None)


def row_hashes(prepared: pa.Table, parts: Parts, value: Value) -> list[Hashes]:
    """Hashes of one value by row, for each joint expression (else one); 0 where it is null or does not count."""
    members = [numpy(prepared.column(name)) for name in _hash_names(parts, value)]
    members = members if value.is_joint else [_joined(members)]
    if not value.where:
        return members
    counts = numpy(prepared.column(f"w{parts.conditions.index(value.where)}")) > 0
    return [np.where(counts, member, np.uint64(0)) for member in members]


def columns_of(parts: Parts, value: Value) -> list[str]:
    """Columns of prepared rows that row_hashes reads for a value."""
    condition = [f"w{parts.conditions.index(value.where)}"] if value.where else []
    return [*_hash_names(parts, value), *condition]


def model_parts(model: Model) -> Parts:
    """Expressions a model reads, by how it reads them; what may hide characters is among the texts too."""
    values = model_values(model)
    levels = [level for comparison in model.comparisons.values() for level in comparison.levels]
    return Parts(
        list(dict.fromkeys(argument for value in values for argument in hash_arguments(value))),
        list(dict.fromkeys(value.where for value in values if value.where)),
        list(dict.fromkeys(text for level in levels for text in level_texts(level))),
        list(dict.fromkeys(number for level in levels for number in level_numbers(level))),
        list(dict.fromkeys(level.masked for level in levels if level.masked)),
        list(dict.fromkeys(text for level in levels for text in level_pieces(level))),
        list(dict.fromkeys(amount for level in levels for amount in level_amounts(level))),
    )


def _hash_names(parts: Parts, value: Value) -> list[str]:
    return [f"h{parts.hashed.index(argument)}" for argument in hash_arguments(value)]


def _joined(parts: list[Hashes]) -> Hashes:
    """One hash of several, their order kept; 0 where any is missing."""
    joined, known = parts[0], parts[0] > 0
    for part in parts[1:]:
        joined, known = joined * SPREAD + part, known & (part > 0)
    return parts[0] if len(parts) == 1 else np.where(known, np.maximum(joined, 1), np.uint64(0))


def _fingerprint(connection: duckdb.DuckDBPyConnection, relation: str, model: Model) -> str:
    described = connection.sql(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    parts = model_parts(model)
    expressions = [e for value in model_values(model) for e in (*value.expressions, value.where or "")]
    read = columns_in(model, [*expressions, *parts.texts, *parts.numbers, model.rows or ""])
    quoted = [f'"{name}"' for name, *_ in described if name in read]
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
        source = _derived(_trimmed(connection, relation, model) if model.trim_text else relation, model)
        return connection.sql(f"SELECT {selected} FROM {source} {where}").to_arrow_table()
    except duckdb.Error as error:
        raise RecordsError(f"model {model.version} does not fit the table: {str(error).splitlines()[0]}") from error


def _derived(relation: str, model: Model) -> str:
    """The relation with what the model derives of each row."""
    named = ", ".join(f"{expression} AS {name}" for name, expression in model.derived.items())
    return f"(SELECT *, {named} FROM {relation})" if named else relation


def _trimmed(connection: duckdb.DuckDBPyConnection, relation: str, model: Model) -> str:
    """The relation with every column but the key as text: lower case, trimmed, empty and "unknown" as null."""
    described = connection.sql(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    texts = [quoted_name(name) for name, *_ in described if name != model.key.strip('"')]
    trimmed = ", ".join(f"{trimmed_text(f'CAST({text} AS VARCHAR)')} AS {text}" for text in texts)
    return f"(SELECT * REPLACE ({trimmed}) FROM {relation})" if texts else relation


def quoted_name(column: str) -> str:
    """A column as a SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def trimmed_text(column: str) -> str:
    """SQL of a text in lower case, trimmed; null where it is empty or only says that it is unknown."""
    text = f"lower(trim({column}))"
    return f"CASE WHEN {text} NOT IN ({', '.join(map(repr, SAYS_NOTHING))}) THEN {text} END"


def _in_key_order(prepared: pa.Table, key: str) -> pa.Table:
    """The rows in the order of their keys; refuses keys that are missing or repeated."""
    keys = _record_keys(prepared)
    if keys.null_count:
        raise RecordsError(f"{keys.null_count} rows have no {key}; give every row a key")
    if not pc.all(pc.less(keys[:-1], keys[1:])).as_py():
        prepared = prepared.take(pc.sort_indices(keys))
        keys = _record_keys(prepared)
    repeated = pc.sum(pc.equal(keys[1:], keys[:-1])).as_py() or 0
    if repeated:
        raise RecordsError(f"{repeated} rows repeat another row's {key}; keep one row for each key")
    return prepared


def _record_keys(prepared: pa.Table) -> pa.Array:
    return whole(prepared.column("record_key"))
