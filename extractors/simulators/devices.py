"""Phones people bank with: each has one, a family's shared by some, changed for a new one every few years."""

import numpy as np
import pyarrow as pa

from extractors.simulators.people import People
from extractors.simulators.streams import Ints, scattered
from extractors.simulators.texts import Days, join, number

CHANGES_SINCE, CHANGES_WITHIN = np.datetime64("2025-02-01"), 1000  # days: everybody changes phones once
CROOKS = 400_000_000  # numbers from here on are phones of crooks


def phones(people: People, first: int, who: Ints, days: Days) -> Ints:
    """Numbers of the phones some people used on some days."""
    owner = first + people.mobile_of[who]
    changed = CHANGES_SINCE + (owner * 7919 % CHANGES_WITHIN).astype("timedelta64[D]")
    numbers: Ints = owner * 2 + (days >= changed)
    return numbers


def device_ids(phone: Ints) -> pa.Array:
    """What the systems call a phone."""
    return join("d", number(scattered(phone, 777_000_111, 10**9), 9))
