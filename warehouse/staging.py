"""What standardisation left behind, day by day, as tables: the current row of every key, and an account of every row.

A standardised day is `work/staging/<table>/business_date=D/` with rows, rejected and issues as Parquet and a manifest
of counts, written by cleansing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from warehouse.contract import Contract
from warehouse.engine import ROWS, mount, quoted, write_query
from warehouse.events import EVENT, REPEATED, is_event, repeated_rows, untimely_events
from warehouse.landing import landed_days
from warehouse.settings import Settings

COUNTS = ("rows_sent", "rows_rejected", "rows_in", "rows_out", "quarantined", "rows_replayed", "issues")
AMOUNTS = ("sent", "landed", "corrected", "staged", "quarantined")


@dataclass(frozen=True)
class StandardisedDay:
    """One staging table's share of one business date."""

    table: str
    business_date: date
    folder: Path

    def counts(self) -> dict[str, int]:
        """Rows sent and rejected, in, out, quarantined and replayed, and issues of the day."""
        manifest = self._manifest()
        return {name: int(manifest[name]) for name in COUNTS}

    def amounts(self) -> dict[str, Decimal]:
        """Control sums of the day's amounts as sent, landed, corrected, staged and quarantined."""
        manifest = self._manifest()
        return {name: Decimal(manifest[f"amount_{name}"]) for name in AMOUNTS}

    def _manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return manifest


def day_folder(settings: Settings, table: str, business_date: date) -> Path:
    """Where one standardised day of one staging table stands."""
    return settings.work / "staging" / table / f"business_date={business_date.isoformat()}"


def days_until(settings: Settings, contract: Contract, business_date: date) -> list[StandardisedDay]:
    """The landed days of a staging table up to and with `business_date`, oldest first."""
    if contract.source is None or contract.landing is None:
        return []
    landed = landed_days(settings, contract.source, contract.landing)
    return [
        StandardisedDay(contract.name, day, day_folder(settings, contract.name, day))
        for day in landed
        if day <= business_date
    ]


def write_staging(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    contracts: Mapping[str, Contract],
    folder: Path,
    business_date: date,
) -> dict[str, int]:
    """Write the current rows of every staging table and the accounts of all rows into a build; rows by table."""
    days = {
        name: days_until(settings, contract, business_date)
        for name, contract in contracts.items()
        if contract.landing is not None
    }
    every_day = [day for table_days in days.values() for day in table_days]
    queries = {name: current_rows(contracts[name], table_days) for name, table_days in days.items()}
    queries |= {name: account(contracts, every_day) for name, account in ACCOUNTS.items()}
    rows = {name: write_query(connection, query, folder / name / ROWS) for name, query in queries.items()}
    mount(connection, {name: folder / name / ROWS for name in rows})
    return rows


def current_rows(contract: Contract, days: list[StandardisedDay]) -> str:
    """SELECT of the latest row of every key: the newest business date wins, then the last row of its load.

    Of an event the first row counts.
    """
    columns = ", ".join(contract.columns)
    grain = ", ".join(contract.grain)
    if not days:
        empty = ", ".join(f"NULL::{column.semantic.sql} AS {name}" for name, column in contract.columns.items())
        return f"SELECT {empty} WHERE false"
    loads = " UNION ALL ".join(
        f"SELECT {columns}, source_row, {index} AS load FROM read_parquet({quoted(day.folder / 'rows.parquet')})"
        for index, day in enumerate(days)
    )
    order = "load, source_row" if is_event(contract) else "load DESC, source_row DESC"
    return (
        f"SELECT {columns} FROM ({loads}) QUALIFY "
        f"row_number() OVER (PARTITION BY {grain} ORDER BY {order}) = 1 ORDER BY {grain}"
    )


def quarantined_rows(contracts: Mapping[str, Contract], days: list[StandardisedDay]) -> str:
    """SELECT of every quarantined row of `days`: where it stands and the rule it broke, never a value."""
    rejected = _collected(contracts, days, "rejected.parquet", "column_name, rule")
    repeated = (
        f"SELECT source, table_name, business_date, source_row, source_key, '{EVENT}' AS column_name, "
        f"'{REPEATED}' AS rule FROM ({repeated_rows(contracts, days)})"
    )
    return f"{rejected} UNION ALL {repeated}" if rejected else repeated


def issues(contracts: Mapping[str, Contract], days: list[StandardisedDay]) -> str:
    """SELECT of how many values of each column each outcome of cleaning touched, by load."""
    each = _collected(contracts, days, "issues.parquet", "column_name, rule")
    keys = "source, table_name, business_date, column_name, rule"
    counted = f"SELECT {keys}, count(*) AS failed FROM ({each}) GROUP BY ALL"
    untimely = untimely_events(contracts, days)
    return f"{counted} UNION ALL {untimely} ORDER BY {keys}" if untimely else f"{counted} ORDER BY {keys}"


def quality_measures(contracts: Mapping[str, Contract], days: list[StandardisedDay]) -> str:
    """SELECT of failed and total values of every load by column and dimension of quality."""
    return " UNION ALL ".join(
        f"SELECT {_load(contracts[day.table], day)}, column_name, dimension, failed, total "
        f"FROM read_parquet({quoted(day.folder / 'measures.parquet')})"
        for day in days
    )


def reconciliation(contracts: Mapping[str, Contract], days: list[StandardisedDay]) -> str:
    """SELECT of the rows and amounts of every load at each step; a repetition of an event counts as quarantined."""
    loads = " UNION ALL ".join(_load_account(contracts[day.table], day) for day in days)
    return (
        "SELECT loads.* REPLACE ("
        "loads.rows_staged - coalesce(repeated, 0) AS rows_staged, "
        "loads.rows_quarantined + coalesce(repeated, 0) AS rows_quarantined) "
        f"FROM ({loads}) AS loads LEFT JOIN (SELECT source, table_name, business_date, count(*) AS repeated "
        f"FROM ({repeated_rows(contracts, days)}) GROUP BY ALL) USING (source, table_name, business_date)"
    )


def _load_account(contract: Contract, day: StandardisedDay) -> str:
    counts, amounts = day.counts(), day.amounts()
    money = ", ".join(f"{amounts[name]}::DECIMAL(18, 2) AS amount_{name}" for name in AMOUNTS)
    return (
        f"SELECT {_load(contract, day)}, {counts['rows_in']}::BIGINT AS rows_landed, "
        f"{counts['rows_out']}::BIGINT AS rows_staged, {counts['quarantined']}::BIGINT AS rows_quarantined, "
        f"{counts['issues']}::BIGINT AS values_flagged, nullif({counts['rows_sent']}::BIGINT, -1) AS rows_sent, "
        f"{counts['rows_rejected']}::BIGINT AS rows_rejected, "
        f"{counts['rows_replayed']}::BIGINT AS rows_replayed, {money}"
    )


def _collected(contracts: Mapping[str, Contract], days: list[StandardisedDay], file: str, columns: str) -> str:
    return " UNION ALL ".join(_loads(contracts, days, file, columns))


def _loads(contracts: Mapping[str, Contract], days: list[StandardisedDay], file: str, columns: str) -> Iterator[str]:
    for day in days:
        load = _load(contracts[day.table], day)
        yield f"SELECT {load}, source_row, source_key, {columns} FROM read_parquet({quoted(day.folder / file)})"


def _load(contract: Contract, day: StandardisedDay) -> str:
    return (
        f"'{contract.source}' AS source, '{contract.landing}' AS table_name, "
        f"DATE '{day.business_date.isoformat()}' AS business_date"
    )


ACCOUNTS = {
    "quarantine": quarantined_rows,
    "dq_outcome": issues,
    "dq_measure": quality_measures,
    "recon_source_load": reconciliation,
}
