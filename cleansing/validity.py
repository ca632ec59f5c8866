"""What must hold of a cleaned value beside its type: the pattern and limits a contract and its type declare."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.columns import as_mask, matches
from warehouse.contract import Column

Breaks = npt.NDArray[np.bool_]


def broken_rules(column: Column, values: pa.Array) -> Iterator[tuple[str, Breaks]]:
    """Each rule some value breaks, with the rows that break it; null breaks nothing."""
    for rule, is_kept in _checks(column, values):
        breaks = as_mask(pc.invert(is_kept.fill_null(fill_value=True)))
        if breaks.any():
            yield rule, breaks


def _checks(column: Column, values: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    semantic = column.semantic
    if semantic.pattern:
        yield "pattern", pc.or_(values.is_null(), matches(values, f"^(?:{semantic.pattern})$"))
    yield from _limit_checks("minimum", pc.greater_equal, (semantic.minimum, column.minimum), values)
    yield from _limit_checks("maximum", pc.less_equal, (semantic.maximum, column.maximum), values)


def _limit_checks(
    rule: str, keeps: Callable[[pa.Array, pa.Scalar], pa.Array], limits: tuple[str | None, ...], values: pa.Array
) -> Iterator[tuple[str, pa.Array]]:
    for limit in limits:
        if limit is not None:
            yield rule, keeps(values, pa.scalar(limit).cast(values.type))
