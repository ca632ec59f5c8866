"""Standardised days read many at a time: one scan of all files of a kind, whatever the number of days and tables."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from warehouse.contract import Contract
from warehouse.engine import quoted

COUNTS = ("rows_sent", "rows_rejected", "rows_in", "rows_out", "quarantined", "rows_replayed", "issues")
AMOUNTS = ("sent", "landed", "corrected", "staged", "quarantined")
COUNTED_AS = {"rows": "rows_out", "rejected": "quarantined", "issues": "issues"}  # how many rows a file holds
BUSINESS_DATE = "strptime(left(split_part(filename, '/business_date=', -1), 10), '%Y-%m-%d')::DATE"


@dataclass(frozen=True)
class StandardisedDay:
    """One staging table's share of one business date."""

    table: str
    business_date: date
    folder: Path

    def counts(self) -> dict[str, int]:
        """Rows sent and rejected, in, out, quarantined and replayed, and issues of the day."""
        return {name: int(self._manifest[name]) for name in COUNTS}

    def amounts(self) -> dict[str, Decimal]:
        """Control sums of the day's amounts as sent, landed, corrected, staged and quarantined."""
        return {name: Decimal(self._manifest[f"amount_{name}"]) for name in AMOUNTS}

    @property
    def is_whole(self) -> bool:
        """Whether the day holds the whole table, not only what changed."""
        return bool(self._manifest.get("is_whole"))

    def file(self, part: str) -> Path:
        """Its Parquet file of rows, rejected rows, issues or measures."""
        return self.folder / f"{part}.parquet"

    @cached_property
    def _manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return manifest


def rows_of_days(columns: Iterable[str], days: Iterable[StandardisedDay]) -> str:
    """SELECT of the rows of one table on all `days`, each with its `source_row` and the `load` (date) it came with."""
    files = _files("rows", days)
    return f"SELECT {', '.join(columns)}, source_row, {BUSINESS_DATE} AS load FROM {_scan(files)}"


def parts_of_days(
    contracts: Mapping[str, Contract], days: Iterable[StandardisedDay], part: str, columns: Mapping[str, str]
) -> str:
    """SELECT of one kind of file of all tables and days: source, table_name and business_date, then `columns`.

    `columns` are names with their SQL types, for when there is no such row at all.
    """
    files = _files(part, days)
    if not files:
        empty = {"source": "VARCHAR", "table_name": "VARCHAR", "business_date": "DATE", **columns}
        return f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in empty.items())} WHERE false"
    tables = sorted({day.table for day in files})
    told = ", ".join(f"('{name}', '{contracts[name].source}', '{contracts[name].landing}')" for name in tables)
    return (
        f"SELECT told.source, told.table_name, {BUSINESS_DATE} AS business_date, {', '.join(columns)} "
        f"FROM {_scan(files)} AS parts INNER JOIN (VALUES {told}) AS told (name, source, table_name) "
        "ON told.name = split_part(parts.filename, '/', -3)"
    )


def _files(part: str, days: Iterable[StandardisedDay]) -> dict[StandardisedDay, Path]:
    """The files that hold rows; of a table without any, the last one, for its columns."""
    days = list(days)
    held = COUNTED_AS.get(part)
    full = {day: day.file(part) for day in days if held is None or day.counts()[held]}
    return full or ({days[-1]: days[-1].file(part)} if part == "rows" else {})


def _scan(files: Mapping[StandardisedDay, Path]) -> str:
    return f"read_parquet([{', '.join(quoted(path) for path in files.values())}], filename = true)"
