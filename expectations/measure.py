"""What SQL finds in a build: the columns and rows of a table, how many rows break a promise, and their keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from expectations.across import Rule, RuleError
from expectations.promises import COLUMNS, Promise, judged_value
from warehouse.contract import Column, Contract
from warehouse.engine import quoted

if TYPE_CHECKING:
    import pandas as pd

KEYS_KEPT = 10_000


@dataclass(frozen=True)
class Built:
    """A table as it stands in the build: its columns with their storage, and how many rows it has."""

    contract: Contract
    columns: tuple[tuple[str, str], ...]
    rows: int

    @property
    def misplaced(self) -> int:
        """How many places in the order of columns hold another column than the contract says."""
        made = [name for name, _ in self.columns]
        return sum(one != other for one, other in zip_longest(made, self.contract.columns))

    @property
    def misstored(self) -> int:
        """How many contracted columns are stored as something else than their type says."""
        return sum(
            made in self.contract.columns
            and storage.replace(" ", "") != self.contract.columns[made].semantic.sql.replace(" ", "")
            for made, storage in self.columns
        )

    @property
    def is_readable(self) -> bool:
        """Whether the columns are as contracted, so that promises about their values can be judged."""
        return not self.misplaced and not self.misstored


def read_built(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Built:
    """Columns and row count of one table of the build."""
    described = connection.execute(f"DESCRIBE {contract.name}").fetchall()
    return Built(contract, tuple((row[0], row[1]) for row in described), count(connection, contract.name))


def count(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    """How many rows `source` (a table, or a SELECT in brackets) has."""
    (number,) = connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0]
    return int(number)


def count_offenders(connection: duckdb.DuckDBPyConnection, built: Built, promised: Sequence[Promise]) -> list[int]:
    """How many rows break each promise (or columns, where it is about columns), found in one pass over the table."""
    counts = ", ".join(str(built.misplaced) if each.rule == COLUMNS else each.count for each in promised)
    (found,) = connection.execute(f"SELECT {counts}, count(*) FROM {built.contract.name}").fetchall()
    return [int(number) for number in found[:-1]]


def count_rule_offenders(connection: duckdb.DuckDBPyConnection, rule: Rule) -> int:
    """How many offenders a rule returns; raises RuleError when its query does not run."""
    try:
        return count(connection, f"({rule.query})")
    except duckdb.Error as error:
        problem = type(error).__name__
        raise RuleError(f"rule {rule.name} cannot be judged ({problem}); correct its query or its tables") from error


def read_rows(connection: duckdb.DuckDBPyConnection, built: Built) -> "pd.DataFrame":
    """The table as pandas values that compare as their SQL values do; no rows where the columns are wrong."""
    columns = ", ".join(_comparable(name, column) for name, column in built.contract.columns.items())
    query = (
        f"SELECT {columns} FROM {built.contract.name}" if built.is_readable else f"FROM {built.contract.name} LIMIT 0"
    )
    table = connection.sql(query).to_arrow_table()
    rows: pd.DataFrame = table.to_pandas(integer_object_nulls=True, coerce_temporal_nanoseconds=False)
    return rows


def offender_keys(contract: Contract, promise: Promise) -> str:
    """SELECT of the keys, and nothing else, of the rows that break a promise."""
    return f"SELECT {', '.join(contract.grain)} FROM {contract.name} WHERE {promise.offends}"


def write_keys(connection: duckdb.DuckDBPyConnection, keys: str, target: Path) -> None:
    """Write the first KEYS_KEPT rows of the SELECT `keys`, sorted, as CSV."""
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = f"SELECT DISTINCT * FROM ({keys}) ORDER BY ALL LIMIT {KEYS_KEPT}"
    connection.execute(f"COPY ({kept}) TO {quoted(target)} (FORMAT csv, HEADER true)").fetchall()


def _comparable(name: str, column: Column) -> str:
    is_amount = pa.types.is_decimal(column.semantic.storage)
    return f"{name}::DOUBLE AS {name}" if is_amount else f"{judged_value(name, column)} AS {name}"
