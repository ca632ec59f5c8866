"""How fast each source is extracted and landed: `python benchmarks/extract.py --customers 100000`."""

import argparse
import os
import tempfile
import time
from datetime import date
from pathlib import Path

from extractors.discovery import extract, sources
from extractors.landing import land
from extractors.simulators.simulate import simulate
from warehouse.settings import Settings


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=100_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder))
        day = simulate(settings.sources, customers=chosen.customers, seed=1).first_date
        for source in sources():
            measure(settings, source, day)


def measure(settings: Settings, source: str, day: date) -> None:
    """Land one source and print its rows per CPU second of this process."""
    started, cpu = time.perf_counter(), sum(os.times()[:2])
    rows = sum(manifest.rows for manifest in land(settings, source, day, extract(settings, source, day)))
    wall, spent = time.perf_counter() - started, sum(os.times()[:2]) - cpu
    print(f"{source}: {rows:,} rows, {wall:.1f} s wall, {spent:.1f} CPU s, {rows / spent:,.0f} rows per CPU second")


if __name__ == "__main__":
    main()
