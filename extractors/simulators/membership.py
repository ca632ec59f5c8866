"""Who is a customer of which system, under which keys, since when; and which records are the same person twice."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.bank import Bank
from extractors.simulators.people import People
from extractors.simulators.stacking import PersonRows
from extractors.simulators.streams import Flags, Ints, Streams, chance, scattered
from extractors.simulators.texts import Days

DIGITS_OF_KEYS = 10**9
FIRST_OPENING = np.datetime64("2004-01-01")
OFFSETS = {"core_banking": 112_233_445, "card": 554_433_221, "channel": 918_273_645}


@dataclass(frozen=True)
class Members:
    """One entry per record of one system: the person, the number of the key, the opening day."""

    who: PersonRows
    number: Ints
    opened: Days
    is_duplicate: Flags

    def __len__(self) -> int:
        return len(self.who)


def records_of(members: Members, persons: Ints) -> Ints:
    """Rows of every record of some persons, in order."""
    return np.flatnonzero(np.isin(members.who, persons))


def enrol(
    bank: Bank, streams: Streams, system: str, people: People, first: int, opened_after: np.datetime64 | None = None
) -> Members:
    """Records of `people` in `system`, some persons twice, in the order of opening."""
    stream = streams.of("members", system, first)
    count = len(people)
    joins = chance(stream, count, bank.presence[system])
    if system == "card":
        joins &= ~people.is_minor | chance(stream, count, 5)
    twice = joins & chance(stream, count, bank.defects[system].duplicate)
    who = np.concatenate([np.flatnonzero(joins), np.flatnonzero(twice)])
    is_duplicate = np.arange(len(who)) >= int(joins.sum())
    opened = _openings(stream, bank, people, who, opened_after)
    order = np.lexsort((who, opened))
    key = scattered((first + who) * 2 + is_duplicate, OFFSETS[system], DIGITS_OF_KEYS)
    return Members(who[order], key[order], opened[order], is_duplicate[order])


def _openings(stream: np.random.Generator, bank: Bank, people: People, who: Ints, after: np.datetime64 | None) -> Days:
    """A day between coming of age (or birth, for children) and the first business date."""
    last = np.datetime64(bank.first_date)
    if after is not None:
        return np.full(len(who), after)
    birth = people.families.birth[who]
    earliest = np.maximum(np.where(people.is_minor[who], birth, birth + 16 * 365), FIRST_OPENING)
    span = np.maximum((last - earliest).astype(np.int64), 1)
    opened: Days = earliest + (stream.integers(0, DIGITS_OF_KEYS, len(who)) * span // DIGITS_OF_KEYS).astype(
        "timedelta64[D]"
    )
    return opened


def changed_today(
    bank: Bank, streams: Streams, system: str, first: int, count: int, number: int
) -> tuple[Ints, Ints, Ints]:
    """Rows of records that change on a day: really changed, touched without change, deleted; disjoint over the days."""
    order = streams.of("turns", system, first).permutation(count)
    a_day = min(count, max(1, round(count * bank.delta.update / 100)))
    deleted = bank.share_of(bank.delta.delete, first, count)[1] if count else 0
    start = (number - 1) * (a_day + deleted)
    turn = np.take(order, np.arange(start, start + a_day + deleted), mode="wrap")
    touched = round(a_day * bank.delta.timestamp_only / 100)
    return np.sort(turn[touched:a_day]), np.sort(turn[:touched]), np.sort(turn[a_day:])
