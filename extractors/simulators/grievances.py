"""Why people leave: a failed transfer leads to a complaint, and a complaint to leaving, more often than chance."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.streams import Flags, Ints, Streams, chance
from extractors.simulators.texts import Days

FAILED_PERCENT = 6  # of people a year see a transfer fail
COMPLAINS_PERCENT = 35  # of those complain within days
LEAVES_AFTER_COMPLAINT_PERCENT = 30
LEAVES_ANYHOW_PERCENT = 2  # a year
FADES_FOR_DAYS = 75  # before leaving people come less and less
FADES_TO_PERCENT = 70  # of what they did before, left out on the last days
DAYS_TO_COMPLAIN, DAYS_TO_LEAVE = (0, 6), (5, 26)
DAYS_A_YEAR = 365


@dataclass(frozen=True)
class Grievances:
    """One entry per person: when a transfer failed, a complaint was made, the person left; NaT for never."""

    failed_on: Days
    complained_on: Days
    left_on: Days
    returned_on: Days  # after having left; told by the campaign that won them back


def aggrieve(streams: Streams, count: int, first: int, as_of: np.datetime64, history_days: int) -> Grievances:
    """The grievances of the year before `as_of`, what comes of them later, and who leaves anyhow soon after it."""
    stream, year = streams.of("grievances", first), max(31, history_days)
    grievances = untroubled(count)
    rows = np.flatnonzero(chance(stream, count, FAILED_PERCENT))
    _let_down(grievances, stream, rows, as_of - stream.integers(0, year, len(rows)).astype("timedelta64[D]"))
    anyhow = chance(stream, count, LEAVES_ANYHOW_PERCENT * (year + FADES_FOR_DAYS) / year)
    rows = np.flatnonzero(anyhow & np.isnat(grievances.left_on))
    ago = stream.integers(-FADES_FOR_DAYS, year, len(rows)).astype("timedelta64[D]")
    grievances.left_on[rows] = as_of - ago
    return grievances


def untroubled(count: int) -> Grievances:
    """`count` people nothing has happened to."""
    return Grievances(*(np.full(count, np.datetime64("NaT", "D")) for _ in range(4)))


def aggrieve_a_day(grievances: Grievances, stream: np.random.Generator, day: np.datetime64, is_alive: Flags) -> None:
    """Transfers that fail on one later day, what comes of them, and who makes up their mind to leave anyhow."""
    able = is_alive & np.isnat(grievances.left_on) & ~(grievances.complained_on >= day)
    rows = np.flatnonzero(chance(stream, len(able), FAILED_PERCENT / DAYS_A_YEAR) & able)
    _let_down(grievances, stream, rows, np.full(len(rows), day))
    anyhow = chance(stream, len(able), LEAVES_ANYHOW_PERCENT / DAYS_A_YEAR)
    rows = np.flatnonzero(anyhow & able & np.isnat(grievances.left_on))
    grievances.left_on[rows] = day + FADES_FOR_DAYS


def _let_down(grievances: Grievances, stream: np.random.Generator, rows: Ints, failed_on: Days) -> None:
    """A transfer of `rows` failed; some complain, of these some leave."""
    count, never = len(rows), np.datetime64("NaT")
    complained = failed_on + stream.integers(*DAYS_TO_COMPLAIN, count).astype("timedelta64[D]")
    complained = np.where(chance(stream, count, COMPLAINS_PERCENT), complained, never)
    left = complained + stream.integers(*DAYS_TO_LEAVE, count).astype("timedelta64[D]")
    left = np.where(chance(stream, count, LEAVES_AFTER_COMPLAINT_PERCENT), left, never)
    grievances.failed_on[rows], grievances.complained_on[rows], grievances.left_on[rows] = failed_on, complained, left


def still_does(stream: np.random.Generator, day: Days, left_on: Days) -> Flags:
    """Which of the things people do on their days still happen, the fewer the closer they are to leaving."""
    days_left = np.where(np.isnat(left_on) | (day > left_on), FADES_FOR_DAYS, (left_on - day).astype(np.int64))
    faded = np.clip(FADES_FOR_DAYS - days_left, 0, FADES_FOR_DAYS) * FADES_TO_PERCENT // FADES_FOR_DAYS
    does: Flags = stream.integers(0, 100, len(day)) >= faded
    return does


def causes() -> pa.Table:
    """Rows of `truth_effect`: the share that complains and leaves without and with what makes people do so."""
    rows = (
        ("complaining after a failed transfer", 0, COMPLAINS_PERCENT, "transfer failed"),
        ("leaving after a complaint", LEAVES_ANYHOW_PERCENT, LEAVES_AFTER_COMPLAINT_PERCENT, "complained"),
    )
    told = [(effect, str(base), str(after - base), cause) for effect, base, after, cause in rows]
    names = ("effect", "base_percent", "lift_percent", "cause")
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in told])
