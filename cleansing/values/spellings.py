"""Keys for names spelt or read in another way than usual: they propose candidate pairs and never score one."""

import re
from collections.abc import Container
from functools import cache
from itertools import islice, product

from cleansing.values.han import pinyin, plain_readings, reading, readings_of, surname_readings, surname_width
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
_MOST_READINGS = 8  # of one spelling, so that a name proposes few pairs
_LONGEST_SYLLABLE = len("chuang")
_LONGEST_GIVEN = 2  # syllables
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
    width = surname_width(name_key)
    read = [surname, *(reading(character) for character in name_key[width:])]
    plain = plain_readings().get(name_key[0], surname)
    others = [(0, plain)] if width == 1 and plain != surname else []
    others += [
        (at, other)
        for at, character in enumerate(name_key[width:], 1)
        for other in readings_of(character)
        if other != read[at]
    ]
    return tuple(_joined([*read[:at], other, *read[at + 1 :]]) for at, other in others if given)


def surnames_of(name_key: str) -> tuple[str, ...]:
    """Readings of the surname of a simplified name: as a surname, then as the word it is elsewhere.

    >>> surnames_of("单雄信"), surnames_of("欧阳靖"), surnames_of("王伟")
    (('shan', 'dan'), ('ouyang',), ('wang',))
    """
    width = surname_width(name_key)
    spelt = pinyin(name_key[:width] + name_key[0])
    if spelt is None:
        return ()
    surname = spelt.partition(" ")[0]
    plain = plain_readings().get(name_key[0], surname) if width == 1 else surname
    return tuple(dict.fromkeys((surname, plain)))


def from_wade_giles(name_pinyin: str) -> tuple[str, ...]:
    """What a Latin name, surname first, is in pinyin where Taiwan's spelling was used; without itself, and not many.

    >>> from_wade_giles("hsu chihmo"), from_wade_giles("zhang wei"), from_wade_giles("john smith")
    (('xu chimo', 'xu zhimo'), (), ())
    """
    surname, _, given = name_pinyin.partition(" ")
    surnames = [read for read in _by_wade_giles().get(surname, ()) if read in _surnames()]
    parts = _syllables(given.replace(" ", ""), _by_wade_giles())
    if not surnames or not parts:
        return ()
    read = (f"{first} {''.join(rest)}" for first, *rest in product(surnames, *(_by_wade_giles()[p] for p in parts)))
    return tuple(name for name in islice(read, _MOST_READINGS) if name != name_pinyin)


def from_cantonese(name_pinyin: str) -> tuple[str, ...]:
    """What a Latin name, surname first, is in pinyin where Hong Kong's spelling was used; without itself, and not many.

    >>> from_cantonese("chan taiman")[:3], from_cantonese("lee siu lung"), from_cantonese("wang wei")
    (('chen dawen', 'chen damin', 'chen daman'), ('li xiaolong', 'li shaolong'), ())
    """
    surname, *given = name_pinyin.split()
    if given and surname + given[0] in compound_surnames():
        surname, given = surname + given[0], given[1:]
    word, surnames = "".join(given), _dialect().get(surname, ())
    parts = _syllables(word, _dialect_given())
    is_pinyin = surname in _surnames() and bool(_syllables(word, _pinyin()))
    if not surnames or not 0 < len(parts) <= _LONGEST_GIVEN or is_pinyin:
        return ()
    read = (f"{first} {''.join(rest)}" for first, *rest in product(surnames, *(_dialect_given()[p] for p in parts)))
    return tuple(name for name in islice(read, _MOST_READINGS) if name != name_pinyin)


def _syllables(word: str, known: Container[str]) -> list[str]:
    """`word` cut into known syllables, the longest first; empty where it is none."""
    if not word:
        return []
    for width in range(min(len(word), _LONGEST_SYLLABLE), 0, -1):
        if word[:width] in known:
            rest = _syllables(word[width:], known)
            if rest or width == len(word):
                return [word[:width], *rest]
    return []


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
        keys.update(set(_by_wade_giles().get(spelt, ())) & _surnames())
    return tuple(sorted(keys))


@cache
def compound_surnames() -> frozenset[str]:
    """Surnames of two characters as spelt in Hong Kong, in one word."""
    two = {pinyin for surname, pinyin in surname_readings().items() if len(surname) > 1}
    return frozenset(spelling for spelling, pinyins in _dialect().items() if two & set(pinyins))


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
def _dialect_given() -> dict[str, tuple[str, ...]]:
    """Pinyin of the characters given names are made of, by their syllable as spelt in Hong Kong."""
    return {spelling: tuple(pinyin.split()) for spelling, pinyin in read_table("dialect_given")}


@cache
def _by_wade_giles() -> dict[str, tuple[str, ...]]:
    """Pinyin syllables, and surnames of two, by their spelling in Taiwan."""
    spelt: dict[str, list[str]] = {}
    for syllable in sorted(_pinyin() | _surnames()):
        spelt.setdefault(wade_giles(syllable), []).append(syllable)
    return {spelling: tuple(syllables) for spelling, syllables in spelt.items()}
