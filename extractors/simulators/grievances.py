"""Why people leave: a failed transfer leads to a complaint, and a complaint to leaving, more often than chance."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.streams import Streams, chance
from extractors.simulators.texts import Days

FAILED_PERCENT = 6  # of people a year see a transfer fail
COMPLAINS_PERCENT = 35  # of those complain within days
LEAVES_AFTER_COMPLAINT_PERCENT = 30
LEAVES_ANYHOW_PERCENT = 2


@dataclass(frozen=True)
class Grievances:
    """One entry per person: when a transfer failed, a complaint was made, the person left; NaT for never."""

    failed_on: Days
    complained_on: Days
    left_on: Days
    returned_on: Days  # after having left; told by the campaign that won them back


def aggrieve(streams: Streams, count: int, first: int, as_of: np.datetime64, history_days: int) -> Grievances:
    """The grievances of the year before `as_of`."""
    stream = streams.of("grievances", first)
    never = np.datetime64("NaT")
    some_day = as_of - stream.integers(30, max(31, history_days), count).astype("timedelta64[D]")
    failed = np.where(chance(stream, count, FAILED_PERCENT), some_day, never)
    complains = chance(stream, count, COMPLAINS_PERCENT)
    complained = np.where(complains, failed + stream.integers(0, 6, count).astype("timedelta64[D]"), never)
    stays = ~chance(stream, count, LEAVES_AFTER_COMPLAINT_PERCENT)
    left = np.where(stays, never, complained + stream.integers(5, 26, count).astype("timedelta64[D]"))
    anyhow = chance(stream, count, LEAVES_ANYHOW_PERCENT) & np.isnat(left)
    another_day = as_of - stream.integers(30, max(31, history_days), count).astype("timedelta64[D]")
    return Grievances(failed, complained, np.where(anyhow, another_day, left), np.full(count, never))


def causes() -> pa.Table:
    """Rows of `truth_effect`: the share that complains and leaves without and with what makes people do so."""
    rows = (
        ("complaining after a failed transfer", 0, COMPLAINS_PERCENT, "transfer failed"),
        ("leaving after a complaint", LEAVES_ANYHOW_PERCENT, LEAVES_AFTER_COMPLAINT_PERCENT, "complained"),
    )
    told = [(effect, str(base), str(after - base), cause) for effect, base, after, cause in rows]
    names = ("effect", "base_percent", "lift_percent", "cause")
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in told])
