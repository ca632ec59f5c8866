"""What happens to people day by day, and when each system hears of it, if ever."""

from dataclasses import dataclass, field

import numpy as np

from extractors.simulators.addresses import Addresses
from extractors.simulators.bank import SYSTEMS, Bank
from extractors.simulators.grievances import aggrieve_a_day
from extractors.simulators.people import People, mobile_numbers
from extractors.simulators.streams import Ints, Streams, chance
from extractors.simulators.texts import pick, put

NEW_MOBILE, MOVED, RENAMED, DIED = "new mobile", "moved", "renamed", "died"
KINDS = (NEW_MOBILE, MOVED, RENAMED, DIED)
DAYS_A_YEAR = 365
SAME_DAY_PERCENT = 50  # of those who tell a system at all; the others within two weeks
DAYS_TO_TELL = 14
NEVER_RENAMED_PERCENT, NEVER_DIED_PERCENT = 10, 30
LATER_MOBILES = 50_000_000  # numbers from here on are those of later days
OLD_AGE_DAYS = 55 * DAYS_A_YEAR

News = dict[str, Ints]  # kind to the persons it happened to


@dataclass
class Grapevine:
    """Changes under way to the systems, by system and day."""

    under_way: dict[tuple[str, int], list[tuple[str, Ints]]] = field(default_factory=dict)

    def spread(self, bank: Bank, stream: np.random.Generator, kind: str, who: Ints, number_of_day: int) -> None:
        """Let each system hear of what happened to `who` today: at once, within two weeks, or never."""
        for system in SYSTEMS:
            told = who[~chance(stream, len(who), _never_told(bank, system, kind))]
            delay = stream.integers(1, DAYS_TO_TELL, len(told))
            delay[chance(stream, len(told), SAME_DAY_PERCENT)] = 0
            for days in np.unique(delay):
                heard = self.under_way.setdefault((system, number_of_day + int(days)), [])
                heard.append((kind, told[delay == days]))

    def heard(self, system: str, number_of_day: int) -> News:
        """What one system hears today."""
        parts = self.under_way.pop((system, number_of_day), [])
        news = {kind: [who for what, who in parts if what == kind] for kind in KINDS}
        return {kind: np.unique(np.concatenate(who)) if who else np.empty(0, np.int64) for kind, who in news.items()}


def live_a_day(bank: Bank, streams: Streams, people: People, first: int, number_of_day: int) -> News:
    """One day in the lives of people numbered from `first`: `people` change; returns to whom what happened."""
    stream = streams.of("lives", first, number_of_day)
    day, lives, count = np.datetime64(bank.first_date) + number_of_day, bank.lives, len(people)
    alive = np.isnat(people.died_on)

    def happens_to(percent_a_year: float) -> Ints:
        return np.flatnonzero(chance(stream, count, percent_a_year / DAYS_A_YEAR) & alive)

    renumbered = np.flatnonzero(np.isin(people.mobile_of, happens_to(lives.new_mobile)))
    index = LATER_MOBILES + number_of_day * (bank.customers // 25 + 20) + first // 50 + np.arange(len(renumbered))
    people.former_mobile = put(people.former_mobile, renumbered, pick(people.mobile, renumbered))
    same_number = np.searchsorted(renumbered, people.mobile_of[renumbered]).clip(0, max(len(renumbered) - 1, 0))
    people.mobile = put(people.mobile, renumbered, pick(mobile_numbers(stream, index), same_number))
    people.mobile_since[renumbered] = day
    moved = _move(people, stream, happens_to(lives.move / 2), day)
    renamed = happens_to(lives.name_change)
    renamed = renamed[people.names.is_composed[renamed]]
    people.names.change(stream, renamed, people.families)
    people.renamed_on[renamed] = day
    aggrieve_a_day(people.grievances, streams.of("grievances", first, number_of_day), day, alive)
    died = happens_to(lives.death * 2)
    died = died[people.families.birth[died] < day - np.timedelta64(OLD_AGE_DAYS, "D")]
    people.died_on[died] = day
    return {NEW_MOBILE: renumbered, MOVED: moved, RENAMED: renamed, DIED: died}


def _move(people: People, stream: np.random.Generator, who: Ints, day: np.datetime64) -> Ints:
    """Whole families of `who` move together; returns everybody who moved."""
    moved = np.flatnonzero(np.isin(people.families.household, people.families.household[who]))
    if not len(moved):
        return moved
    _, family = np.unique(people.families.household[moved], return_inverse=True)
    everyone = Addresses.for_households(stream, family)
    people.former_home.move(moved, people.home.of(moved))
    people.home.move(moved, everyone)
    people.has_moved[moved] = True
    people.home_since[moved] = day
    return moved


def _never_told(bank: Bank, system: str, kind: str) -> float:
    defects = bank.defects[system]
    return {
        NEW_MOBILE: defects.phone_stale,
        MOVED: defects.address_stale_of_movers,
        RENAMED: NEVER_RENAMED_PERCENT,
        DIED: NEVER_DIED_PERCENT,
    }[kind]
