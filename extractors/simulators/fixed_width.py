"""Writes card files: columns to fixed-width GB18030 records, with H and T records around them."""

from collections.abc import Iterable, Mapping
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
SPACE, LINE_END, DETAIL = ord(" "), ord("\n"), ord("D")


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
    lines = pc.binary_join_element_wise(pc.fill_null(column, ""), "\n", "")
    if not len(lines):
        return
    text = b"".join(_buffers(lines))
    if pc.any(pc.invert(pc.string_is_ascii(lines))).as_py():
        text = text.decode().encode(ENCODING)
    stream = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(stream == LINE_END)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = np.minimum(ends - starts, place.shape[1])
    within = np.arange(place.shape[1])
    held = within < lengths[:, None]
    place[held] = stream[(starts[:, None] + within)[held]]


def _buffers(lines: pa.Array) -> Iterable[bytes]:
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)[lines.offset : lines.offset + len(lines) + 1]
    yield lines.buffers()[2].slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes()


def _write_line(file: BinaryIO, feed: Feed, text: str) -> None:
    file.write(text.ljust(feed.record_bytes).encode(ENCODING) + b"\n")
