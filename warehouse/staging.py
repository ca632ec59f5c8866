"""What standardisation left behind, day by day, as tables: the current row of every key, and an account of every row.

A standardised day is `work/staging/<table>/business_date=D/` with rows, rejected and issues as Parquet and a manifest
of counts, written by cleansing.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from warehouse.contract import Contract
from warehouse.engine import ROWS, mount, write_query
from warehouse.events import EVENT, REPEATED, is_event, repeated_rows, untimely_events
from warehouse.landing import landed_days
from warehouse.loads import AMOUNTS, StandardisedDay, parts_of_days, rows_of_days
from warehouse.settings import Settings


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
    queries |= {name: f"FROM ({account(contracts, every_day)}) ORDER BY ALL" for name, account in ACCOUNTS.items()}
    rows = {name: write_query(connection, query, folder / name / ROWS) for name, query in queries.items()}
    mount(connection, {name: folder / name / ROWS for name in rows})
    return rows


def current_rows(contract: Contract, days: list[StandardisedDay]) -> str:
    """SELECT of the latest row of every key: the newest business date wins, then the last row of its load.

    What came before a table landed whole again and is not in it counts no more. Of an event the first row counts.
    """
    columns = ", ".join(contract.columns)
    grain = ", ".join(contract.grain)
    if not days:
        empty = ", ".join(f"NULL::{column.semantic.sql} AS {name}" for name, column in contract.columns.items())
        return f"SELECT {empty} WHERE false"
    whole = [at for at, day in enumerate(days) if day.is_whole]
    loads = rows_of_days(contract.columns, days[whole[-1] :] if whole else days)
    order = "load, source_row" if is_event(contract) else "load DESC, source_row DESC"
    return (
        f"SELECT {columns} FROM ({loads}) QUALIFY "
        f"row_number() OVER (PARTITION BY {grain} ORDER BY {order}) = 1 ORDER BY {grain}"
    )


def quarantined_rows(contracts: Mapping[str, Contract], days: list[StandardisedDay]) -> str:
    """SELECT of every quarantined row of `days`: where it stands and the rule it broke, never a value."""
    rejected = parts_of_days(contracts, days, "rejected", _FLAGS)
    repeated = (
        f"SELECT source, table_name, business_date, source_row, source_key, '{EVENT}' AS column_name, "
        f"'{REPEATED}' AS rule FROM ({repeated_rows(contracts, days)})"
    )
    return f"{rejected} UNION ALL {repeated}"


def issues(contracts: Mapping[str, Contract], days: list[StandardisedDay]) -> str:
    """SELECT of how many values of each column each outcome of cleaning touched, by load."""
    each = parts_of_days(contracts, days, "issues", _FLAGS)
    keys = "source, table_name, business_date, column_name, rule"
    counted = f"SELECT {keys}, count(*) AS failed FROM ({each}) GROUP BY ALL"
    untimely = untimely_events(contracts, days)
    return f"{counted} UNION ALL {untimely}" if untimely else counted


def quality_measures(contracts: Mapping[str, Contract], days: list[StandardisedDay]) -> str:
    """SELECT of failed and total values of every load by column and dimension of quality."""
    measures = {"column_name": "VARCHAR", "dimension": "VARCHAR", "failed": "BIGINT", "total": "BIGINT"}
    return parts_of_days(contracts, days, "measures", measures)


def reconciliation(contracts: Mapping[str, Contract], days: list[StandardisedDay]) -> str:
    """SELECT of the rows and amounts of every load at each step; a repetition of an event counts as quarantined."""
    accounts = ", ".join(_load_account(contracts[day.table], day) for day in days)
    loads = f"SELECT * FROM (VALUES {accounts}) AS account ({', '.join(ACCOUNT)})"
    return (
        "SELECT loads.* REPLACE ("
        "loads.rows_staged - coalesce(repeated, 0) AS rows_staged, "
        "loads.rows_quarantined + coalesce(repeated, 0) AS rows_quarantined) "
        f"FROM ({loads}) AS loads LEFT JOIN (SELECT source, table_name, business_date, count(*) AS repeated "
        f"FROM ({repeated_rows(contracts, days)}) GROUP BY ALL) USING (source, table_name, business_date)"
    )


def _load_account(contract: Contract, day: StandardisedDay) -> str:
    """One row of ACCOUNT."""
    counts, amounts = day.counts(), day.amounts()
    rows = [counts[name] for name in ("rows_in", "rows_out", "quarantined", "issues")]
    sent = "NULL" if counts["rows_sent"] < 0 else counts["rows_sent"]
    numbers = [*rows, sent, counts["rows_rejected"], counts["rows_replayed"]]
    told = [f"{number}::BIGINT" for number in numbers] + [f"{amounts[name]}::DECIMAL(18, 2)" for name in AMOUNTS]
    where = f"'{contract.source}', '{contract.landing}', DATE '{day.business_date.isoformat()}'"
    return f"({where}, {', '.join(told)})"


ACCOUNT = (
    "source", "table_name", "business_date", "rows_landed", "rows_staged", "rows_quarantined", "values_flagged",
    "rows_sent", "rows_rejected", "rows_replayed", *(f"amount_{name}" for name in AMOUNTS),
)  # fmt: skip
_FLAGS = {"source_row": "BIGINT", "source_key": "VARCHAR", "column_name": "VARCHAR", "rule": "VARCHAR"}
ACCOUNTS = {
    "quarantine": quarantined_rows,
    "dq_outcome": issues,
    "dq_measure": quality_measures,
    "recon_source_load": reconciliation,
}
