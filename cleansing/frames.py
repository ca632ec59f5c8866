"""The batch core behind a pandas frame: what Spark's mapInPandas calls, with nothing but rows in and rows out.

landed.mapInPandas(partial(clean_frames, contract), spark_schema(contract))
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from cleansing.batches import clean_batch, staging_schema
from warehouse.contract import Contract

if TYPE_CHECKING:
    import pandas as pd


def clean_frames(contract: Contract, landed: "Iterable[pd.DataFrame]") -> "Iterator[pd.DataFrame]":
    """Frames of landed text with `source_row` standardised one by one; rows that break the contract are left out."""
    for frame in landed:
        batch = pa.RecordBatch.from_pandas(frame, schema=landed_schema(frame.columns), preserve_index=False)
        yield clean_batch(contract, batch).rows.to_pandas(date_as_object=True)


def landed_schema(columns: Iterable[str]) -> pa.Schema:
    """Landed columns are text; the row number is not."""
    return pa.schema([(name, pa.int64() if name == "source_row" else pa.string()) for name in columns])


def spark_schema(contract: Contract) -> str:
    """DDL of a standardised table for Spark."""
    fields = staging_schema(contract)
    return ", ".join(f"{field.name} {_SPARK_TYPE.get(field.type, str(field.type))}" for field in fields)


_SPARK_TYPE = {
    pa.string(): "string",
    pa.bool_(): "boolean",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp_ntz",
    pa.decimal128(18, 2): "decimal(18, 2)",
}
