"""What happened to customer ids, append-only: each hash covers the event before, so none can be altered unseen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import pyarrow as pa
import pyarrow.compute as pc

KINDS = ("created", "added", "merged", "split", "moved", "removed", "retired", "erased")
SCHEMA = pa.schema(
    [
        ("event_number", pa.int64()),
        ("business_date", pa.date32()),
        ("event", pa.string()),
        ("customer_id", pa.string()),
        ("other_customer_id", pa.string()),
        ("record_key", pa.string()),
        ("previous_hash", pa.string()),
        ("event_hash", pa.string()),
    ]
)
FIRST_HASH = "0" * 64


class BrokenChainError(ValueError):
    """An identity event was altered, removed or inserted; the message names the first one that does not fit."""


@dataclass(frozen=True, order=True)
class Event:
    """One change of identity: an id alone, an id and the one it took over or came from, or a record and its ids."""

    event: str
    customer_id: str
    other_customer_id: str = ""
    record_key: str = ""


def chain(events: Iterable[Event], business_date: date, earlier: pa.Table | None) -> pa.Table:
    """`earlier` with the day's events appended in a fixed order."""
    before = earlier.select(SCHEMA.names).cast(SCHEMA) if earlier is not None else SCHEMA.empty_table()
    last = before.num_rows
    previous = before["event_hash"][last - 1].as_py() if last else FIRST_HASH
    rows: list[tuple[object, ...]] = []
    for number, event in enumerate(sorted(events, key=_position), start=last + 1):
        following = _hash(previous, number, business_date, event)
        rows.append((number, business_date, *_optional(event), previous, following))
        previous = following
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.concat_tables([before, pa.table(arrays, schema=SCHEMA)]).combine_chunks()


def verify_chain(events: pa.Table) -> int:
    """How many events there are; raises BrokenChainError at the first that does not follow from the one before."""
    previous = FIRST_HASH
    for number, row in enumerate(events.sort_by("event_number").to_pylist(), start=1):
        parts = (row["event"], row["customer_id"], row["other_customer_id"] or "", row["record_key"] or "")
        expected = _hash(previous, number, row["business_date"], Event(*parts))
        if row["event_number"] != number or row["previous_hash"] != previous or row["event_hash"] != expected:
            raise BrokenChainError(f"identity_event {row['event_number']} does not follow event {number - 1}")
        previous = expected
    return int(events.num_rows)


def count_kinds(events: pa.Table, business_date: date) -> dict[str, int]:
    """Events of one day by kind, kinds without any included."""
    day = events.filter(pc.equal(events["business_date"], pa.scalar(business_date, pa.date32())))
    counted = {row["values"]: row["counts"] for row in pc.value_counts(day["event"]).to_pylist()}
    return {kind: counted.get(kind, 0) for kind in KINDS}


def _position(event: Event) -> tuple[int, Event]:
    return KINDS.index(event.event), event


def _optional(event: Event) -> tuple[str | None, ...]:
    return event.event, event.customer_id, event.other_customer_id or None, event.record_key or None


def _hash(previous: str, number: int, business_date: date, event: Event) -> str:
    parts = (previous, str(number), business_date.isoformat(), event.event, event.customer_id)
    return sha256("\x1f".join((*parts, event.other_customer_id, event.record_key)).encode()).hexdigest()
