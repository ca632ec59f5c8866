"""The report as one HTML file that holds everything itself: no network, PC and telephone, English and Chinese."""

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import duckdb
import pandas as pd

from warehouse.errors import ToldError
from warehouse.publish import Version
from warehouse.report.cards import draw_cards
from warehouse.report.charts import draw
from warehouse.report.declared import LISTED, Chapter, Figure, read_chapters

PAGE = Path(__file__).with_name("page.html")
ROWS_LISTED = 60
WHOLE_FROM = 1000  # from here on decimals tell nothing
SHARES = ("share", "rate", "confidence", "propensity", "used")  # columns so named are told in percent


class ReportQueryError(ToldError):
    """A query of the report does not run on this version."""


def write_report(version: Version, path: Path) -> Path:
    """Write the report of one version; the same version gives the same bytes. Raises ReportQueryError."""
    chapters = read_chapters()
    with duckdb.connect(str(version.database), read_only=True) as connection:
        answered = [(name, chapter, _chapter(connection, name, chapter)) for name, chapter in chapters.items()]
    contents = "".join(f'<a href="#{name}">{_both(each.question, each.zh)}</a>' for name, each, _ in answered)
    page = Template(PAGE.read_text(encoding="utf-8")).substitute(
        business_date=version.business_date.isoformat(),
        version=escape(version.name),
        contents=contents,
        chapters="\n".join(body for _, _, body in answered),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def _chapter(connection: duckdb.DuckDBPyConnection, name: str, chapter: Chapter) -> str:
    figures = "".join(_figure(connection, name, figure) for figure in chapter.figures)
    return (
        f'<section id="{name}"><h2>{_both(chapter.question, chapter.zh)}</h2>'
        f'<p class="answer">{_answer(connection, name, chapter)}</p><div class="figures">{figures}</div></section>'
    )


def _answer(connection: duckdb.DuckDBPyConnection, name: str, chapter: Chapter) -> str:
    told = ask(connection, name, chapter.answer)
    if told.empty or told.isna().to_numpy().any():
        return _both("Nothing to tell on this day.", "当日无数据。")
    return _both(str(told["en"].iloc[0]), str(told["zh"].iloc[0]))


def _figure(connection: duckdb.DuckDBPyConnection, chapter: str, figure: Figure) -> str:
    rows = ask(connection, f"{chapter}: {figure.title}", figure.query)
    head = f"<figcaption>{_both(figure.title, figure.zh)}</figcaption>"
    if rows.empty:
        body = f'<p class="soft">{_both("No rows on this day.", "当日无数据。")}</p>'
    elif figure.chart in LISTED:
        body = _table(rows) if figure.chart == "table" else draw_cards(rows)
    else:
        listed = f"<summary>{_both('Figures', '数据')}</summary>{_table(rows)}"
        body = f"{draw(figure, rows)}<details>{listed}</details>"
    note = f'<p class="soft">{_both(figure.note, figure.note_zh or figure.note)}</p>' if figure.note else ""
    return f'<figure class="{figure.chart}">{head}{body}{note}</figure>'


def ask(connection: duckdb.DuckDBPyConnection, where: str, query: str) -> pd.DataFrame:
    """Answer of one query of the report; raises ReportQueryError naming chapter and figure."""
    try:
        return connection.execute(query).df()
    except duckdb.Error as error:
        raise ReportQueryError(f"report, {where}: {error}") from error


def _table(rows: pd.DataFrame) -> str:
    numeric = {str(name): pd.api.types.is_numeric_dtype(rows[name]) for name in rows.columns}
    head = "".join(f"<th{' class=n' if numeric[name] else ''}>{_heading(name)}</th>" for name in rows.columns)
    lines = "".join(f"<tr>{''.join(_cells(row, numeric))}</tr>" for row in rows.head(ROWS_LISTED).to_dict("records"))
    left = len(rows) - ROWS_LISTED
    more = f'<p class="soft">{_both(f"{left:,} more rows", f"另有 {left:,} 行")}</p>' if left > 0 else ""
    return f'<div class="wide"><table><tr>{head}</tr>{lines}</table></div>{more}'


def _cells(row: Mapping[Any, Any], numeric: Mapping[str, bool]) -> Iterator[str]:
    for name, value in row.items():
        told = f"{value:.1%}" if name.endswith(SHARES) and isinstance(value, float) else _told(value)
        yield f"<td{' class=n' if numeric[name] else ''}>{escape(told)}</td>"


def _heading(column: str) -> str:
    return escape(column.replace("_", " "))


def _told(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return "–"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, bool):
        return "yes 是" if value else "no 否"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        is_whole = abs(value) >= WHOLE_FROM or (value.is_integer() and abs(value) >= 1)
        return f"{value:,.0f}" if is_whole else f"{value:,.4g}"
    return str(value)


def _both(english: str, chinese: str) -> str:
    return f'<span class="en">{escape(english)}</span><span class="zh" lang="zh-CN">{escape(chinese)}</span>'
