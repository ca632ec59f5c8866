"""The customer records of the hard bank with their truth, made by the real pipeline: input for the linkage benchmarks.

`python benchmarks/link_records.py OUTPUT [--customers 400000] [--seed 11]`: columns of customer_record and person_id,
people only. Movements are left out (one day of history), because linkage does not read them.
"""

import argparse
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from dags import pipeline
from extractors.discovery import sources
from extractors.simulators.hard import hard_bank
from extractors.simulators.simulate import simulate_bank
from warehouse.engine import quoted
from warehouse.settings import Settings

DAY = date(2026, 1, 31)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("output", type=Path, help="Parquet file to write")
    arguments.add_argument("--customers", type=int, default=400_000, help="400000 people have a million records")
    arguments.add_argument("--seed", type=int, default=11)
    chosen = arguments.parse_args()
    with TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        bank = hard_bank(chosen.customers, chosen.seed, DAY, history_days=1)
        simulate_bank(settings.sources, bank, core_url=settings.core_banking_url, progress=print)
        records, people = write_records(settings, chosen.output)
    print(f"{records:,} records of {people:,} people")


def write_records(settings: Settings, output: Path) -> tuple[int, int]:
    """Land, clean and join with the truth; records and people written."""
    for source in sources():
        pipeline.land(settings, source, DAY)
    for source in pipeline.begin(settings, DAY):
        pipeline.standardise(settings, source, DAY)
    pipeline.build(settings, "staging", DAY)
    record = quoted(pipeline.build_folder(settings) / "customer_record" / "rows.parquet")
    truth = quoted(settings.sources / "truth" / "truth_record.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"""
            COPY (
                SELECT record.*, truth.person_id
                FROM read_parquet({record}) AS record
                JOIN read_parquet({truth}) AS truth ON record.record_key = truth.source || ':' || truth.source_key
                WHERE record.party_type = 'person'
            ) TO {quoted(output)}
        """)
        written = f"SELECT count(*), count(DISTINCT person_id) FROM read_parquet({quoted(output)})"
        return connection.sql(written).fetchall()[0]


if __name__ == "__main__":
    main()
