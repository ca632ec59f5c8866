"""Values too many customers hold to say who anybody is: a branch's telephone, a clerk's mail, one birthday for all.

They are found in the data (more holders than their type allows) and in a list; the row stays, the value goes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.contract import Contract
from warehouse.engine import ROWS, mount, write_query
from warehouse.transforms import select_statement

POISON = "poison_value"
LIMITS, KNOWN = "seed_poison_limit", "seed_poison_value"


@dataclass(frozen=True)
class _Held:
    """A column of a standardised table that could tell customers apart, and who holds its values there."""

    contract: Contract
    column: str

    @property
    def value_type(self) -> str:
        return self.contract.columns[self.column].type

    @property
    def told_with(self) -> list[str]:
        """The columns read from the same landed value, itself among them: they stand and fall together."""
        origin = self.contract.columns[self.column].landed
        return [name for name, column in self.contract.columns.items() if column.landed == origin]


def empty_poison_values(
    connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], folder: Path
) -> dict[str, int]:
    """Write `poison_value` from the standardised tables mounted in `connection` and empty its values there; rows."""
    limits, known = (select_statement(contracts[name], contracts) for name in (LIMITS, KNOWN))
    types = {name for (name,) in connection.execute(f"SELECT value_type FROM ({limits})").fetchall()}
    held = list(_held(contracts, types))
    target = folder / POISON / ROWS
    rows = write_query(connection, _poison_query(held, limits, known), target)
    mount(connection, {POISON: target})
    found = connection.execute(f"SELECT DISTINCT source, table_name, column_name FROM {POISON}").fetchall()
    for name in sorted({column.contract.name for column in held}):
        poisoned = [column for column in held if column.contract.name == name and _place(column) in found]
        if poisoned:
            write_query(connection, _emptied(poisoned), folder / name / ROWS)
            mount(connection, {name: folder / name / ROWS})
    return {POISON: rows}


def _held(contracts: Mapping[str, Contract], types: set[str]) -> Iterator[_Held]:
    for contract in contracts.values():
        if contract.landing is not None:
            for name, column in contract.columns.items():
                if column.type in types and not column.required:
                    yield _Held(contract, name)


def _place(column: _Held) -> tuple[str | None, str | None, str]:
    return column.contract.source, column.contract.landing, column.column


def _poison_query(held: list[_Held], limits: str, known: str) -> str:
    """SELECT of poison_value. Only values of crowded hashes are counted exactly: counting all would cost tenfold."""
    hashes = " UNION ALL ".join(
        f"SELECT '{each.value_type}' AS value_type, hash({each.column}::VARCHAR) AS value_hash "
        f"FROM {each.contract.name} WHERE {each.column} IS NOT NULL"
        for each in held
    )
    return f"""
        WITH limits AS (SELECT value_type, most_holders::BIGINT AS most, times_usual::DOUBLE AS times FROM ({limits})),
        known AS (SELECT value_type, value FROM ({known})),
        hashed AS (SELECT value_type, value_hash, count(*) AS rows FROM ({hashes}) GROUP BY value_type, value_hash),
        bound AS (
            SELECT value_type, greatest(any_value(most), any_value(times) * avg(rows)) AS most_holders
            FROM limits JOIN hashed USING (value_type) GROUP BY value_type
        ),
        suspect AS (
            SELECT value_type, value_hash FROM hashed JOIN bound USING (value_type) WHERE rows > most_holders
            UNION SELECT value_type, hash(value) FROM known
        ),
        telling AS ({" UNION ALL ".join(_telling(each) for each in held)}),
        filled AS ({" UNION ALL ".join(_filled(each) for each in held)}),
        crowd AS (
            SELECT value_type, value, count(DISTINCT holder) AS holders FROM telling
            JOIN suspect USING (value_type, value_hash) GROUP BY value_type, value
        ),
        poison AS (
            SELECT crowd.*, CASE WHEN known.value IS NULL THEN 'data' ELSE 'seed' END AS found_by
            FROM crowd JOIN bound USING (value_type) LEFT JOIN known USING (value_type, value)
            WHERE holders > most_holders OR known.value IS NOT NULL
        )
        SELECT
            source, table_name, column_name, value, value_type, holders, count(*) AS values_emptied, values_held,
            found_by
        FROM telling JOIN poison USING (value_type, value) JOIN filled USING (source, table_name, column_name)
        GROUP BY ALL ORDER BY source, table_name, column_name, value
    """


def _telling(each: _Held) -> str:
    contract, column = each.contract, each.column
    return (
        f"SELECT '{contract.source}' AS source, '{contract.landing}' AS table_name, '{column}' AS column_name, "
        f"'{each.value_type}' AS value_type, {column}::VARCHAR AS value, hash({column}::VARCHAR) AS value_hash, "
        f"'{contract.source}:' || {contract.grain[0]} AS holder FROM {contract.name} "
        f"WHERE {column} IS NOT NULL AND {column}::VARCHAR NOT LIKE '%*%'"
    )


def _filled(each: _Held) -> str:
    return (
        f"SELECT '{each.contract.source}' AS source, '{each.contract.landing}' AS table_name, "
        f"'{each.column}' AS column_name, count({each.column}) AS values_held FROM {each.contract.name}"
    )


def _emptied(poisoned: list[_Held]) -> str:
    """SELECT of a standardised table in its order, with null for poison and whatever was read from the same value."""
    contract = poisoned[0].contract
    conditions: dict[str, list[str]] = {}
    for each in poisoned:
        values = (
            f"SELECT value FROM {POISON} WHERE source = '{contract.source}' "
            f"AND table_name = '{contract.landing}' AND column_name = '{each.column}'"
        )
        for name in each.told_with:
            conditions.setdefault(name, []).append(f"coalesce({each.column}::VARCHAR IN ({values}), FALSE)")
    emptied = ", ".join(
        f"CASE WHEN {' OR '.join(tests)} THEN NULL ELSE {name} END AS {name}" for name, tests in conditions.items()
    )
    return f"SELECT * REPLACE ({emptied}) FROM {contract.name} ORDER BY {', '.join(contract.grain)}"
