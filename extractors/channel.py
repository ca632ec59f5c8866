"""Digital and service channels: JSON lines, one landed table per kind of event, the payload as sent."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors import markers
from extractors.channel_deliveries import handed_over
from extractors.channel_events import ENVELOPE, TABLE_OF_TYPE, read_events
from extractors.channel_lines import Chunk, Rows, chunks
from extractors.faults import SourceFault
from extractors.landing import Sent
from extractors.secrets import secret_key
from warehouse.settings import Settings

SOURCE = "channel"
REJECTED = "rejected_line"
REJECTED_COLUMNS = ("file", "line_number", "reason")
# Why a line is no event; the first that holds counts.
NOT_UTF8, NO_JSON, NO_TYPE, UNKNOWN_TYPE, NO_KEY = range(5)
REASONS = ("not_utf8", "no_json", "no_event_type", "unknown_event_type", "no_key")
TABLES = sorted(set(TABLE_OF_TYPE.values()))
LOOKED_AT = 200  # so many lines, and one in so many, are looked at for new fields
LONGEST_NAME = 40
WHAT_TO_DO = "add it to ENVELOPE in channel_events.py and to the contracts, or ask for it inside payload"


def extract(settings: Settings, business_date: date) -> Iterator[Sent]:
    """Every event of the day's files; lines that are no event land in `rejected_line` without their content.

    Raises SourceUnavailable while a channel has handed over nothing, and SourceFault for what must not land.
    """
    handover = handed_over(settings.sources / SOURCE, business_date)
    faults = tuple(sorted(handover.faults))
    digests = {file.path.name: file.sha256 for file in handover.files}
    yield from _empty_tables(digests, faults)
    connection, rows_read = _connect(settings), 0
    for chunk in chunks([file.path for file in handover.files]):
        for table, rows in split_events(connection, chunk):
            rows_read += rows.num_rows
            yield Sent(table, rows, rows_sent=rows.num_rows)
    if rows_read != handover.lines:
        message = f"{SOURCE} {business_date}: {handover.lines} lines sent, {rows_read} came; land the day again"
        raise SourceFault(message)


def delivered(settings: Settings, first: date, last: date) -> dict[date, str]:
    """A fingerprint of what was handed over for each business date: another one opens the day again."""
    return markers.delivered(settings.sources / SOURCE, first, last)


def split_events(connection: Any, chunk: Chunk) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Events of one chunk by the table they land in, and the rejected lines."""
    lines = chunk.lines
    _refuse_secrets(chunk)
    _refuse_new_fields(chunk, lines)
    events = read_events(connection, lines)
    tables, problem = _sorted_out(events, chunk)
    envelope = events.select(list(ENVELOPE)).combine_chunks()
    for at, table in enumerate(TABLES):
        mine = np.flatnonzero(tables == at)
        if len(mine):
            yield table, _batch(envelope, mine)
    broken = np.flatnonzero(problem >= 0)
    if len(broken):
        reasons = pa.array(REASONS).take(pa.array(problem[broken]))
        yield REJECTED, pa.RecordBatch.from_arrays([*chunk.places(broken), reasons], list(REJECTED_COLUMNS))


def _connect(settings: Settings) -> Any:
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
    }
    return duckdb.connect(config=config)


def _refuse_secrets(chunk: Chunk) -> None:
    """Raise SourceFault when an event carries a field that must never land."""
    name = next(filter(None, map(secret_key, chunk.pieces)), None)
    if name:
        message = f"{SOURCE}: an event in {_some(chunk)} carries '{_spelt(name)}', a secret (class C3); leave it out"
        raise SourceFault(message)


def _refuse_new_fields(chunk: Chunk, lines: pa.ChunkedArray) -> None:
    """Raise SourceFault when events carry a field the envelope does not know; looks at the first and some others.

    One odd line in a hundred is a damaged line, not a new version of an app.
    """
    rows = np.unique(np.concatenate([np.arange(min(len(lines), LOOKED_AT)), np.arange(0, len(lines), LOOKED_AT)]))
    new = Counter(name for line in lines.take(pa.array(rows)).to_pylist() for name in _new_fields(line))
    for name, times in sorted(new.items()):
        if times > len(rows) // 100:
            message = f"{SOURCE}: events in {_some(chunk)} have a new field '{_spelt(name)}'; {WHAT_TO_DO}"
            raise SourceFault(message)


def _new_fields(line: str) -> set[str]:
    """Fields of an event that its envelope does not know; none for what is no event."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return set()
    is_event = isinstance(event, dict) and str(event.get("event_type")) in TABLE_OF_TYPE
    return event.keys() - ENVELOPE if is_event else set()


def _spelt(name: str) -> str:
    """The name of a field without anything that could be a value, were the line damaged."""
    return re.sub(r"\d{5,}|[^\w]", "?", name)[:LONGEST_NAME]


def _some(chunk: Chunk) -> str:
    """The files of a chunk, the first few."""
    files = list(dict.fromkeys(chunk.files))
    return ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")  # noqa: PLR2004


def _sorted_out(events: pa.Table, chunk: Chunk) -> tuple[Rows, Rows]:
    """Of each line the place in TABLES of the table it lands in, or -1 and why: a place in REASONS."""
    kinds = list(TABLE_OF_TYPE)
    kind = np.asarray(pc.fill_null(pc.index_in(events["event_type"], pa.array(kinds)), -1))
    tables = np.array([TABLES.index(TABLE_OF_TYPE[name]) for name in kinds] + [-1])[kind]
    problem = np.full(len(tables), -1)
    has_key = pc.and_(events["event_id"].is_valid(), events["uid"].is_valid())
    problem[~np.asarray(has_key)] = NO_KEY
    problem[kind < 0] = UNKNOWN_TYPE
    problem[np.asarray(events["event_type"].is_null())] = NO_TYPE
    problem[~np.asarray(events["is_json"])] = NO_JSON
    problem[np.concatenate(chunk.not_utf8)] = NOT_UTF8
    tables[problem >= 0] = -1
    return tables, problem


def _empty_tables(files: dict[str, str], faults: tuple[str, ...]) -> Iterator[Sent]:
    columns = dict.fromkeys(TABLES, ENVELOPE) | {REJECTED: REJECTED_COLUMNS}
    for table, names in columns.items():
        rows = pa.RecordBatch.from_pydict({name: pa.array([], pa.string()) for name in names})
        yield Sent(table, rows, files=files, faults=faults)


def _batch(table: pa.Table, rows: Rows) -> pa.RecordBatch:
    taken = table.take(pa.array(rows))
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in taken.columns], taken.schema.names)
