"""Chinese characters: traditional to simplified one by one, and Mandarin readings of names.

The fold is for comparison only: it never decides what a name is. Characters that are themselves simplified stay.
"""

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleansing.values.tables import read_table
from cleansing.values.utf8 import BMP, code_points, from_code_points


def simplified(text: str) -> str:
    """`text` with each traditional character folded to its simplified form, and variants of one character to one.

    >>> simplified("張偉於臺北"), simplified("蕭昇"), simplified("萧升")
    ('张伟於台北', '肖升', '肖升')
    """
    return text.translate(_folds())


def pinyin(name: str, first_part: int | None = None) -> str | None:
    """Toneless reading of a simplified name, surname by its own reading; None where a character has none.

    Where the writing parts a name after `first_part` characters (阿不都·买买提), so does the reading.

    >>> pinyin("单于明"), pinyin("单明明"), pinyin("吕布"), pinyin("阿不都买买提", 3)
    ('chanyu ming', 'shan mingming', 'lv bu', 'abudu maimaiti')
    """
    width = first_part or surname_width(name)
    surname = None if first_part else surname_readings().get(name[:width])
    syllables = [reading(character) for character in name]
    if not all(syllables):
        return None
    return " ".join(filter(None, (surname or "".join(syllables[:width]), "".join(syllables[width:]))))


def begins_with_surname(name: str) -> bool:
    """Whether a name begins with a listed surname, in simplified or traditional form.

    >>> begins_with_surname("張偉"), begins_with_surname("寮犱紵")
    (True, False)
    """
    simple = simplified(name)
    return simple[:1] in surname_readings() or simple[:2] in surname_readings()


def reading(character: str) -> str:
    """Commonest toneless reading of one character in a given name, ü as v; empty where it has none."""
    return _given_readings().get(character) or plain_readings().get(character, "")


def readings_of(character: str) -> tuple[str, ...]:
    """Every toneless reading of a character that is heard in names, the commonest outside names first."""
    usual = plain_readings().get(character)
    return tuple(filter(None, (usual, *_other_readings().get(character, ()))))


@cache
def surname_readings() -> dict[str, str]:
    """Reading of every listed surname, compound ones included."""
    return {surname: syllables for surname, syllables, _ in read_table("surnames")}


def simplified_column(names: pa.Array) -> pa.Array:
    """Names of common characters only (three UTF-8 bytes each, none null), folded."""
    return from_code_points(_fold_table()[code_points(names)], names)


def surname_width(name: str) -> int:
    """Characters of a name that are its surname: two of a listed compound one before a given name, else one."""
    return 2 if len(name) > 2 and name[:2] in surname_readings() else 1  # noqa: PLR2004


@cache
def _folds() -> dict[int, str]:
    """Simplified form by code point, then the one of its variants that is written most; no fold is folded again."""
    variants = {row[0]: row[1] for row in read_table("variants")}
    simple_forms = {row[0]: row[1] for row in read_table("simplified")} | variants
    return {ord(sent): variants.get(simple, simple) for sent, simple in simple_forms.items()}


@cache
def _fold_table() -> npt.NDArray[np.uint16]:
    table = np.arange(BMP).astype(np.uint16)
    for point, simple in _folds().items():
        table[point] = ord(simple)
    return table


@cache
def _given_readings() -> dict[str, str]:
    return {row[0]: row[1] for row in read_table("given_readings")}


@cache
def plain_readings() -> dict[str, str]:
    """Commonest toneless reading of every character outside names."""
    return {character: syllable for syllable, characters in read_table("readings") for character in characters}


@cache
def _other_readings() -> dict[str, tuple[str, ...]]:
    readings: dict[str, list[str]] = {}
    for syllable, characters in read_table("other_readings"):
        for character in characters:
            readings.setdefault(character, []).append(syllable)
    return {character: tuple(syllables) for character, syllables in readings.items()}
