"""docs/functions.md under test: every function of the bank has its line, and what the line says is true."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from warehouse.contract import read_contracts
from warehouse.settings import Settings
from warehouse.transforms import dependencies

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "functions.md"
CONTRACTS = read_contracts(Settings(home=ROOT).tables)
FUNCTIONS = 49


@dataclass(frozen=True)
class Line:
    """One line of the table: a function, the tables that serve it, its golden case and a query."""

    number: int
    tables: tuple[str, ...]
    cases: tuple[str, ...]
    query: str


def lines() -> Iterator[Line]:
    """The lines of the page, in order."""
    for row in re.findall(r"^\| (\d+ \|.*) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        number, _, tables, cases, query = (cell.strip() for cell in row.split("|"))
        yield Line(int(number), _coded(tables), _coded(cases), query)


def _coded(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


LINES = list(lines())
SERVED = [line for line in LINES if line.tables]


def test_every_function_has_one_line() -> None:
    assert [line.number for line in LINES] == list(range(1, FUNCTIONS + 1))


@pytest.mark.parametrize("line", SERVED, ids=lambda line: str(line.number))
def test_a_named_table_is_declared_and_published(line: Line) -> None:
    assert [name for name in line.tables if name not in CONTRACTS or not CONTRACTS[name].is_published] == []


@pytest.mark.parametrize("line", SERVED, ids=lambda line: str(line.number))
def test_a_named_golden_case_exists(line: Line) -> None:
    missing = [case for case in line.cases if not (ROOT / "tests" / "golden" / case / "expect.csv").exists()]
    assert missing == []


@pytest.mark.parametrize("line", SERVED, ids=lambda line: str(line.number))
def test_a_query_runs_on_a_table_of_its_line(line: Line, empty_warehouse: duckdb.DuckDBPyConnection) -> None:
    (query,) = _coded(line.query)
    assert dependencies(query) & set(line.tables), "query one of the tables the line names"
    assert empty_warehouse.execute(query).description


@pytest.mark.parametrize("line", [line for line in LINES if not line.tables], ids=lambda line: str(line.number))
def test_a_function_not_served_says_what_it_waits_for(line: Line) -> None:
    assert line.query.startswith(("waits for", "not a matter"))
