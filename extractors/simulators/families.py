"""Who lives with whom: households with heads, spouses, children, parents and twins."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.bank import Lives, Population
from extractors.simulators.stacking import HouseholdCount, HouseholdRows, PersonRows
from extractors.simulators.streams import Ints, Streams, chance, draw
from extractors.simulators.texts import Days

HEAD, SPOUSE, CHILD, PARENT = range(4)
SIZE_WEIGHTS = (30, 30, 25, 10, 5)  # households of one to five
HEAD_AGE_WEIGHTS = (6, 9, 11, 12, 11, 11, 10, 9, 8, 6, 4, 3)  # five-year bands from 20
MALE, FEMALE = 1, 2
SECOND_CHILD, GRANDPARENT = 3, 4  # positions in a household, after head and spouse
HAN, MINORITY, FOREIGN, HONG_KONG, MACAU, TAIWAN = range(6)
DAYS_A_YEAR = 365
YOUNGEST_DAYS, ADULT_DAYS = 60, 20 * DAYS_A_YEAR
LIFE_WEIGHTS = (20, 26, 26, 18, 8, 2)  # five-year bands from 70


@dataclass(frozen=True)
class Families:
    """One entry per person: household, head (index of a person), position within it, role, sex, birth and origin."""

    count: HouseholdCount  # households
    household: HouseholdRows
    head: PersonRows
    position: Ints
    role: Ints
    sex: Ints
    birth: Days
    origin: Ints
    twin_of: PersonRows


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
    """Days of birth by role.

    A child that would not be born yet is a parent of the head instead, a parent who would be too old to live a child.
    """
    count = len(role)
    age = 20 * DAYS_A_YEAR + draw(stream, HEAD_AGE_WEIGHTS, count) * 5 * DAYS_A_YEAR
    head_age = (age + stream.integers(0, 5 * DAYS_A_YEAR, count))[head]
    apart = stream.integers(22 * DAYS_A_YEAR, 36 * DAYS_A_YEAR, count)
    lives_until = _life_spans(stream, count)
    role = np.where((role == CHILD) & (head_age - apart < YOUNGEST_DAYS), PARENT, role)
    role = np.where((role == PARENT) & (head_age + apart > lives_until), CHILD, role)
    child_age = head_age - apart
    child_age = np.where(child_age < YOUNGEST_DAYS, stream.integers(YOUNGEST_DAYS, 18 * DAYS_A_YEAR, count), child_age)
    spouse_age = head_age + stream.integers(-5 * DAYS_A_YEAR, 5 * DAYS_A_YEAR, count)
    spouse_age = np.where(spouse_age < ADULT_DAYS, 2 * ADULT_DAYS - spouse_age, spouse_age)  # as far above the limit
    days = np.select(
        [role == SPOUSE, role == CHILD, role == PARENT], [spouse_age, child_age, head_age + apart], default=head_age
    )
    birth: Days = as_of - days.astype("timedelta64[D]")
    return birth, role


def _life_spans(stream: np.random.Generator, count: int) -> Ints:
    """Ages, in days, that parents reach: few beyond ninety-five."""
    return draw(stream, LIFE_WEIGHTS, count) * 5 * DAYS_A_YEAR + stream.integers(
        70 * DAYS_A_YEAR, 75 * DAYS_A_YEAR, count
    )


def _twins(lives: Lives, stream: np.random.Generator, role: Ints, position: Ints) -> Ints:
    """The elder twin of the fourth member where both it and the third are children."""
    count = len(role)
    able = (position == SECOND_CHILD) & (role == CHILD) & (np.roll(role, 1) == CHILD)
    percent = min(100.0, lives.twins / 2 * count / max(1, int(able.sum())))
    return np.where(able & chance(stream, count, percent), np.arange(count) - 1, -1)
