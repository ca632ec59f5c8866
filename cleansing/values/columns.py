"""Whole columns through the same readers as single values: plainly written values by vector, the rest one by one.

A reader (`read_phone`) decides everything. Kernels may settle values they recognise as plain, with the reader's answer;
what they leave unsettled goes to the reader, each distinct value once. So a column and a value never disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.findings import MISSING, OUTCOMES, Finding, Outcome

Outcomes = npt.NDArray[np.int8]
Reader = Callable[[str], Finding[Any]]

CODE_OF = {outcome: np.int8(code) for code, outcome in enumerate(OUTCOMES)}
UNSETTLED = np.int8(-1)


@dataclass(frozen=True)
class Cleaned:
    """A cleaned column: values in the storage of their kind, and per value the position of its outcome in OUTCOMES."""

    values: pa.Array
    outcomes: Outcomes


Kernel = Callable[[pa.Array], Cleaned]


@dataclass(frozen=True)
class Cleaner:
    """How one kind of value is cleaned: the reader that decides, and kernels for what is plainly written."""

    read: Reader
    storage: pa.DataType
    kernels: tuple[Kernel, ...] = ()

    def clean(self, raw: pa.Array) -> Cleaned:
        """The column `raw` (text) cleaned, value by value what `read` answers; null is missing."""
        values = pa.nulls(len(raw), self.storage)
        outcomes = np.full(len(raw), UNSETTLED)
        for kernel in (*self.kernels, self._clean_distinct):
            is_left = outcomes == UNSETTLED
            if not is_left.any():
                break
            if is_left.all():
                settled = kernel(raw)
                values = settled.values
            else:
                settled = kernel(raw.filter(pa.array(is_left)))
                values = pc.replace_with_mask(values, pa.array(is_left), settled.values)
            outcomes[is_left] = settled.outcomes
        return Cleaned(values, outcomes)

    def _clean_distinct(self, raw: pa.Array) -> Cleaned:
        encoded = raw.dictionary_encode()
        findings = [self.read(value) for value in encoded.dictionary.to_pylist()]
        findings.append(MISSING)
        values = pa.array([finding.value for finding in findings], self.storage)
        codes = np.array([CODE_OF[finding.outcome] for finding in findings], np.int8)
        positions = encoded.indices.fill_null(len(findings) - 1)
        return Cleaned(values.take(positions), codes[positions.to_numpy()])


def settle(raw: pa.Array, is_plain: pa.Array, values: pa.Array, outcome: Outcome = Outcome.OK) -> Cleaned:
    """Where `is_plain`, `values` with `outcome`; nulls missing; everything else unsettled and null."""
    plain = as_mask(is_plain)
    outcomes = np.where(plain, CODE_OF[outcome], UNSETTLED)
    outcomes[as_mask(raw.is_null())] = CODE_OF[Outcome.MISSING]
    return Cleaned(values if plain.all() else pc.if_else(pa.array(plain), values, None), outcomes)


def matches(raw: pa.Array, pattern: str) -> pa.Array:
    """Whether each value matches the RE2 `pattern`; false for null."""
    return pc.match_substring_regex(raw, pattern).fill_null(fill_value=False)


def as_mask(flags: pa.Array) -> npt.NDArray[np.bool_]:
    """Arrow booleans without nulls as a numpy mask."""
    mask: npt.NDArray[np.bool_] = flags.to_numpy(zero_copy_only=False).astype(bool, copy=False)
    return mask
