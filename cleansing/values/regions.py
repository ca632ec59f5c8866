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
_LEVELS = _PROVINCE_DIGITS, _CITY_DIGITS, _COUNTY_DIGITS = 2, 4, 6  # of a GB/T 2260 code
_LONGEST_NAME = 15


def strip_regions(head: str) -> tuple[str, str]:
    """The county of an address, without its suffix, and what follows; province and city are dropped.

    >>> strip_regions("北京市朝阳区建国路"), strip_regions("北京朝阳建国路"), strip_regions("建国路")
    (('朝阳', '建国路'), ('朝阳', '建国路'), ('', '建国路'))
    """
    rest = _COUNTRY.sub("", head)
    for level in (_PROVINCE_DIGITS, _CITY_DIGITS):
        while larger := _leading_region(rest, level):
            rest = rest[len(larger) :]
    county = _leading_region(rest, _COUNTY_DIGITS)
    return stem(county), rest[len(county) :]


def begins_with_region(text: str) -> bool:
    """Whether an address begins with the country or with a region of any level.

    >>> begins_with_region("北京市朝阳区"), begins_with_region("建国路88号")
    (True, False)
    """
    return _COUNTRY.match(text) is not None or any(_leading_region(text, level) for level in _LEVELS)


def region_codes(text: str) -> tuple[str, ...]:
    """Every county an address may lie in, as codes ascending: one is certain, several ambiguous, none unknown.

    >>> region_codes("北京市朝阳区建国路88号"), len(region_codes("鼓楼区中山路1号")) > 1
    (('110105',), True)
    """
    rest = _COUNTRY.sub("", text)
    codes: tuple[str, ...] = ("",)
    for level in _LEVELS:
        name = _leading_region(rest, level)
        if name:
            within = tuple(code for code in _codes(level)[name] if code.startswith(codes))
            codes = tuple(code[:level] for code in within) or codes
            rest = rest[len(name) :]
    return tuple(sorted(code for code in codes if len(code) == _COUNTY_DIGITS))


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
    """Codes of every name and stem of one level: 2 digits provinces, 4 cities, 6 counties."""
    codes: dict[str, list[str]] = {}
    for code, name in _regions(level):
        for spelling in dict.fromkeys((name, stem(name))):
            codes.setdefault(spelling, []).append(code[:level])
    return {name: tuple(found) for name, found in codes.items()}


@cache
def _full_names(level: int) -> frozenset[str]:
    return frozenset(name for _, name in _regions(level))


def _regions(level: int) -> list[tuple[str, str]]:
    return [
        (code, name) for code, name in read_table("regions") if len(code.rstrip("0").ljust(2, "0")) in _widths(level)
    ]


def _widths(level: int) -> range:
    """Significant digits of a code of one level (a city 1310 ends in 0, a county 110110 too)."""
    return range(level - 1, level + 1)
