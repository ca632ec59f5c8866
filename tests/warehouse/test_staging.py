import json
from datetime import date

import duckdb
import pytest

from warehouse.contract import read_contract
from warehouse.staging import StandardisedDay, current_rows, day_folder, issues, quarantined_rows, reconciliation

CONTRACT = """
description: Members.
zh: 会员
owner: loyalty
grain: [source_key]
columns:
  source_key: {type: source_key, from: no, required: true, description: Key., zh: 主键}
  points: {type: count, from: points, description: Points., zh: 积分}
"""


@pytest.fixture
def contract(tmp_path):
    path = tmp_path / "staging" / "stg_loyalty__member.yml"
    path.parent.mkdir()
    path.write_text(CONTRACT, encoding="utf-8")
    return read_contract(path)


def standardised(settings, day: str, rows: str, rejected: str = "") -> StandardisedDay:
    folder = day_folder(settings, "stg_loyalty__member", date.fromisoformat(day))
    folder.mkdir(parents=True)
    kept = f"SELECT * FROM (VALUES {rows}) AS t (source_key, points, source_row)"
    broken = "SELECT 1::BIGINT AS source_row, '' AS source_key, '' AS column_name, '' AS rule"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({kept}) TO '{folder / 'rows.parquet'}'")
        for name in ("rejected", "issues"):
            chosen = f"SELECT * FROM (VALUES {rejected}) AS t (source_row, source_key, column_name, rule)"
            query = chosen if rejected else f"{broken} WHERE false"
            connection.execute(f"COPY ({query}) TO '{folder / f'{name}.parquet'}'")
    counts = {"rows_in": 3, "rows_out": 2, "quarantined": 1, "issues": 1}
    (folder / "manifest.json").write_text(json.dumps(counts), encoding="utf-8")
    return StandardisedDay("stg_loyalty__member", date.fromisoformat(day), folder)


def rows_of(query: str) -> list[tuple]:
    with duckdb.connect() as connection:
        return connection.sql(query).fetchall()


def test_the_newest_day_wins_and_in_a_day_the_last_row(settings, contract):
    days = [
        standardised(settings, "2026-01-30", "('a', 1, 1), ('b', 2, 2)"),
        standardised(settings, "2026-01-31", "('a', 10, 1), ('a', 11, 2)"),
    ]
    assert rows_of(current_rows(contract, days)) == [("a", 11), ("b", 2)]


def test_a_source_that_never_landed_gives_an_empty_table(contract):
    assert rows_of(current_rows(contract, [])) == []


def test_every_row_is_accounted_for_by_load(settings, contract):
    days = [standardised(settings, "2026-01-31", "('a', 1, 1), ('b', 2, 2)", "(3, 'c', 'points', 'minimum')")]
    contracts = {"stg_loyalty__member": contract}
    day = date(2026, 1, 31)
    assert rows_of(reconciliation(contracts, days)) == [("loyalty", "member", day, 3, 2, 1, 1)]
    assert rows_of(quarantined_rows(contracts, days)) == [("loyalty", "member", day, 3, "c", "points", "minimum")]
    assert rows_of(issues(contracts, days)) == [("loyalty", "member", day, "points", "minimum", 1)]
