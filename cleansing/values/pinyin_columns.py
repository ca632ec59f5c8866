"""Mandarin readings of whole columns of Chinese names: the usual one, and one character at a time read otherwise."""

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.columns import OfLastColumn
from cleansing.values.han import plain_readings, reading, readings_of, surname_readings
from cleansing.values.utf8 import BMP, code_points, spans

_EMPTY, _UNREAD = 0, 1
_WIDEST = 4  # characters of a plainly written name
Positions = npt.NDArray[np.int32]


class _Tables(NamedTuple):
    """Syllables, then each again after a space; positions among them by code point, 0 where there is none."""

    syllables: pa.Array
    given: Positions
    surname: Positions
    other_given: Positions  # a row for each further reading
    other_surname: Positions
    spaced: int  # from a syllable to the same after a space


class _Spelt(NamedTuple):
    """Names as positions of syllables, one row a name and one column a character; a compound surname has one."""

    points: npt.NDArray[np.uint16]
    pieces: Positions
    is_compound: npt.NDArray[np.bool_]

    def is_unread(self) -> npt.NDArray[np.bool_]:
        """Which names hold a character without reading."""
        spaced = _tables().spaced
        unread: npt.NDArray[np.bool_] = ((self.pieces == _UNREAD) | (self.pieces == _UNREAD + spaced)).any(axis=1)
        return unread


def pinyin_column(names: pa.Array) -> pa.Array:
    """`han.pinyin` of simplified names of two to four common characters; null where a reading is missing."""
    spelt = _spelt(names)
    return pc.if_else(pa.array(~spelt.is_unread()), _joined(spelt.pieces), None)


def other_pinyin_column(names: pa.Array) -> pa.Array:
    """`spellings.other_pinyins` of the same, each followed by |; null where there is none, or no reading at all."""
    spelt = _spelt(names)
    is_read = ~spelt.is_unread()
    rows, words = [np.zeros(0, np.int64)], [pa.array([], pa.string())]
    for place in range(_WIDEST):
        for other in _others(spelt, place):
            at = np.flatnonzero((other > 0) & is_read)
            rows.append(at)
            words.append(_joined(_replaced(spelt, at, place, other[at])))
    named = np.concatenate(rows)
    order = np.argsort(named, kind="stable")
    ends = pc.binary_join_element_wise(pa.concat_arrays(words).take(pa.array(order)), "|", "")
    bounds = np.searchsorted(named[order], np.arange(len(names) + 1)).astype(np.int32)
    told = pc.binary_join(pa.ListArray.from_arrays(pa.array(bounds), ends), "")
    return pc.if_else(pa.array(bounds[1:] > bounds[:-1]), told, None)


def surname_column(names: pa.Array) -> pa.Array:
    """`spellings.surnames_of` the same, each followed by |; null where there is no reading."""
    spelt = _spelt(names)
    tables = _tables()
    other = np.where(spelt.is_compound, _EMPTY, tables.other_surname[spelt.points[:, 0]])
    ends = pc.binary_join_element_wise(tables.syllables, "|", "")
    blank = pc.if_else(pa.array(other > 0), ends.take(pa.array(other)), "")
    own = pc.if_else(pa.array(spelt.pieces[:, 0] == _UNREAD), None, ends.take(pa.array(spelt.pieces[:, 0])))
    return pc.binary_join_element_wise(own, blank, "")


@OfLastColumn
def _spelt(names: pa.Array) -> _Spelt:
    tables = _tables()
    starts, lengths = spans(names)
    padded = np.append(code_points(names), np.zeros(_WIDEST, np.uint16))
    points = np.where(np.arange(_WIDEST) < lengths[:, None], padded[starts[:, None] + np.arange(_WIDEST)], 0)
    pieces = tables.given[points]
    pieces[:, 0] = tables.surname[points[:, 0]]
    packed = points[:, 0].astype(np.int64) * BMP + points[:, 1]
    is_compound = (lengths > 2) & np.isin(packed, _compounds()[0])  # noqa: PLR2004 (two for the surname, one given)
    pieces[is_compound, 0] = _compounds()[1][np.searchsorted(_compounds()[0], packed[is_compound])]
    pieces[is_compound, 1] = _EMPTY
    pieces[np.arange(len(pieces)), 1 + is_compound] += tables.spaced
    return _Spelt(points, pieces, is_compound)


def _others(spelt: _Spelt, place: int) -> npt.NDArray[np.int32]:
    """Positions of the further readings of the characters in one place, a row a reading; 0 where there is none."""
    points, tables = spelt.points[:, place], _tables()
    others = tables.other_given[:, points] if place else tables.other_surname[None, points]
    return others if place > 1 else np.where(spelt.is_compound, _EMPTY, others).astype(np.int32)


def _replaced(spelt: _Spelt, at: npt.NDArray[np.int64], place: int, other: Positions) -> Positions:
    pieces = spelt.pieces[at].copy()
    pieces[:, place] = other + np.where(place == 1 + spelt.is_compound[at], _tables().spaced, 0)
    return pieces


def _joined(pieces: Positions) -> pa.Array:
    offsets = np.arange(0, pieces.size + 1, _WIDEST, dtype=np.int32)
    words = _tables().syllables.take(pa.array(pieces.ravel()))
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), words), "")


@cache
def _tables() -> _Tables:
    characters = {point: chr(point) for point in range(0x4E00, 0xA000)}
    readings = {point: reading(character) for point, character in characters.items()}
    surnames = {ord(name): syllable for name, syllable in surname_readings().items() if len(name) == 1}
    others = {
        point: tuple(syllable for syllable in readings_of(character) if syllable != readings[point])
        for point, character in characters.items()
    }
    heard = {syllable for syllables in others.values() for syllable in syllables}
    distinct = sorted({*readings.values(), *surname_readings().values(), *heard} - {""})
    syllables = ["", "", *distinct]
    position = {syllable: at + 2 for at, syllable in enumerate(distinct)} | {"": _UNREAD}

    def positions(by_point: dict[int, str], start: Positions) -> Positions:
        table = start.copy()
        for point, syllable in by_point.items():
            table[point] = position[syllable]
        return table

    empty = np.zeros(BMP, np.int32)
    unread = np.where(np.arange(BMP) == 0, _EMPTY, _UNREAD).astype(np.int32)
    given = positions(readings, unread)
    ranks = range(max(map(len, others.values())))
    other_given = [
        positions({point: read[rank] for point, read in others.items() if rank < len(read)}, empty) for rank in ranks
    ]
    as_surname = readings | surnames
    as_word = {point: plain_readings().get(chr(point), syllable) for point, syllable in as_surname.items()}
    other_surname = {point: word for point, word in as_word.items() if word != as_surname[point]}
    return _Tables(
        pa.array([*syllables, *(f" {syllable}" for syllable in syllables)]),
        given, positions(surnames, given), np.array(other_given), positions(other_surname, empty), len(syllables),
    )  # fmt: skip


@cache
def _compounds() -> tuple[npt.NDArray[np.int64], Positions]:
    """Two-character surnames as packed code points, ascending, with the position of their reading."""
    syllables = {syllable: at for at, syllable in reversed(list(enumerate(_tables().syllables.to_pylist())))}
    packed = {
        ord(surname[0]) * BMP + ord(surname[1]): syllables[read]
        for surname, read in surname_readings().items()
        if len(surname) == len("欧阳")
    }
    return np.array(sorted(packed), np.int64), np.array([packed[pair] for pair in sorted(packed)], np.int32)
