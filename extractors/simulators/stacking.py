"""State of people simulated apart put together: columns end to end, and what refers to rows moved along."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import numpy as np
import pyarrow as pa

from extractors.simulators.streams import Ints

State = TypeVar("State")


@dataclass(frozen=True)
class RowsOf:
    """Marks a column of row numbers of something, negative for none; or, of itself, how many rows there are."""

    what: str


PEOPLE, HOUSEHOLDS, CUSTOMERS, HOLDERS, ORGANISATIONS = map(
    RowsOf, ("people", "households", "customers", "holders", "organisations")
)
PersonRows = Annotated[Ints, PEOPLE]
HouseholdRows = Annotated[Ints, HOUSEHOLDS]
CustomerRows = Annotated[Ints, CUSTOMERS]  # of core banking
HolderRows = Annotated[Ints, HOLDERS]  # of cards
OrganisationRows = Annotated[Ints, ORGANISATIONS]
HouseholdCount = Annotated[int, HOUSEHOLDS]


def stacked(one: State, other: State, rows: Mapping[RowsOf, int] | None = None) -> State:
    """One state with the rows of another after its own.

    `rows` tells how many there are in the first of everything that is referred to; without it both refer to the same.
    What is no column stays as it is in the first.
    """
    whole, refers_to = copy(one), _references(type(one))  # type: ignore[arg-type]
    for name in (each.name for each in fields(one)):  # type: ignore[arg-type]
        mine, theirs = getattr(one, name), getattr(other, name)
        if rows and name in refers_to:
            moved = rows[refers_to[name]]
            theirs = np.where(theirs >= 0, theirs + moved, theirs) if isinstance(mine, np.ndarray) else theirs
        object.__setattr__(whole, name, stacked_columns(mine, theirs, rows, is_count=name in refers_to))  # if frozen
    return whole


def stacked_columns(mine: Any, theirs: Any, rows: Mapping[RowsOf, int] | None, *, is_count: bool = False) -> Any:
    """A column or a state with another after it, or columns and states by name; anything else as in the first."""
    if isinstance(mine, np.ndarray):
        return np.concatenate([mine, theirs])
    if isinstance(mine, pa.Array):
        return pa.concat_arrays([mine, theirs])
    if isinstance(mine, pa.Table):
        return pa.concat_tables([mine, theirs])
    if isinstance(mine, dict):
        return {name: stacked_columns(column, theirs[name], rows) for name, column in mine.items()}
    if is_dataclass(mine):
        return stacked(mine, theirs, rows)
    return mine + theirs if is_count else mine


@cache
def _references(state: type) -> dict[str, RowsOf]:
    """Which fields of a state refer to rows, or count them."""
    hints = get_type_hints(state, include_extras=True)
    marks = {name: [mark for mark in get_args(hint)[1:] if isinstance(mark, RowsOf)] for name, hint in hints.items()}
    return {name: found[0] for name, found in marks.items() if found}
