"""`c360 quality`: the scores of a version as figures and as a page for people."""

import json
from pathlib import Path

import duckdb
import pytest

from dags.quality import read_quality, show_quality
from warehouse.contract import read_contracts
from warehouse.publish import Version
from warehouse.settings import Settings

CONTRACTS = read_contracts(Settings(home=Path()).tables)
SCORES = [
    # table, column, day, dimension, failed, total, weight, score, column score, score of the load before
    ("cardholder", "mobile", "2026-01-30", "validity", 10, 1000, 1.0, 0.99, 0.99, None),
    ("cardholder", "mobile", "2026-01-31", "validity", 30, 100, 1.0, 0.70, 0.70, 0.99),
    ("cardholder", "email", "2026-01-31", "validity", 0, 100, 1.0, 1.0, 1.0, None),
    ("cardholder", "nickname", "2026-01-31", "completeness", 99, 100, 0.0, 0.01, None, None),
]


@pytest.fixture
def version(tmp_path: Path) -> Version:
    with duckdb.connect(str(tmp_path / "customer360.duckdb")) as connection:
        for name in ("dq_score", "quarantine", "poison_value"):
            columns = ", ".join(f"{key} {column.semantic.sql}" for key, column in CONTRACTS[name].columns.items())
            connection.execute(f"CREATE TABLE {name} ({columns})")
        connection.executemany("INSERT INTO dq_score VALUES ('card', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", SCORES)
        for row in (7, 8):
            quarantined = ("card", "posting", "2026-01-31", row, None, "amount", "invalid")
            connection.execute("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?)", quarantined)
        poison = ("card", "cardholder", "mobile", "+861088880000", "phone", 70, 60, 900, "data")
        connection.execute("INSERT INTO poison_value VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", poison)
    (tmp_path / "manifest.json").write_text('{"business_date": "2026-01-31"}', encoding="utf-8")
    return Version(tmp_path)


def test_the_figures_are_those_of_the_last_load_with_the_change_since_the_one_before(version: Version):
    figures = read_quality(version, worst=5)
    assert figures["scores"] == [{"source": "card", "dimension": "validity", "score": 0.85, "change": -0.14}]
    assert [(row["column_name"], row["score"], row["change"]) for row in figures["worst_columns"]] == [
        ("mobile", 0.7, -0.29)
    ]
    assert [(row["rule"], row["rows"]) for row in figures["quarantined"]] == [("invalid", 2)]
    assert figures["poison"][0]["values_emptied"] == 60
    assert json.loads(json.dumps(figures)) == figures


def test_the_page_names_no_value_of_a_customer(version: Version, capsys: pytest.CaptureFixture[str]):
    show_quality(read_quality(version, worst=5))
    page = capsys.readouterr().out
    assert "85.00 (-14.00)" in page
    assert "card.cardholder.mobile" in page
    assert "88880000" not in page


def test_a_version_without_quarantine_says_none(version: Version, capsys: pytest.CaptureFixture[str]):
    figures = read_quality(version, worst=5)
    show_quality({**figures, "quarantined": [], "poison": []})
    assert capsys.readouterr().out.count("none") == 2
