"""How fast each source is extracted and landed, beside plain libraries reading the same bytes.

`python benchmarks/extract.py --customers 100000` prints, for each path, rows per CPU second of this process on one
thread, and how many times the floor that costs. The floor of the channels is DuckDB's `read_json` into Arrow, of the
cards pyarrow's CSV reader on lines neither divided nor decoded, of core banking COPY into the same reader.
"""

import argparse
import io
import os
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv as pacsv
import sqlalchemy as sa

from extractors import core_banking
from extractors.channel_events import ENVELOPE
from extractors.core_copy import read_rows
from extractors.discovery import extract, sources
from extractors.landing import Sent, land
from extractors.simulators.postgres import postgres
from extractors.simulators.simulate import simulate
from warehouse.engine import quoted
from warehouse.settings import Settings

BIG_TABLES = ("txn", "cust")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=100_000)
    chosen = arguments.parse_args()
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder), threads=1)
        day = simulate(settings.sources, customers=chosen.customers, seed=1).first_date
        floors = {"channel": channel_floor, "card": card_floor}
        for source in sources():
            next(iter(extract(settings, source, day)))  # libraries load
            read = floors.get(source, nothing)
            floor = measured(f"{source}: floor", lambda plainly=read: plainly(settings, day))
            taken = measured(f"{source}: extracted", lambda name=source: counted(extract(settings, name, day)))
            kept = measured(f"{source}: landed", lambda name=source: landed(settings, name, day))
            if floor:
                print(f"{source}: {floor / taken:.1f} times the floor extracted, {floor / kept:.1f} times landed")
        core_banking_paths(settings, day)


def measured(what: str, work: Callable[[], int]) -> float:
    """Rows per CPU second of this process, printed; 0 where there was nothing to do."""
    started = sum(os.times()[:2])
    rows = work()
    spent = sum(os.times()[:2]) - started
    if rows:
        print(f"{what}: {rows:,} rows, {spent:.2f} CPU s, {rows / spent:,.0f} rows per CPU second")
    return rows / spent if rows else 0


def counted(batches: Iterable[Sent]) -> int:
    return sum(sent.rows.num_rows for sent in batches)


def landed(settings: Settings, source: str, day: date) -> int:
    return sum(manifest.rows for manifest in land(settings, source, day, extract(settings, source, day)))


def nothing(_settings: Settings, _day: date) -> int:
    """A database has no bytes of its own to read: core_banking_paths has its floor."""
    return 0


def channel_floor(settings: Settings, day: date) -> int:
    """Every field of every line as text, in Arrow, by DuckDB alone."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in ENVELOPE)
    files = settings.sources / "channel" / f"{day:%Y%m%d}" / "*.jsonl"
    query = f"FROM read_json({quoted(files)}, columns = {{{columns}}}, format = 'newline_delimited')"
    with duckdb.connect(config={"threads": 1}) as connection:
        return connection.sql(query).to_arrow_table().num_rows


def card_floor(settings: Settings, day: date) -> int:
    """Every line as one run of bytes, in Arrow, by pyarrow alone: neither divided nor decoded."""
    rows = 0
    for path in (settings.sources / "card" / f"{day:%Y%m%d}").glob("*.dat"):
        lines = pacsv.ParseOptions(delimiter="\x01", quote_char=False)
        as_bytes = pacsv.ConvertOptions(column_types={"line": pa.binary()})
        rows += pacsv.read_csv(path, pacsv.ReadOptions(column_names=["line"]), lines, as_bytes).num_rows
    return rows


def core_banking_paths(settings: Settings, day: date) -> None:
    """The same rows through COPY, row by row through SQLAlchemy, and as the floor."""
    with postgres(settings.sources / "core_banking") as url, sa.create_engine(url).connect() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection, only=BIG_TABLES)
        for name in BIG_TABLES:
            contract = core_banking.contracts_by_table(settings)[name]
            handover = core_banking.Handover(
                metadata.tables[name],
                tuple(str(contract.columns[column].landed) for column in contract.grain),
                "upd_ts" if "upd_ts" in metadata.tables[name].columns else "biz_dt",
            )
            query = core_banking.rows_changed(handover, None, day)
            floor = measured(f"{name}: floor", lambda asked=query: copied(connection, asked))
            fast = measured(
                f"{name}: COPY", lambda asked=query: sum(rows.num_rows for rows, _ in read_rows(connection, asked))
            )
            slow = measured(f"{name}: row by row", lambda asked=query: row_by_row(connection, asked))
            print(f"{name}: COPY is {fast / slow:.1f} times row by row and {floor / fast:.1f} times the floor")


def copied(connection: sa.Connection, query: sa.Select[tuple[object, ...]]) -> int:
    literal = query.compile(connection, compile_kwargs={"literal_binds": True})
    sink = io.BytesIO()
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    cursor.copy_expert(f"COPY ({literal}) TO STDOUT (FORMAT csv)", sink)
    sink.seek(0)
    names = list(query.selected_columns.keys())
    as_text = pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    return pacsv.read_csv(
        sink, pacsv.ReadOptions(column_names=names), pacsv.ParseOptions(newlines_in_values=True), as_text
    ).num_rows


def row_by_row(connection: sa.Connection, query: sa.Select[tuple[object, ...]]) -> int:
    columns: list[list[str | None]] = [[] for _ in query.selected_columns]
    for row in connection.execution_options(stream_results=True).execute(query):
        for column, value in zip(columns, row, strict=True):
            column.append(None if value is None else str(value))
    return len(pa.table({str(at): pa.array(column) for at, column in enumerate(columns)}))


if __name__ == "__main__":
    main()
