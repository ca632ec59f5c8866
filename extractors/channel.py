"""Digital and service channels: JSON lines, one landed table per kind of event, the payload as sent."""

from collections.abc import Iterator
from dataclasses import dataclass
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
SECRET_KEY = r'"(pin|pin_?block|cvv2?|cvc2?|track_?\d?|passw(?:or)?d|pwd|fingerprint|face_?id|biometric\w*)"\s*:'

# One parse a line: the envelope fields come out of a list of paths. A line that is no JSON yields nulls throughout.
READ_LINES = f"""
WITH checked AS (
    SELECT position, line, json_valid(line) AS is_json FROM lines
),
taken AS (
    SELECT
        position,
        is_json,
        CASE WHEN is_json THEN json_extract_string(line, {[f"$.{name}" for name in ENVELOPE]}) END AS fields
    FROM checked
)
SELECT
    position,
    is_json,
    {", ".join(f"fields[{at + 1}] AS {name}" for at, name in enumerate(ENVELOPE))}
FROM taken
ORDER BY position
"""


@dataclass(frozen=True)
class Chunk:
    """Some whole lines of one file, and the number of the first."""

    file: str
    first_line: int
    body: bytes


def extract(settings: Settings, business_date: date) -> Iterator[Sent]:
    """Every event of the day's files; lines that are no event land in `rejected_line` without their content."""
    folder = settings.sources / SOURCE / f"{business_date:%Y%m%d}"
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        message = f"{SOURCE} {business_date}: no event files yet; wait, or ask the channels to send them"
        raise SourceUnavailable(message)
    yield from _empty_tables()
    connection = _connect(settings)
    for path in paths:
        digest = {path.name: digest_of(path)}
        for chunk in _chunks(path):
            for table, rows in split_events(connection, chunk):
                yield Sent(table, rows, files=digest)


def split_events(connection: Any, chunk: Chunk) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Events of one chunk by the table they land in, and the rejected lines."""
    lines, not_utf8 = _as_lines(chunk.body)
    _refuse_secrets(connection, chunk, lines)
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
    import duckdb  # noqa: PLC0415 (only this function needs it)

    config = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    return duckdb.connect(config=config)


def _chunks(path: Path) -> Iterator[Chunk]:
    """Whole lines in pieces of bounded size."""
    first_line, rest = 1, b""
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            body, end, rest = (rest + piece).rpartition(LINE_END)
            if end:
                yield Chunk(path.name, first_line, body + end)
                first_line += body.count(LINE_END) + 1
    if rest:
        yield Chunk(path.name, first_line, rest + LINE_END)


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


def _refuse_secrets(connection: Any, chunk: Chunk, lines: pa.Array) -> None:
    """Raise SourceFault when an event carries a field that must never land."""
    hits = pc.match_substring_regex(lines, pattern=SECRET_KEY, ignore_case=True)
    if pc.any(hits).as_py():
        line = lines.filter(hits)[0].as_py()
        field = pc.extract_regex(pa.array([line.lower()]), pattern=SECRET_KEY.replace("(pin", "(?P<field>pin", 1))[0]["field"]
        message = f"{SOURCE} {chunk.file}: field '{field}' is a secret (class C3) and must not land; leave it out at the source"
        raise SourceFault(message)


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
    numbers = pa.array(rows + chunk.first_line).cast(pa.string())
    columns = [pa.repeat(pa.scalar(chunk.file), len(rows)), numbers, problem.take(pa.array(rows))]
    return pa.RecordBatch.from_arrays(columns, list(REJECTED_COLUMNS))


def _empty_tables() -> Iterator[Sent]:
    for table in sorted(set(TABLE_OF_TYPE.values())):
        yield Sent(table, pa.RecordBatch.from_pydict({name: pa.array([], pa.string()) for name in ENVELOPE}))
    yield Sent(REJECTED, pa.RecordBatch.from_pydict({name: pa.array([], pa.string()) for name in REJECTED_COLUMNS}))


def _batch(table: pa.Table) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], table.schema.names)
