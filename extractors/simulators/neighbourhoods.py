"""People simulated together: how they settle on the first business date, live through later ones, take in newcomers."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from extractors.simulators import card_system, channel_system, core_bank
from extractors.simulators.bank import Bank
from extractors.simulators.branch_costs import branch_cost_rows, months_until
from extractors.simulators.card_drop import CardDrop
from extractors.simulators.core_reference import add_rates
from extractors.simulators.database import Database
from extractors.simulators.lives import Grapevine, live_a_day
from extractors.simulators.people import People, make_people
from extractors.simulators.stacking import CUSTOMERS, HOLDERS, HOUSEHOLDS, ORGANISATIONS, PEOPLE, stacked
from extractors.simulators.streams import Streams
from extractors.simulators.texts import first_of
from extractors.simulators.truth import Truth
from extractors.simulators.truth_people import daily_events


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
    grapevine: Grapevine = field(default_factory=Grapevine)

    def take_in(self, arrived: "Neighbourhood") -> None:
        """Let those who arrived live on with the others, as the last of them."""
        rows = {
            PEOPLE: len(self.people),
            HOUSEHOLDS: self.people.families.count,
            CUSTOMERS: len(self.core.customers.known.members),
            ORGANISATIONS: len(self.core.organisations),
            HOLDERS: len(self.cards.members),
        }
        self.people = stacked(self.people, arrived.people, rows)
        core_bank.take_in(self.core, arrived.core, self.people, rows)
        card_system.take_in(self.cards, arrived.cards, self.people, rows)
        channel_system.take_in(self.channel, arrived.channel, self.people, rows)


@dataclass
class Inhabitants:
    """Everybody whose days are simulated: those of the first business date, and those who came since."""

    settled: list[Neighbourhood] = field(default_factory=list)
    newcomers: Neighbourhood | None = None
    free_keys: list[str] = field(default_factory=list)  # numbers of deleted customers, for others to get

    @property
    def everybody(self) -> list[Neighbourhood]:
        """All neighbourhoods."""
        return [*self.settled, *([self.newcomers] if self.newcomers else [])]


def settle(place: Place, bank: Bank, streams: Streams, first: int, count: int, drop: CardDrop) -> Neighbourhood:
    """The first business date of some people."""
    people = make_people(bank, streams, count, first, np.datetime64(bank.first_date))
    place.truth.add_people(people)
    core = core_bank.open_core_bank(bank, streams, people, first, place.database, place.truth)
    keys, account = _links(people, core)
    cards = card_system.open_card_system(bank, streams, people, first, account, drop, place.truth)
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
    return Neighbourhood(first, people, core, cards, channel)


def pass_a_day(place: Place, bank: Bank, inhabitants: Inhabitants, number: int, drop: CardDrop) -> None:
    """One later business date: everybody lives on, and some people more become customers."""
    streams, day = inhabitants.settled[0].core.streams, np.datetime64(bank.first_date) + number
    add_rates(place.database, streams, np.array([day]))
    place.database.add("br_cost", branch_cost_rows(bank, streams, months_until(np.datetime64(bank.first_date), number)))
    deleted: list[str] = []
    for near in inhabitants.everybody:
        news = live_a_day(bank, streams, near.people, near.first, number)
        place.truth.add("truth_event", daily_events(near.people, news, day))
        for kind, who in news.items():
            near.grapevine.spread(bank, streams.of("grapevine", near.first, number, kind), kind, who, number)
        deleted += core_bank.next_day(near.core, near.grapevine.heard("core_banking", number), number)
        card_system.next_day(near.cards, near.grapevine.heard("card", number), number, drop)
        channel_system.next_day(near.channel, near.grapevine.heard("channel", number), number, near.core.trade)
    arrived = _arrive(place, bank, inhabitants, number, drop)
    inhabitants.free_keys += deleted
    if inhabitants.newcomers:
        inhabitants.newcomers.take_in(arrived)
    else:
        inhabitants.newcomers = arrived


def _arrive(place: Place, bank: Bank, inhabitants: Inhabitants, number: int, drop: CardDrop) -> Neighbourhood:
    """Those who become customers on one later day; some get the numbers of customers deleted before."""
    near, day = inhabitants.settled[0], np.datetime64(bank.first_date) + number
    streams, arriving = near.core.streams, max(1, round(bank.customers * bank.delta.insert / 100))
    first = bank.customers + (number - 1) * arriving
    people = make_people(bank, streams, arriving, first, day)
    place.truth.add_people(people)
    daily = bank.customers * bank.delta.key_reuse / 100
    wanted = round(number * daily) - round((number - 1) * daily)
    reused, inhabitants.free_keys = inhabitants.free_keys[:wanted], inhabitants.free_keys[wanted:]
    cores = [each.core for each in inhabitants.everybody]
    core = core_bank.add_arrivals(cores, people, first, number, reused)
    keys, account = _links(people, core)
    cards = card_system.add_arrivals(near.cards, people, first, number, account, drop)
    told = channel_system.FromCore(keys, core.trade)
    channel = channel_system.add_arrivals(near.channel, people, first, number, told)
    return Neighbourhood(first, people, core, cards, channel)


def _links(people: People, core: core_bank.CoreBank) -> tuple[pa.Array, pa.Array]:
    """Each person's customer number and current account in core banking; null for those who have none."""
    known, accounts = core.customers.known, core.accounts
    count = len(people)
    return first_of(count, known.members.who, known.key), first_of(count, accounts.person, accounts.number)
