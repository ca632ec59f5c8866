"""The trend of what only records together show: carried from version to version."""

from datetime import date
from pathlib import Path

import duckdb

from warehouse.contract import read_contracts
from warehouse.engine import ROWS, write_query
from warehouse.quality_history import HISTORY, carry_record_history
from warehouse.settings import Settings

DAY = date(2026, 1, 31)


def scores(connection: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    rows = [
        ("card", "customer_record", "birth_date", "2026-01-29", "accuracy", 2, 4),
        ("card", "customer_record", "birth_date", "2026-01-30", "accuracy", 1, 4),
        ("card", "customer_record", "birth_date", "2026-01-31", "accuracy", 9, 9),
        ("card", "cardholder", "mobile", "2026-01-30", "validity", 1, 4),
    ]
    values = ", ".join(str(row) for row in rows)
    names = "source, table_name, column_name, business_date, dimension, failed, total"
    query = f"SELECT * REPLACE (business_date::DATE AS business_date) FROM (VALUES {values}) AS scored ({names})"
    write_query(connection, query, folder / ROWS)
    return folder / ROWS


def test_the_days_before_are_carried_and_the_day_itself_is_measured_anew(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        earlier = {"dq_score": scores(connection, tmp_path / "earlier")}
        assert carry_record_history(connection, earlier, tmp_path, DAY) == {HISTORY: 2}
        rows = connection.execute(f"SELECT business_date::VARCHAR, failed, total FROM {HISTORY}").fetchall()
    assert rows == [("2026-01-29", 2, 4), ("2026-01-30", 1, 4)]


def test_a_first_night_has_no_history_but_the_contracted_columns(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        assert carry_record_history(connection, {}, tmp_path, DAY) == {HISTORY: 0}
        columns = [row[:2] for row in connection.execute(f"DESCRIBE {HISTORY}").fetchall()]
    contract = read_contracts(Settings(home=Path()).tables)[HISTORY]
    assert columns == [(name, column.semantic.sql) for name, column in contract.columns.items()]
