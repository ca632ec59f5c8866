"""Administrative regions (GB/T 2260) at the head of an address; what is ambiguous stays ambiguous."""

import re
from collections.abc import Iterator
from functools import cache

from cleansing.values.tables import read_table

_LONG_PEOPLES = (  # also written without 族
    "维吾尔|蒙古|布依|朝鲜|土家|哈尼|哈萨克|傈僳|拉祜|东乡|纳西|景颇|柯尔克孜|达斡尔|仫佬|布朗|撒拉|毛南|仡佬|锡伯|塔吉克|鄂温克|德昂|保安|裕固|鄂伦春"
)
_PEOPLES = f"(?:(?:{_LONG_PEOPLES})族?|(?:壮|回|藏|苗|彝|满|侗|瑶|白|傣|黎|佤|畲|水|土|羌|怒|各)族)"
_KIND = "(?:自治区|自治州|自治县|自治旗|特别行政区|地区|林区|新区|矿区|省|市|盟|区|县|旗)$"
_PEOPLES_AND_KIND = re.compile(f"{_PEOPLES}+{_KIND}")
_COUNTRY = re.compile(r"^(?:中华人民共和国|中国)")
_STREET_AHEAD = re.compile(
    r"^(?:[东南西北中上下新老前后内外]?[一二三四五六七八九十]?(?:省|市|区|县|州|盟|旗|路|街|大道|大街|道|巷|弄|里|桥|村|镇|乡|门|湖|山|号)|\d|$)"
)
_BETWEEN = re.compile(r"^(?:市辖区|市辖县|(?:省|自治区)直辖县级(?:行政区划|行政单位|市)?)")  # levels that have no name
_LEVELS = _PROVINCE_DIGITS, _CITY_DIGITS, _COUNTY_DIGITS = 2, 4, 6  # of a GB/T 2260 code
_LONGEST_NAME = 15
_GENERAL_NAMES = {"市辖区", "市区", "郊区", "城区", "新区", "矿区", "县", "市中区", "工农区", "开发区"}


def strip_regions(head: str) -> tuple[str, str]:
    """The county of an address, without its suffix, and what follows; province and city are dropped.

    >>> strip_regions("北京市朝阳区建国路"), strip_regions("北京朝阳建国路"), strip_regions("建国路")
    (('朝阳', '建国路'), ('朝阳', '建国路'), ('', '建国路'))
    """
    *_, (_, county, rest) = _named_regions(head)
    return stem(county), rest


def begins_with_region(text: str) -> bool:
    """Whether an address begins with the country or with a region of any level.

    >>> begins_with_region("北京市朝阳区"), begins_with_region("建国路88号")
    (True, False)
    """
    return _COUNTRY.match(text) is not None or any(_leading_region(text, level) for level in _LEVELS)


def smallest_regions(text: str) -> tuple[str, ...]:
    """Codes, ascending, of every region the smallest named one may be: one is certain, several ambiguous.

    >>> smallest_regions("北京市朝阳区建国路"), smallest_regions("朝阳区建国路"), smallest_regions("广州市")
    (('110105',), ('110105', '220104'), ('440100',))
    """
    codes: tuple[str, ...] = ()
    for level, name, _ in _named_regions(text):
        if name:
            named = _codes(level)[name]
            codes = tuple(code for code in named if code.startswith(codes)) or codes if codes else named
    return tuple(sorted({code.ljust(_COUNTY_DIGITS, "0") for code in codes}))


def _named_regions(text: str) -> Iterator[tuple[int, str, str]]:
    """Each region an address names, larger ones first and as often as they stand there, with what follows it.

    The county comes last, with an empty name where there is none.
    """
    rest = _COUNTRY.sub("", text)
    for level in (_PROVINCE_DIGITS, _CITY_DIGITS):
        while name := _leading_region(rest, level):
            rest = _BETWEEN.sub("", rest[len(name) :])
            yield level, name, rest
    county = _leading_region(rest, _COUNTY_DIGITS)
    yield _COUNTY_DIGITS, county, rest[len(county) :]


def stem(name: str) -> str:
    """A region's name without the word for its kind, unless nothing like a name would be left.

    >>> stem("恩施土家族苗族自治州"), stem("朝阳区"), stem("莘县")
    ('恩施', '朝阳', '莘县')
    """
    stems = (_PEOPLES_AND_KIND.sub("", name), re.sub(_KIND, "", name))
    return next((short for short in stems if short != name and len(short) > 1), name)


def _leading_region(text: str, level: int) -> str:
    """The longest name of that level `text` begins with; a bare stem only where no street name goes on with it."""
    for name in _prefixes(text):
        if name in _codes(level) and (name in _full_names(level) or _is_bare_region(name, text[len(name) :], level)):
            return name
    return ""


def _is_bare_region(name: str, rest: str, level: int) -> bool:
    """Whether a name without suffix is a region: a county before a street, anything larger before one of its own."""
    if level == _COUNTY_DIGITS:
        return not _STREET_AHEAD.match(rest)
    return any(_is_within(below, rest, level, _codes(level)[name]) for below in _LEVELS if below > level)


def _is_within(below: int, rest: str, level: int, codes: tuple[str, ...]) -> bool:
    """Whether `rest` begins with a smaller region of one of `codes`, itself no part of a street name."""
    return any(
        code[:level] in codes and (part in _full_names(below) or not _STREET_AHEAD.match(rest[len(part) :]))
        for part in _prefixes(rest)
        for code in _codes(below).get(part, ())
    )


def _prefixes(text: str) -> Iterator[str]:
    for width in range(min(len(text), _LONGEST_NAME), 1, -1):
        yield text[:width]


@cache
def _codes(level: int) -> dict[str, tuple[str, ...]]:
    """Codes of every name and stem of one level (2 digits provinces, 4 cities, 6 counties), former names after all."""
    codes: dict[str, list[str]] = {}
    for code, name in _regions(level):
        for spelling in dict.fromkeys((name, stem(name), *_short_prefecture(name))):
            codes.setdefault(spelling, []).append(code[:level])
    return (_former_counties() if level == _COUNTY_DIGITS else {}) | {
        name: tuple(found) for name, found in codes.items()
    }


@cache
def _full_names(level: int) -> frozenset[str]:
    names = {spelling for _, name in _regions(level) for spelling in (name, *_short_prefecture(name))}
    return frozenset(names | (_former_counties().keys() if level == _COUNTY_DIGITS else set()))


def _short_prefecture(name: str) -> tuple[str, ...]:
    """An autonomous prefecture as everybody writes it: 恩施州."""
    return (f"{stem(name)}州",) if name.endswith("自治州") else ()


@cache
def _former_counties() -> dict[str, tuple[str, ...]]:
    """Names no region bears today that addresses still carry (崇文区), with the code each had last in its province."""
    today = {name for _, name in read_table("regions")}
    codes: dict[str, dict[str, str]] = {}
    for code, name, _ in sorted(read_table("region_history"), key=lambda row: row[2] or "9999"):
        is_telling = name not in today and name not in _GENERAL_NAMES and name.endswith(("区", "县", "市", "旗"))
        if is_telling and not code.endswith("00"):
            codes.setdefault(name, {})[code[:_PROVINCE_DIGITS]] = code
    return {name: tuple(sorted(by_province.values())) for name, by_province in codes.items()}


def _regions(level: int) -> list[tuple[str, str]]:
    return [
        (code, name) for code, name in read_table("regions") if len(code.rstrip("0").ljust(2, "0")) in _widths(level)
    ]


def _widths(level: int) -> range:
    """Significant digits of a code of one level (a city 1310 ends in 0, a county 110110 too)."""
    return range(level - 1, level + 1)
