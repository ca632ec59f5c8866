"""How good one standardised load is: for every column and dimension of quality, how many values failed of how many."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleansing.dimensions import DIMENSION_OF, RULES, Dimension
from warehouse.contract import Contract
from warehouse.engine import quoted

MEASURE_SCHEMA = pa.schema(
    [
        pa.field("column_name", pa.string(), nullable=False),
        pa.field("dimension", pa.string(), nullable=False),
        pa.field("failed", pa.int64(), nullable=False),
        pa.field("total", pa.int64(), nullable=False),
    ]
)
LATE_AFTER = "INTERVAL 1 DAY"  # an event should reach the bank within a day
STALE_AFTER = "INTERVAL 5 YEAR"  # how to reach a customer is due for review when nobody has touched it for longer
_REVIEWED = {"phone", "email", "address", "identity_document"}
_BY_RULE = (Dimension.COMPLETENESS, Dimension.VALIDITY, Dimension.ACCURACY, Dimension.CONSISTENCY)
Outcomes = Mapping[str, npt.NDArray[np.int64]]


def measures(
    connection: duckdb.DuckDBPyConnection, contract: Contract, outcomes: Outcomes, rows: Path, business_date: date
) -> pa.Table:
    """Failed and total values of each column by dimension, from the counts of RULES and the standardised rows.

    Completeness counts all values landed; validity, accuracy and consistency those that were there to be judged.
    Uniqueness asks whether a key comes once in the load, timeliness how old a row was when it came.
    """
    counted = [*_by_rule(outcomes), *_by_row(connection, contract, rows, business_date)]
    return pa.Table.from_pylist([dict(zip(MEASURE_SCHEMA.names, row, strict=True)) for row in counted], MEASURE_SCHEMA)


def _by_rule(outcomes: Outcomes) -> Iterator[tuple[str, str, int, int]]:
    for column, counts in outcomes.items():
        failed = dict.fromkeys(_BY_RULE, 0)
        for rule, count in zip(RULES, counts.tolist(), strict=True):
            if rule in DIMENSION_OF:
                failed[DIMENSION_OF[rule]] += count
        landed = int(counts.sum())
        judged = landed - failed[Dimension.COMPLETENESS]
        for dimension in _BY_RULE:
            yield column, dimension.value, failed[dimension], landed if dimension == _BY_RULE[0] else judged


def _by_row(
    connection: duckdb.DuckDBPyConnection, contract: Contract, rows: Path, business_date: date
) -> list[tuple[str, str, int, int]]:
    """Keys that come again, and rows that came late or stale, where the contract says when they were made."""
    grain = ", ".join(contract.grain)
    checks = {("|".join(contract.grain), Dimension.UNIQUENESS): (f"count(*) - count(DISTINCT ({grain}))", "count(*)")}
    columns = contract.columns
    if {"occurred_at", "received_at"} <= set(columns):
        is_late = f"received_at > occurred_at + {LATE_AFTER}"
        checks["received_at", Dimension.TIMELINESS] = (
            f"count(*) FILTER (WHERE {is_late})",
            "count(received_at - occurred_at)",
        )
    elif "updated_at" in columns and _REVIEWED & {column.type for column in columns.values()}:
        is_stale = f"updated_at < DATE '{business_date.isoformat()}' - {STALE_AFTER}"
        checks["updated_at", Dimension.TIMELINESS] = (f"count(*) FILTER (WHERE {is_stale})", "count(updated_at)")
    selected = ", ".join(expression for pair in checks.values() for expression in pair)
    found = connection.execute(f"SELECT {selected} FROM read_parquet({quoted(rows)})").fetchall()[0]
    pairs = zip(found[::2], found[1::2], strict=True)
    return [(column, dimension.value, *pair) for (column, dimension), pair in zip(checks, pairs, strict=True)]
