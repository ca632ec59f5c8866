"""Columns of text built whole: joins, padded numbers, dates and amounts as Arrow arrays."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from extractors.simulators.digits import (
    FIRST_DAY,
    MINUS,
    MOST_DIGITS,
    POINT,
    day_characters,
    digits_of,
    fixed_text,
    padded,
    right_aligned_text,
    second_characters,
)
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
    if 0 < width <= MOST_DIGITS and len(values) and values.min() >= 0 and values.max() < 10**width:
        return fixed_text(padded(values, width))
    plain = pa.array(values).cast(pa.string())
    return pc.utf8_lpad(plain, width, "0") if width else plain


def choose(flags: Flags, yes: pa.Array | str | None, no: pa.Array | str | None) -> pa.Array:
    """`yes` where the flag stands, else `no`."""
    sides = [pa.scalar(side, pa.string()) if side is None else side for side in (yes, no)]
    return pc.if_else(pa.array(flags), *sides)


def put(column: pa.Array, rows: Ints, values: pa.Array) -> pa.Array:
    """`column` with the values of `rows` (ascending, distinct) replaced."""
    flags = np.zeros(len(column), dtype=bool)
    flags[rows] = True
    return pc.replace_with_mask(column, pa.array(flags), values)


def put_all(column: pa.Array, changes: Sequence[tuple[Ints, pa.Array]]) -> pa.Array:
    """`column` with the values of some rows replaced, one change after the other."""
    place, end = np.arange(len(column)), len(column)
    for rows, _ in changes:
        place[rows] = np.arange(end, end + len(rows))
        end += len(rows)
    return pa.concat_arrays([column, *(values for _, values in changes)]).take(pa.array(place))


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
    if known.all():
        return fixed_text(day_characters(days))
    return choose(known, fixed_text(day_characters(np.where(known, days, FIRST_DAY))), None)


def hms(seconds: Ints) -> Ints:
    """Seconds of a day as numbers HHMMSS."""
    return seconds // 3600 * 10_000 + seconds // 60 % 60 * 100 + seconds % 60


def moment_text(days: Days, seconds: Ints) -> pa.Array:
    """Moments as YYYYMMDDHHMMSS."""
    return fixed_text(np.hstack([day_characters(days), second_characters(seconds)]))


def amount(cents: Ints) -> pa.Array:
    """Cents as a decimal amount."""
    size, is_negative = np.abs(cents), cents < 0
    most = max(3, len(str(int(size.max(initial=0)))))
    digits = padded(size, most)
    characters = np.empty((len(cents), most + 2), np.uint8)
    characters[:, 1 : most - 1], characters[:, most - 1], characters[:, most:] = digits[:, :-2], POINT, digits[:, -2:]
    lengths = np.maximum(digits_of(size, most), 3) + 1
    rows = np.flatnonzero(is_negative)
    characters[rows, most + 1 - lengths[rows]] = MINUS
    return right_aligned_text(characters, lengths + is_negative)


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
