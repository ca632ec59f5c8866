"""Rows that were committed after their day was extracted: read again with the next day, but never landed twice.

A row says when it changed, not when it was committed. A batch that runs past the extraction, or a server whose clock is
behind, leaves rows behind the watermark. So each extraction reads the day before once more and leaves out what landed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from warehouse.landing import landed_rows
from warehouse.settings import Settings

OVERLAP = timedelta(days=1)
BETWEEN, NOTHING = "\x1f", "\x1e"  # stand in no text of a database


@dataclass(frozen=True)
class Overlap:
    """What of one table landed last for the days that are read again."""

    changed_at: str
    since: str  # where reading begins, as the column spells moments
    landed: pa.Array  # each landed row as one text

    def only_new(self, batches: Iterator[tuple[pa.RecordBatch, int]]) -> Iterator[tuple[pa.RecordBatch, int]]:
        """Rows that did not land before; what the database counts as sent is less by as many."""
        for rows, sent in batches:
            is_known = pc.is_in(_as_texts(rows), value_set=self.landed)
            yield rows.filter(pc.invert(is_known)), sent - (pc.sum(is_known).as_py() or 0)


def landed_before(settings: Settings, source: str, table: str, changed_at: str, after: date, since: Any) -> Overlap:
    """The rows of a table that landed for the business date `after` and changed at `since` or later."""
    begin = since.isoformat(sep=" ") if hasattr(since, "hour") else str(since)
    landed = ds.dataset(landed_rows(settings, source, table, after), format="parquet")
    rows = landed.to_table(filter=ds.field(changed_at) >= begin)
    texts = [_as_texts(batch) for batch in rows.to_batches()]
    return Overlap(changed_at, begin, pa.concat_arrays([pa.array([], pa.string()), *texts]))


def _as_texts(rows: pa.RecordBatch) -> pa.Array:
    """Every row as one text, columns in the order of their names."""
    columns = [rows.column(name) for name in sorted(rows.schema.names)]
    return pc.binary_join_element_wise(*columns, BETWEEN, null_handling="replace", null_replacement=NOTHING)
