"""The figures of a night as a person enjoys reading them."""

import json
import math
import os
import shutil
import sys
from typing import Any

import click
import duckdb

from warehouse.engine import ROWS, quoted
from warehouse.publish import Version, current_version
from warehouse.settings import Settings

QUALITY = {"f1": "F1", "precision": "precision", "recall": "recall"}
TRY = "SELECT segment, count(*) AS customers, sum(aum_cny) AS aum_cny FROM mart_customer_360 GROUP BY ALL"


def show_summary(settings: Settings, evaluation: dict[str, Any]) -> None:
    """Print what the night made of the bank, with the quality of the linkage where the truth is known."""
    version = current_version(settings)
    told = {name: table["rows"] for name, table in version.manifest["tables"].items()}
    records, customers = told["customer_record"], told["golden_customer"]
    by_source = ", ".join(f"{source} {rows:,}" for source, rows in _records_by_source(version))
    click.echo()
    _line("published", click.style(version.name, bold=True))
    _line("customer records", f"{records:,} ({by_source})")
    _line("golden customers", f"{customers:,} ({records - customers:,} duplicate records resolved)")
    if evaluation:
        _line("against the truth", _quality(evaluation["pairwise"]))
    _line("accounts, transactions", f"{told['dim_account']:,} and {told['fct_transaction']:,}")
    _line("quarantined", f"{told['quarantine']:,} rows")
    _line("gates", _gates(settings, version))
    _line("warehouse", str(version.database))
    _line("data docs", str(settings.docs / "data_docs" / "index.html"))
    _line("linkage", str(settings.docs / "linkage.html"))
    _line("dictionary", str(settings.docs / "dictionary.html"))
    command = "c360" if shutil.which("c360") else os.path.relpath(sys.argv[0])
    _line("try", f'{command} sql "{TRY}"')


def show_evaluation(evaluation: dict[str, Any]) -> None:
    """Print precision, recall and F1, pairwise and by cluster."""
    _line("judged", f"{evaluation['records']:,} records of {evaluation['people']:,} people with known truth")
    _line("pairwise", _quality(evaluation["pairwise"]))
    _line("by cluster", _quality(evaluation["cluster"]))
    click.echo(f"\n{'hard cases':<32}{'records':>10}   precision (95%)          recall (95%)")
    for name, told in evaluation["slices"].items():
        click.echo(f"{name:<32}{told['records']:>10,}   {_interval(told, 'precision')}   {_interval(told, 'recall')}")
    click.echo("\npairs alone at a threshold, before clusters are formed")
    for point in evaluation["thresholds"]:
        shares = "   ".join(f"{name} {point[name]:.4f}" for name in ("precision", "recall"))
        click.echo(f"{point['threshold']:<8}{shares}")


def _interval(told: dict[str, Any], name: str) -> str:
    low, high = told[f"{name}_interval"]
    return f"{told[name]:.4f} ({low:.4f}-{high:.4f})"


def _line(label: str, value: str) -> None:
    click.echo(f"{label:<24}{value}")


def _quality(figures: dict[str, float]) -> str:
    told = (f"{label} {math.floor(figures[name] * 10_000) / 10_000:.4f}" for name, label in QUALITY.items())
    return "   ".join(told)  # rounded down: only what is perfect is shown as 1.0000


def _gates(settings: Settings, version: Version) -> str:
    reports = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((settings.docs / "gate").glob(f"{version.business_date.isoformat()}.*.json"))
    ]
    checks, warnings = (sum(report[name] for report in reports) for name in ("checks", "warnings"))
    return f"{len(reports)} passed, {checks:,} promises judged, {warnings:,} to look at"


def _records_by_source(version: Version) -> list[tuple[str, int]]:
    records = quoted(version.parquet / "customer_record" / ROWS)
    with duckdb.connect() as connection:
        query = f"SELECT source, count(*) FROM read_parquet({records}) GROUP BY source ORDER BY source"
        return connection.execute(query).fetchall()
