"""Makes the whole bank below one folder: three systems, day by day, and the truth about them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from extractors.simulators import card_system, channel_system, core_bank
from extractors.simulators.accounts import Accounts
from extractors.simulators.bank import Bank
from extractors.simulators.core_customers import CoreCustomers
from extractors.simulators.database import Database, open_database
from extractors.simulators.people import People, make_people
from extractors.simulators.postgres import postgres
from extractors.simulators.streams import Streams
from extractors.simulators.texts import first_of
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
    truth = Truth()
    with core_database(folder, core_url) as url, open_database(url) as database:
        _live(folder, bank, database, truth, progress)
    truth.add_file_faults(bank.file_faults)
    truth.write(folder / "truth")
    return Summary(
        first_date=bank.first_date,
        last_date=(np.datetime64(bank.first_date) + bank.days - 1).astype(date),
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


def _live(folder: Path, bank: Bank, database: Database, truth: Truth, progress: Progress) -> None:
    streams = Streams(bank.seed)
    first_day = np.datetime64(bank.first_date)
    people = make_people(bank, streams, bank.customers, 0, first_day)
    truth.add_people(people)
    core = core_bank.open_core_bank(bank, streams, people, database, truth)
    progress(f"core banking: {len(core.customers.key)} customers, {len(core.accounts)} accounts")
    keys, accounts = _links(people, core.customers, core.accounts)
    cards = card_system.open_card_system(bank, streams, people, accounts, folder / "card", truth)
    progress(f"card: {len(cards.members)} holders")
    channel = channel_system.open_channel_system(bank, streams, people, keys, folder / "channel", truth)
    progress(f"channel: {len(channel.users.members)} users")
    arriving = max(1, round(bank.customers * bank.delta.insert / 100))
    for number in range(1, bank.days):
        first = bank.customers + (number - 1) * arriving
        arrivals = make_people(bank, streams, arriving, first, first_day + number)
        truth.add_people(arrivals)
        core_bank.next_day(core, number)
        customers, opened = core_bank.add_arrivals(core, arrivals, first, number)
        keys, accounts = _links(arrivals, customers, opened)
        card_system.next_day(cards, number, arrivals, first, accounts)
        channel_system.next_day(channel, number, arrivals, first, keys)
        progress(f"business date {first_day + number}")


def _links(people: People, customers: CoreCustomers, accounts: Accounts) -> tuple[pa.Array, pa.Array]:
    """Each person's customer number and current account in core banking; null for those who have none."""
    return (
        first_of(len(people), customers.members.who, customers.key),
        first_of(len(people), accounts.person, accounts.number),
    )
