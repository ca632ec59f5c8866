"""Makes the whole bank below one folder: three systems, day by day, and the truth about them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from extractors.simulators.bank import Bank
from extractors.simulators.channel_mishaps import clear_day, hand_over
from extractors.simulators.core_reference import reference_tables
from extractors.simulators.database import open_database
from extractors.simulators.neighbourhoods import Inhabitants, Place, pass_a_day, settle
from extractors.simulators.postgres import postgres
from extractors.simulators.streams import Streams
from extractors.simulators.truth import Truth

DATABASE_FOLDER = "core_banking"  # below the sources folder
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Summary:
    """What was simulated: business dates, parties, and the customer records the systems hold of them."""

    first_date: date
    last_date: date
    parties: int  # people, companies and sole traders
    records: int


def simulate(
    folder: Path,
    *,
    customers: int,
    seed: int,
    first_date: date = date(2026, 1, 31),
    days: int = 1,
    core_url: str | None = None,
    history_days: int = 365,
    progress: Progress = lambda _: None,
) -> Summary:
    """Replace everything below `folder` by a bank of `customers` people over `days` business dates.

    `core_url` is the database to fill; None fills a PostgreSQL below `folder`. The same arguments give the same bytes.
    """
    bank = Bank(customers, seed, first_date, days, history_days)
    return simulate_bank(folder, bank, core_url=core_url, progress=progress)


def simulate_bank(
    folder: Path, bank: Bank, *, core_url: str | None = None, progress: Progress = lambda _: None
) -> Summary:
    """Replace everything below `folder` by one bank."""
    for part in ("card", "channel", "truth"):
        shutil.rmtree(folder / part, ignore_errors=True)
    return _simulate(folder, bank, 0, core_url, progress)


def extend_bank(
    folder: Path, bank: Bank, days_there: int, *, core_url: str | None = None, progress: Progress = lambda _: None
) -> Summary:
    """Add business dates to a bank of which `days_there` are simulated; `bank` is the same bank with more days.

    The past is lived through again without being written, so it costs as much as simulating it and stays as it is,
    byte for byte; an extension that broke off is simply done again.
    """
    if days_there < 1 or bank.days < days_there or not (folder / "truth").exists():
        message = f"{folder}: holds no bank of {days_there} days to extend to {bank.days}; simulate one first"
        raise ValueError(message)
    for number in range(days_there, bank.days):
        clear_day(folder / "channel" / f"{bank.day(number):%Y%m%d}")
    return _simulate(folder, bank, days_there, core_url, progress)


def _simulate(folder: Path, bank: Bank, days_there: int, core_url: str | None, progress: Progress) -> Summary:
    truth = Truth(folder / "truth")
    since = f"{bank.day(days_there):%Y%m%d}" if days_there else None
    with core_database(folder, core_url) as url, open_database(url, since) as database:
        _live(Place(folder, database, truth, days_there), bank, progress)
    truth.finish()
    return Summary(
        first_date=bank.first_date,
        last_date=bank.day(bank.days - 1),
        parties=truth.rows("truth_person"),
        records=truth.rows("truth_record"),
    )


@contextmanager
def core_database(folder: Path, core_url: str | None) -> Iterator[str]:
    """URL of the core-banking database: the given one, else the server below the sources folder while in use."""
    if core_url is not None:
        yield core_url
        return
    with postgres(folder / DATABASE_FOLDER) as url:
        yield url


def _live(place: Place, bank: Bank, progress: Progress) -> None:
    streams, first_day = Streams(bank.seed), np.datetime64(bank.first_date)
    reference_tables(place.database, streams, bank)
    inhabitants = Inhabitants()
    with closing(place.card_drop(bank, 0)) as drop:
        for first in range(0, bank.customers, bank.people_at_once):
            count = min(bank.people_at_once, bank.customers - first)
            settled = settle(place, bank, streams, first, count, drop)
            progress(f"business date {first_day}: {first + count} people")
            if bank.days > 1:
                inhabitants.settled.append(settled)
        drop.hand_over(streams, place.truth)
    hand_over(place.folder / "channel", bank, streams, 0, place.truth, is_silent=place.days_there > 0)
    for number in range(1, bank.days):
        is_silent = number < place.days_there
        place.database.is_silent = is_silent
        for near in inhabitants.everybody:
            near.channel.is_silent = is_silent
        with closing(place.card_drop(bank, number)) as drop:
            pass_a_day(place, bank, inhabitants, number, drop)
            drop.hand_over(streams, place.truth)
        hand_over(place.folder / "channel", bank, streams, number, place.truth, is_silent=is_silent)
        progress(f"business date {first_day + number}")
