"""Makes the whole bank below one folder: three systems, day by day, and the truth about them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from extractors.simulators import card_system, channel_system, core_bank
from extractors.simulators.accounts import Accounts
from extractors.simulators.bank import Bank
from extractors.simulators.branch_costs import branch_cost_rows, months_until
from extractors.simulators.card_drop import CardDrop
from extractors.simulators.channel_mishaps import clear_day, hand_over
from extractors.simulators.core_customers import CoreCustomers
from extractors.simulators.core_reference import add_rates, reference_tables
from extractors.simulators.database import Database, open_database
from extractors.simulators.lives import Grapevine, live_a_day
from extractors.simulators.people import People, make_people
from extractors.simulators.postgres import postgres
from extractors.simulators.streams import Streams
from extractors.simulators.texts import first_of
from extractors.simulators.truth import Truth
from extractors.simulators.truth_people import daily_events

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


@dataclass(frozen=True)
class Place:
    """Where a bank is written: its files, its database, the truth; the first `days_there` are there already."""

    folder: Path
    database: Database
    truth: Truth
    days_there: int = 0

    def card_drop(self, bank: Bank, number: int) -> CardDrop:
        """The card files of one day."""
        return CardDrop(self.folder / "card", number, bank, is_silent=number < self.days_there)


@dataclass
class Neighbourhood:
    """People simulated together, and what the three systems hold of them."""

    first: int
    people: People
    core: core_bank.CoreBank
    cards: card_system.CardSystem
    channel: channel_system.ChannelSystem
    grapevine: Grapevine


def _live(place: Place, bank: Bank, progress: Progress) -> None:
    streams, first_day = Streams(bank.seed), np.datetime64(bank.first_date)
    reference_tables(place.database, streams, bank)
    lasting = []
    with closing(place.card_drop(bank, 0)) as drop:
        for first in range(0, bank.customers, bank.people_at_once):
            count = min(bank.people_at_once, bank.customers - first)
            settled = _settle(place, bank, streams, first, count, drop)
            progress(f"business date {first_day}: {first + count} people")
            if bank.days > 1:
                lasting.append(settled)
        drop.hand_over(streams, place.truth)
    hand_over(place.folder / "channel", bank, streams, 0, place.truth, is_silent=place.days_there > 0)
    free_keys: list[str] = []
    for number in range(1, bank.days):
        is_silent = number < place.days_there
        place.database.is_silent = is_silent
        for near in lasting:
            near.channel.is_silent = is_silent
        with closing(place.card_drop(bank, number)) as drop:
            free_keys = _pass_a_day(place, bank, lasting, number, free_keys, drop)
            drop.hand_over(streams, place.truth)
        hand_over(place.folder / "channel", bank, streams, number, place.truth, is_silent=is_silent)
        progress(f"business date {first_day + number}")


def _settle(place: Place, bank: Bank, streams: Streams, first: int, count: int, drop: CardDrop) -> Neighbourhood:
    """The first business date of some people."""
    people = make_people(bank, streams, count, first, np.datetime64(bank.first_date))
    place.truth.add_people(people)
    core = core_bank.open_core_bank(bank, streams, people, first, place.database, place.truth)
    keys, accounts = _links(people, core.customers.known, core.accounts)
    cards = card_system.open_card_system(bank, streams, people, first, accounts, drop, place.truth)
    channel = channel_system.open_channel_system(
        bank,
        streams,
        people,
        first,
        channel_system.FromCore(keys, core.trade),
        place.folder / "channel",
        place.truth,
        is_silent=place.days_there > 0,
    )
    return Neighbourhood(first, people, core, cards, channel, Grapevine())


def _pass_a_day(
    place: Place, bank: Bank, lasting: list[Neighbourhood], number: int, free_keys: list[str], drop: CardDrop
) -> list[str]:
    """One later business date; takes and returns the customer numbers that are free for others."""
    streams, day = lasting[0].core.streams, np.datetime64(bank.first_date) + number
    add_rates(place.database, streams, np.array([day]))
    place.database.add("br_cost", branch_cost_rows(bank, streams, months_until(np.datetime64(bank.first_date), number)))
    for near in lasting:
        news = live_a_day(bank, streams, near.people, near.first, number)
        place.truth.add("truth_event", daily_events(near.people, news, day))
        for kind, who in news.items():
            near.grapevine.spread(bank, streams.of("grapevine", near.first, number, kind), kind, who, number)
        deleted = core_bank.next_day(near.core, near.grapevine.heard("core_banking", number), number)
        card_system.next_day(near.cards, near.grapevine.heard("card", number), number, drop)
        channel_system.next_day(near.channel, near.grapevine.heard("channel", number), number)
    arriving = max(1, round(bank.customers * bank.delta.insert / 100))
    first = bank.customers + (number - 1) * arriving
    arrivals = make_people(bank, streams, arriving, first, day)
    place.truth.add_people(arrivals)
    daily = bank.customers * bank.delta.key_reuse / 100
    wanted = round(number * daily) - round((number - 1) * daily)
    customers, opened = core_bank.add_arrivals(lasting[-1].core, arrivals, first, number, free_keys[:wanted])
    keys, accounts = _links(arrivals, customers, opened)
    card_system.add_arrivals(lasting[-1].cards, arrivals, first, number, accounts, drop)
    channel_system.add_arrivals(lasting[-1].channel, arrivals, first, number, keys)
    return free_keys[wanted:] + deleted


def _links(people: People, customers: CoreCustomers, accounts: Accounts) -> tuple[pa.Array, pa.Array]:
    """Each person's customer number and current account in core banking; null for those who have none."""
    return (
        first_of(len(people), customers.members.who, customers.key),
        first_of(len(people), accounts.person, accounts.number),
    )
