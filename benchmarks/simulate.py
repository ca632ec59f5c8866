"""How fast the simulated bank is made: `python benchmarks/simulate.py --customers 100000 --days 1`."""

import argparse
import os
import tempfile
import time
from pathlib import Path

from extractors.simulators.simulate import simulate


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=100_000)
    arguments.add_argument("--days", type=int, default=1)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    started, cpu = time.perf_counter(), sum(os.times()[:2])
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        summary = simulate(Path(folder), customers=chosen.customers, seed=chosen.seed, days=chosen.days, progress=print)
        wall, spent = time.perf_counter() - started, sum(os.times()[:2]) - cpu
    print(f"{summary.parties:,} people and organisations, {summary.records:,} customer records")
    print(f"{wall:.1f} s wall, {spent:.1f} CPU s without the database server")
    print(f"{summary.records / spent:,.0f} customer records per CPU second, all their business included")


if __name__ == "__main__":
    main()
