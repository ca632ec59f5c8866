"""What stewards decided about records, append-only and kept apart from scores: must-link, cannot-link, reversals.

Decisions are keyed on record keys, never on customer ids or rows, so they hold after any rebuild.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from warehouse.errors import ToldError

FILE = "steward_decision.jsonl"
Kind = Literal["must_link", "cannot_link", "reverse"]


class DecisionError(ToldError, ValueError):
    """A decision cannot be recorded; the message says why, naming the decisions that stand against it."""


@dataclass(frozen=True)
class Decision:
    """Two records are one customer, or are not, or an earlier decision holds no longer."""

    kind: Kind
    left: str
    right: str
    who: str
    when: str
    why: str
    expires_on: date | None = None
    approved_by: str | None = None
    reverses: int | None = None
    number: int = 0


@dataclass(frozen=True)
class Standing:
    """Decisions in force on one day."""

    must_link: tuple[tuple[str, str], ...]
    cannot_link: tuple[tuple[str, str], ...]
    numbers: frozenset[int] = frozenset()


def record_decision(folder: Path, decision: Decision, today: date, *, needs_approval: bool = False) -> Decision:
    """Append a decision and return it numbered; raises DecisionError where it contradicts those in force on `today`.

    A decision that stands already is returned as it is.
    """
    decisions = read_decisions(folder)
    ordered = replace(decision, left=min(decision.left, decision.right), right=max(decision.left, decision.right))
    _refuse_incomplete(ordered, decisions, needs_approval=needs_approval)
    in_force = [earlier for earlier in _in_force(decisions, today) if earlier.kind != "reverse"]
    for earlier in in_force:
        if (earlier.kind, earlier.left, earlier.right) == (ordered.kind, ordered.left, ordered.right):
            return earlier
    if ordered.kind != "reverse":
        _refuse_contradiction([*in_force, ordered])
    numbered = replace(ordered, number=len(decisions) + 1)
    _append(folder, numbered)
    return numbered


def read_decisions(folder: Path) -> list[Decision]:
    """Every decision ever recorded, in order."""
    path = folder / FILE
    if not path.exists():
        return []
    return [_from_line(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def standing(decisions: Sequence[Decision], today: date) -> Standing:
    """The must-links and cannot-links in force on `today`: neither reversed nor expired."""
    in_force = _in_force(decisions, today)
    return Standing(
        tuple((d.left, d.right) for d in in_force if d.kind == "must_link"),
        tuple((d.left, d.right) for d in in_force if d.kind == "cannot_link"),
        frozenset(d.number for d in in_force),
    )


def _in_force(decisions: Sequence[Decision], today: date) -> list[Decision]:
    reversed_numbers = {decision.reverses for decision in decisions if decision.kind == "reverse"}
    return [
        decision
        for decision in decisions
        if decision.number not in reversed_numbers and (decision.expires_on is None or decision.expires_on > today)
    ]


def _refuse_incomplete(decision: Decision, decisions: Sequence[Decision], *, needs_approval: bool) -> None:
    if not (decision.who.strip() and decision.why.strip() and decision.when.strip()):
        raise DecisionError(f"a decision on {_named(decision)} needs who, when and why; give all three")
    if decision.left == decision.right:
        raise DecisionError(f"a decision is about two records; {decision.left} stands on both sides")
    if needs_approval and decision.approved_by in (None, "", decision.who):
        raise DecisionError(f"a decision on {_named(decision)} needs the approval of a second person; give approved_by")
    if decision.kind == "reverse" and decision.reverses not in {earlier.number for earlier in decisions}:
        raise DecisionError(f"decision {decision.reverses} does not exist; name one of those recorded")


def _refuse_contradiction(decisions: Sequence[Decision]) -> None:
    """No two records kept apart may be bound together, directly or through others."""
    bonds: dict[str, list[tuple[str, Decision]]] = defaultdict(list)
    for decision in decisions:
        if decision.kind == "must_link":
            bonds[decision.left].append((decision.right, decision))
            bonds[decision.right].append((decision.left, decision))
    for decision in decisions:
        if decision.kind == "cannot_link":
            way = _way(bonds, decision.left, decision.right)
            if way:
                named = "; ".join(_named(step) for step in way)
                raise DecisionError(f"{_named(decision)} contradicts {named}; reverse one of them first")


def _way(bonds: dict[str, list[tuple[str, Decision]]], start: str, end: str) -> list[Decision]:
    """Must-links that lead from one record to the other; empty where none do."""
    reached: dict[str, list[Decision]] = {start: []}
    waiting = [start]
    while waiting:
        record = waiting.pop(0)
        for other, decision in bonds[record]:
            if other not in reached:
                reached[other] = [*reached[record], decision]
                waiting.append(other)
    return reached.get(end, [])


def _named(decision: Decision) -> str:
    number = f"decision {decision.number}" if decision.number else "the new decision"
    return f"{number} ({decision.kind} {decision.left} {decision.right})"


def _append(folder: Path, decision: Decision) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps(_plain(decision), ensure_ascii=False, sort_keys=True) + "\n"
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _plain(decision: Decision) -> dict[str, Any]:
    held = asdict(decision)
    held["expires_on"] = decision.expires_on.isoformat() if decision.expires_on else None
    return held


def _from_line(line: str) -> Decision:
    held = json.loads(line)
    expires_on = held.pop("expires_on")
    return Decision(**held, expires_on=date.fromisoformat(expires_on) if expires_on else None)


def expired(decisions: Iterable[Decision], today: date) -> list[Decision]:
    """Decisions whose day has come, for a steward to look at again."""
    return [decision for decision in decisions if decision.expires_on is not None and decision.expires_on <= today]
