from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from landing_days import column, contract_of

from cleansing.batches import clean_batch
from cleansing.header import SOURCE_ROW
from cleansing.measures import measures

DAY = date(2026, 1, 31)


def measured(tmp_path: Path, columns: str, **landed: list[str | None]) -> dict[tuple[str, str], tuple[int, int]]:
    contract = contract_of(tmp_path, "stg_card__holder", columns)
    rows = len(next(iter(landed.values())))
    batch = pa.RecordBatch.from_pydict({**landed, SOURCE_ROW: list(range(1, rows + 1))})
    cleaned = clean_batch(contract, batch)
    pq.write_table(pa.Table.from_batches([cleaned.rows]), tmp_path / "rows.parquet")
    with duckdb.connect() as connection:
        found = measures(connection, contract, cleaned.outcomes, tmp_path / "rows.parquet", DAY)
    return {(row["column_name"], row["dimension"]): (row["failed"], row["total"]) for row in found.to_pylist()}


KEY = column("source_key", type="source_key", from_="id", required="true")


def test_each_value_fails_in_one_dimension_and_is_judged_only_where_it_was_there(tmp_path: Path):
    mobiles = ["13912345670", None, "13800138000", "139****5670", "139 1234 5671", "not a phone", "65529988"]
    ids: list[str | None] = [str(number) for number in range(7)]
    found = measured(tmp_path, KEY + column("mobile", type="phone", from_="tel"), id=ids, tel=mobiles)
    assert found["mobile", "completeness"] == (3, 7)
    assert found["mobile", "validity"] == (1, 4)
    assert found["mobile", "accuracy"] == (1, 4)
    assert found["mobile", "consistency"] == (1, 4)


def test_a_key_that_comes_again_fails_uniqueness(tmp_path: Path):
    assert measured(tmp_path, KEY, id=["1", "2", "1", "1"])["source_key", "uniqueness"] == (2, 4)


def test_an_event_that_took_more_than_a_day_is_late(tmp_path: Path):
    columns = (
        KEY
        + column("occurred_at", type="timestamp", from_="ts")
        + column("received_at", type="timestamp", from_="come")
    )
    found = measured(
        tmp_path, columns, id=["1", "2", "3"],
        ts=["2026-01-30T08:00:00+08:00"] * 3, come=["2026-01-30T08:00:01+08:00", "2026-02-01T08:00:00+08:00", None],
    )  # fmt: skip
    assert found["received_at", "timeliness"] == (1, 2)


def test_a_way_to_reach_a_customer_nobody_has_touched_for_five_years_is_stale(tmp_path: Path):
    columns = KEY + column("updated_at", type="timestamp", from_="upd")
    landed: dict[str, list[str | None]] = {"id": ["1", "2"], "upd": ["2021-01-30 00:00:00", "2021-01-31 00:00:00"]}
    assert ("updated_at", "timeliness") not in measured(tmp_path, columns, **landed), "no way to reach anybody"
    columns += column("mobile", type="phone", from_="tel")
    assert measured(tmp_path, columns, **landed, tel=[None, None])["updated_at", "timeliness"] == (1, 2)
