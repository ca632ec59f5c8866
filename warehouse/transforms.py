"""Builds the tables that are SELECTs: one `.sql` file beside its contract, in the order its FROM clauses ask for."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from warehouse.contract import Contract
from warehouse.engine import ROWS, mount, quoted, write_query
from warehouse.models.step import modelled

SEEDS = Path(__file__).parent / "seeds"
MASKED_LAYERS = ("marts", "feeds")
DOUBLE_DIGITS = 9


class BuildError(RuntimeError):
    """A table cannot be built as declared; the message names the table and what to change."""


def select_statement(contract: Contract, contracts: Mapping[str, Contract]) -> str:
    """The SELECT behind a built table: its own file, its seed, or the union of the tables of its entity."""
    if contract.layer == "seeds":
        return _seed_select(contract)
    if contract.unites:
        return _union_select(contract, contracts)
    if contract.sql_path is None:
        raise BuildError(f"{contract.path}: the table has no SELECT; {contract.made_by} makes it")
    return contract.sql_path.read_text(encoding="utf-8").strip().rstrip(";")


def dependencies(query: str) -> set[str]:
    """Names of the tables a SELECT reads, without its own CTEs."""
    return set(_dependencies(query))


@cache
def _dependencies(query: str) -> frozenset[str]:
    tree = sqlglot.parse_one(_with_day(query, date.min), dialect="duckdb")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return frozenset(table.name for table in tree.find_all(exp.Table) if table.name) - own


def build_order(contracts: Mapping[str, Contract], names: Iterable[str]) -> list[str]:
    """`names` so that each table follows those it reads; raises BuildError on a cycle or an undeclared table."""
    wanted = sorted(names)
    reads = {name: dependencies(select_statement(contracts[name], contracts)) for name in wanted}
    for name, tables in reads.items():
        if undeclared := sorted(tables - set(contracts)):
            raise BuildError(f"{name} reads {', '.join(undeclared)}, which no contract declares; add one or correct it")
    graph = {name: sorted(reads[name] & set(wanted)) for name in wanted}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise BuildError(f"tables read each other in a circle: {' -> '.join(error.args[1])}") from error


def build_table(
    connection: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    name: str,
    folder: Path,
    business_date: date,
) -> int:
    """Build one table as of `business_date` into `folder` and mount it; returns its row count."""
    contract = contracts[name]
    query = _with_day(select_statement(contract, contracts), business_date)
    target = folder / name / ROWS
    try:
        if contract.model:
            query = modelled(connection, contract, query, business_date, target.parent)
        _require_columns(connection, contract, query)
        with _as_written(connection, contract):
            rows = write_query(connection, _as_contracted(contract, query), target)
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException) as error:
        where = contract.sql_path or contract.path
        raise BuildError(f"{name}: a value does not fit its type ({type(error).__name__}); see {where}") from None
    except duckdb.Error as error:
        raise BuildError(f"{name}: {error}; see {contract.sql_path or contract.path}") from error
    mount(connection, {name: target})
    return rows


@contextmanager
def _as_written(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Iterator[None]:
    """Joins as the SELECT writes them where its rows keep their order: the left side streams past the right one."""
    if contract.order == "select":
        connection.execute("SET disabled_optimizers = 'join_order, build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")


def masked(contract: Contract, column: str) -> str:
    """SQL expression that shows `column` as people and partners may see it."""
    return contract.columns[column].semantic.mask.format(column=column)


def _with_day(query: str, business_date: date) -> str:
    return re.sub(r"\$business_date\b", f"DATE '{business_date.isoformat()}'", query)


def _require_columns(connection: duckdb.DuckDBPyConnection, contract: Contract, query: str) -> None:
    made = [row[0] for row in connection.execute(f"DESCRIBE ({query})").fetchall()]
    if made != list(contract.columns):
        raise BuildError(
            f"{contract.name}: the SELECT gives ({', '.join(made)}), the contract says "
            f"({', '.join(contract.columns)}); make them the same, in the same order"
        )


def _as_contracted(contract: Contract, query: str) -> str:
    columns = ", ".join(f"{_stored(contract, name)} AS {name}" for name in contract.columns)
    order = f" ORDER BY {', '.join(f'made.{key}' for key in contract.grain)}" if contract.order == "grain" else ""
    return f"SELECT {columns} FROM ({query}) AS made{order}"


def _stored(contract: Contract, column: str) -> str:
    """SQL of a column as its contract stores it; sums of DOUBLE differ by threads in digits no reader needs."""
    shown = masked(contract, column) if contract.layer in MASKED_LAYERS else column
    sql = contract.columns[column].semantic.sql
    return f"round(CAST({shown} AS DOUBLE), {DOUBLE_DIGITS})" if sql == "DOUBLE" else f"CAST({shown} AS {sql})"


def _seed_select(contract: Contract) -> str:
    path = SEEDS / f"{contract.name.removeprefix('seed_')}.csv"
    with path.open(encoding="utf-8") as lines:
        header = lines.readline().strip().split(",")
    if header != list(contract.columns):
        raise BuildError(f"{path}: header is {','.join(header)}; the contract says {','.join(contract.columns)}")
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in contract.columns)
    return f"SELECT * FROM read_csv({quoted(path)}, header = true, columns = {{{columns}}}, nullstr = '')"


def _union_select(contract: Contract, contracts: Mapping[str, Contract]) -> str:
    """The rows of every part: `<table>.<source>.sql` beside the contract, and the staging tables of the entity.

    A part gives `source_key` and what it knows of the other columns, by name; the rest is null or the default.
    """
    parts = {path.name.split(".")[1]: path.read_text(encoding="utf-8") for path in _part_paths(contract)}
    parts |= {
        str(member.source): f"FROM {member.name}" for member in contracts.values() if member.entity == contract.unites
    }
    nothing = ", ".join(f"NULL::{column.semantic.sql} AS {name}" for name, column in contract.columns.items())
    told = [f"(SELECT {nothing} WHERE FALSE)"] + [
        f"(SELECT '{source}' AS source, '{source}:' || source_key AS record_key, * FROM ({query.strip().rstrip(';')}))"
        for source, query in sorted(parts.items())
    ]
    columns = ", ".join(
        f"coalesce({name}, '{column.default}') AS {name}" if column.default else name
        for name, column in contract.columns.items()
    )
    return f"SELECT {columns} FROM ({' UNION ALL BY NAME '.join(told)})"


def _part_paths(contract: Contract) -> list[Path]:
    return sorted(contract.path.parent.glob(f"{contract.name}.*.sql"))
