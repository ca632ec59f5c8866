"""What cleaning one value can come to."""

from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

Value = TypeVar("Value")


class Outcome(StrEnum):
    """What became of a value; everything but `ok` and `missing` is recorded as an issue."""

    OK = "ok"
    REPAIRED = "repaired"  # the same value, written differently
    UPGRADED = "upgraded"  # an older form of the number, brought to the current one
    MASKED = "masked"  # hidden in part by its source
    PLACEHOLDER = "placeholder"  # a filler such as 13800138000: null
    AMBIGUOUS = "ambiguous"  # may mean several things: null; a name unreadable in part: kept as sent
    INVALID = "invalid"  # not a value of this kind: null
    MISSING = "missing"  # nothing was sent


OUTCOMES = tuple(Outcome)


class Finding(NamedTuple, Generic[Value]):
    """A cleaned value and what became of it."""

    value: Value | None
    outcome: Outcome


MISSING: Finding[Any] = Finding(None, Outcome.MISSING)
PLACEHOLDER: Finding[Any] = Finding(None, Outcome.PLACEHOLDER)
AMBIGUOUS: Finding[Any] = Finding(None, Outcome.AMBIGUOUS)
INVALID: Finding[Any] = Finding(None, Outcome.INVALID)
MASKED: Finding[Any] = Finding(None, Outcome.MASKED)


def found(value: Value, raw: object) -> Finding[Value]:
    """`value`, repaired where it is not what was sent."""
    return Finding(value, Outcome.OK if value == raw else Outcome.REPAIRED)
