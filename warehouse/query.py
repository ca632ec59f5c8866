"""Answers a query on a published version, read-only, in the layout asked for."""

import csv
import json
import shutil
from contextlib import redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import TextIO

import duckdb

from warehouse.errors import ToldError

ROWS_SHOWN = 100
WIDEST = 10_000


class QueryError(ToldError):
    """The query cannot be answered; the message is DuckDB's own."""


def print_query(database: Path, query: str, layout: str, out: TextIO) -> None:
    """Write the answer to `out` as a table for people, csv or json (one array of objects); raises QueryError."""
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            if layout == "table":
                _draw(connection.sql(query), out)
                return
            answer = connection.execute(query)
            names = [column[0] for column in answer.description or []]
            rows = answer.fetchall()
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    if layout == "csv":
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(names)
        lines.writerows(rows)
    else:
        objects = [dict(zip(names, row, strict=True)) for row in rows]
        out.write(json.dumps(objects, ensure_ascii=False, default=_plain, indent=2) + "\n")


def _draw(answer: duckdb.DuckDBPyRelation | None, out: TextIO) -> None:
    """Draw an answer as wide as the terminal, in a file whole; a statement without an answer has nothing to draw."""
    if answer is not None:
        width = shutil.get_terminal_size().columns if out.isatty() else WIDEST
        with redirect_stdout(out):
            answer.show(max_rows=ROWS_SHOWN, max_width=width)


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)
