"""Writes card files: columns to fixed-width GB18030 records, with H and T records around them."""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from extractors.card_layout import (
    ENCODING,
    HEADER_ORGANISATION,
    SEQUENCE_WIDTH,
    TRAILER_COUNT_WIDTH,
    TRAILER_TOTAL_WIDTH,
    Feed,
)

Bytes = NDArray[np.uint8]
ROWS_AT_ONCE = 100_000
SPACE, LINE_END, DETAIL, BEYOND_ASCII = ord(" "), ord("\n"), ord("D"), 128


class FeedWriter:
    """One file under way: header first, records as they come, trailer at the end."""

    def __init__(self, folder: Path, feed: Feed, day: str, sequence: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.feed, self.path = feed, folder / f"{feed.name}.dat"
        self.count = self.cents = 0
        self.file = self.path.open("wb")
        _write_line(self.file, feed, f"H{feed.name:<10}{day}{sequence:0{SEQUENCE_WIDTH}d}{HEADER_ORGANISATION}")

    def add(self, columns: Mapping[str, pa.Array]) -> None:
        """Append records."""
        count = len(columns[self.feed.amount])
        cents = pc.cast(columns[self.feed.amount], pa.int64()).to_numpy(zero_copy_only=False)
        if self.feed.sign:
            cents = cents * np.where(np.asarray(pc.equal(columns[self.feed.sign], "-")), -1, 1)
        for start in range(0, count, ROWS_AT_ONCE):
            part = {name: column.slice(start, ROWS_AT_ONCE) for name, column in columns.items()}
            self.file.write(encode_records(self.feed, part).data)
        self.count += count
        self.cents += int(cents.sum())

    def finish(self) -> Path:
        """End the file with its trailer."""
        trailer = f"T{self.count:0{TRAILER_COUNT_WIDTH}d}{self.cents:+0{TRAILER_TOTAL_WIDTH}d}"
        _write_line(self.file, self.feed, trailer)
        self.file.close()
        return self.path


def encode_records(feed: Feed, columns: Mapping[str, pa.Array]) -> Bytes:
    """D records as one matrix of bytes, a row a record with its line end."""
    count = len(columns[feed.amount])
    records = np.full((count, feed.record_bytes + 1), SPACE, dtype=np.uint8)
    records[:, 0] = DETAIL
    records[:, -1] = LINE_END
    for name in feed.fields:
        place = records[:, feed.span(name)]
        _put_text(place, columns[name])
    return records


def _put_text(place: Bytes, column: pa.Array) -> None:
    """Fill a field of every record; what is longer than the field is cut at the byte."""
    count, width = place.shape
    if not count:
        return
    encoded = _encoded(pc.fill_null(column, ""))
    lengths = pc.binary_length(encoded).to_numpy()
    if lengths.max() > width:
        encoded, lengths = pc.binary_slice(encoded, 0, width), np.minimum(lengths, width)
    if lengths.min() < width:
        spaces = pa.array([b" " * missing for missing in range(width + 1)])
        encoded = pc.binary_join_element_wise(encoded, spaces.take(pa.array(width - lengths)), b"")
    place[:] = _characters(encoded).reshape(count, width)


def _encoded(column: pa.Array) -> pa.Array:
    """Text as bytes of the files' encoding."""
    plain = column.cast(pa.binary())
    if not (_characters(plain) >= BEYOND_ASCII).any():
        return plain
    lines = _characters(pc.binary_join_element_wise(plain, b"\n", b"")).tobytes().decode().encode(ENCODING)
    ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == LINE_END) + 1
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    broken = pa.Array.from_buffers(pa.binary(), len(column), [None, pa.py_buffer(offsets), pa.py_buffer(lines)])
    return pc.binary_slice(broken, 0, -1)


def _characters(column: pa.Array) -> Bytes:
    """The bytes of all texts of a column, one after the other."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    data = column.buffers()[2]
    return np.frombuffer(data or b"", dtype=np.uint8)[int(offsets[0]) : int(offsets[-1])]


def _write_line(file: BinaryIO, feed: Feed, text: str) -> None:
    file.write(text.ljust(feed.record_bytes).encode(ENCODING) + b"\n")
