"""Resident identity numbers by the column: check digit and date of birth over digits in a matrix (GB 11643)."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.check_digits import CHECK_DIGITS, WEIGHTS
from cleansing.values.columns import Mask, Settled, as_mask, as_sent, matches, settle
from cleansing.values.findings import Outcome
from cleansing.values.identifiers import PROVINCES, Status

_RESIDENT = r"^[0-9]{17}[0-9X]$"
_MASKED = r"^[0-9]{3,6}\*{8,11}[0-9]{3}[0-9X]$"
_FIRST_GENERATION = "^(?:" + "|".join(PROVINCES) + r")[0-9]{13}$"
_FILLERS = "^(?:" + "|".join([*(f"{digit}{{15,18}}" for digit in range(10)), "123456789012345(?:678)?"]) + ")$"
_ZERO = ord("0")
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] + [0] * 87)
_FIRST_YEAR, _LAST_YEAR = 1850, 2099
Digits = npt.NDArray[np.uint8]


def settle_resident(raw: pa.Array) -> Settled:
    """Eighteen characters of a resident number, whatever they are worth."""
    return settle(raw, _is_number(raw, _RESIDENT), as_sent)


def settle_masked(raw: pa.Array) -> Settled:
    """Resident numbers hidden in the middle."""
    return settle(raw, matches(raw, _MASKED), as_sent, Outcome.MASKED)


def settle_first_generation(raw: pa.Array) -> Settled:
    """Fifteen digits with a date, brought to eighteen."""
    is_plain = as_mask(_is_number(raw, _FIRST_GENERATION))
    digits = _matrix(raw.filter(pa.array(is_plain)), 15)
    century = np.broadcast_to(np.array([1, 9], np.uint8), (len(digits), 2))
    seventeen = np.hstack([digits[:, :6], century, digits[:, 6:]])
    is_dated = _is_born(seventeen)
    is_plain[is_plain] = is_dated
    return Settled(is_plain, _with_check_digit(seventeen[is_dated]), Outcome.UPGRADED)


def settle_status(raw: pa.Array) -> Settled:
    """Valid or bad_checksum, where the date of birth is one."""
    is_plain = as_mask(_is_number(raw, _RESIDENT))
    characters = _matrix(raw.filter(pa.array(is_plain)), 18)
    is_dated = _is_born(characters)
    characters = characters[is_dated]
    is_valid = _check_characters(characters) == characters[:, 17] + _ZERO
    is_plain[is_plain] = is_dated
    words = pa.array([Status.BAD_CHECKSUM.value, Status.VALID.value]).take(pa.array(is_valid.astype(np.int8)))
    return Settled(is_plain, words)


def settle_status_masked(raw: pa.Array) -> Settled:
    """Resident numbers hidden in the middle."""
    return settle(raw, matches(raw, _MASKED), lambda plain: pa.repeat(Status.MASKED.value, len(plain)))


def settle_status_upgraded(raw: pa.Array) -> Settled:
    """Fifteen digits with a date."""
    upgraded = settle_first_generation(raw).is_settled
    return Settled(upgraded, pa.repeat(Status.UPGRADED.value, int(upgraded.sum())))


def _is_number(raw: pa.Array, pattern: str) -> pa.Array:
    return pc.and_not(matches(raw, pattern), matches(raw, _FILLERS))


def _matrix(numbers: pa.Array, width: int) -> Digits:
    """One row per number of `width` ASCII characters, digits as their value."""
    if not len(numbers):
        return np.zeros((0, width), np.uint8)
    _, offsets, data = numbers.buffers()
    first = int(np.frombuffer(offsets, np.int32, 1, numbers.offset * 4)[0])
    characters: Digits = np.frombuffer(data, np.uint8, len(numbers) * width, first).reshape(-1, width) - np.uint8(_ZERO)
    return characters


def _is_born(digits: Digits) -> Mask:
    """Whether characters 7 to 14 are a day that was."""
    parts = digits[:, 6:14].astype(np.int64)
    year = parts[:, :4] @ [1000, 100, 10, 1]
    month, day = parts[:, 4] * 10 + parts[:, 5], parts[:, 6] * 10 + parts[:, 7]
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    last = _DAYS[month] + ((month == 2) & is_leap)  # noqa: PLR2004 (February)
    is_born: Mask = (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (day >= 1) & (day <= last)
    return is_born


def _check_characters(digits: Digits) -> Digits:
    totals = digits[:, :17].astype(np.int64) @ np.array(WEIGHTS)
    check: Digits = np.frombuffer(CHECK_DIGITS.encode(), np.uint8)[totals % 11]
    return check


def _with_check_digit(seventeen: Digits) -> pa.Array:
    characters = np.hstack([seventeen + np.uint8(_ZERO), _check_characters(seventeen)[:, None]])
    bounds = np.arange(0, 18 * (len(characters) + 1), 18, dtype=np.int32)
    return pa.StringArray.from_buffers(
        len(characters), pa.py_buffer(bounds), pa.py_buffer(np.ascontiguousarray(characters))
    )
