"""Numbers, days and times of day as text, looked up in tables instead of being formatted one by one."""

from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
FOUR = 10_000
DAY_SECONDS = 86_400
FIRST_DAY, LAST_DAY = np.datetime64("1900-01-01"), np.datetime64("2100-01-01")
ENDLESS = np.datetime64("9999-12-31")
MOST_DIGITS = 18
ZERO, MINUS, POINT = ord("0"), ord("-"), ord(".")


def fixed_text(characters: Bytes) -> pa.Array:
    """One string a row of a matrix of ASCII characters."""
    count, width = characters.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32) if width else np.zeros(count + 1, np.int32)
    data = np.ascontiguousarray(characters)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))


def right_aligned_text(characters: Bytes, lengths: Ints) -> pa.Array:
    """One string a row of a matrix of ASCII characters: the last `lengths` of each."""
    count, width = characters.shape
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    data = characters[np.arange(width) >= (width - lengths)[:, None]]
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))


def padded(values: Ints, width: int) -> Bytes:
    """The digits of numbers from 0 to below 10 ** `width`, zeros in front, as a matrix of characters."""
    groups = -(-width // 4)
    quads = np.empty((len(values), groups), dtype="V4")
    rest = values
    for at in range(groups - 1, 0, -1):
        above = rest // FOUR
        quads[:, at] = _quads()[rest - above * FOUR]
        rest = above
    quads[:, 0] = _quads()[rest]
    matrix: Bytes = quads.view(np.uint8).reshape(len(values), groups * 4)
    return matrix[:, groups * 4 - width :]


def digits_of(values: Ints, most: int) -> Ints:
    """How many digits numbers below 10 ** `most` have; one for zero."""
    lengths = np.ones(len(values), np.int64)
    for power in range(1, most):
        lengths += values >= 10**power
    return lengths


def day_characters(days: NDArray[np.datetime64], separator: str = "") -> Bytes:
    """Days from 1900 to 2099, and 9999-12-31, as YYYYMMDD with a separator between, as a matrix of characters."""
    place = (days.astype("datetime64[D]") - FIRST_DAY).astype(np.int64)
    table = _days(separator)
    place = np.where(days == ENDLESS, len(table) - 1, place)
    return table[place].view(np.uint8).reshape(len(days), table.dtype.itemsize)


def second_characters(seconds: Ints, separator: str = "") -> Bytes:
    """Seconds of a day as HHMMSS with a separator between, as a matrix of characters."""
    table = _seconds(separator)
    return table[seconds].view(np.uint8).reshape(len(seconds), table.dtype.itemsize)


@cache
def _quads() -> NDArray[np.void]:
    return _packed([f"{value:04d}" for value in range(FOUR)])


@cache
def _days(separator: str) -> NDArray[np.void]:
    texts = np.datetime_as_string(np.append(np.arange(FIRST_DAY, LAST_DAY), ENDLESS)).tolist()
    return _packed([text.replace("-", separator) for text in texts])


@cache
def _seconds(separator: str) -> NDArray[np.void]:
    times = np.datetime_as_string(np.arange(DAY_SECONDS).astype("datetime64[s]")).tolist()
    return _packed([text[11:].replace(":", separator) for text in times])


def _packed(texts: list[str]) -> NDArray[np.void]:
    """Texts of one length as one item of bytes each."""
    return np.frombuffer("".join(texts).encode("ascii"), dtype=f"V{len(texts[0])}")
