"""What earlier versions measured on customer records: the records themselves are only those of today."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from warehouse.engine import ROWS, mount, quoted, write_query

HISTORY = "dq_record_history"
_RECORDS = "customer_record"


def carry_record_history(
    connection: duckdb.DuckDBPyConnection, earlier: Mapping[str, Path], folder: Path, business_date: date
) -> dict[str, int]:
    """Write `dq_record_history` from the tables of the version before, without the day being built; rows.

    A day built again has the same history, and a first night has none.
    """
    measured = earlier.get("dq_score")
    rows = f"read_parquet({quoted(measured)})" if measured else _NOTHING
    query = (
        "SELECT source, column_name, business_date, dimension, failed, total "
        f"FROM {rows} WHERE table_name = '{_RECORDS}' AND business_date < DATE '{business_date.isoformat()}' "
        "ORDER BY source, column_name, business_date, dimension"
    )
    target = folder / HISTORY / ROWS
    written = write_query(connection, query, target)
    mount(connection, {HISTORY: target})
    return {HISTORY: written}


_NOTHING = (
    "(SELECT NULL::VARCHAR AS source, NULL::VARCHAR AS table_name, NULL::VARCHAR AS column_name, "
    "NULL::DATE AS business_date, NULL::VARCHAR AS dimension, NULL::BIGINT AS failed, NULL::BIGINT AS total "
    "WHERE FALSE)"
)
