"""Keys for names spelt as in Hong Kong, Taiwan and overseas: they propose candidate pairs and never score one."""

import re
from functools import cache

from cleansing.values.han import plain_readings, surname_readings
from cleansing.values.tables import read_table

# Pinyin to Wade-Giles without apostrophes and umlauts, first rule first; initials follow finals.
_WHOLE = {
    "zhi": "chih", "chi": "chih", "shi": "shih", "ri": "jih", "zi": "tzu", "ci": "tzu", "si": "ssu", "yi": "i",
    "you": "yu", "yan": "yen", "ye": "yeh", "yong": "yung", "er": "erh", "ge": "ko", "ke": "ko", "he": "ho",
    "gui": "kuei", "kui": "kuei",
}  # fmt: skip
_FINALS = (
    (re.compile(r"ong$"), "ung"),
    (re.compile(r"ian$"), "ien"),
    (re.compile(r"(?<=i)e$|(?<=[uv])e$"), "eh"),
    (re.compile(r"(?<=^[dtnlzcsr])uo$|(?<=^[zc]h)uo$"), "o"),
    (re.compile(r"v"), "u"),
)
_INITIALS = {"zh": "ch", "ch": "ch", "sh": "sh", "z": "ts", "c": "ts", "j": "ch", "q": "ch", "x": "hs", "r": "j"} | {
    "b": "p", "d": "t", "g": "k"
}  # fmt: skip
_INITIAL = re.compile(r"^(?:[zcs]h|[a-z])")


def wade_giles(syllable: str) -> str:
    """A pinyin syllable as Taiwan spells it, without marks; what is no pinyin stays.

    >>> [wade_giles(syllable) for syllable in ("zhang", "xu", "cai", "guo", "jiang", "song", "hsu")]
    ['chang', 'hsu', 'tsai', 'kuo', 'chiang', 'sung', 'hsu']
    """
    if syllable not in _pinyin():
        return syllable
    if syllable in _WHOLE:
        return _WHOLE[syllable]
    for form, final in _FINALS:
        syllable = form.sub(final, syllable)
    return _INITIAL.sub(lambda initial: _INITIALS.get(initial.group(), initial.group()), syllable)


def surname_keys(name_pinyin: str) -> tuple[str, ...]:
    """Every surname, in pinyin, that the first word of a name may spell: by pinyin, Wade-Giles or southern dialects.

    >>> surname_keys("zhang wei"), surname_keys("cheung kwokwing"), surname_keys("hsu chihmo")
    (('zhang',), ('zhang',), ('xu',))
    >>> surname_keys("wong faye")
    ('huang', 'wang')
    """
    spelt = name_pinyin.partition(" ")[0]
    keys = {spelt} if spelt in _surnames() else set()
    keys.update(_dialect().get(spelt, ()))
    if spelt not in _surnames():
        keys.update(_by_wade_giles().get(spelt, ()))
    return tuple(sorted(keys))


@cache
def _pinyin() -> frozenset[str]:
    return frozenset(plain_readings().values())


@cache
def _surnames() -> frozenset[str]:
    return frozenset(surname_readings().values())


@cache
def _dialect() -> dict[str, tuple[str, ...]]:
    return {spelling: tuple(pinyin.split()) for spelling, pinyin in read_table("dialect_surnames")}


@cache
def _by_wade_giles() -> dict[str, tuple[str, ...]]:
    spelt: dict[str, list[str]] = {}
    for surname in sorted(_surnames()):
        spelt.setdefault(wade_giles(surname), []).append(surname)
    return {spelling: tuple(surnames) for spelling, surnames in spelt.items()}
