"""Who lives with whom: households with heads, spouses, children, parents and twins."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.bank import Lives, Population
from extractors.simulators.streams import Ints, Streams, chance, draw
from extractors.simulators.texts import Days

HEAD, SPOUSE, CHILD, PARENT = range(4)
SIZE_WEIGHTS = (30, 30, 25, 10, 5)  # households of one to five
HEAD_AGE_WEIGHTS = (6, 9, 11, 12, 11, 11, 10, 9, 8, 6, 4, 3)  # five-year bands from 20
MALE, FEMALE = 1, 2
SECOND_CHILD, GRANDPARENT = 3, 4  # positions in a household, after head and spouse
HAN, MINORITY, FOREIGN, HONG_KONG, MACAU, TAIWAN = range(6)
DAYS_A_YEAR = 365


@dataclass(frozen=True)
class Families:
    """One entry per person: household, head (index of a person), position within it, role, sex, birth and origin."""

    count: int  # households
    household: Ints
    head: Ints
    position: Ints
    role: Ints
    sex: Ints
    birth: Days
    origin: Ints
    twin_of: Ints  # index of a person, -1 for none


def found_families(
    lives: Lives, population: Population, streams: Streams, count: int, first: int, as_of: np.datetime64
) -> Families:
    """Households for `count` people."""
    stream = streams.of("families", first)
    sizes = draw(stream, SIZE_WEIGHTS, count) + 1
    household = np.repeat(np.arange(count), sizes)[:count]
    starts = np.concatenate([[0], np.cumsum(sizes)])[household]
    position = np.arange(count) - starts
    role = np.select([position == 0, position == 1], [HEAD, SPOUSE], default=CHILD)
    role[(position == GRANDPARENT) | ((position == 1) & chance(stream, count, 12))] = PARENT
    birth, role = _births(stream, role, starts, as_of)
    sex = np.where(chance(stream, count, 51), MALE, FEMALE)
    sex = np.where(role == SPOUSE, MALE + FEMALE - sex[starts], sex)
    twin_of = _twins(lives, stream, role, position)
    born_together = twin_of >= 0
    birth[born_together] = birth[twin_of[born_together]]
    origin = draw(stream, _origin_weights(population), count)[starts]
    return Families(
        int(household[-1]) + 1, household, starts, position, role.astype(np.int64), sex, birth, origin, twin_of
    )


def _origin_weights(population: Population) -> tuple[float, ...]:
    others = (population.minority, population.foreign, population.hong_kong, population.macau, population.taiwan)
    return 100 - sum(others), *others


def _births(stream: np.random.Generator, role: Ints, head: Ints, as_of: np.datetime64) -> tuple[Days, Ints]:
    """Days of birth by role; a child that would not be born yet is a parent of the head instead."""
    count = len(role)
    age = 20 * DAYS_A_YEAR + draw(stream, HEAD_AGE_WEIGHTS, count) * 5 * DAYS_A_YEAR
    head_birth = (as_of - (age + stream.integers(0, 5 * DAYS_A_YEAR, count)).astype("timedelta64[D]"))[head]
    apart = stream.integers(22 * DAYS_A_YEAR, 36 * DAYS_A_YEAR, count)
    child_birth = head_birth + apart.astype("timedelta64[D]")
    role = np.where((role == CHILD) & (child_birth > as_of - 60), PARENT, role)
    spouse_birth = head_birth + stream.integers(-5 * DAYS_A_YEAR, 5 * DAYS_A_YEAR, count).astype("timedelta64[D]")
    parent_birth = np.maximum(head_birth - apart.astype("timedelta64[D]"), np.datetime64("1926-01-01") + count % 7)
    birth = np.select(
        [role == SPOUSE, role == CHILD, role == PARENT], [spouse_birth, child_birth, parent_birth], default=head_birth
    )
    adult = as_of - np.timedelta64(20 * DAYS_A_YEAR, "D")
    return np.where(role == SPOUSE, np.minimum(birth, adult), birth), role


def _twins(lives: Lives, stream: np.random.Generator, role: Ints, position: Ints) -> Ints:
    """The elder twin of the fourth member where both it and the third are children."""
    count = len(role)
    able = (position == SECOND_CHILD) & (role == CHILD) & (np.roll(role, 1) == CHILD)
    percent = min(100.0, lives.twins / 2 * count / max(1, int(able.sum())))
    return np.where(able & chance(stream, count, percent), np.arange(count) - 1, -1)
