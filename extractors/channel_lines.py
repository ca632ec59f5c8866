"""Lines of event files as text columns, in chunks of bounded size that remember file and line number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

CHUNK_BYTES = 32 << 20
LINE_END = b"\n"
Rows = NDArray[np.int64]


@dataclass
class Chunk:
    """Whole lines of one or several files; of each piece its file, the number of its first line, where it starts."""

    files: list[str] = field(default_factory=list)
    first_lines: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    pieces: list[pa.Array] = field(default_factory=list)
    not_utf8: list[Rows] = field(default_factory=list)
    rows: int = 0
    size: int = 0

    def add(self, file: str, first_line: int, body: bytes | memoryview) -> int:
        """Append whole lines of a file; returns the number of its next line."""
        lines, broken = as_lines(body)
        self.files.append(file)
        self.first_lines.append(first_line)
        self.starts.append(self.rows)
        self.pieces.append(lines)
        self.not_utf8.append(broken + self.rows)
        self.rows += len(lines)
        self.size += len(body)
        return first_line + len(lines)

    @property
    def lines(self) -> pa.ChunkedArray:
        """The text of every line with its line end; a line that is not UTF-8 is empty."""
        return pa.chunked_array(self.pieces, pa.string())

    def places(self, rows: Rows) -> tuple[pa.Array, pa.Array]:
        """File and line number, counted from 1, of some rows."""
        piece = np.searchsorted(self.starts, rows, side="right") - 1
        numbers = rows - np.array(self.starts)[piece] + np.array(self.first_lines)[piece]
        return pa.array(self.files).take(pa.array(piece)), pa.array(numbers).cast(pa.string())


def chunks(paths: Sequence[Path]) -> Iterator[Chunk]:
    """All lines of the files in order; small files share a chunk. An end of file ends a line."""
    chunk = Chunk()
    for path in paths:
        next_line = 1
        with path.open("rb") as file:
            while body := _whole_lines(file):
                next_line = chunk.add(path.name, next_line, body)
                if chunk.size >= CHUNK_BYTES // 2:
                    yield chunk
                    chunk = Chunk()
    if chunk.rows:
        yield chunk


def _whole_lines(file: BinaryIO) -> memoryview:
    """The next lines up to about CHUNK_BYTES, one at least; nothing at the end of the file."""
    body = file.read(CHUNK_BYTES)
    whole = body.rfind(LINE_END) + 1
    if not whole:
        return memoryview(body + file.readline())
    file.seek(whole - len(body), 1)
    return memoryview(body)[:whole]


def as_lines(body: bytes | memoryview) -> tuple[pa.Array, Rows]:
    r"""Lines as text, and the places of those that are not UTF-8 (they become empty).

    >>> lines, broken = as_lines(b"a\n" + bytes([255]) + b"\nb")
    >>> lines.to_pylist(), broken.tolist()
    (['a\n', '', 'b'], [1])
    """
    ends = np.flatnonzero(np.frombuffer(body, dtype=np.uint8) == LINE_END[0]) + 1
    if body[-1:] != LINE_END:
        ends = np.append(ends, len(body))
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    offsets[1:] = ends
    raw = pa.Array.from_buffers(pa.binary(), len(ends), [None, pa.py_buffer(offsets), pa.py_buffer(body)])
    try:
        return raw.cast(pa.string()), np.empty(0, dtype=np.int64)
    except pa.ArrowInvalid:
        texts = [_utf8(line) for line in raw.to_pylist()]
        return pa.array([text or "" for text in texts]), np.flatnonzero([text is None for text in texts])


def _utf8(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None
