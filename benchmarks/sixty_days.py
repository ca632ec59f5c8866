"""Sixty nights of a bank whose files go astray, against the same bank with none astray: what is lost, and what differs.

`python benchmarks/sixty_days.py FOLDER [--customers 20000] [--days 60] [--seed 7] [--often N]`

Makes both banks below FOLDER, hands the files of a day over on that day only, and runs every night whose sources are
there; a night that has to wait runs when its files have come. Every night is held to its books: rows and amounts sent,
landed, staged, quarantined. In the end the two warehouses are compared, and a table tells what became of each fault.
`--often N` multiplies the usual rates. A run that was broken off goes on where it stopped.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from sixty_days_compared import compare, show

from dags import pipeline
from extractors.discovery import reopened, sources
from extractors.faults import SourceFault, SourceUnavailable
from extractors.simulators.bank import Bank
from extractors.simulators.file_faults import NO_FAULTS, USUAL_FAULTS, FileFaults
from extractors.simulators.simulate import simulate_bank
from warehouse.publish import NothingPublishedError, current_version
from warehouse.settings import Settings

FIRST = date(2026, 1, 31)
TAIL_DAYS = 4  # deliveries after the last night, for what is late then or will never come
HOMES = ("faulty", "faultless")


def main() -> None:
    given = _arguments()
    for home in HOMES:
        _make(given, home)
    running = [subprocess.Popen([sys.executable, __file__, *sys.argv[1:], "--home", home]) for home in HOMES]
    codes = [each.wait() for each in running]
    if any(codes):
        sys.exit("a home stopped before its last night; its reason is above")
    show(*compare(_settings(given, "faulty"), _settings(given, "faultless"), _days(given)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--often", type=float, default=1.0)
    parser.add_argument("--home", choices=HOMES, help=argparse.SUPPRESS)
    parser.add_argument("--compare", action="store_true", help="compare two homes as they stand, up to --days")
    return parser.parse_args()


def _settings(given: argparse.Namespace, home: str) -> Settings:
    return Settings(home=(given.folder / home).resolve(), threads=1, versions_kept=2)


def _days(given: argparse.Namespace) -> list[date]:
    return [FIRST + timedelta(days=number) for number in range(given.days)]


def _make(given: argparse.Namespace, home: str) -> None:
    """Simulate a bank and take back the files of every day: they are handed over day by day."""
    settings = _settings(given, home)
    if (settings.home / "made").exists():
        return
    usual = {kind: given.often * getattr(USUAL_FAULTS, kind) for kind in FileFaults.__dataclass_fields__}
    rates = FileFaults(**usual) if home == "faulty" else NO_FAULTS
    bank = replace(Bank(given.customers, given.seed, FIRST, given.days + TAIL_DAYS), file_fault_rates=rates)
    simulate_bank(settings.sources, bank)
    for system in ("card", "channel"):
        (settings.sources / system).rename(settings.home / f"{system}.kept_back")
        (settings.sources / system).mkdir()
    (settings.home / "made").touch()


def run(settings: Settings, days: list[date]) -> None:
    """Every delivery day: hand over its files, then run the nights that are due and whose sources are there."""
    for today in [*days, *(days[-1] + timedelta(days=number + 1) for number in range(TAIL_DAYS))]:
        _hand_over(settings, today)
        for business_date in _outstanding(settings, days, today):
            began = time.process_time()
            waits_for = _night(settings, business_date)
            spent = round(time.process_time() - began, 1)
            _note(settings, {"today": f"{today}", "night": f"{business_date}", "waits_for": waits_for, "cpu_s": spent})
            if waits_for:
                break
    if any(reopened(settings, source, days[-1] + timedelta(days=1)) for source in sources()):
        _night(settings, days[-1])  # once more, with what came since for earlier days


def _hand_over(settings: Settings, today: date) -> None:
    for system in ("card", "channel"):
        kept_back = settings.home / f"{system}.kept_back" / f"{today:%Y%m%d}"
        if kept_back.exists():
            kept_back.rename(settings.sources / system / kept_back.name)


def _outstanding(settings: Settings, days: list[date], today: date) -> Iterator[date]:
    try:
        published = current_version(settings).business_date
    except NothingPublishedError:
        published = date.min
    return (day for day in days if published < day <= today)


def _night(settings: Settings, business_date: date) -> str | None:
    """The tasks of the DAGs in their order; returns what the night waits for, if it does."""
    try:
        for source in sources():
            pipeline.land(settings, source, business_date)
    except (SourceFault, SourceUnavailable) as reason:
        return f"{type(reason).__name__}: {reason}"
    for source in pipeline.begin(settings, business_date):
        pipeline.standardise(settings, source, business_date)
    for stage in ("staging", "golden", "marts"):
        if stage == "golden":
            pipeline.link(settings, business_date)
        pipeline.build(settings, stage, business_date)
        pipeline.check(settings, stage, business_date)
    pipeline.publish(settings, business_date)
    pipeline.deliver_feeds(settings, business_date)
    return None


def _note(settings: Settings, entry: dict[str, object]) -> None:
    with (settings.home / "nights.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(entry) + "\n")
    print(settings.home.name, entry, flush=True)


if __name__ == "__main__":
    asked = _arguments()
    if asked.home:
        run(_settings(asked, asked.home), _days(asked))
    elif asked.compare:
        show(*compare(_settings(asked, "faulty"), _settings(asked, "faultless"), _days(asked)))
    else:
        main()
