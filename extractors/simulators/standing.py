"""What people are and earn: marriage, schooling, work, income, which go with their age, family and means."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.families import CHILD, HAN, HEAD, PARENT, SPOUSE, Families
from extractors.simulators.foreign_names import ETHNIC_CODES
from extractors.simulators.streams import Ints, Streams, chance, draw

DAYS_A_YEAR = 365
NOTHING = -1
SINGLE, MARRIED, WIDOWED, DIVORCED = range(4)  # codes 1 to 4 of GB/T 2261.2
EDUCATION_CODES = ("10", "20", "30", "40", "60", "70")  # from postgraduate to junior secondary, GB/T 4658
# weights of the six by the decade of birth from the thirties on
SCHOOLING = (
    (0, 1, 2, 5, 12, 80), (0, 2, 4, 7, 17, 70), (0, 3, 6, 9, 24, 58), (1, 6, 10, 14, 24, 45),
    (3, 13, 17, 17, 20, 30), (7, 24, 24, 16, 14, 15), (8, 34, 28, 14, 10, 6), (2, 32, 33, 18, 12, 3),
)  # fmt: skip
MANAGER, PROFESSIONAL, CLERK, SERVICE, FARMER, WORKER, SOLDIER, OTHER = range(8)  # codes 1 to 8 of GB/T 6565
WORK = (  # weights of the eight by schooling
    (22, 52, 18, 4, 0, 1, 1, 2), (14, 38, 28, 12, 0, 4, 1, 3), (8, 18, 28, 28, 1, 12, 1, 4),
    (5, 9, 18, 34, 4, 25, 1, 4), (4, 4, 10, 36, 12, 28, 1, 5), (2, 1, 4, 33, 28, 26, 0, 6),
)  # fmt: skip
YEARLY_YUAN = np.array([150_000, 120_000, 84_000, 62_000, 34_000, 64_000, 96_000, 50_000])  # by work, at middle means
PENSION_YUAN = np.array([78_000, 62_000, 48_000, 40_000, 30_000, 20_000])  # by schooling
SCHOOL_UNTIL, WORK_FROM, MEN_WORK_UNTIL, WOMEN_WORK_UNTIL = 16, 20, 60, 55
OUT_OF_WORK_PERCENT = 9
MARRIAGE_AGES, EVER_MARRIED = (22, 24, 30, 40, 65), (0, 3, 18, 50, 68, 94)  # percent of those who live alone
WIDOWED_PERCENT = 80  # of the old who live without a spouse
WELL_OFF, DEGREE_AGE, SENIOR_SECONDARY = 5, 22, 4
BAND_BOUNDS = (50_000, 120_000, 300_000, 1_000_000)  # of declared income
MINORITIES_PERCENT = 7.5  # of families with names like everybody's
MINORITY_CODES = ("01", "08", "11", "03", "06", "15", "07")  # Han; Zhuang, Manchu, Hui, Miao, Tujia, Yi (GB/T 3304)
MINORITY_WEIGHTS = (0, 27, 18, 20, 17, 10, 8)


@dataclass(frozen=True)
class Standing:
    """One entry per person; NOTHING where there is none."""

    marital: Ints
    education: Ints
    work: Ints
    income: Ints  # yuan a year, pensions included
    is_retired: np.ndarray
    ethnic: Ints  # place in ETHNIC_GROUPS


ETHNIC_GROUPS = MINORITY_CODES + ETHNIC_CODES


def find_standing(
    families: Families, peoples: Ints, wealth: Ints, streams: Streams, first: int, as_of: np.datetime64
) -> Standing:
    """Standing of everybody on `as_of`; `peoples` are those of minorities with names of their own."""
    stream = streams.of("standing", first)
    age = (as_of - families.birth).astype(np.int64) // DAYS_A_YEAR
    education = _education(stream, families, age, wealth)
    is_retired = age >= np.where(families.sex == 1, MEN_WORK_UNTIL, WOMEN_WORK_UNTIL)
    idle = is_retired | (age < WORK_FROM) | chance(stream, len(age), OUT_OF_WORK_PERCENT)
    work = np.full(len(age), OTHER)
    for school, weights in enumerate(WORK):
        rows = np.flatnonzero((education == school) & ~idle)
        work[rows] = draw(stream, weights, len(rows))
    work[age < SCHOOL_UNTIL] = NOTHING
    return Standing(
        marital=_marital(stream, families, age),
        education=education,
        work=work,
        income=_income(stream, age, work, education, wealth, idle, is_retired),
        is_retired=is_retired,
        ethnic=_ethnic(stream, families, peoples),
    )


def income_bands(income: Ints) -> Ints:
    """Band of yearly income from 0; NOTHING for those without."""
    return np.where(income > 0, np.searchsorted(BAND_BOUNDS, income, side="right"), NOTHING)


def _education(stream: np.random.Generator, families: Families, age: Ints, wealth: Ints) -> Ints:
    born = families.birth.astype("datetime64[Y]").astype(np.int64) + 1970
    decade = np.clip((born - 1930) // 10, 0, len(SCHOOLING) - 1)
    education = np.zeros_like(age)
    for at, weights in enumerate(SCHOOLING):
        rows = np.flatnonzero(decade == at)
        education[rows] = draw(stream, weights, len(rows))
    lucky = chance(stream, len(age), 50) & (wealth >= WELL_OFF)  # they went to school longer
    education = np.where(lucky, np.maximum(education - 1, 0), education)
    education = np.where(age < DEGREE_AGE, np.maximum(education, SENIOR_SECONDARY), education)
    return np.where(age < SCHOOL_UNTIL, NOTHING, education)


def _marital(stream: np.random.Generator, families: Families, age: Ints) -> Ints:
    """The married live together, except for some; the old are widowed, the others single or divorced."""
    count = len(age)
    is_spouse = families.role == SPOUSE
    has_spouse = np.zeros(count, dtype=bool)
    has_spouse[families.head[is_spouse]] = True
    has_spouse |= is_spouse
    was_married = stream.integers(0, 100, count) < np.array(EVER_MARRIED)[np.searchsorted(MARRIAGE_AGES, age, "right")]
    kind = np.where(stream.integers(0, 100, count) < np.clip(age - 50, 4, 70), WIDOWED, DIVORCED)
    lives_apart = chance(stream, count, 45) & ((families.role == HEAD) | (families.role == CHILD))
    once = np.where(lives_apart | (families.role == PARENT) & chance(stream, count, 55), MARRIED, kind)
    once = np.where((age >= MARRIAGE_AGES[-1]) & chance(stream, count, WIDOWED_PERCENT), WIDOWED, once)
    return np.where(has_spouse, MARRIED, np.where(was_married, once, SINGLE))


def _income(
    stream: np.random.Generator,
    age: Ints,
    work: Ints,
    education: Ints,
    wealth: Ints,
    idle: np.ndarray,
    is_retired: np.ndarray,
) -> Ints:
    """Yuan a year: by work, more with age until the middle of the forties and with means; pensions by schooling."""
    usual = np.where(idle, np.where(is_retired, PENSION_YUAN[np.maximum(education, 0)], 0), YEARLY_YUAN[work])
    grown = 60 + np.clip(age - 20, 0, 25) * 2
    means = np.array([55, 70, 85, 100, 120, 145, 180, 240, 360, 600])[wealth]
    spread = stream.integers(60, 90, len(age)) * stream.integers(80, 190, len(age)) // 100
    earned = usual * np.where(is_retired, 100, grown) // 100 * np.where(is_retired, 100, means) // 100 * spread // 100
    return np.where(age < WORK_FROM, 0, earned)


def _ethnic(stream: np.random.Generator, families: Families, peoples: Ints) -> Ints:
    count = len(peoples)
    other = chance(stream, count, MINORITIES_PERCENT) & (families.origin == HAN)
    group = np.where(other, draw(stream, MINORITY_WEIGHTS, count), 0)[families.head]
    return np.where(peoples >= 0, len(MINORITY_CODES) + peoples, group)
