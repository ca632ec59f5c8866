"""How fast the simulated bank is made: `python benchmarks/simulate.py --customers 1000000 --customers-only`.

A real run of one business date with the year before it, in CPU seconds (user and system) of this process by part:

- customers: people, truth, and their records in the three systems: cust, cert, contact and addr as the bytes COPY
  takes, CARDHOLDER.dat, register events;
- transactions: a year of txn with the bal_daily and fee rows they make, crooked movements included;
- postings: a year of POSTING.dat;
- events: a year of channel events, as lines in their files (those of registering are written here);
- everything else: accounts, loans, cards, statements, points, organisations, sales.

The floor is what pyarrow (CSV, Parquet) or a plain write of the very same bytes costs from memory. `--whole` makes a
bank in a PostgreSQL of its own instead and gives one figure.
"""

import argparse
import os
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from extractors.card_layout import FEEDS
from extractors.simulators import card_system, channel_system, core_bank, neighbourhoods, simulate
from extractors.simulators.bank import Bank
from extractors.simulators.fixed_width import FeedWriter
from extractors.simulators.truth import Truth

CUSTOMERS, TRANSACTIONS, POSTINGS, EVENTS, ELSE = "customers", "transactions", "postings", "events", "everything else"
CUSTOMER_TABLES = ("cust", "cert", "contact", "addr")
FILES = {
    CUSTOMERS: (*(f"core/{table}.csv" for table in CUSTOMER_TABLES), "card/*/CARDHOLDER.dat", "truth/*"),
    TRANSACTIONS: ("core/txn.csv", "core/bal_daily.csv", "core/fee.csv"),
    POSTINGS: ("card/*/POSTING.dat",),
    EVENTS: ("channel/*/*.jsonl",),
}
PLACES: tuple[tuple[str, Any, str], ...] = (
    (CUSTOMERS, neighbourhoods, "make_people"), (CUSTOMERS, Truth, "add_people"), (CUSTOMERS, core_bank, "enrol"),
    (CUSTOMERS, core_bank, "core_customers"), (CUSTOMERS, core_bank, "_add_customers"),
    (CUSTOMERS, card_system, "enrol"), (CUSTOMERS, card_system, "holders_of"), (CUSTOMERS, card_system, "_tell_truth"),
    (CUSTOMERS, channel_system, "enrol_users"), (CUSTOMERS, channel_system, "registrations"),
    (CUSTOMERS, channel_system, "tell_users"), (TRANSACTIONS, core_bank, "movements_of"),
    (TRANSACTIONS, core_bank, "add_movements"), (POSTINGS, card_system, "_postings"),
    (EVENTS, channel_system, "_by_themselves"), (EVENTS, channel_system, "_lines"),
    (EVENTS, channel_system, "_hand_over"),
)  # fmt: skip
WITHOUT_HEADER = pacsv.WriteOptions(include_header=False)


class Clock:
    """CPU seconds by part; time inside a part within another counts for the inner one."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.within, self.last = [ELSE], sum(os.times()[:2])

    def switch(self) -> None:
        """Put the time since the last switch down to the part under way."""
        now = sum(os.times()[:2])
        self.seconds[self.within[-1]] += now - self.last
        self.last = now

    def around(self, part: Callable[..., str], owner: Any, name: str) -> None:
        """Count a function for the part that `part` makes of its arguments, from now on."""
        function = getattr(owner, name)

        @wraps(function)
        def counted(*arguments: Any, **named: Any) -> Any:
            self.switch()
            self.within.append(part(*arguments))
            try:
                return function(*arguments, **named)
            finally:
                self.switch()
                self.within.pop()

        setattr(owner, name, counted)


class Tables:
    """Takes rows as the database does, and writes the bytes COPY takes to one file a table."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.is_silent = folder, False
        self.columns: dict[str, list[str]] = {}
        self.rows: dict[str, int] = defaultdict(int)
        folder.mkdir()

    def add_some_columns(self, table: str, columns: dict[str, pa.Array]) -> None:
        """Rows of a table that exists; columns not given are null."""
        nothing = pa.nulls(len(next(iter(columns.values()))), pa.string())
        self.add(table, pa.table({name: columns.get(name, nothing) for name in self.columns[table]}))

    def add(self, table: str, rows: pa.Table) -> None:
        """Rows of a table."""
        self.columns.setdefault(table, rows.schema.names)
        self.rows[table] += rows.num_rows
        with (self.folder / f"{table}.csv").open("ab") as file:
            pacsv.write_csv(rows.select(self.columns[table]), file, WITHOUT_HEADER)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--customers", type=int, default=100_000)
    arguments.add_argument("--days", type=int, default=1)
    arguments.add_argument("--customers-only", action="store_true", help="one day of history instead of a year")
    arguments.add_argument("--whole", action="store_true", help="a whole bank in PostgreSQL, in one figure")
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    history = 1 if chosen.customers_only else 365
    bank = Bank(chosen.customers, chosen.seed, days=chosen.days, history_days=history)
    with tempfile.TemporaryDirectory() as folder:
        _whole(Path(folder), bank) if chosen.whole else _by_part(Path(folder), bank)


def _whole(folder: Path, bank: Bank) -> None:
    started, cpu = time.perf_counter(), sum(os.times()[:2])
    summary = simulate.simulate_bank(folder, bank, progress=print)
    wall, spent = time.perf_counter() - started, sum(os.times()[:2]) - cpu
    print(f"{summary.parties:,} people and organisations, {summary.records:,} customer records")
    print(f"{wall:.1f} s wall, {spent:.1f} CPU s without the database server, {bank.history_days} days of history")
    print(f"peak memory {_peak():.2f} GB")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _by_part(folder: Path, bank: Bank) -> None:
    simulate.simulate_bank(folder / "first", Bank(100, 1), core_url="sqlite://")  # imports and tables of glyphs
    clock, tables, truth = Clock(), Tables(folder / "core"), Truth(folder / "truth")
    for part, owner, name in PLACES:
        clock.around(lambda *_, part=part: part, owner, name)
    clock.around(_part_of_feed, FeedWriter, "add")
    clock.switch()
    clock.seconds.clear()
    simulate._live(simulate.Place(folder, tables, truth), bank, lambda _: None)  # type: ignore[arg-type]
    clock.switch()
    clock.within[0] = CUSTOMERS
    truth.finish()
    clock.switch()
    print(f"{bank.customers:,} people, {bank.history_days} days of history, peak memory {_peak():.2f} GB")
    for part, rows in _rows(folder, tables, truth).items():
        spent, floor = clock.seconds[part], _floor(folder, tables, FILES[part])
        print(f"{part:<16}{rows:>12,} rows {spent:7.1f} CPU s {rows / spent:>11,.0f} rows per CPU s", end="")
        print(f" {spent / floor:6.1f} x the floor ({floor:.2f} s)")
    print(f"{ELSE:<16}{clock.seconds[ELSE]:>24.1f} CPU s")


def _part_of_feed(writer: FeedWriter, *_: object) -> str:
    return {"CARDHOLDER": CUSTOMERS, "POSTING": POSTINGS}.get(writer.feed.name, ELSE)


def _rows(folder: Path, tables: Tables, truth: Truth) -> dict[str, int]:
    postings = sum(path.stat().st_size for path in folder.glob("card/*/POSTING.dat"))
    events = sum(path.read_bytes().count(b"\n") for path in folder.glob("channel/*/*.jsonl"))
    return {
        CUSTOMERS: truth.rows("truth_record"),
        TRANSACTIONS: tables.rows["txn"],
        POSTINGS: postings // (FEEDS["POSTING"].record_bytes + 1),
        EVENTS: events,
    }


def _floor(folder: Path, tables: Tables, patterns: tuple[str, ...]) -> float:
    """CPU seconds of writing the same bytes plainly."""
    spent = 0.0
    for path in (path for pattern in patterns for path in folder.glob(pattern) if path.stat().st_size):
        write = _plain_write(path, tables)
        started = sum(os.times()[:2])
        write(folder / "again")
        spent += sum(os.times()[:2]) - started
    return max(spent, 0.01)


def _plain_write(path: Path, tables: Tables) -> Callable[[Path], object]:
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return lambda to: pq.write_table(table, to, compression="lz4")
    if path.suffix == ".csv":
        names = tables.columns[path.stem]
        texts = pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        rows = pacsv.read_csv(path, pacsv.ReadOptions(column_names=names), convert_options=texts)
        return lambda to: pacsv.write_csv(rows, to, WITHOUT_HEADER)
    body = path.read_bytes()
    return lambda to: to.write_bytes(body)


if __name__ == "__main__":
    main()
