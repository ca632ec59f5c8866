"""Days and moments from the many ways systems write them. Nothing here asks the clock."""

import re
from datetime import date, datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.columns import Settled, matches, settle
from cleansing.values.findings import AMBIGUOUS, INVALID, MISSING, PLACEHOLDER, Finding, Outcome
from cleansing.values.tables import word_list
from cleansing.values.text import is_filler, normalise

BEIJING = timezone(timedelta(hours=8))
END_OF_TIME = date(9999, 12, 31)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (naive on purpose: Beijing time has no offset column)
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_EXCEL_SERIALS = range(367, 73051)  # 1901-01-01 to 2100-01-01; below, serials look like anything
_ROC_YEAR_ZERO = 1911
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_MONTHS = {name: at + 1 for at, name in enumerate(word_list("months"))}
_LONG_TERM = {"长期", "长期有效", "永久", "永久有效"}
_EMPTY_DATE = re.compile(r"0{6,8}|0{4}([-/.])0{1,2}(?:\1)0{1,2}")
_TIME_OF_DAY = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")
_NO_BIRTH = frozenset({date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1800, 1, 1), date(1, 1, 1)})
_FIRST_BIRTH = date(1900, 1, 2)
_LAST_BIRTH_YEAR = 2100

_DAY_OF_MONTH = r"(?:(?:0[1-9]|1[0-2])S(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])S(?:29|30)|(?:0[13578]|1[02])S31)"
_PLAIN_DAY = f"(?:{_DAY_OF_MONTH.replace('S', '')}|-{_DAY_OF_MONTH.replace('S', '-')})"
_CENTURIES = "(?:19|20)[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3])C[0-5][0-9]C[0-5][0-9]"
_PLAIN_STAMP = "^(?:19|20)[0-9]{2}-" + _DAY_OF_MONTH.replace("S", "-") + "[ T]" + _CLOCK.replace("C", ":")
_NAIVE = _PLAIN_STAMP + r"(?:\.[0-9]{1,6})?$"
_OFFSET = _PLAIN_STAMP + r"(?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])$"
_COMPACT = "^(?:19|20)[0-9]{2}" + _DAY_OF_MONTH.replace("S", "") + _CLOCK.replace("C", "") + "$"
_EPOCH_MS = r"^1[0-9]{12}$"
_HOUR_US = 3600 * 1_000_000


def clean_date(raw: str | None) -> date | None:
    """A day from compact, ISO, slashed, Chinese, 民国, English and Excel forms; 长期 is 9999-12-31.

    >>> clean_date("19900307") == clean_date("1990年3月7日") == clean_date("民国79年3月7日") == date(1990, 3, 7)
    True
    >>> clean_date("03/04/1990") is None  # March or April: nobody knows
    True
    """
    return None if raw is None else read_date(raw).value


def read_date(raw: str) -> Finding[date]:
    """`clean_date`, with what became of the value."""
    text = normalise(raw)
    if not text:
        return MISSING
    if is_filler(text) or _EMPTY_DATE.fullmatch(text):
        return PLACEHOLDER
    if text in _LONG_TERM:
        return Finding(END_OF_TIME, Outcome.REPAIRED)
    day = _TIME_OF_DAY.sub("", text)
    for form, read in _DATE_FORMS:
        if match := form.fullmatch(day):
            return read(match)
    return INVALID


def settle_date(raw: pa.Array) -> Settled:
    """Eight digits, or ISO."""
    return settle(raw, matches(raw, f"^{_CENTURIES}{_PLAIN_DAY}$"), _days)


def settle_birth_date(raw: pa.Array) -> Settled:
    """Eight digits, or ISO, from 1901 on."""
    return settle(raw, matches(raw, f"^(?:19(?:0[1-9]|[1-9][0-9])|20[0-9]{{2}}){_PLAIN_DAY}$"), _days)


def _days(plain: pa.Array) -> pa.Array:
    """Days of YYYYMMDD or YYYY-MM-DD, known to exist."""
    digits = pc.replace_substring(plain, "-", "").cast(pa.int32()).to_numpy()
    months = (digits // 10_000 - EPOCH.year) * 12 + digits // 100 % 100 - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]") + (digits % 100 - 1)
    return pa.array(days, pa.date32())


def clean_birth_date(raw: str | None) -> date | None:
    """A day of birth; fillers such as 1900-01-01 and 9999-12-31 are null.

    >>> clean_birth_date("19000101") is None, clean_birth_date("1990/3/7")
    (True, datetime.date(1990, 3, 7))
    """
    return None if raw is None else read_birth_date(raw).value


def read_birth_date(raw: str) -> Finding[date]:
    """`clean_birth_date`, with what became of the value."""
    finding = read_date(raw)
    born = finding.value
    if born is None:
        return finding
    if born in _NO_BIRTH or born.year >= _LAST_BIRTH_YEAR:
        return PLACEHOLDER
    return finding if born >= _FIRST_BIRTH else INVALID


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
    text = normalise(raw)
    if not text:
        return MISSING
    if is_filler(text) or re.fullmatch(r"0+|0{4}-00-00( 00:00:00)?", text):
        return PLACEHOLDER
    if re.fullmatch(r"1[0-9]{9}|1[0-9]{12}", text):
        milliseconds = int(text) * (1 if len(text) == len("1769817600000") else 1000)
        return Finding(EPOCH + timedelta(hours=8, milliseconds=milliseconds), Outcome.OK)
    compact = re.fullmatch(r"(\d{8}) ?(\d{2}):?(\d{2}):?(\d{2})(\d{1,6})?", text, re.ASCII)
    if compact:
        text = "{} {}:{}:{}".format(*compact.groups()[:4]) + (f".{compact[5]}" if compact[5] else "")
    return _moment(text)


def _moment(text: str) -> Finding[datetime]:
    """Day and time of day, brought to Beijing where an offset is written."""
    clock = _TIME_OF_DAY.search(text)
    day = read_date(text)
    if day.value is None or clock is None:
        midnight = datetime.combine(day.value, datetime.min.time()) if day.value else None
        return Finding(midnight, day.outcome)
    time = re.sub(r"^(\d):", r"0\1:", clock.group().strip("T "))
    try:
        moment = datetime.fromisoformat(f"{day.value.isoformat()}T{time}")
        return Finding(moment.astimezone(BEIJING).replace(tzinfo=None) if moment.tzinfo else moment, day.outcome)
    except (ValueError, OverflowError):
        return INVALID


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


def _year_first(match: re.Match[str]) -> Finding[date]:
    return _day(int(match["y"]), int(match["m"]), int(match["d"]), Outcome.OK)


def _chinese(match: re.Match[str]) -> Finding[date]:
    month, day = (_han_number(match[part]) for part in ("m", "d"))
    return _day(int(match["y"].translate(_HAN_DIGITS)), month, day, Outcome.REPAIRED)


def _roc(match: re.Match[str]) -> Finding[date]:
    return _day(int(match["y"]) + _ROC_YEAR_ZERO, int(match["m"]), int(match["d"]), Outcome.REPAIRED)


def _named_month(match: re.Match[str]) -> Finding[date]:
    month = _MONTHS.get(match["m"][:3].lower())
    return _day(int(match["y"]), month, int(match["d"]), Outcome.REPAIRED) if month else INVALID


def _excel(match: re.Match[str]) -> Finding[date]:
    serial = int(match.group())
    if serial not in _EXCEL_SERIALS:
        return INVALID
    return Finding(_EXCEL_DAY_ZERO + timedelta(days=serial), Outcome.REPAIRED)


def _year_last(match: re.Match[str]) -> Finding[date]:
    """Day and month in either order; ambiguous unless one of them cannot be a month or both are equal."""
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    if first != second and max(first, second) <= len(_MONTHS):
        return AMBIGUOUS
    return _day(year, min(first, second), max(first, second), Outcome.REPAIRED)


def _day(year: int, month: int, day: int, outcome: Outcome) -> Finding[date]:
    try:
        return Finding(date(year, month, day), outcome)
    except ValueError:
        return INVALID


def _han_number(text: str) -> int:
    """1 to 31 in digits or Chinese numerals (廿五, 二十五, 三十)."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" not in text:
        return int(text.translate(_HAN_DIGITS))
    tens, _, ones = text.partition("十")
    return 10 * (int(tens.translate(_HAN_DIGITS)) if tens else 1) + (int(ones.translate(_HAN_DIGITS)) if ones else 0)


_DATE_FORMS = [
    (re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})", re.ASCII), _year_first),
    (re.compile(r"(?P<y>\d{4})\s?([-/.])\s?(?P<m>\d{1,2})\s?\2\s?(?P<d>\d{1,2})", re.ASCII), _year_first),
    (
        re.compile(
            r"(?P<y>\d{4}|[〇零○一二三四五六七八九]{4}) ?年 ?(?P<m>\d{1,2}|十?[一二]|[三四五六七八九十]) ?月 ?"
            r"(?P<d>\d{1,2}|[一二三]?十[一二三四五六七八九]?|[廿卅][一二三四五六七八九]?|[一二三四五六七八九]) ?[日号]",
            re.ASCII,
        ),
        _chinese,
    ),
    (
        re.compile(
            r"(?:中华)?民[国國] ?(?P<y>\d{1,3}) ?[年./-] ?(?P<m>\d{1,2}) ?[月./-] ?(?P<d>\d{1,2}) ?日?", re.ASCII
        ),
        _roc,
    ),
    (re.compile(r"(?P<d>\d{1,2})[ -](?P<m>[A-Za-z]{3,9})[ -](?P<y>\d{4})", re.ASCII), _named_month),
    (re.compile(r"(?P<m>[A-Za-z]{3,9})\.? (?P<d>\d{1,2}),? (?P<y>\d{4})", re.ASCII), _named_month),
    (re.compile(r"(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\2(?P<y>\d{4})", re.ASCII), _year_last),
    (re.compile(r"\d{5}", re.ASCII), _excel),
]
