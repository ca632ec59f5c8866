"""Digital and service channels: JSON lines, one landed table per kind of event, the payload as sent."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.channel_events import ENVELOPE, TABLE_OF_TYPE
from extractors.faults import SourceFault, SourceUnavailable
from extractors.landing import Sent
from warehouse.landing import digest_of
from warehouse.settings import Settings

SOURCE = "channel"
REJECTED = "rejected_line"
REJECTED_COLUMNS = ("file", "line_number", "reason")
CHUNK_BYTES = 32 << 20
LINE_END = b"\n"
LOOKED_AT = 200  # so many lines, and one in so many, are looked at for new fields
LONGEST_NAME = 40
WHAT_TO_DO = "add it to ENVELOPE in channel_events.py and to the contracts, or ask for it inside payload"
# Fields of class C3 must not land.
FORBIDDEN_FIELD = r'"(pin|pin_?block|cvv2?|cvc2?|track_?\d?|passw(?:or)?d|pwd|fingerprint|face_?id|biometric\w*)"\s*:'

# One parse a line: a line that is no JSON fails inside TRY and yields nulls throughout.
READ_LINES = f"""
WITH taken AS (
    SELECT
        position,
        TRY(json_extract_string(line, {[f"$.{name}" for name in ENVELOPE]})) AS fields
    FROM lines
)
SELECT
    position,
    fields IS NOT NULL AS is_json,
    {", ".join(f"fields[{at + 1}] AS {name}" for at, name in enumerate(ENVELOPE))}
FROM taken
ORDER BY position
"""


@dataclass
class Chunk:
    """Whole lines of one or several files; of each piece its file, the number of its first line, where it starts."""

    files: list[str] = field(default_factory=list)
    first_lines: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    lines: int = 0
    body: bytes = b""

    def add(self, file: str, first_line: int, body: bytes) -> int:
        """Append whole lines of a file; returns the number of its next line."""
        count = body.count(LINE_END)
        self.files.append(file)
        self.first_lines.append(first_line)
        self.starts.append(self.lines)
        self.lines += count
        self.body += body
        return first_line + count


def extract(settings: Settings, business_date: date) -> Iterator[Sent]:
    """Every event of the day's files; lines that are no event land in `rejected_line` without their content."""
    folder = settings.sources / SOURCE / f"{business_date:%Y%m%d}"
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        message = f"{SOURCE} {business_date}: no event files yet; wait, or ask the channels to send them"
        raise SourceUnavailable(message)
    yield from _empty_tables()
    connection = _connect(settings)
    first_of = {digest_of(path): path.name for path in reversed(paths)}
    digests = {name: digest for digest, name in first_of.items()}
    faults = ("duplicate",) if len(digests) < len(paths) else ()
    for chunk in _chunks([path for path in paths if path.name in digests]):
        read = {file: digests[file] for file in chunk.files}
        rows_read = 0
        for table, rows in split_events(connection, chunk):
            rows_read += rows.num_rows
            yield Sent(table, rows, files=read, rows_sent=rows.num_rows, faults=faults)
        if rows_read != chunk.lines:
            message = f"{SOURCE} {business_date}: {chunk.lines} lines sent, {rows_read} came; report this defect"
            raise SourceFault(message)


def split_events(connection: Any, chunk: Chunk) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Events of one chunk by the table they land in, and the rejected lines."""
    lines, not_utf8 = _as_lines(chunk.body)
    _refuse_secrets(chunk, lines)
    _refuse_new_fields(chunk, lines)
    events = _read(connection, lines)
    tables = pc.fill_null(_table_of(events["event_type"]), "")
    problem = _problems(events, tables, not_utf8)
    is_event = problem.is_null()
    for table in sorted(set(TABLE_OF_TYPE.values())):
        mine = pc.and_(is_event, pc.equal(tables, table))
        if pc.any(mine).as_py():
            yield table, _batch(events.select(list(ENVELOPE)).filter(mine))
    if not pc.all(is_event).as_py():
        yield REJECTED, _rejected(chunk, problem)


def _connect(settings: Settings) -> Any:
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
    }
    return duckdb.connect(config=config)


def _chunks(paths: Sequence[Path]) -> Iterator[Chunk]:
    """Whole lines of the files in order, in pieces of bounded size."""
    chunk = Chunk()
    for path in paths:
        next_line, rest = 1, b""
        with path.open("rb") as file:
            while piece := file.read(CHUNK_BYTES):
                body, end, rest = (rest + piece).rpartition(LINE_END)
                next_line = chunk.add(path.name, next_line, body + end)
                if len(chunk.body) >= CHUNK_BYTES // 2:
                    yield chunk
                    chunk = Chunk()
        if rest:
            chunk.add(path.name, next_line, rest + LINE_END)
    if chunk.lines:
        yield chunk


def _as_lines(body: bytes) -> tuple[pa.Array, pa.Array]:
    """Lines as text, and which of them are not UTF-8 (those become empty)."""
    stream = np.frombuffer(body, dtype=np.uint8)
    ends = np.flatnonzero(stream == LINE_END[0])
    offsets = np.concatenate([[0], ends + 1]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(body)]
    raw = pa.Array.from_buffers(pa.binary(), len(ends), buffers)
    try:
        return raw.cast(pa.string()), pa.repeat(pa.scalar(value=False), len(ends))
    except pa.ArrowInvalid:
        texts = [_utf8(line) for line in raw.to_pylist()]
        return pa.array([text or "" for text in texts]), pa.array([text is None for text in texts])


def _utf8(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _read(connection: Any, lines: pa.Array) -> pa.Table:
    connection.register("lines", pa.table({"position": pa.array(np.arange(len(lines))), "line": lines}))
    events = connection.sql(READ_LINES).to_arrow_table()
    connection.unregister("lines")
    return events


def _refuse_secrets(chunk: Chunk, lines: pa.Array) -> None:
    """Raise SourceFault when an event carries a field that must never land."""
    hits = pc.match_substring_regex(lines, pattern=FORBIDDEN_FIELD, ignore_case=True)
    if pc.any(hits).as_py():
        found = re.search(FORBIDDEN_FIELD, lines.filter(hits)[0].as_py(), re.IGNORECASE)
        name = found[1] if found else "?"
        message = f"{SOURCE}: an event in {', '.join(chunk.files)} carries '{name}', a secret (class C3); leave it out"
        raise SourceFault(message)


def _refuse_new_fields(chunk: Chunk, lines: pa.Array) -> None:
    """Raise SourceFault when events carry a field the envelope does not know; looks at the first and some others.

    One odd line in a hundred is a damaged line, not a new version of an app.
    """
    rows = np.unique(np.concatenate([np.arange(min(len(lines), LOOKED_AT)), np.arange(0, len(lines), LOOKED_AT)]))
    new = Counter(name for line in lines.take(pa.array(rows)).to_pylist() for name in _new_fields(line))
    for name, times in sorted(new.items()):
        if times > len(rows) // 100:
            spelt = re.sub(r"[^A-Za-z0-9_]", "?", name)[:LONGEST_NAME]
            message = f"{SOURCE}: events in {', '.join(chunk.files)} have a new field '{spelt}'; {WHAT_TO_DO}"
            raise SourceFault(message)


def _new_fields(line: str) -> set[str]:
    """Fields of an event that its envelope does not know; none for what is no event."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return set()
    is_event = isinstance(event, dict) and str(event.get("event_type")) in TABLE_OF_TYPE
    return event.keys() - ENVELOPE if is_event else set()


def _table_of(event_types: pa.ChunkedArray) -> pa.ChunkedArray:
    place = pc.index_in(event_types, pa.array(list(TABLE_OF_TYPE)))
    return pa.array(list(TABLE_OF_TYPE.values())).take(place.combine_chunks())


def _problems(events: pa.Table, tables: pa.Array, not_utf8: pa.Array) -> pa.Array:
    """Why each line is no event; null for events. The first reason that holds counts."""
    has_key = pc.and_(events["event_id"].is_valid(), events["uid"].is_valid())
    return pc.case_when(
        pc.make_struct(
            not_utf8,
            pc.invert(events["is_json"]).combine_chunks(),
            events["event_type"].is_null().combine_chunks(),
            pc.equal(tables, ""),
            pc.invert(has_key).combine_chunks(),
        ),
        *("not_utf8", "no_json", "no_event_type", "unknown_event_type", "no_key"),
    )


def _rejected(chunk: Chunk, problem: pa.Array) -> pa.RecordBatch:
    rows = np.flatnonzero(problem.is_valid())
    piece = np.searchsorted(chunk.starts, rows, side="right") - 1
    numbers = rows - np.array(chunk.starts)[piece] + np.array(chunk.first_lines)[piece]
    columns = [pa.array(chunk.files).take(pa.array(piece)), pa.array(numbers).cast(pa.string())]
    return pa.RecordBatch.from_arrays([*columns, problem.take(pa.array(rows))], list(REJECTED_COLUMNS))


def _empty_tables() -> Iterator[Sent]:
    for table in sorted(set(TABLE_OF_TYPE.values())):
        yield Sent(table, pa.RecordBatch.from_pydict({name: pa.array([], pa.string()) for name in ENVELOPE}))
    yield Sent(REJECTED, pa.RecordBatch.from_pydict({name: pa.array([], pa.string()) for name in REJECTED_COLUMNS}))


def _batch(table: pa.Table) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], table.schema.names)
