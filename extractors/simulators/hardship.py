"""Hard times: people who lose their income and for months cannot pay all they owe; some never catch up."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.bank import Credit
from extractors.simulators.streams import Flags, Ints, Streams, chance
from extractors.simulators.texts import Days

YEARS_BACK, YEARS_AHEAD = 2, 1  # around the first business date, that hard times may begin in
DAYS_A_YEAR = 365


@dataclass(frozen=True)
class Hardship:
    """One entry per person: when hard times begin and end; NaT for those who are spared."""

    begins_on: Days
    ends_on: Days

    def on(self, days: Days | np.datetime64) -> Flags:
        """Who has hard times on a day, given for each person or for all."""
        flags: Flags = (self.begins_on <= days) & (days < self.ends_on)
        return flags

    def of(self, rows: Ints) -> "Hardship":
        """The hard times of some of them."""
        return Hardship(self.begins_on[rows], self.ends_on[rows])


def befall(credit: Credit, streams: Streams, count: int, first: int, as_of: np.datetime64) -> Hardship:
    """Hard times of `count` people numbered from `first`, at most once each."""
    stream = streams.of("hardship", first)
    years = YEARS_BACK + YEARS_AHEAD
    struck = chance(stream, count, credit.hardship * years)
    day = as_of + stream.integers(-YEARS_BACK * DAYS_A_YEAR, YEARS_AHEAD * DAYS_A_YEAR, count).astype("timedelta64[D]")
    lasts = stream.integers(*credit.hardship_days, count).astype("timedelta64[D]")
    never = np.datetime64("NaT")
    return Hardship(np.where(struck, day, never), np.where(struck, day + lasts, never))
