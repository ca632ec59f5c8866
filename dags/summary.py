"""The figures of a night as a person enjoys reading them."""

import json
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from warehouse.engine import quoted
from warehouse.publish import Version, current_version
from warehouse.settings import Settings

TRY = 'c360 sql "SELECT segment, count(*) AS customers, sum(aum_cny) AS aum_cny FROM mart_customer_360 GROUP BY ALL"'


def show_summary(settings: Settings, evaluation: dict[str, Any] | None) -> None:
    """Print what the night made of the bank, with the quality of the linkage where the truth is known."""
    version = current_version(settings)
    figures = _figures(version)
    lines = Table.grid(padding=(0, 3))
    lines.add_row("published", f"[bold]{version.name}[/bold]")
    lines.add_row("records", "   ".join(f"{source} {rows:,}" for source, rows in figures["records"].items()))
    records, customers = sum(figures["records"].values()), figures["customers"]
    resolved = f"{records - customers:,} duplicate records resolved"
    lines.add_row("golden customers", f"[bold]{customers:,}[/bold]   ({resolved})")
    if evaluation:
        lines.add_row("against the truth", _quality(evaluation["pairwise"]))
    lines.add_row("accounts, transactions", f"{figures['accounts']:,}   {figures['transactions']:,}")
    lines.add_row("rows quarantined", f"{figures['quarantined']:,}")
    lines.add_row("gates", _gates(settings, version))
    lines.add_row("warehouse", str(version.database))
    lines.add_row("documentation", str(settings.docs / "index.html"))
    lines.add_row("try", TRY)
    console = Console(highlight=False, soft_wrap=True)
    console.print()
    console.print(lines)


def show_evaluation(evaluation: dict[str, Any]) -> None:
    """Print precision, recall and F1, pairwise and by cluster."""
    console = Console(highlight=False)
    pairwise, cluster = evaluation["pairwise"], evaluation["cluster"]
    console.print(f"{evaluation['records']:,} records of {evaluation['people']:,} people with known truth")
    console.print(f"pairwise    {_quality(pairwise)}")
    console.print(f"by cluster  {_quality(cluster)}")


def _quality(figures: dict[str, float]) -> str:
    return f"F1 {figures['f1']:.4f}   precision {figures['precision']:.4f}   recall {figures['recall']:.4f}"


def _gates(settings: Settings, version: Version) -> str:
    reports = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((settings.docs / "gate").glob(f"{version.business_date.isoformat()}.*.json"))
    ]
    checks, warnings = (sum(report[name] for report in reports) for name in ("checks", "warnings"))
    return f"{len(reports)} passed, {checks:,} promises judged, {warnings:,} to look at"


def _figures(version: Version) -> dict[str, Any]:
    told = version.manifest["tables"]
    with duckdb.connect() as connection:
        record = quoted(version.parquet / "customer_record" / "rows.parquet")
        by_source = connection.execute(f"SELECT source, count(*) FROM read_parquet({record}) GROUP BY 1 ORDER BY 1")
        return {
            "records": dict(by_source.fetchall()),
            "customers": told["golden_customer"]["rows"],
            "accounts": told["dim_account"]["rows"],
            "transactions": told["fct_transaction"]["rows"],
            "quarantined": told["quarantine"]["rows"],
        }
