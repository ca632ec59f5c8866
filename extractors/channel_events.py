"""Event types of the digital and service channels, the table each lands in, and how a line becomes an event."""

import json
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CHANNELS = ("APP", "WEB", "CALL", "BRANCH", "WECHAT")
TABLE_OF_TYPE = {
    "register": "profile",
    "profile": "profile",
    "login": "login",
    "page": "page",
    "transfer_view": "transfer_view",
    "call": "call",
    "chat": "chat",
    "branch_ticket": "branch_ticket",
    "service_case": "service_case",
    "survey": "survey",
    "campaign_contact": "campaign_contact",
    "campaign_response": "campaign_response",
    "consent_change": "consent_change",
    "lead": "lead",
    "opportunity": "opportunity",
    "social": "social",
    "crm_usage": "crm_usage",
    "training": "training",
}
PAYLOAD = "payload"
ENVELOPE = (
    "event_id", "event_type", "channel", "event_ts", "ingest_ts", "uid", "cif_no", "device_id", "openid", "session_id",
    "ip", "app_ver", PAYLOAD,
)  # fmt: skip
TRANSFORM = f"json_transform(line, '{json.dumps(dict.fromkeys(ENVELOPE, 'VARCHAR'))}')"
# The parser respells what it hands out (1.10 as 1.1); nearly every payload is spelt its way and stands so in the line.
READ_EVENTS = """
WITH events AS (SELECT line, {is_json} AS is_json, {event} AS event FROM lines)
SELECT
    is_json,
    CASE
        WHEN suffix(line, event.payload || '}}' || chr(10)) THEN true
        ELSE coalesce(contains(line, event.payload), true)
    END AS is_as_sent,
    {fields}
FROM events
"""
FIELDS = ", ".join(f"event.{name} AS {name}" for name in ENVELOPE)
SOUND = READ_EVENTS.format(is_json="true", event=TRANSFORM, fields=FIELDS)
# Where a line is no JSON the parser gives up on all of them, so that lines are asked first, at a cost.
UNSOUND = READ_EVENTS.format(
    is_json="json_valid(line)", event=f"TRY(CASE WHEN json_valid(line) THEN {TRANSFORM} END)", fields=FIELDS
)


def read_events(connection: Any, lines: pa.ChunkedArray) -> pa.Table:
    """Envelope and payload as sent of every line, in order, and whether it `is_json`; nulls for what is no event."""
    import duckdb

    connection.register("lines", pa.table({"line": lines}))
    try:
        events = connection.sql(SOUND).to_arrow_table()
    except duckdb.InvalidInputException:
        events = connection.sql(UNSOUND).to_arrow_table()
    finally:
        connection.unregister("lines")
    respelt = np.flatnonzero(pc.invert(events["is_as_sent"]))
    if not len(respelt):
        return events
    payload = events[PAYLOAD].combine_chunks()
    raw = pa.array([payload_as_sent(line) for line in lines.take(pa.array(respelt)).to_pylist()], pa.string())
    raw = pc.coalesce(raw, payload.take(pa.array(respelt)))
    mask = np.zeros(len(payload), dtype=bool)
    mask[respelt] = True
    return events.set_column(events.schema.get_field_index(PAYLOAD), PAYLOAD, pc.replace_with_mask(payload, mask, raw))


def payload_as_sent(line: str) -> str | None:
    r"""The payload as it is spelt in a line; None where it is a text, or is not to be found.

    >>> payload_as_sent('{"uid": "a,\\"}", "payload": {"cost": 1.10} }')
    '{"cost": 1.10}'
    """
    decoder, at = json.JSONDecoder(), line.find("{") + 1
    try:
        while True:
            name, at = scanstring(line, line.index('"', at) + 1, False)  # noqa: FBT003 (positional only)
            start = _after_space(line, line.index(":", at) + 1)
            value, at = decoder.raw_decode(line, start)
            if name == PAYLOAD:
                return None if isinstance(value, str) else line[start:at]
    except (ValueError, RecursionError):
        return None


def _after_space(line: str, at: int) -> int:
    return at + len(line[at:]) - len(line[at:].lstrip())
