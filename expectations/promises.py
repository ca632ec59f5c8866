"""What a contract promises, one promise at a time: its Great Expectations reading and its SQL reading side by side.

Both readings name the same offending rows: small tables are judged by the first, large ones by the second.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from warehouse.contract import Column, Contract, ContractError
from warehouse.engine import quoted
from warehouse.transforms import MASKED_LAYERS
from warehouse.types import KEEP

CRITICAL = "critical"
COLUMNS = "columns"


@dataclass(frozen=True)
class Promise:
    """One promise about the rows of one table; `offends` is a SQL condition, true of the rows that break it."""

    rule: str
    dimension: str
    severity: str
    description: str
    offends: str
    expectation: str
    arguments: dict[str, Any]
    tolerated_share: float = 0.0
    offenders: str | None = None

    @property
    def count(self) -> str:
        """SQL aggregate over the table's rows: how many break the promise."""
        return self.offenders or f"count(*) FILTER (WHERE {self.offends})"

    def tolerated(self, total: int) -> int:
        """How many of `total` rows may break the promise."""
        return int(self.tolerated_share * total + 1e-9)


def promises(contract: Contract) -> list[Promise]:
    """Everything the contract promises of the table's own rows; the columns and their order come first."""
    return [columns_in_order(contract), _unique_grain(contract), *_column_promises(contract)]


def columns_in_order(contract: Contract) -> Promise:
    """The table has the contracted columns, no others, in the contracted order."""
    arguments = {"column_list": list(contract.columns)}
    description = "The columns are the contracted ones, in order."
    expectation = "ExpectTableColumnsToMatchOrderedList"
    return Promise(COLUMNS, "validity", CRITICAL, description, "false", expectation, arguments)


def duplicated_keys(contract: Contract) -> str:
    """SELECT of the grain of every key that more than one row holds, and `held`, the rows that hold it."""
    keys = ", ".join(contract.grain)
    any_known = " OR ".join(f"{key} IS NOT NULL" for key in contract.grain)
    return f"SELECT {keys}, count(*) AS held FROM {contract.name} WHERE {any_known} GROUP BY {keys} HAVING count(*) > 1"


def judged_value(name: str, column: Column) -> str:
    """SQL for a column's value as it is judged: not-a-number counts as null."""
    return f"nullif({name}, 'NaN'::DOUBLE)" if pa.types.is_floating(column.semantic.storage) else name


def _unique_grain(contract: Contract) -> Promise:
    keys = list(contract.grain)
    matches = " AND ".join(f"twice.{key} IS NOT DISTINCT FROM {contract.name}.{key}" for key in keys)
    return Promise(
        rule="grain",
        dimension="uniqueness",
        severity=CRITICAL,
        description=f"There is one row per {', '.join(keys)}.",
        offends=f"EXISTS (FROM ({duplicated_keys(contract)}) AS twice WHERE {matches})",
        expectation="ExpectCompoundColumnsToBeUnique" if len(keys) > 1 else "ExpectColumnValuesToBeUnique",
        arguments={"column_list": keys} if len(keys) > 1 else {"column": keys[0]},
        offenders=f"(SELECT coalesce(sum(held), 0) FROM ({duplicated_keys(contract)}))",
    )


def _column_promises(contract: Contract) -> Iterator[Promise]:
    for name, column in contract.columns.items():
        # a masked value keeps neither the form nor the range of its type
        is_masked = contract.layer in MASKED_LAYERS and column.semantic.mask != KEEP
        for promise_of in ABOUT_PRESENCE if is_masked else ABOUT_PRESENCE + ABOUT_VALUES:
            try:
                promise = promise_of(name, column)
            except ValueError as error:
                raise ContractError(f"{contract.path}: columns.{name}: {error}; correct the bound or code") from error
            if promise is not None:
                yield promise


def _required(name: str, column: Column) -> Promise | None:
    if not column.required:
        return None
    return Promise(
        rule=f"{name}.required",
        dimension="completeness",
        severity=column.severity,
        description=f"{name} is never null.",
        offends=f"{judged_value(name, column)} IS NULL",
        expectation="ExpectColumnValuesToNotBeNull",
        arguments={"column": name},
    )


def _null_share(name: str, column: Column) -> Promise | None:
    share = column.max_null_share
    if share is None:
        return None
    return Promise(
        rule=f"{name}.null_share",
        dimension="completeness",
        severity=column.severity,
        description=f"At most {share:.6g} of the rows lack {name}.",
        offends=f"{judged_value(name, column)} IS NULL",
        expectation="ExpectColumnValuesToNotBeNull",
        arguments={"column": name, "mostly": round(1 - share, 12)},
        tolerated_share=share,
    )


def _codes(name: str, column: Column) -> Promise | None:
    if not column.allowed:
        return None
    listed = ", ".join(_literal(code, column) for code in column.allowed)
    return Promise(
        rule=f"{name}.codes",
        dimension="validity",
        severity=column.severity,
        description=f"{name} is one of {', '.join(column.allowed)}.",
        offends=f"{judged_value(name, column)} NOT IN ({listed})",
        expectation="ExpectColumnValuesToBeInSet",
        arguments={"column": name, "value_set": [_typed(code, column) for code in column.allowed]},
    )


def _pattern(name: str, column: Column) -> Promise | None:
    pattern = column.semantic.pattern
    if pattern is None:
        return None
    return Promise(
        rule=f"{name}.pattern",
        dimension="validity",
        severity=column.severity,
        description=f"{name} has the form of a {column.type}: {pattern}",
        offends=f"NOT regexp_full_match({name}, {quoted(pattern)})",
        expectation="ExpectColumnValuesToMatchRegex",
        # (?a:) because \s is ASCII in DuckDB; \Z because $ would let a trailing line break pass
        arguments={"column": name, "regex": rf"\A(?a:{pattern})\Z"},
    )


def _range(name: str, column: Column) -> Promise | None:
    if pa.types.is_string(column.semantic.storage) and (column.minimum or column.maximum):
        raise ValueError("text has neither minimum nor maximum")
    lowest = _tightest(max, column, column.minimum, column.semantic.minimum)
    highest = _tightest(min, column, column.maximum, column.semantic.maximum)
    bounds = [(lowest, "<", "at least", "min_value"), (highest, ">", "at most", "max_value")]
    stated = [(bound, sign, words, argument) for bound, sign, words, argument in bounds if bound is not None]
    if not stated:
        return None
    return Promise(
        rule=f"{name}.range",
        dimension="validity",
        severity=column.severity,
        description=f"{name} is {' and '.join(f'{words} {bound}' for bound, _, words, _ in stated)}.",
        offends=" OR ".join(
            f"{judged_value(name, column)} {sign} {_literal(bound, column)}" for bound, sign, _, _ in stated
        ),
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": name, **{argument: _typed(bound, column) for bound, _, _, argument in stated}},
    )


def _tightest(choose: Callable[..., str], column: Column, *bounds: str | None) -> str | None:
    stated = [bound for bound in bounds if bound is not None]
    return choose(stated, key=lambda bound: _typed(bound, column)) if stated else None


def _typed(text: str, column: Column) -> Any:
    """`text` of a contract as the value it means in this column."""
    storage = column.semantic.storage
    if pa.types.is_date(storage):
        return date.fromisoformat(text)
    if pa.types.is_timestamp(storage):
        return datetime.fromisoformat(text)
    if pa.types.is_integer(storage):
        return int(text)
    return float(text) if pa.types.is_floating(storage) or pa.types.is_decimal(storage) else text


def _literal(text: str, column: Column) -> str:
    is_text = pa.types.is_string(column.semantic.storage)
    return quoted(text) if is_text else f"{quoted(text)}::{column.semantic.sql}"


ABOUT_PRESENCE = (_required, _null_share)
ABOUT_VALUES = (_codes, _pattern, _range)
