"""Values too many records hold to say who anybody is: a branch's telephone, a clerk's mail, one address for all."""

import pyarrow as pa
import pyarrow.compute as pc


def poison_values(records: pa.Table, column: str, holder: str, most_holders: int) -> pa.Table:
    """Values of `column` held by more than `most_holders` distinct `holder`s, with how many; the commonest first.

    Null holds nothing. Columns: the value under its own name, and `holders` (int64).
    """
    held = records.select([column, holder]).filter(pc.is_valid(records[column]))
    counted = held.group_by(column).aggregate([(holder, "count_distinct")]).rename_columns([column, "holders"])
    poison = counted.filter(pc.greater(counted["holders"], most_holders))
    return poison.sort_by([("holders", "descending"), (column, "ascending")])


def is_poison(values: pa.ChunkedArray, poison: pa.Table) -> pa.ChunkedArray:
    """Which of `values` stand in a table of poison values; null is not poison."""
    return pc.is_in(values, poison.column(0).combine_chunks()).fill_null(fill_value=False)
