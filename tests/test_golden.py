"""Golden cases: `golden/<table>/<case>/` holds input tables and `expect.csv`; a folder is a test.

An input CSV names the columns the case is about; the rest are null. `expect.csv` names the columns it judges, which
include the grain. An empty field is null. `business_date.txt` replaces the default day.
"""

import csv
from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse.contract import Contract, read_contracts
from warehouse.settings import Settings
from warehouse.transforms import build_table, dependencies, select_statement

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.parent for path in GOLDEN.glob("*/*/expect.csv"))
CONTRACTS = read_contracts(Settings(home=Path()).tables)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_golden_case(case: Path, tmp_path: Path) -> None:
    table = case.parent.name
    with duckdb.connect() as connection:
        for name in dependencies(select_statement(CONTRACTS[table], CONTRACTS)):
            _create_input(connection, CONTRACTS[name], case / f"{name}.csv")
        build_table(connection, CONTRACTS, table, tmp_path, _business_date(case))
        header, expected = _read(case / "expect.csv")
        columns = ", ".join(f"{name}::VARCHAR" for name in header)
        grain = ", ".join(CONTRACTS[table].grain)
        made = connection.execute(f"SELECT {columns} FROM {table} ORDER BY {grain}").fetchall()
    assert [tuple(row) for row in made] == sorted(expected, key=lambda row: _key(CONTRACTS[table], header, row))


def _create_input(connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path) -> None:
    columns = ", ".join(f"{name} {column.semantic.sql}" for name, column in contract.columns.items())
    connection.execute(f"CREATE TABLE {contract.name} ({columns})")
    if contract.layer == "seeds" and not path.exists():
        connection.execute(f"INSERT INTO {contract.name} {select_statement(contract, CONTRACTS)}")
    if path.exists():
        header, rows = _read(path)
        marks = ", ".join("?" for _ in header)
        connection.executemany(f"INSERT INTO {contract.name} ({', '.join(header)}) VALUES ({marks})", rows)


def _read(path: Path) -> tuple[list[str], list[tuple[str | None, ...]]]:
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    return header, [tuple(value or None for value in row) for row in rows]


def _key(contract: Contract, header: list[str], row: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(row[header.index(key)] or "" for key in contract.grain)


def _business_date(case: Path) -> date:
    path = case / "business_date.txt"
    return date.fromisoformat(path.read_text(encoding="utf-8").strip()) if path.exists() else date(2026, 1, 31)
