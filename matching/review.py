"""Clerical review: the pairs a steward should look at, and what the steward says of them."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from matching.decisions import Decision, read_decisions, record_decision, standing
from warehouse.engine import quoted
from warehouse.errors import ToldError
from warehouse.settings import Settings

SCHEMA = pa.schema(
    [
        ("decision_number", pa.int64()),
        ("decision", pa.string()),
        ("record_key_left", pa.string()),
        ("record_key_right", pa.string()),
        ("decided_by", pa.string()),
        ("decided_at", pa.string()),
        ("reason", pa.string()),
        ("expires_on", pa.date32()),
        ("approved_by", pa.string()),
        ("reverses_decision", pa.int64()),
        ("is_in_force", pa.bool_()),
    ]
)


class ReviewError(ToldError, ValueError):
    """A decision cannot be taken; the message says why."""


def decision_rows(settings: Settings, business_date: date) -> pa.Table:
    """Every decision as steward_decision holds it, in force or not on the day."""
    decisions = read_decisions(settings.decisions)
    in_force = standing(decisions, business_date)
    rows = [
        {
            "decision_number": decision.number,
            "decision": decision.kind,
            "record_key_left": decision.left,
            "record_key_right": decision.right,
            "decided_by": decision.who,
            "decided_at": decision.when,
            "reason": decision.why,
            "expires_on": decision.expires_on,
            "approved_by": decision.approved_by,
            "reverses_decision": decision.reverses,
            "is_in_force": decision.number in in_force.numbers,
        }
        for decision in decisions
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


def queue(review_queue: Path, most: int) -> list[dict[str, Any]]:
    """The first pairs of the queue."""
    with duckdb.connect() as connection:
        query = f"SELECT * FROM read_parquet({quoted(review_queue)}) ORDER BY place LIMIT {int(most)}"
        pairs: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
        return pairs


def decide(settings: Settings, customer_record: Path, decision: Decision, business_date: date) -> Decision:
    """Record a decision on two records of a version; raises ReviewError for a key that is not there.

    A contradiction with the decisions in force raises DecisionError.
    """
    with duckdb.connect() as connection:
        known = connection.execute(
            f"SELECT record_key FROM read_parquet({quoted(customer_record)}) WHERE record_key IN (?, ?)",
            [decision.left, decision.right],
        ).fetchall()
    for key in (decision.left, decision.right):
        if (key,) not in known:
            raise ReviewError(f"{key}: no such record in the current version; check source and key")
    return record_decision(settings.decisions, decision, business_date)


def reverse(settings: Settings, number: int, who: str, when: str, why: str, business_date: date) -> Decision:
    """Take back a decision by its number."""
    earlier = next((d for d in read_decisions(settings.decisions) if d.number == number), None)
    if earlier is None:
        raise ReviewError(f"decision {number} does not exist; `c360 review list --decided` names those recorded")
    taken_back = Decision("reverse", earlier.left, earlier.right, who, when, why, reverses=number)
    return record_decision(settings.decisions, taken_back, business_date)
