"""Whole columns through the same readers as single values: plainly written values by vector, the rest one by one.

A reader (`read_phone`) decides everything. Kernels may settle values they recognise as plain, with the reader's answer;
what they leave unsettled goes to the reader, each distinct value once. So a column and a value never disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.findings import OUTCOMES, Finding, Outcome

Outcomes = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]
Reader = Callable[[str], Finding[Any]]

Found = TypeVar("Found")

CODE_OF = {outcome: np.int8(code) for code, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True)
class Cleaned:
    """A cleaned column: values in the storage of their kind, and per value the position of its outcome in OUTCOMES."""

    values: pa.Array
    outcomes: Outcomes


@dataclass(frozen=True)
class Settled:
    """What a kernel settles: which values, their clean forms in order, and the outcome of those that are not null."""

    is_settled: Mask
    values: pa.Array
    outcome: Outcome = Outcome.OK

    def codes(self) -> Outcomes:
        """The outcome of each value in code; where a part is not in the value, it is missing."""
        return np.where(as_mask(self.values.is_valid()), CODE_OF[self.outcome], CODE_OF[Outcome.MISSING])


Kernel = Callable[[pa.Array], Settled]


class OfLastColumn(Generic[Found]):
    """A function of a column that keeps its last answer.

    Columns read from one landed value stand side by side in a contract: what they share is worked out once.
    """

    def __init__(self, work: Callable[[pa.Array], Found]) -> None:
        """Keep answers of `work`."""
        self._work = work
        self._last: tuple[pa.Array, Found] | None = None

    def __call__(self, column: pa.Array) -> Found:
        """`work(column)`, at once where the very same array was asked for last."""
        last = self._last
        if last is None or last[0] is not column:
            last = self._last = (column, self._work(column))
        return last[1]


@dataclass(frozen=True)
class Cleaner:
    """How one kind of value is cleaned: the reader that decides, and kernels for what is plainly written."""

    read: Reader
    storage: pa.DataType
    kernels: tuple[Kernel, ...] = ()

    def clean(self, raw: pa.Array) -> Cleaned:
        """The column `raw` (text) cleaned, value by value what `read` answers; null is missing."""
        outcomes = np.full(len(raw), CODE_OF[Outcome.MISSING])
        left, unsettled = _valid(raw)
        parts = [(np.flatnonzero(as_mask(raw.is_null())), pa.nulls(raw.null_count, self.storage))]
        for kernel in self.kernels:
            if not len(left):
                break
            settled = kernel(unsettled)
            parts.append((left[settled.is_settled], settled.values))
            outcomes[left[settled.is_settled]] = settled.codes()
            left = left[~settled.is_settled]
            unsettled = unsettled.filter(pa.array(~settled.is_settled))
        rest = self._read_distinct(unsettled)
        outcomes[left] = rest.outcomes
        return Cleaned(_in_order([*parts, (left, rest.values)]), outcomes)

    def _read_distinct(self, raw: pa.Array) -> Cleaned:
        encoded = raw.dictionary_encode()
        findings = [self.read(value) for value in encoded.dictionary.to_pylist()]
        values = pa.array([finding.value for finding in findings], self.storage)
        codes = np.array([CODE_OF[finding.outcome] for finding in findings], np.int8)
        return Cleaned(values.take(encoded.indices), codes[encoded.indices.to_numpy()])


def settle(
    raw: pa.Array, is_plain: pa.Array, write: Callable[[pa.Array], pa.Array], outcome: Outcome = Outcome.OK
) -> Settled:
    """The values of `raw` where `is_plain`, as `write` spells them."""
    return Settled(as_mask(is_plain), write(raw.filter(is_plain)), outcome)


def as_sent(raw: pa.Array) -> pa.Array:
    """Plain values that are clean as they stand."""
    return raw


def matches(raw: pa.Array, pattern: str) -> pa.Array:
    """Whether each value matches the RE2 `pattern`; false for null."""
    return pc.match_substring_regex(raw, pattern).fill_null(fill_value=False)


def as_mask(flags: pa.Array) -> Mask:
    """Arrow booleans without nulls as a numpy mask."""
    return np.asarray(flags.to_numpy(zero_copy_only=False), dtype=bool)


@OfLastColumn
def _valid(raw: pa.Array) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """Where `raw` holds something, and what."""
    return np.flatnonzero(as_mask(raw.is_valid())), raw.drop_null() if raw.null_count else raw


def _in_order(parts: list[tuple[npt.NDArray[np.int64], pa.Array]]) -> pa.Array:
    """Parts of a column put back where their positions say."""
    filled = [(positions, values) for positions, values in parts if len(positions)] or parts[:1]
    if len(filled) == 1:
        return filled[0][1]
    positions = np.concatenate([positions for positions, _ in filled])
    order = np.empty(len(positions), np.int64)
    order[positions] = np.arange(len(positions))
    return pa.concat_arrays([values for _, values in filled]).take(pa.array(order))
