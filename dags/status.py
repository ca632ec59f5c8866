"""Where every source stands: what landed and when, what was kept out, what went wrong on the way."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import click

from warehouse.contract import Contract
from warehouse.landing import NotLanded, landed_days, read_manifest
from warehouse.settings import Settings
from warehouse.staging import day_folder

HEAD = ("source", "table", "last date", "rows", "lag", "rows, all days", "quarantined", "faults")
NUMBERS = HEAD[3:-1]


@dataclass(frozen=True)
class TableStatus:
    """One landed table: its last business date and the rows of it, days behind, and what all its days came to.

    `days_missing` are days between its first and its last on which nothing landed.
    """

    source: str
    table: str
    last_date: str | None
    rows: int
    lag_days: int | None
    days_missing: int
    rows_of_all_days: int
    quarantined: int
    not_standardised: int
    faults: dict[str, int]


def read_status(settings: Settings, contracts: dict[str, Contract], expected: date | None) -> dict[str, Any]:
    """The status of every table a contract reads from landing, and of the newest version.

    `lag_days` counts from the newest business date there is: landed anywhere, or `expected` from the sources.
    """
    from warehouse.publish import NothingPublishedError, current_version

    landed = {
        name: landed_days(settings, str(contract.source), str(contract.landing))
        for name, contract in sorted(contracts.items())
        if contract.landing
    }
    newest = max(
        [day for days in landed.values() for day in days[-1:]] + ([expected] if expected else []), default=None
    )
    try:
        published: str | None = current_version(settings).business_date.isoformat()
    except NothingPublishedError:
        published = None
    tables = [_status(settings, contracts[name], days, newest) for name, days in landed.items()]
    tables.sort(key=lambda table: (table.source, table.table))
    told = {"expected": newest.isoformat() if newest else None, "published": published}
    return told | {"tables": [asdict(table) for table in tables]}


def show_status(status: dict[str, Any]) -> None:
    """Print the status for people, one line a table."""
    if status["expected"] is None:
        click.echo("nothing has landed yet; run `c360 simulate`, or connect a source, then `c360 run`")
        return
    click.echo(f"newest business date {status['expected']}, published {status['published'] or 'nothing yet'}")
    lines = [HEAD, *(_line(table) for table in status["tables"])]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEAD))]
    for line in lines:
        cells = [
            cell.rjust(width) if name in NUMBERS else cell.ljust(width)
            for name, cell, width in zip(HEAD, line, widths, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())


def _status(settings: Settings, contract: Contract, days: list[date], newest: date | None) -> TableStatus:
    source, table = str(contract.source), str(contract.landing)
    faults: dict[str, int] = {}
    rows, quarantined, waiting = [0], 0, 0
    for day in days:
        try:
            manifest = read_manifest(settings, source, table, day)
        except NotLanded:
            faults["damaged"] = faults.get("damaged", 0) + 1
            continue
        rows.append(manifest.rows)
        for fault in manifest.faults:
            faults[fault] = faults.get(fault, 0) + 1
        rejected = day_folder(settings, contract.name, day) / "rejected.parquet"
        waiting += not rejected.exists()
        quarantined += _rows_in(rejected)
    last = days[-1] if days else None
    lag = (newest - last).days if newest and last else None
    told = last.isoformat() if last else None
    missing = (last - days[0]).days + 1 - len(days) if last else 0
    return TableStatus(source, table, told, rows[-1], lag, missing, sum(rows), quarantined, waiting, faults)


def _rows_in(path: Any) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows) if path.exists() else 0


def _line(table: dict[str, Any]) -> tuple[str, ...]:
    lag = "never landed" if table["lag_days"] is None else f"{table['lag_days']} d"
    lag += f", {table['days_missing']} missing" if table["days_missing"] else ""
    waiting = f" (+{table['not_standardised']} days to standardise)" if table["not_standardised"] else ""
    faults = ", ".join(f"{name} {count}" for name, count in sorted(table["faults"].items()))
    counts = (f"{table['rows']:,}", lag, f"{table['rows_of_all_days']:,}", f"{table['quarantined']:,}{waiting}")
    return table["source"], table["table"], table["last_date"] or "-", *counts, faults
