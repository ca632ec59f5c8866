"""What people want of a bank: which products suit which means and ages, and what they end up buying."""

import numpy as np

from extractors.simulators.people import People
from extractors.simulators.streams import MILLION, Flags, Ints
from extractors.simulators.texts import Days

WANTED = ("TD012", "WM202", "FD404", "LOAN", "CARD")
LOAN, CARD = 3, 4
# appetite by tenth of means, and by age band
BY_MEANS = np.array(
    [
        (6, 8, 10, 12, 13, 14, 14, 13, 12, 10),
        (2, 4, 8, 12, 16, 20, 24, 26, 26, 24),
        (1, 2, 5, 9, 14, 20, 26, 30, 34, 36),
        (8, 12, 16, 16, 14, 12, 9, 7, 5, 4),
        (8, 12, 14, 14, 12, 10, 9, 8, 7, 6),
    ]
)
BY_AGE = np.array([(5, 8, 12, 18), (6, 12, 14, 9), (12, 16, 9, 3), (10, 18, 10, 1), (18, 14, 8, 3)])
AGE_BOUNDS = (30, 45, 60)
ADULT_YEARS = 18
SIZES = np.array([10, 15, 20, 30, 50, 80, 120, 200, 400, 800])  # thousand yuan by tenth of means
CENTS_A_THOUSAND = 100_000


def age_years(people: People, person: Ints, day: Days) -> Ints:
    """Age of some people on a day each, in years of 365.25 days."""
    lived: Ints = (day - people.families.birth[person]).astype(np.int64) * 4 // 1461
    return lived


def appetite(people: People, person: Ints, day: Days) -> Ints:
    """How much each person is drawn to each of WANTED; one row a person."""
    band = np.searchsorted(AGE_BOUNDS, age_years(people, person, day), side="right")
    drawn: Ints = (BY_MEANS[:, people.wealth[person]] * BY_AGE[:, band]).T
    return drawn


def is_reachable(people: People, person: Ints, day: Days) -> Flags:
    """Whether each person is of age, alive and still with the bank on a day."""
    grievances = people.grievances
    gone = (day > grievances.left_on[person]) & ~(day >= grievances.returned_on[person])
    dead = day >= people.died_on[person]
    return (age_years(people, person, day) >= ADULT_YEARS) & ~gone & ~dead


def is_drawn(stream: np.random.Generator, percent: float, pull: Ints) -> Flags:
    """True for about `percent` of the rows, more often where the pull is strong."""
    usual = max(1, int(pull.sum()) // max(1, len(pull)))
    return stream.integers(0, MILLION, len(pull)) < round(percent * MILLION / 100) * pull // usual


def drawn_product(stream: np.random.Generator, pulls: Ints) -> Ints:
    """For each row one column, in proportion to its pulls."""
    bounds = np.cumsum(pulls, axis=1)
    at = stream.integers(0, np.maximum(bounds[:, -1], 1), len(pulls))
    column: Ints = (at[:, None] >= bounds).sum(axis=1).clip(0, pulls.shape[1] - 1)
    return column


def amounts(stream: np.random.Generator, people: People, person: Ints) -> Ints:
    """What people of such means would put into a product, in cents of whole thousands of yuan."""
    cents: Ints = np.maximum(SIZES[people.wealth[person]] * stream.integers(40, 180, len(person)) // 100, 5)
    return cents * CENTS_A_THOUSAND
