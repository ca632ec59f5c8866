"""Days from the many ways systems write them. Nothing here asks the clock."""

import re
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.columns import Settled, matches, settle
from cleansing.values.findings import AMBIGUOUS, INVALID, MISSING, PLACEHOLDER, Finding, Outcome
from cleansing.values.tables import word_list
from cleansing.values.text import is_filler, normalise

END_OF_TIME = date(9999, 12, 31)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (naive on purpose: Beijing time has no offset column)
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_EXCEL_SERIALS = range(367, 73051)  # 1901-01-01 to 2100-01-01; below, serials look like anything
_ROC_YEAR_ZERO = 1911
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_MONTHS = {name: at + 1 for at, name in enumerate(word_list("months"))}
_LONG_TERM = {"长期", "长期有效", "永久", "永久有效"}
_EMPTY_DATE = re.compile(r"0{6,8}|0{4}([-/.])0{1,2}(?:\1)0{1,2}|9{8}|9999([-/.])99\2(?:99)|1900([-/.])0?1\3(?:00?)")
TIME_OF_DAY = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?$")
_COMPACT_TIME = re.compile(r"(?<=^\d{8})[ T]?(?:[01]\d|2[0-3])[0-5]\d[0-5]\d$", re.ASCII)
_HALF_DAY = re.compile(r"(?:上午|下午|凌晨|早上|中午|晚上) ?(?=\d{1,2}:)|(?<=:\d{2}) ?[AP]\.?M\.?$", re.IGNORECASE)
_ZONE = re.compile(r" ?(?:CST|GMT\+0?8(?::00)?|UTC\+0?8(?::00)?)$")
_JAVA = re.compile(r"[A-Z][a-z]{2} (?P<m>[A-Z][a-z]{2}) (?P<d>\d{1,2}) (?P<t>[\d:]{8}) (?:CST|GMT\+08:00) (?P<y>\d{4})")
_NO_BIRTH = frozenset({date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1800, 1, 1), date(1, 1, 1)})
_FIRST_BIRTH = date(1900, 1, 2)
_LAST_BIRTH_YEAR = 2100

DAY_OF_MONTH = r"(?:(?:0[1-9]|1[0-2])S(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])S(?:29|30)|(?:0[13578]|1[02])S31)"
_PLAIN_DAY = f"(?:{DAY_OF_MONTH.replace('S', '')}|-{DAY_OF_MONTH.replace('S', '-')})"
_CENTURIES = "(?:19|20)[0-9]{2}"


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
    text = one_clock(raw)
    if not text:
        return MISSING
    day = _COMPACT_TIME.sub("", TIME_OF_DAY.sub("", text))
    if is_filler(text) or _EMPTY_DATE.fullmatch(day):
        return PLACEHOLDER
    if text in _LONG_TERM:
        return Finding(END_OF_TIME, Outcome.REPAIRED)
    for form, read in _DATE_FORMS:
        if match := form.fullmatch(day):
            return read(match)
    return INVALID


def one_clock(raw: str) -> str:
    """`raw` on one line, its time of day over twenty-four hours, without the names of Beijing's zone.

    >>> one_clock("1990/3/7 下午3:05"), one_clock("Sat Jan 31 08:30:00 CST 2026")
    ('1990/3/7 15:05', '31 Jan 2026 08:30:00')
    """
    text = normalise(raw).replace("。", ".")
    if java := _JAVA.fullmatch(text):
        return f"{java['d']} {java['m']} {java['y']} {java['t']}"
    text = re.sub(r"^(?:公元|西元)", "", _ZONE.sub("", text))
    half = _HALF_DAY.search(text)
    clock = re.fullmatch(r"(.*?) ?(\d{1,2})(:\d{2}.*)", _HALF_DAY.sub("", text), re.ASCII) if half else None
    if half is None or clock is None:
        return text
    is_late = half.group().strip().upper()[0] in "下晚中P"
    return f"{clock[1].strip()} {int(clock[2]) % 12 + 12 * is_late}{clock[3]}"


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


def _year_first(match: re.Match[str]) -> Finding[date]:
    return _day(int(match["y"]), int(match["m"]), int(match["d"]), Outcome.OK)


def _chinese(match: re.Match[str]) -> Finding[date]:
    month, day = (_han_number(match[part]) for part in ("m", "d"))
    return _day(int(match["y"].translate(_HAN_DIGITS)), month, day, Outcome.REPAIRED)


def _roc(match: re.Match[str]) -> Finding[date]:
    year, month, day = (_han_number(match[part].replace("元", "1")) for part in ("y", "m", "d"))
    return _day(year + _ROC_YEAR_ZERO, month, day, Outcome.REPAIRED)


def _in_part(_: re.Match[str]) -> Finding[date]:
    """A month or a year, or a year without its century."""
    return AMBIGUOUS


def _named_month(match: re.Match[str]) -> Finding[date]:
    month = _MONTHS.get(match["m"][:3].lower())
    return _day(int(match["y"]), month, int(match["d"]), Outcome.REPAIRED) if month else INVALID


def _excel(match: re.Match[str]) -> Finding[date]:
    serial = int(match["serial"])
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
    """Below a thousand, in digits or Chinese numerals (廿五, 二十五, 一百零一)."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if not set(text) & {"十", "百"}:
        return int(text.translate(_HAN_DIGITS))
    total, digit = 0, 0
    for character in text:
        if character in "十百":
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = int(character.translate(_HAN_DIGITS))
    return total + digit


_HAN = "〇零○一二三四五六七八九十百廿卅"
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
            rf"(?:中[华華])?民[国國] ?(?P<y>\d{{1,3}}|元|[{_HAN}]{{1,5}}) ?[年./-] ?"
            rf"(?P<m>\d{{1,2}}|[{_HAN}]{{1,2}}) ?[月./-] ?(?P<d>\d{{1,2}}|[{_HAN}]{{1,3}}) ?[日号號]?",
            re.ASCII,
        ),
        _roc,
    ),
    (re.compile(r"(?P<d>\d{1,2})[ -]?(?P<m>[A-Za-z]{3,9})[ -]?(?P<y>\d{4})", re.ASCII), _named_month),
    (re.compile(r"(?P<m>[A-Za-z]{3,9})\.? (?P<d>\d{1,2}),? (?P<y>\d{4})", re.ASCII), _named_month),
    (re.compile(r"(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\2(?P<y>\d{4})", re.ASCII), _year_last),
    (re.compile(r"(?P<serial>\d{5})(?:\.\d+)?", re.ASCII), _excel),
    (
        re.compile(
            r"(?:19|20)\d{2}年?|(?:19|20)\d{2}(?:0[1-9]|1[0-2])|(?:19|20)\d{2} ?[-/.年] ?(?:0?[1-9]|1[0-2])月?"
            r"|\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[ -]?[A-Za-z]{3}[ -]?\d{2}",
            re.ASCII,
        ),
        _in_part,
    ),
]
