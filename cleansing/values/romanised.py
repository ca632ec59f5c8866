"""Names in Latin letters: Chinese ones recognised by their syllables and brought to surname first."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from cleansing.values.han import plain_readings, surname_readings
from cleansing.values.tables import read_table, word_list

_COMMON_GIVEN = frozenset(word_list("common_given"))
_UNCOMMON = 0.03
_SURNAME_FIRST = 6.0  # how much oftener the surname stands first than last
_SURNAME_FIRST_IN_CAPITALS = 40.0  # as passports, cards and bank systems write
_SPELT_ELSEWHERE = 0.1  # of the bearers of a surname
_LONGEST_GIVEN = 3  # syllables


class Parts(NamedTuple):
    """A romanised Chinese name."""

    surname: str
    given: str


def latin_key(name: str) -> str:
    """A Latin name in capitals, surname first where known; a comma stays only where it alone knows.

    >>> latin_key("Wei Zhang"), latin_key("ZHANGWEI"), latin_key("Wei, Zhang"), latin_key("José  O'Neil")
    ('ZHANG WEI', 'ZHANG WEI', 'WEI,ZHANG', 'JOSE ONEIL')
    """
    before, after = _sides(name)
    parts = chinese_parts(name)
    if parts is None:
        return " ".join(before + after).upper()
    is_told_by_comma = bool(after) and chinese_parts(" ".join(parts).upper()) != parts
    return ("," if is_told_by_comma else " ").join(parts).upper()


def latin_pinyin(name: str) -> str:
    """A Latin name as it compares with pinyin: `surname given`, lower case; other names as their words.

    >>> latin_pinyin("OUYANG, Xiu-Ming"), latin_pinyin("LYU Bu"), latin_pinyin("John Smith")
    ('ouyang xiuming', 'lv bu', 'john smith')
    """
    if re.fullmatch(r"[a-z]+ [a-z]+", name):
        return name
    before, after = _sides(name)
    return " ".join(chinese_parts(name) or before + after)


def chinese_parts(name: str) -> Parts | None:
    """Surname and given name of a romanised Chinese name, in the likelier order; None for other names."""
    before, after = _sides(name)
    if told := _told_by_capitals(name, before, after):
        return told
    if not all(_syllables(word) for word in before + after):
        return None
    if after:
        surname = "".join(before)
        return Parts(surname, "".join(after)) if surname in _shares() else None
    first_weight = _SURNAME_FIRST_IN_CAPITALS if name.isupper() else _SURNAME_FIRST
    parts = _likeliest(tuple(before), first_weight)
    again = parts and _likeliest(tuple(parts), first_weight)
    return again or parts


def _told_by_capitals(name: str, before: list[str], after: list[str]) -> Parts | None:
    """Surname in capitals beside other names that are not, wherever it stands: CHAN Tai Man, Xiaoming ZENG."""
    words = re.findall(r"[^\W\d_][\w'’`-]*", name)
    capitals = [at for at, word in enumerate(words) if word.isupper() and len(word) > 1]
    if after or len(words) != len(before) or len(words) <= 1 or len(capitals) != 1:
        return None
    surname = before[capitals[0]]
    given = "".join(word for at, word in enumerate(before) if at != capitals[0])
    return Parts(surname, given) if surname in _shares() or surname in _dialect_shares() else None


def _sides(name: str) -> tuple[list[str], list[str]]:
    """Lower-case words before and after the first comma, accents off, ü as v."""
    decomposed = unicodedata.normalize("NFD", name.lower())
    decomposed = re.sub("(?<=[ln])u\u0308", "v", decomposed)
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    letters = re.sub(r"[-'’`]", "", letters)
    before, _, after = letters.partition(",")
    return [_spelling(word) for word in re.findall(r"\w+", before)], [
        _spelling(word) for word in re.findall(r"\w+", after)
    ]


def _spelling(word: str) -> str:
    """Passports write lü and nü as LYU and NYU."""
    return re.sub(r"^([ln])yu(e?)$", r"\1v\2", word)


def _likeliest(words: tuple[str, ...], first_weight: float) -> Parts | None:
    scored = [
        (score * _given_weight(parts.given), -at, parts)
        for at, (score, parts) in enumerate(_orders(words, first_weight))
    ]
    best = max(scored, default=None)
    return best[2] if best and best[0] > 0 else None


def _orders(words: tuple[str, ...], first_weight: float) -> list[tuple[float, Parts]]:
    """Every way to take the surname from either end, with the weight of that surname there."""
    if len(words) == 1:
        word = words[0]
        if len(_syllables(word)) == 1:
            return []
        cuts = [Parts(word[:at], word[at:]) for at in range(1, len(word))]
        return [(_shares().get(cut.surname, 0.0), cut) for cut in cuts]
    orders = []
    for width in (2, 1) if len(words) > 2 else (1,):  # noqa: PLR2004 (a compound surname leaves a given name)
        first = Parts("".join(words[:width]), "".join(words[width:]))
        last = Parts("".join(words[-width:]), "".join(words[:-width]))
        is_compound = width > 1
        known = _compound_shares() if is_compound else _shares()
        boost = 1000.0 if is_compound else 1.0
        spelt_elsewhere = 0.0 if is_compound else _dialect_shares().get(first.surname, 0.0)
        orders.append((known.get(first.surname, spelt_elsewhere) * first_weight * boost, first))
        orders.append((known.get(last.surname, 0.0) * boost, last))
    return orders


def _given_weight(given: str) -> float:
    syllables = _syllables(given)
    if not syllables or len(syllables) > _LONGEST_GIVEN:
        return 0.0
    weight = 1.0
    for syllable in syllables:
        weight *= 1.0 if syllable in _COMMON_GIVEN else _UNCOMMON
    return float(weight ** (1 / len(syllables)))


@cache
def _shares() -> dict[str, float]:
    """Customers per thousand whose surname reads so."""
    shares: dict[str, float] = {}
    for _, reading, per_mille in read_table("surnames"):
        shares[reading] = shares.get(reading, 0.0) + float(per_mille)
    return shares


@cache
def _dialect_shares() -> dict[str, float]:
    """Customers per thousand, roughly, whose surname is spelt so in Hong Kong and overseas."""
    return {
        spelling: _SPELT_ELSEWHERE * max(_shares().get(reading, 0.0) for reading in readings.split())
        for spelling, readings in read_table("dialect_surnames")
    }


@cache
def _compound_shares() -> dict[str, float]:
    compound = {reading for surname, reading in surname_readings().items() if len(surname) > 1}
    return {reading: share for reading, share in _shares().items() if reading in compound}


@lru_cache(maxsize=1 << 16)
def _syllables(word: str) -> list[str]:
    """`word` cut into pinyin syllables, as few as possible and the longest first; empty where it is no pinyin."""
    longest = len("zhuang")
    cuts: dict[int, list[str]] = {0: []}
    for end in range(1, len(word) + 1):
        ways = [
            [*cuts[start], word[start:end]]
            for start in range(max(0, end - longest), end)
            if start in cuts and word[start:end] in _all_syllables()
        ]
        if ways:
            cuts[end] = min(ways, key=lambda way: (len(way), [-len(syllable) for syllable in way]))
    return cuts.get(len(word), [])


@cache
def _all_syllables() -> frozenset[str]:
    readings = {syllable for character, syllable in plain_readings().items() if "\u4e00" <= character <= "\u9fa5"}
    return frozenset(readings - {"", "m", "n", "ng", "hm", "hng", "r", "k", "g", "d", "i", "u", "v"})
