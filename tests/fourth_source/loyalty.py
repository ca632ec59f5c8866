"""The loyalty programme: one CSV a day with every member."""

import csv
from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from extractors.faults import SourceUnavailable
from extractors.landing import Sent
from warehouse.landing import digest_of
from warehouse.settings import Settings


def extract(settings: Settings, business_date: date) -> Iterator[Sent]:
    """Every member as sent; raises SourceUnavailable until the day's file is there."""
    path = settings.sources / "loyalty" / f"members_{business_date:%Y%m%d}.csv"
    if not path.exists():
        raise SourceUnavailable(f"loyalty: {path.name} has not been handed over; ask the programme's operator")
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    columns = [pa.array([row[at] or None for row in rows], pa.string()) for at in range(len(header))]
    yield Sent("member", pa.record_batch(columns, names=header), files={path.name: digest_of(path)})
