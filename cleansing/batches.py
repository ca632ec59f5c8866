"""One landed batch through its contract: values cleaned, codes mapped, rows that break a rule set aside."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleansing.codes import map_codes
from cleansing.dimensions import CODE_OF_RULE, RULES
from cleansing.header import SOURCE_ROW, check_header
from cleansing.landed_values import LandedValues, landed_values
from cleansing.validity import broken_rules
from cleansing.values.columns import as_mask
from cleansing.values.findings import Outcome
from cleansing.values.registry import CLEANERS
from warehouse.contract import Column, Contract, arrow_schema

FLAG_SCHEMA = pa.schema(
    [
        pa.field(SOURCE_ROW, pa.int64(), nullable=False),
        pa.field("source_key", pa.string()),
        pa.field("column_name", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
    ]
)
_SILENT = [CODE_OF_RULE[outcome.value] for outcome in (Outcome.OK, Outcome.MISSING)]
Rules = npt.NDArray[np.int8]  # positions in RULES


class CleanedBatch(NamedTuple):
    """Rows that keep the contract, rows that cannot, and what happened to single values (never the values).

    `outcomes` counts, for each column, the landed values each of RULES speaks of: they add up to the rows landed.
    """

    rows: pa.RecordBatch
    rejected: pa.RecordBatch
    issues: pa.RecordBatch
    outcomes: dict[str, npt.NDArray[np.int64]]


class _CleanedColumn(NamedTuple):
    """Valid values, and per row which of RULES speaks of it (`ok` and `missing` among them)."""

    values: pa.Array
    rules: Rules


def staging_schema(contract: Contract) -> pa.Schema:
    """Contracted columns in the storage of their types, then the landed row they come from."""
    return arrow_schema(contract).append(pa.field(SOURCE_ROW, pa.int64(), nullable=False))


def clean_batch(contract: Contract, landed: pa.RecordBatch) -> CleanedBatch:
    """Clean one batch of landed text that carries `source_row`.

    Raises HeaderDriftError and UnknownCodeError; every landed row is either in `rows` or once in `rejected`.
    """
    check_header(contract, landed.schema.names)
    values = landed_values(landed, [column.landed for column in contract.columns.values() if column.landed])
    cleaned = {name: _clean_column(contract, name, column, values) for name, column in contract.columns.items()}
    source_row = landed.column(SOURCE_ROW)
    reasons = _rejections(contract, cleaned, len(source_row))
    keys = _source_keys(contract, cleaned)
    is_kept = reasons == -1
    rows = pa.RecordBatch.from_arrays(
        [column.values.filter(pa.array(is_kept)) for column in cleaned.values()]
        + [source_row.filter(pa.array(is_kept))],
        schema=staging_schema(contract),
    )
    return CleanedBatch(
        rows,
        _rejected(cleaned, reasons, source_row, keys),
        _issues(cleaned, is_kept, source_row, keys),
        {name: np.bincount(column.rules, minlength=len(RULES)) for name, column in cleaned.items()},
    )


def _clean_column(contract: Contract, name: str, column: Column, landed: LandedValues) -> _CleanedColumn:
    origin = str(column.landed)
    raw = landed.texts[origin]
    if column.allowed:
        raw = map_codes(contract, name, raw)
    cleaned = CLEANERS[column.semantic.cleaner].clean(raw)
    rules = cleaned.outcomes.copy()  # OUTCOMES are the first of RULES
    if (is_broken := landed.is_broken(origin)) is not None:
        rules[as_mask(is_broken)] = CODE_OF_RULE[Outcome.INVALID.value]
    if (is_cut := landed.is_cut(origin)) is not None:
        rules[as_mask(is_cut) & (rules == CODE_OF_RULE[Outcome.OK.value])] = CODE_OF_RULE[Outcome.REPAIRED.value]
    values = cleaned.values
    for rule, breaks in broken_rules(column, values):
        rules[breaks] = CODE_OF_RULE[rule]
        values = pc.if_else(pa.array(breaks), None, values)
    return _CleanedColumn(values, rules)


def _rejections(contract: Contract, cleaned: dict[str, _CleanedColumn], rows: int) -> npt.NDArray[np.int64]:
    """Per row the position of the first required column without a value, or -1."""
    reasons = np.full(rows, -1)
    for at, (name, column) in reversed(list(enumerate(cleaned.items()))):
        if contract.columns[name].required and column.values.null_count:
            reasons[as_mask(column.values.is_null())] = at
    return reasons


def _rejected(
    cleaned: dict[str, _CleanedColumn], reasons: npt.NDArray[np.int64], source_row: pa.Array, keys: pa.Array
) -> pa.RecordBatch:
    at = np.flatnonzero(reasons >= 0)
    names, columns = list(cleaned), list(cleaned.values())
    where = [names[reasons[row]] for row in at]
    rules = [RULES[columns[reasons[row]].rules[row]] for row in at]
    return _flags(source_row, keys, at, where, rules)


def _issues(
    cleaned: dict[str, _CleanedColumn], is_kept: npt.NDArray[np.bool_], source_row: pa.Array, keys: pa.Array
) -> pa.RecordBatch:
    """Every flagged value of the kept rows, by column and then by row."""
    batches = []
    for name, column in cleaned.items():
        at = np.flatnonzero(is_kept & ~np.isin(column.rules, _SILENT))
        batches.append(_flags(source_row, keys, at, [name] * len(at), [RULES[code] for code in column.rules[at]]))
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0] if any(map(len, batches)) else batches[0]


def _flags(
    source_row: pa.Array, keys: pa.Array, at: npt.NDArray[np.int64], columns: list[str], rules: list[str]
) -> pa.RecordBatch:
    positions = pa.array(at)
    arrays = [
        source_row.take(positions),
        keys.take(positions),
        pa.array(columns, pa.string()),
        pa.array(rules, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=FLAG_SCHEMA)


def _source_keys(contract: Contract, cleaned: dict[str, _CleanedColumn]) -> pa.Array:
    """Grain values joined by `|`; what is not known is left empty."""
    parts = [cleaned[name].values.cast(pa.string()) for name in contract.grain]
    return pc.binary_join_element_wise(*parts, "|", null_handling="replace", null_replacement="")
