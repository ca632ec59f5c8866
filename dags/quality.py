"""The quality of the data in a published version: scores with their trend, the worst columns, what was kept out."""

from typing import Any

import click
import duckdb

from warehouse.publish import Version

DIMENSIONS = ("completeness", "validity", "accuracy", "consistency", "uniqueness", "timeliness")
_LOADS = """
    WITH judged AS (
        SELECT *, dense_rank() OVER (PARTITION BY source, table_name ORDER BY business_date DESC) AS age
        FROM dq_score WHERE score_weight > 0
    )
"""
_SCORES = f"""{_LOADS}
    SELECT source, dimension,
        1 - sum(failed) FILTER (WHERE age = 1) / sum(total) FILTER (WHERE age = 1) AS score,
        1 - sum(failed) FILTER (WHERE age = 2) / sum(total) FILTER (WHERE age = 2) AS previous
    FROM judged GROUP BY source, dimension ORDER BY source, dimension
"""
_WORST = f"""{_LOADS}
    SELECT source, table_name, column_name, business_date::VARCHAR AS business_date, any_value(column_score) AS score,
        sum(score_weight * previous_score) / sum(score_weight) FILTER (WHERE previous_score IS NOT NULL) AS previous,
        arg_max(dimension, score_weight * (1 - dimension_score)) AS costliest_dimension,
        arg_max(failed, score_weight * (1 - dimension_score)) AS failed,
        arg_max(total, score_weight * (1 - dimension_score)) AS total
    FROM judged WHERE age = 1
    GROUP BY source, table_name, column_name, business_date HAVING score < 1
    ORDER BY score, source, table_name, column_name LIMIT ?
"""
_QUARANTINED = """
    SELECT source, table_name, column_name, rule, count(*) AS rows, max(business_date)::VARCHAR AS last_on
    FROM quarantine GROUP BY ALL ORDER BY rows DESC, source, table_name, column_name, rule
"""
_POISON = """
    SELECT source, table_name, column_name, count(*) AS distinct_values, sum(values_emptied)::BIGINT AS values_emptied
    FROM poison_value GROUP BY ALL ORDER BY values_emptied DESC, source, table_name, column_name
"""


def read_quality(version: Version, worst: int) -> dict[str, Any]:
    """Scores by source and dimension, the `worst` columns, rows quarantined by rule, and values too many held."""
    with duckdb.connect(str(version.database), read_only=True) as connection:
        return {
            "business_date": version.business_date.isoformat(),
            "scores": [_with_change(row) for row in _rows(connection, _SCORES)],
            "worst_columns": [_with_change(row) for row in _rows(connection, _WORST, worst)],
            "quarantined": _rows(connection, _QUARANTINED),
            "poison": _rows(connection, _POISON),
        }


def show_quality(figures: dict[str, Any]) -> None:
    """Print the figures for people: percentages, and in brackets the change since the load before in points."""
    click.echo(click.style(f"data quality as of {figures['business_date']}", bold=True))
    cells = {(row["source"], row["dimension"]): _score(row) for row in figures["scores"]}
    _table(
        ["source", *DIMENSIONS],
        [
            [source, *(cells.get((source, dimension), "-") for dimension in DIMENSIONS)]
            for source in sorted({source for source, _ in cells})
        ],
    )
    click.echo("\nworst columns")
    _table(
        ["column", "score", "mostly", "failed", "of"],
        [
            [_place(row), _score(row), row["costliest_dimension"], f"{row['failed']:,}", f"{row['total']:,}"]
            for row in figures["worst_columns"]
        ],
    )
    click.echo("\nquarantined rows")
    _table(
        ["column", "rule", "rows", "last on"],
        [[_place(row), row["rule"], f"{row['rows']:,}", row["last_on"]] for row in figures["quarantined"]],
    )
    click.echo("\nvalues too many customers hold, emptied")
    _table(
        ["column", "values", "emptied"],
        [[_place(row), f"{row['distinct_values']:,}", f"{row['values_emptied']:,}"] for row in figures["poison"]],
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str, *parameters: int) -> list[dict[str, Any]]:
    answer = connection.execute(query, parameters)
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _with_change(row: dict[str, Any]) -> dict[str, Any]:
    """The row with scores to six places and the change since the load before."""
    score, previous = round(row["score"], 6), row.pop("previous")
    return row | {"score": score, "change": None if previous is None else round(score - previous, 6)}


def _place(row: dict[str, Any]) -> str:
    return f"{row['source']}.{row['table_name']}.{row['column_name']}"


def _score(row: dict[str, Any]) -> str:
    change = "" if row["change"] is None else f" ({100 * row['change']:+.2f})"
    return f"{100 * row['score']:.2f}{change}"


def _table(header: list[str], rows: list[list[str]]) -> None:
    """Columns padded to their widest value; says `none` instead of a table without rows."""
    if not rows:
        click.echo("  none")
        return
    widths = [max(len(row[at]) for row in [header, *rows]) for at in range(len(header))]
    for line in [header, *rows]:
        click.echo("  " + "  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip())
