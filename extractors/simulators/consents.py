"""What people let the bank do with their data: granted when they register, some of it changed later."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.commerce import Consents
from extractors.simulators.streams import Flags, Ints, Streams, chance
from extractors.simulators.texts import Days

# purpose and medium of every consent there is; the first four are ways to send an offer, best first
GRANTS = (
    ("marketing", "APP"), ("marketing", "SMS"), ("marketing", "EMAIL"), ("marketing", "CALL"),
    ("profiling", "APP"), ("partner_sharing", "APP"), ("social_linking", "APP"),
)  # fmt: skip
MEDIA = ("APP", "SMS", "EMAIL", "CALL")
NO_MEDIUM = -1


@dataclass(frozen=True)
class Change:
    """Consents that change: of whom, which of GRANTS, on which day, and whether they are granted from then on."""

    person: Ints
    grant: Ints
    day: Days
    is_granted: Flags


def first_grants(consents: Consents, streams: Streams, first: int, count: int) -> Flags:
    """Per person and entry of GRANTS, whether it is granted when the person registers."""
    stream = streams.of("consents", first)
    shares = (*consents.marketing, consents.profiling, consents.partner_sharing, consents.social_linking)
    return np.column_stack([chance(stream, count, percent) for percent in shares])


def change_minds(consents: Consents, stream: np.random.Generator, grants: Flags, days: Days) -> Change:
    """Some people change one consent on one of `days`; `grants` is then what holds after them."""
    person = np.flatnonzero(chance(stream, len(grants), consents.changed * len(days) / 365))
    grant = stream.integers(0, len(GRANTS), len(person))
    day = days[stream.integers(0, max(len(days), 1), len(person))] if len(days) else days[:0]
    return _changed(grants, person[: len(day)], grant[: len(day)], day)


def withdraw(grants: Flags, person: Ints, grant: Ints, day: Days) -> Change:
    """People who no longer want offers by a medium."""
    return _changed(grants, person, grant, day)


def best_medium(grants: Flags) -> Ints:
    """Index into MEDIA of the first way each person lets the bank send offers; NO_MEDIUM for none."""
    offers = grants[:, : len(MEDIA)]
    return np.where(offers.any(axis=1), offers.argmax(axis=1), NO_MEDIUM)


def _changed(grants: Flags, person: Ints, grant: Ints, day: Days) -> Change:
    grants[person, grant] = ~grants[person, grant]
    return Change(person, grant, day, grants[person, grant])
