"""Columns of text built whole: joins, padded numbers, dates and amounts as Arrow arrays."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from extractors.simulators.streams import Flags, Ints

Days = NDArray[np.datetime64]


def pick(words: Sequence[str | None] | pa.Array, index: Ints) -> pa.Array:
    """The word at each index."""
    column = words if isinstance(words, pa.Array) else pa.array(words, pa.string())
    return column.take(pa.array(index))


def join(*parts: pa.Array | str) -> pa.Array:
    """Parts side by side; null where any part is null."""
    return pc.binary_join_element_wise(*parts, "")


def number(values: Ints, width: int = 0) -> pa.Array:
    """Whole numbers as text, zero-padded to `width`."""
    return pc.utf8_lpad(pa.array(values).cast(pa.string()), width, "0")


def choose(flags: Flags, yes: pa.Array | str | None, no: pa.Array | str | None) -> pa.Array:
    """`yes` where the flag stands, else `no`."""
    sides = [pa.scalar(side, pa.string()) if side is None else side for side in (yes, no)]
    return pc.if_else(pa.array(flags), *sides)


def put(column: pa.Array, rows: Ints, values: pa.Array) -> pa.Array:
    """`column` with the values of `rows` (ascending, distinct) replaced."""
    flags = np.zeros(len(column), dtype=bool)
    flags[rows] = True
    return pc.replace_with_mask(column, pa.array(flags), values)


def ymd(days: Days) -> Ints:
    """Days as numbers YYYYMMDD."""
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (days.astype("datetime64[D]") - months).astype(np.int64) + 1
    packed: Ints = years * 10_000 + month * 100 + day
    return packed


def day_text(days: Days) -> pa.Array:
    """Days as YYYYMMDD; null where there is none."""
    known = ~np.isnat(days)
    return choose(known, number(np.where(known, ymd(days), 0), 8), None)


def hms(seconds: Ints) -> Ints:
    """Seconds of a day as numbers HHMMSS."""
    return seconds // 3600 * 10_000 + seconds // 60 % 60 * 100 + seconds % 60


def moment_text(days: Days, seconds: Ints) -> pa.Array:
    """Moments as YYYYMMDDHHMMSS."""
    return number(ymd(days) * 1_000_000 + hms(seconds), 14)


def amount(cents: Ints) -> pa.Array:
    """Cents as a decimal amount."""
    size = np.abs(cents)
    return join(choose(cents < 0, "-", ""), number(size // 100), ".", number(size % 100, 2))


def empty(count: int) -> pa.Array:
    """A column of nulls."""
    return pa.nulls(count, pa.string())


def constant(word: str, count: int) -> pa.Array:
    """A column of one word."""
    return pa.repeat(pa.scalar(word), count)


def first_of(count: int, person: Ints, values: pa.Array) -> pa.Array:
    """For each of `count` persons the first of the values that are theirs; null for those who have none."""
    row = np.full(count, -1)
    row[person[::-1]] = np.arange(len(person))[::-1]
    if not len(values):
        return empty(count)
    return choose(row >= 0, pick(values, np.maximum(row, 0)), None)
