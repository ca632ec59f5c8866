"""Moments, in Beijing time, from the many ways systems write them. Nothing here asks the clock."""

import re
from datetime import date, datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.columns import Settled, matches, settle
from cleansing.values.dates import DAY_OF_MONTH, EPOCH, TIME_OF_DAY, one_clock, read_date
from cleansing.values.findings import INVALID, MISSING, PLACEHOLDER, Finding, Outcome
from cleansing.values.text import is_filler

BEIJING = timezone(timedelta(hours=8))
_CLOCK = r"(?:[01][0-9]|2[0-3])C[0-5][0-9]C[0-5][0-9]"
_PLAIN_STAMP = "^(?:19|20)[0-9]{2}-" + DAY_OF_MONTH.replace("S", "-") + "[ T]" + _CLOCK.replace("C", ":")
_NAIVE = _PLAIN_STAMP + r"(?:\.[0-9]{1,6})?$"
_OFFSET = _PLAIN_STAMP + r"(?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])$"
_COMPACT = "^(?:19|20)[0-9]{2}" + DAY_OF_MONTH.replace("S", "") + _CLOCK.replace("C", "") + "$"
_EPOCH_MS = r"^1[0-9]{12}$"
_HOUR_US = 3600 * 1_000_000
_EPOCH_US_DIGITS = len("1769817600000000")
_DAY_SECONDS = 86_400


def clean_timestamp(raw: str | None) -> datetime | None:
    """A moment in Beijing time without offset, from ISO with or without one, compact digits or epoch.

    >>> clean_timestamp("2026-01-31T00:00:00Z"), clean_timestamp("20260131080000")
    (datetime.datetime(2026, 1, 31, 8, 0), datetime.datetime(2026, 1, 31, 8, 0))
    >>> clean_timestamp("1769817600000")
    datetime.datetime(2026, 1, 31, 8, 0)
    """
    return None if raw is None else read_timestamp(raw).value


def read_timestamp(raw: str) -> Finding[datetime]:
    """`clean_timestamp`, with what became of the value."""
    text = one_clock(raw)
    if not text:
        return MISSING
    if is_filler(text) or re.fullmatch(r"0+", text):
        return PLACEHOLDER
    if re.fullmatch(r"1(?:[0-9]{9}|[0-9]{12}|[0-9]{15})", text):
        return Finding(EPOCH + timedelta(hours=8, microseconds=int(text.ljust(_EPOCH_US_DIGITS, "0"))), Outcome.OK)
    if serial := re.fullmatch(r"(\d{5})(\.\d+)", text, re.ASCII):
        day = read_date(serial[1])
        seconds = round(float(serial[2]) * _DAY_SECONDS)
        moment = _midnight(day.value) + timedelta(seconds=seconds) if day.value else None
        return Finding(moment, day.outcome)
    compact = re.fullmatch(r"(\d{8}) ?(\d{2}):?(\d{2}):?(\d{2})(\d{1,6})?", text, re.ASCII)
    if compact:
        text = "{} {}:{}:{}".format(*compact.groups()[:4]) + (f".{compact[5]}" if compact[5] else "")
    return _moment(text)


def _moment(text: str) -> Finding[datetime]:
    """Day and time of day, brought to Beijing where an offset is written."""
    clock = TIME_OF_DAY.search(text)
    day = read_date(text)
    if day.value is None:
        return Finding(None, day.outcome)
    if clock is None:
        return Finding(_midnight(day.value), day.outcome)
    time = re.sub(r"^(\d):", r"0\1:", clock.group().strip("T "))
    is_next_day = re.fullmatch(r"24:00(?::00(?:\.0+)?)?", time) is not None
    try:
        if is_next_day:
            return Finding(_midnight(day.value) + timedelta(days=1), Outcome.REPAIRED)
        moment = datetime.fromisoformat(f"{day.value.isoformat()}T{time}")
        return Finding(moment.astimezone(BEIJING).replace(tzinfo=None) if moment.tzinfo else moment, day.outcome)
    except (ValueError, OverflowError):
        return INVALID


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


def settle_naive(raw: pa.Array) -> Settled:
    """ISO moments without offset."""
    return settle(raw, matches(raw, _NAIVE), lambda plain: plain.cast(pa.timestamp("us")))


def settle_offset(raw: pa.Array) -> Settled:
    """ISO moments with an offset."""
    return settle(raw, matches(raw, _OFFSET), lambda plain: _in_beijing(plain.cast(pa.timestamp("us", "UTC"))))


def settle_compact(raw: pa.Array) -> Settled:
    """Fourteen digits."""
    return settle(raw, matches(raw, _COMPACT), lambda plain: _spelt_out(plain).cast(pa.timestamp("us")))


def settle_epoch(raw: pa.Array) -> Settled:
    """Milliseconds since 1970."""
    return settle(raw, matches(raw, _EPOCH_MS), lambda plain: _in_beijing(pc.multiply(plain.cast(pa.int64()), 1000)))


def _in_beijing(moments: pa.Array) -> pa.Array:
    """Microseconds since 1970 in UTC as Beijing time without offset."""
    return pc.add(moments.cast(pa.int64()), 8 * _HOUR_US).cast(pa.timestamp("us"))


def _spelt_out(digits: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(digits, r"^(....)(..)(..)(..)(..)(..)$", r"\1-\2-\3T\4:\5:\6")
