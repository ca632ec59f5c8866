"""Fields of fixed-width GB18030 records as text: sliced by bytes first, then decoded, whole columns at a time."""

import codecs
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from extractors.card_layout import ENCODING

Bytes = NDArray[np.uint8]
SPACE, LINE_END = ord(" "), ord("\n")
# Python's codec predates GB18030-2022: these code points of the standard still come out in the private use area.
PRIVATE_TO_STANDARD = {
    0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16,
    0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19, 0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4,
    0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9,
    0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip


@dataclass(frozen=True)
class Decoded:
    """One field of many records; `raw` keeps the bytes, as hex, of what could not be decoded, by row."""

    text: pa.Array
    raw: dict[int, str] = field(default_factory=dict)


def decode_field(place: Bytes) -> Decoded:
    """Text of one field, trailing spaces off, empty as null.

    A character cut by the end of the field is dropped; any other undecodable byte makes the value null.
    Both keep their raw bytes.
    """
    if not len(place):
        return Decoded(pa.array([], pa.string()))
    is_feed = place == LINE_END
    if not is_feed.any():
        return _decode(place)
    fed = np.flatnonzero(is_feed.any(axis=1))
    return _with_line_feeds(_decode(np.where(place == LINE_END, SPACE, place).astype(np.uint8)), place, fed)


def _decode(place: Bytes) -> Decoded:
    """The same for fields without a line feed, all of them in one run of bytes with a line feed behind each."""
    lines = _lines(place)
    if lines.max() < 0x80:  # noqa: PLR2004 (the end of ASCII)
        return Decoded(_as_column(lines.tobytes(), len(place)))
    with _noting_failures() as failures:
        text = lines.tobytes().decode(ENCODING, failures.handler)
    text = text.translate(PRIVATE_TO_STANDARD) if failures.may_hold_private(text) else text
    column = _as_column(text.encode(), len(place))
    return _settle(place, column, failures.positions, lines) if failures.positions else Decoded(column)


def _with_line_feeds(decoded: Decoded, place: Bytes, rows: NDArray[np.int64]) -> Decoded:
    """Fields that hold a line feed, decoded one by one, as such a byte parts fields above."""
    values: dict[int, str | None] = {}
    raw = dict(decoded.raw)
    for row in rows.tolist():
        value = place[row].tobytes().rstrip(b" ")
        raw.pop(row, None)
        try:
            values[row] = value.decode(ENCODING).translate(PRIVATE_TO_STANDARD)
        except UnicodeDecodeError:
            values[row], raw[row] = _without_cut_end(value, place.shape[1]), value.hex()
    return Decoded(_replaced(decoded.text, values), raw)


def undecodable_column(decoded: Mapping[str, Decoded], rows: int) -> pa.Array:
    """JSON of field name to raw hex for the rows that have any, else null."""
    found: dict[int, dict[str, str]] = {}
    for name, values in decoded.items():
        for row, raw in values.raw.items():
            found.setdefault(row, {})[name] = raw
    column = np.full(rows, None, dtype=object)
    for row, fields in found.items():
        column[row] = json.dumps(fields, sort_keys=True)
    return pa.array(column, pa.string())


def _lines(place: Bytes) -> Bytes:
    """The field of every record, trailing spaces off, each ended by a line feed, as one run of bytes."""
    used = place != SPACE
    length = np.where(used.any(axis=1), place.shape[1] - used[:, ::-1].argmax(axis=1), 0)
    padded = np.full((len(place), place.shape[1] + 1), LINE_END, dtype=np.uint8)
    padded[:, :-1] = place
    padded[np.arange(len(place)), length] = LINE_END
    kept: Bytes = padded[np.arange(padded.shape[1]) <= length[:, None]]
    return kept


def _as_column(utf8: bytes, rows: int) -> pa.Array:
    """UTF-8 lines as a column; an empty line is null."""
    stream = np.frombuffer(utf8, dtype=np.uint8)
    ends = np.flatnonzero(stream == LINE_END)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts
    body = stream[stream != LINE_END]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    valid = np.packbits(lengths > 0, bitorder="little")
    buffers = [pa.py_buffer(valid.tobytes()), pa.py_buffer(offsets.tobytes()), pa.py_buffer(body.tobytes())]
    return pa.Array.from_buffers(pa.string(), rows, buffers)


class _Failures:
    """Byte positions where a strict decoding of one run of bytes would have stopped."""

    handler = "note-undecodable"

    def __init__(self) -> None:
        self.positions: list[int] = []

    def note(self, error: UnicodeError) -> tuple[str, int]:
        """Remember the position and go on behind it, never past a line feed."""
        if not isinstance(error, UnicodeDecodeError):
            raise error
        self.positions.append(error.start)
        return "", min(error.end, error.start + 1)

    @staticmethod
    def may_hold_private(text: str) -> bool:
        """Whether any character lies beyond the common ones; cheap, and false for nearly every batch."""
        return any(chr(private) in text for private in PRIVATE_TO_STANDARD)


@contextmanager
def _noting_failures() -> Iterator[_Failures]:
    failures = _Failures()
    codecs.register_error(failures.handler, failures.note)
    yield failures


def _settle(place: Bytes, column: pa.Array, positions: list[int], lines: Bytes) -> Decoded:
    """Null for rows with an undecodable byte inside; what merely was cut at the end of the field stays, shorter."""
    ends = np.flatnonzero(lines == LINE_END)
    rows = np.unique(np.searchsorted(ends, positions))
    raw = {int(row): place[row].tobytes().rstrip(b" ").hex() for row in rows}
    values = {row: _without_cut_end(place[row].tobytes().rstrip(b" "), place.shape[1]) for row in raw}
    return Decoded(_replaced(column, values), raw)


def _replaced(column: pa.Array, values: Mapping[int, str | None]) -> pa.Array:
    """A column with the values of some rows put in place."""
    rows = sorted(values)
    mask = np.zeros(len(column), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array([values[row] for row in rows], pa.string()))


def _without_cut_end(value: bytes, width: int) -> str | None:
    """A value that fills its field, without the character its end cuts; None where anything else is wrong."""
    if len(value) < width:
        return None
    try:
        text = codecs.getincrementaldecoder(ENCODING)().decode(value)
    except UnicodeDecodeError:
        return None
    return text.translate(PRIVATE_TO_STANDARD) or None
