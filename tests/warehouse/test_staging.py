import json
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from warehouse.contract import read_contract
from warehouse.loads import StandardisedDay
from warehouse.staging import current_rows, day_folder, issues, quarantined_rows, reconciliation

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


MONEY = {f"amount_{name}": "0.00" for name in ("sent", "landed", "corrected", "staged", "quarantined")}


def standardised(settings, day: str, rows: str, rejected: str = "", *, is_whole: bool = False) -> StandardisedDay:
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
    counts = {"rows_in": 3, "rows_out": 2, "quarantined": 1, "issues": 1, "is_whole": is_whole}
    counts |= {"rows_sent": -1, "rows_rejected": 0, "rows_replayed": 0}
    counts |= MONEY | {"amount_sent": "7.50", "amount_landed": "7.50", "amount_staged": "7.50"}
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


def test_what_a_whole_load_does_not_hold_is_there_no_more(settings, contract):
    days = [
        standardised(settings, "2026-01-29", "('a', 1, 1), ('b', 2, 2)"),
        standardised(settings, "2026-01-30", "('a', 10, 1), ('c', 3, 2)", is_whole=True),
        standardised(settings, "2026-01-31", "('d', 4, 1)"),
    ]
    assert rows_of(current_rows(contract, days)) == [("a", 10), ("c", 3), ("d", 4)]


EVENTS = """
description: Logins.
zh: 登录
owner: channel
grain: [event_id]
columns:
  event_id: {type: source_key, from: event_id, required: true, description: Event., zh: 事件}
  occurred_at: {type: timestamp, from: event_ts, description: When., zh: 时间}
"""


def test_of_an_event_the_first_row_counts_and_every_other_is_kept_out_by_name(settings, tmp_path):
    path = tmp_path / "staging" / "stg_app__login.yml"
    path.parent.mkdir()
    path.write_text(EVENTS, encoding="utf-8")
    contracts, loads = (
        {"stg_app__login": read_contract(path)},
        {
            "2026-01-31": "('a', TIMESTAMP '2020-01-01', 1), ('b', TIMESTAMP '2026-01-31', 2)",
            "2026-02-09": "('a', TIMESTAMP '2020-01-01', 1), ('c', TIMESTAMP '2026-02-01', 2), "
            "('d', TIMESTAMP '2026-02-02', 3), ('d', TIMESTAMP '2026-02-09', 4), ('e', TIMESTAMP '2026-02-11', 5)",
        },
    )
    days = []
    for day, rows in loads.items():
        folder = day_folder(settings, "stg_app__login", date.fromisoformat(day))
        folder.mkdir(parents=True)
        count = rows.count("TIMESTAMP")
        with duckdb.connect() as connection:
            query = f"SELECT * FROM (VALUES {rows}) AS t (event_id, occurred_at, source_row)"
            connection.execute(f"COPY ({query}) TO '{folder / 'rows.parquet'}'")
            nothing = "SELECT 1 AS source_row, '' AS source_key, '' AS column_name, '' AS rule WHERE false"
            for name in ("rejected", "issues"):
                connection.execute(f"COPY ({nothing}) TO '{folder / f'{name}.parquet'}'")
        counts = {"rows_in": count, "rows_out": count, "quarantined": 0, "issues": 0}
        counts |= {"rows_sent": count, "rows_rejected": 0, "rows_replayed": 0} | MONEY
        (folder / "manifest.json").write_text(json.dumps(counts), encoding="utf-8")
        days.append(StandardisedDay("stg_app__login", date.fromisoformat(day), folder))
    first, second = (day.business_date for day in days)
    current = rows_of(current_rows(contracts["stg_app__login"], days))
    assert [(event, moment.day) for event, moment in current] == [("a", 1), ("b", 31), ("c", 1), ("d", 2), ("e", 11)]
    assert sorted(rows_of(quarantined_rows(contracts, days))) == [
        ("app", "login", second, 1, "a", "event_id", "repeated"),
        ("app", "login", second, 4, "d", "event_id", "repeated"),
    ]
    assert sorted(row[2:6] for row in rows_of(reconciliation(contracts, days))) == [(first, 2, 2, 0), (second, 5, 3, 2)]
    assert sorted(row[4:] for row in rows_of(issues(contracts, days))) == [("ahead_of_time", 1), ("late", 2)]


def test_a_source_that_never_landed_gives_an_empty_table(contract):
    assert rows_of(current_rows(contract, [])) == []


def test_every_row_is_accounted_for_by_load(settings, contract):
    days = [standardised(settings, "2026-01-31", "('a', 1, 1), ('b', 2, 2)", "(3, 'c', 'points', 'minimum')")]
    contracts = {"stg_loyalty__member": contract}
    day = date(2026, 1, 31)
    assert rows_of(reconciliation(contracts, days)) == [
        ("loyalty", "member", day, 3, 2, 1, 1, None, 0, 0, *map(Decimal, ("7.50", "7.50", "0", "7.50", "0")))
    ]
    assert rows_of(quarantined_rows(contracts, days)) == [("loyalty", "member", day, 3, "c", "points", "minimum")]
    assert rows_of(issues(contracts, days)) == [("loyalty", "member", day, "points", "minimum", 1)]
