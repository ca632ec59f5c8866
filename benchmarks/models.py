"""What the learnt tables cost and how good they are, on a build: `python benchmarks/models.py --home c360-home`.

Builds them again from the tables of the last night below work/, and prints CPU seconds and the model cards. The truth
of a simulated bank, who really left, judges the churn score besides.
"""

import argparse
import json
import os
import resource
import tempfile
from datetime import date
from pathlib import Path

import duckdb

from warehouse.contract import read_contracts
from warehouse.engine import built_tables, mount
from warehouse.models.cards import saved_cards
from warehouse.models.measures import rank_measures
from warehouse.settings import Settings
from warehouse.transforms import build_order, build_table

FEATURES = ("fct_customer_snapshot", "label_churn")
LEFT = """
    SELECT score.churn_probability, score.rule_score, max(coalesce(event.business_date > '{day}', FALSE)) AS is_leaving
    FROM mart_churn_risk AS score
    INNER JOIN customer_xref AS xref ON score.customer_id = xref.customer_id AND xref.valid_to IS NULL
    INNER JOIN record ON xref.source || ':' || record.source_key = xref.record_key AND record.source = xref.source
    LEFT JOIN event ON record.person_id = event.person_id AND event.event = 'left'
    GROUP BY score.customer_id, score.churn_probability, score.rule_score
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path, default=Path("c360-home"))
    settings = Settings.from_environment(arguments.parse_args().home)
    contracts = read_contracts(settings.tables)
    names = [*FEATURES, *(name for name, contract in contracts.items() if contract.model)]
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{settings.memory_limit}'")
        mount(connection, built_tables(settings.work / "build"))
        day = connection.execute("SELECT max(as_of_date) FROM golden_customer").fetchone()
        if day is None or day[0] is None:
            raise SystemExit("no night stands below work/: run `c360 run` first")
        for name in build_order(contracts, names):
            cpu = _cpu()
            rows = build_table(connection, contracts, name, Path(folder), day[0])
            print(f"{name:<26} {rows:>10,} rows {_cpu() - cpu:8.2f} CPU s")
        for card in saved_cards(Path(folder)):
            _print_card(card)
        _print_truth(connection, settings.sources / "truth", day[0])
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def _cpu() -> float:
    return sum(os.times()[:2])


def _print_card(card: dict[str, object]) -> None:
    against = f"{card['baseline_value']} ({card['baseline']})"
    print(f"\n{card['model']}: {card['metric']} {card['metric_value']} against {against}")
    print(f"  drift {card['drift_psi']}, {card['training_rows']} rows, {card['note'] or 'no remark'}")
    for name, value in json.loads(str(card["metrics"])).items():
        print(f"  {name}: {value}")


def _print_truth(connection: duckdb.DuckDBPyConnection, truth: Path, day: date) -> None:
    """Against the truth there is only where the bank was simulated beyond the day of the build."""
    for table in ("event", "record"):
        if not (truth / f"truth_{table}.parquet").exists():
            return
        mount(connection, {table: truth / f"truth_{table}.parquet"})
    rows = connection.sql(LEFT.format(day=day.strftime("%Y%m%d"))).df()
    leaving = rows["is_leaving"].to_numpy().astype(bool)
    if leaving.any():
        print(f"\nof {len(rows):,} customers scored {leaving.sum():,} really leave after {day}")
        print(f"  model: {rank_measures(leaving, rows['churn_probability'].to_numpy())}")
        print(f"  rule:  {rank_measures(leaving, rows['rule_score'].to_numpy())}")


if __name__ == "__main__":
    main()
