"""How long identity documents hold: by kind, and for residents by the age at which the card was issued."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.streams import Flags, Ints
from extractors.simulators.texts import Days

DAYS_A_YEAR = 365
ENDLESS = np.datetime64("9999-12-31")
FIRST_CARDS = np.datetime64("2004-06-01")  # of the second generation, the only one still valid
CARD_AGES, CARD_YEARS = np.array([16, 26, 46]), np.array([5, 10, 20, 0])  # years a card holds by age, 0 for ever
CHILD_AGE, CHILD_YEARS, GROWN_YEARS = 16, 5, 10  # of passports and permits
LONGEST_EXPIRED_DAYS = 900
RESENT_DAYS = 20  # a document is at least so old, and its holder at least so old when it is issued


@dataclass(frozen=True)
class Validity:
    """One entry per person: when the document was issued and until when it holds, and the same of the one before.

    `former_` values are NaT for people who never had a document that ended.
    """

    issued: Days
    expires: Days
    former_issued: Days
    former_expires: Days


def find_validity(stream: np.random.Generator, birth: Days, is_card: Flags, as_of: np.datetime64) -> Validity:
    """Documents of people born on `birth` that hold on `as_of`, and those they replaced; `is_card` of residents."""
    age = (as_of - birth).astype(np.int64)
    share = stream.integers(0, 1_000_000, len(age))
    old = np.where(is_card, _card_age(age, share), _other_age(age, share))
    issued = as_of - np.clip(old, 0, np.maximum(age - RESENT_DAYS, 0)).astype("timedelta64[D]")
    issued = np.where(is_card, np.maximum(issued, FIRST_CARDS), issued)
    years = _years((issued - birth).astype(np.int64), is_card)
    ended = as_of - stream.integers(1, LONGEST_EXPIRED_DAYS, len(age)).astype("timedelta64[D]")
    former = _former_years((ended - birth).astype(np.int64), is_card)
    never = np.datetime64("NaT")
    return Validity(
        issued,
        np.where(years > 0, years_later(issued, years), ENDLESS),
        np.where(former > 0, years_later(ended, -former), never),
        np.where(former > 0, ended, never),
    )


def years_later(days: Days, years: Ints) -> Days:
    """The same day of the month some years later; the last of February for its 29th."""
    month = days.astype("datetime64[M]")
    moved = month + 12 * years
    last = ((moved + 1).astype("datetime64[D]") - moved.astype("datetime64[D]")).astype(np.int64) - 1
    day = np.minimum((days - month.astype("datetime64[D]")).astype(np.int64), last)
    later: Days = moved.astype("datetime64[D]") + day.astype("timedelta64[D]")
    return later


def _card_age(age: Ints, share: Ints) -> Ints:
    """Days since a resident's card was issued, such that it still holds."""
    longest = 20 * DAYS_A_YEAR
    old = share * longest // 1_000_000
    for from_age, years, before in ((26, 20, 10), (16, 10, 5)):
        is_now = (age >= from_age * DAYS_A_YEAR) & (age < (46 if from_age == CARD_AGES[1] else 26) * DAYS_A_YEAR)
        old = np.where(is_now, share * (years * DAYS_A_YEAR) // 1_000_000, old)
        since = age - from_age * DAYS_A_YEAR
        gone = is_now & (old > since) & (old >= before * DAYS_A_YEAR)
        old = np.where(gone, share * np.maximum(since, 1) // 1_000_000, old)
    young = age < CHILD_AGE * DAYS_A_YEAR
    return np.where(young, share * np.minimum(age, CHILD_YEARS * DAYS_A_YEAR) // 1_000_000, old)


def _other_age(age: Ints, share: Ints) -> Ints:
    years = np.where(age < (CHILD_AGE + GROWN_YEARS) * DAYS_A_YEAR, CHILD_YEARS, GROWN_YEARS)
    old: Ints = share * (years * DAYS_A_YEAR) // 1_000_000
    return old


def _years(age: Ints, is_card: Flags) -> Ints:
    """Years a document issued at an age holds, 0 for ever."""
    card = CARD_YEARS[np.searchsorted(CARD_AGES * DAYS_A_YEAR, age, side="right")]
    return np.where(is_card, card, np.where(age < CHILD_AGE * DAYS_A_YEAR, CHILD_YEARS, GROWN_YEARS))


def _former_years(age: Ints, is_card: Flags) -> Ints:
    """Years a document held that ended at an age; 0 where none could end then."""
    kinds = ((5, 0, 16), (10, 16, 26), (20, 26, 46))
    years = np.zeros_like(age)
    for held, youngest, oldest in kinds:
        issued = age - held * DAYS_A_YEAR
        years = np.where(
            (issued >= youngest * DAYS_A_YEAR + RESENT_DAYS) & (issued < oldest * DAYS_A_YEAR), held, years
        )
    return np.where(is_card | (age < (CHILD_AGE + GROWN_YEARS) * DAYS_A_YEAR), years, GROWN_YEARS)
