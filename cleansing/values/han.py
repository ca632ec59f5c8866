"""Chinese characters: traditional to simplified one by one, and Mandarin readings of names.

The fold is for comparison only: it never decides what a name is. Characters that are themselves simplified stay.
"""

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.tables import read_table
from cleansing.values.utf8 import BMP, code_points, from_code_points, spans


def simplified(text: str) -> str:
    """`text` with each traditional character folded to its simplified form, and variants of one character to one.

    >>> simplified("張偉於臺北"), simplified("蕭昇"), simplified("萧升")
    ('张伟於台北', '肖升', '肖升')
    """
    return text.translate(_folds())


def pinyin(name: str) -> str | None:
    """Toneless reading of a simplified name, surname by its own reading; None where a character has none.

    >>> pinyin("单于明"), pinyin("单明明"), pinyin("吕布")
    ('chanyu ming', 'shan mingming', 'lv bu')
    """
    width = _surname_width(name)
    surname = surname_readings().get(name[:width])
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


@cache
def surname_readings() -> dict[str, str]:
    """Reading of every listed surname, compound ones included."""
    return {surname: syllables for surname, syllables, _ in read_table("surnames")}


def simplified_column(names: pa.Array) -> pa.Array:
    """Names of common characters only (three UTF-8 bytes each, none null), folded."""
    return from_code_points(_fold_table()[code_points(names)], names)


def pinyin_column(names: pa.Array) -> pa.Array:
    """`pinyin` of simplified names of two to four common characters; null where a reading is missing."""
    points, (starts, lengths) = code_points(names), spans(names)
    syllables, given, surname, spaced = _reading_tables()
    pieces = given[points]
    pieces[starts] = surname[points[starts]]
    is_compound = (lengths > 2) & _is_compound(points, starts)  # noqa: PLR2004 (two for the surname, one given)
    compound = starts[is_compound]
    pieces[compound] = _compound_positions(points, compound)
    pieces[compound + 1] = _EMPTY
    pieces[starts + 1 + is_compound] += spaced
    is_unread = (pieces == _UNREAD) | (pieces == _UNREAD + spaced)
    unread = np.add.reduceat(is_unread, starts) if len(starts) else np.zeros(0, bool)
    offsets = np.append(starts, len(points)).astype(np.int32)
    words = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), syllables.take(pa.array(pieces))), "")
    return pc.if_else(pa.array(unread == 0), words, None)


_EMPTY, _UNREAD = 0, 1


def _surname_width(name: str) -> int:
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
def _reading_tables() -> tuple[pa.Array, npt.NDArray[np.int32], npt.NDArray[np.int32], int]:
    """Syllables, then each again after a space; positions by code point in given names and as a surname."""
    readings = {point: reading(chr(point)) for point in range(0x4E00, 0xA000)}
    surnames = surname_readings()
    distinct = sorted({*readings.values(), *surnames.values()} - {""})
    syllables = ["", "", *distinct]
    position = {syllable: at + 2 for at, syllable in enumerate(distinct)} | {"": _UNREAD}
    given = np.full(BMP, _UNREAD, np.int32)
    for point, syllable in readings.items():
        given[point] = position[syllable]
    surname = given.copy()
    for character, syllable in surnames.items():
        if len(character) == 1:
            surname[ord(character)] = position[syllable]
    spaced = [" " + syllable for syllable in syllables]
    return pa.array(syllables + spaced), given, surname, len(syllables)


@cache
def _compounds() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Two-character surnames as packed code points, ascending, with the position of their reading."""
    syllables = _reading_tables()[0].to_pylist()
    packed = {
        ord(surname[0]) * BMP + ord(surname[1]): syllables.index(read)
        for surname, read in surname_readings().items()
        if len(surname) == len("欧阳")
    }
    return np.array(sorted(packed), np.int64), np.array([packed[pair] for pair in sorted(packed)], np.int32)


def _pairs(points: npt.NDArray[np.uint16], first: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return points[first].astype(np.int64) * BMP + points[first + 1]


def _is_compound(points: npt.NDArray[np.uint16], first: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    return np.isin(_pairs(points, first), _compounds()[0])


def _compound_positions(points: npt.NDArray[np.uint16], first: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    packed, positions = _compounds()
    return positions[np.searchsorted(packed, _pairs(points, first))]
