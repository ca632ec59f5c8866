"""How fast the simulated bank is made: `python benchmarks/simulate.py --customers 100000 --days 1`."""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

from extractors.simulators.bank import Bank
from extractors.simulators.simulate import simulate_bank


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=100_000)
    arguments.add_argument("--days", type=int, default=1)
    arguments.add_argument("--records-only", action="store_true", help="customers and truth, no year of business")
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    started, cpu = time.perf_counter(), sum(os.times()[:2])
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(chosen.customers, chosen.seed, days=chosen.days, history_days=1 if chosen.records_only else 365)
        summary = simulate_bank(Path(folder), bank, progress=print)
        wall, spent = time.perf_counter() - started, sum(os.times()[:2]) - cpu
    print(f"{summary.parties:,} people and organisations, {summary.records:,} customer records")
    print(f"{wall:.1f} s wall, {spent:.1f} CPU s without the database server")
    print(
        f"{summary.records / spent:,.0f} customer records per CPU second, with what they do on {bank.history_days} days"
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
