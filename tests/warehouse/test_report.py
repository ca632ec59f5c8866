"""The management report: its declaration, its queries, and the page made of them."""

import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from warehouse.contract import create_table, read_contracts
from warehouse.publish import Version
from warehouse.report.cards import draw_cards
from warehouse.report.declared import Chapter, Figure, ReportError, read_chapters
from warehouse.report.page import ReportQueryError, _table, ask, write_report
from warehouse.settings import Settings

CONTRACTS = read_contracts(Settings(home=Path()).tables)
CHAPTERS = read_chapters()
FIGURES = [(name, figure) for name, chapter in CHAPTERS.items() for figure in chapter.figures]
TABLES = ";".join(create_table(contract) for contract in CONTRACTS.values())


@pytest.fixture
def version(tmp_path: Path) -> Version:
    """A version whose tables are empty but for two customer-base rows."""
    with duckdb.connect(str(tmp_path / "customer360.duckdb")) as connection:
        connection.execute(TABLES)
        connection.execute(
            "INSERT INTO mart_customer_base BY NAME SELECT DATE '2026-01-31' AS as_of_date, segment, "
            "'10001' AS org_code, 40 AS customers, 90 AS source_records, 50 AS duplicates_removed, "
            "3 AS new_customers_30d, 30 AS active_customers_90d, 1 AS lost_customers_30d, aum AS aum_cny, "
            "60 AS open_products FROM (VALUES ('loyal', 3000.0), ('<at risk>', 1000.0)) AS base (segment, aum)"
        )
    (tmp_path / "manifest.json").write_text('{"business_date": "2026-01-31"}', encoding="utf-8")
    return Version(tmp_path)


@pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=CHAPTERS)
def test_an_answer_is_one_sentence_in_two_languages(
    chapter: Chapter, empty_warehouse: duckdb.DuckDBPyConnection
) -> None:
    assert list(ask(empty_warehouse, "answer", chapter.answer).columns) == ["en", "zh"]


@pytest.mark.parametrize(("chapter", "figure"), FIGURES, ids=lambda value: getattr(value, "title", value))
def test_a_figure_draws_columns_of_its_query(
    chapter: str, figure: Figure, empty_warehouse: duckdb.DuckDBPyConnection
) -> None:
    assert set(figure.drawn) <= set(ask(empty_warehouse, chapter, figure.query).columns)


def test_the_page_holds_everything_itself_and_is_the_same_twice(version: Version, tmp_path: Path) -> None:
    page = write_report(version, tmp_path / "one.html").read_text(encoding="utf-8")
    assert page == write_report(version, tmp_path / "two.html").read_text(encoding="utf-8")
    fetched = re.findall(r"""(?:src|href)=["'](?!#)[^"']*""", page)
    assert fetched == []
    assert page.count("<svg") >= 2
    assert "80 customers stand behind 180 records" in page
    assert "源系统 180 条记录归并为 80 位客户" in page
    assert "&lt;at risk&gt;" in page
    assert "<at risk>" not in page


def test_a_chapter_without_rows_says_so(version: Version, tmp_path: Path) -> None:
    page = write_report(version, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Nothing to tell on this day." in page
    assert "No rows on this day." in page


def test_a_query_that_does_not_run_names_its_chapter(empty_warehouse: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ReportQueryError, match=r"report, churn: .*no_such_table"):
        ask(empty_warehouse, "churn", "FROM no_such_table")


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        ("chart: pie\n    query: SELECT 1", r"10_mine\.yml: figures\.0\.chart"),
        ("chart: bar\n    x: a\n    query: SELECT 1", r"a bar needs x and y"),
        ("chart: interval\n    x: a\n    y: b\n    query: SELECT 1", r"an interval needs low and high"),
        ("chart: table\n    colour_scheme: a\n    query: SELECT 1", r"figures\.0\.colour_scheme: Extra inputs"),
    ],
)
def test_a_wrong_chapter_is_refused_with_file_and_key(tmp_path: Path, figure: str, told: str) -> None:
    text = f"question: Why?\nzh: 为什么？\nanswer: SELECT 1\nfigures:\n  - title: T\n    zh: 图\n    {figure}\n"
    (tmp_path / "10_mine.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ReportError, match=told):
        read_chapters(tmp_path)


def test_a_chapter_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "10_mine.yml").write_text("question: [", encoding="utf-8")
    with pytest.raises(ReportError, match="10_mine"):
        read_chapters(tmp_path)


def test_a_card_has_a_heading_its_lines_and_the_figures_folded_away() -> None:
    rows = pd.DataFrame(
        {
            "model": ["<churn>"],
            "used_for": ["calls"],
            "note": [None],
            "figures": ['{"model": {"auc": 0.81234, "days": []}, "rows": 1200}'],
        }
    )
    card = draw_cards(rows)
    assert "<h3>&lt;churn&gt;</h3>" in card
    assert "<dt>used for</dt><dd>calls</dd>" in card
    assert "note" not in card
    assert "<summary>figures</summary>" in card
    assert "<li>model auc: 0.8123</li><li>model days: –</li><li>rows: 1200</li>" in card


@pytest.mark.parametrize(
    ("value", "told"), [(56937.24, "56,937"), (2000.0, "2,000"), (12.0, "12"), (0.00526, "0.00526"), (328.123, "328.1")]
)
def test_a_figure_is_told_without_exponents(value: float, told: str) -> None:
    assert f"<td class=n>{told}</td>" in _table(pd.DataFrame({"margin_cny": [value]}))
