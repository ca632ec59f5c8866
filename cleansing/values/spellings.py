"""Keys for names spelt or read in another way than usual: they propose candidate pairs and never score one."""

import re
from functools import cache

from cleansing.values.han import pinyin, plain_readings, reading, surname_readings
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


def other_pinyins(name_key: str) -> tuple[str, ...]:
    """Further readings of a simplified name, one character at a time read otherwise; the usual one is not among them.

    A surname is also read as the word it is elsewhere, a compound one is not. One character at a time keeps the keys
    few: two unusual readings in one name are rare.

    >>> other_pinyins("单长乐"), other_pinyins("王伟"), other_pinyins("ZHANG WEI")
    (('dan changle', 'shan zhangle', 'shan changyue'), (), ())
    """
    usual = pinyin(name_key)
    if usual is None:
        return ()
    surname, _, given = usual.partition(" ")
    width = 2 if name_key[:2] in surname_readings() and len(name_key) > 2 else 1  # noqa: PLR2004 (one is left to give)
    read = [surname, *(reading(character) for character in name_key[width:])]
    plain = plain_readings().get(name_key[0], surname)
    others = [(0, plain)] if width == 1 and plain != surname else []
    others += [
        (at, other)
        for at, character in enumerate(name_key[width:], 1)
        for other in _readings_of(character)
        if other != read[at]
    ]
    return tuple(_joined([*read[:at], other, *read[at + 1 :]]) for at, other in others if given)


def _joined(syllables: list[str]) -> str:
    return f"{syllables[0]} {''.join(syllables[1:])}"


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


def _readings_of(character: str) -> tuple[str, ...]:
    usual = plain_readings().get(character)
    return tuple(filter(None, (usual, *_other_readings().get(character, ()))))


@cache
def _other_readings() -> dict[str, tuple[str, ...]]:
    readings: dict[str, list[str]] = {}
    for syllable, characters in read_table("other_readings"):
        for character in characters:
            readings.setdefault(character, []).append(syllable)
    return {character: tuple(syllables) for character, syllables in readings.items()}


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
