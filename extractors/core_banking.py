"""Core banking: a SQL database; everything on the first day, afterwards the rows changed since the day landed before.

The staging contracts say which tables and columns are read and what their keys are, so a further table is a contract.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import sqlalchemy as sa

from extractors.faults import SourceFault, SourceUnavailable
from extractors.landing import Sent
from extractors.simulators.simulate import core_database
from warehouse.contract import Contract, read_contract
from warehouse.landing import landed_days
from warehouse.settings import Settings

SOURCE = "core_banking"
CHANGED_AT = ("upd_ts", "biz_dt")  # the first a table has says when its rows changed; without one, all rows every day
AMOUNTS = ("bal", "amt", "overdue_amt", "prin_amt")  # summed into the manifest
ROWS_AT_ONCE = 50_000
BLOCK_BYTES = 8 << 20


@dataclass(frozen=True)
class Handover:
    """One source table to read: its key, and when its rows changed."""

    table: sa.Table
    key: tuple[str, ...]
    changed_at: str | None


def extract(settings: Settings, business_date: date) -> Iterator[Sent]:
    """Rows of every contracted table changed up to the end of `business_date`, in one consistent snapshot."""
    contracts = contracts_by_table(settings)
    before = _day_before(settings, business_date, sorted(contracts))
    with core_database(settings.sources, settings.core_banking_url) as url, _snapshot(url) as connection:
        metadata = _reflect(connection, sorted(contracts))
        for name, contract in sorted(contracts.items()):
            handover = _handover(metadata, name, contract)
            query = rows_changed(handover, before, business_date)
            totals = tuple(column.name for column in handover.table.columns if column.name in AMOUNTS)
            for rows, sent in _read(connection, query):
                yield Sent(name, rows, totals, rows_sent=sent)


def contracts_by_table(settings: Settings) -> dict[str, Contract]:
    """Staging contracts of this source by the table they read."""
    paths = [path for folder in settings.tables for path in sorted(folder.glob(f"staging/stg_{SOURCE}__*.yml"))]
    contracts = [read_contract(path) for path in paths]
    return {contract.landing: contract for contract in contracts if contract.landing}


def rows_changed(handover: Handover, after: date | None, until: date) -> sa.Select[Any]:
    """The last version of every row that changed in (`after`, `until`], in key order."""
    table, key = handover.table, [handover.table.c[name] for name in handover.key]
    if handover.changed_at is None:
        return sa.select(*table.c).order_by(*key)
    moment = table.c[handover.changed_at]
    window = moment <= _last_moment(moment, until)
    if after is not None:
        window &= moment > _last_moment(moment, after)
    if handover.changed_at in handover.key:
        return sa.select(*table.c).where(window).order_by(*key)
    age = sa.func.row_number().over(partition_by=key, order_by=moment.desc()).label("age")
    versions = sa.select(*table.c, age).where(window).subquery()
    latest = [versions.c[column.name] for column in table.columns]
    return sa.select(*latest).where(versions.c.age == 1).order_by(*(versions.c[name] for name in handover.key))


def _last_moment(column: sa.ColumnElement[Any], day: date) -> Any:
    """The end of a day as the column spells moments: a timestamp, a date, or text YYYYMMDD with or without a time."""
    if isinstance(column.type, sa.DateTime):
        return datetime.combine(day, time.max)
    if isinstance(column.type, sa.Date):
        return day
    return f"{day + timedelta(days=1):%Y%m%d}" if column.name == "upd_ts" else f"{day:%Y%m%d}"


def _day_before(settings: Settings, business_date: date, tables: list[str]) -> date | None:
    """The last day before `business_date` on which every table landed; None means everything is new."""
    days = [set(landed_days(settings, SOURCE, table)) for table in tables]
    common = set.intersection(*days) if days else set()
    return max((day for day in common if day < business_date), default=None)


@contextmanager
def _snapshot(url: str) -> Iterator[sa.Connection]:
    """A connection that sees the database as of one moment, whatever others write meanwhile."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    level = "REPEATABLE READ" if engine.dialect.name == "postgresql" else "SERIALIZABLE"
    try:
        with engine.connect().execution_options(isolation_level=level) as connection:
            yield connection
    except sa.exc.OperationalError as error:
        message = f"{SOURCE}: the database cannot be reached or gave up ({type(error.orig).__name__}); try again later"
        raise SourceUnavailable(message) from error
    finally:
        engine.dispose()


def _reflect(connection: sa.Connection, tables: list[str]) -> sa.MetaData:
    metadata = sa.MetaData()
    present = set(sa.inspect(connection).get_table_names()) | set(sa.inspect(connection).get_view_names())
    for table in tables:
        if table not in present:
            message = (
                f"{SOURCE}: table {table} is missing; restore it, or remove its contract stg_{SOURCE}__{table}.yml"
            )
            raise SourceFault(message)
    metadata.reflect(connection, only=tables, views=True)
    return metadata


def _handover(metadata: sa.MetaData, name: str, contract: Contract) -> Handover:
    """The reflected table with the key its contract names; raises SourceFault for a missing column."""
    table = metadata.tables[name]
    wanted = {str(column.landed).partition(".")[0] for column in contract.columns.values()}
    missing = sorted(wanted - set(table.columns.keys()))
    if missing:
        message = f"{SOURCE}: {name}.{missing[0]} is missing; restore it, or change {contract.path.name}"
        raise SourceFault(message)
    key = tuple(str(contract.columns[column].landed) for column in contract.grain)
    changed_at = next((column for column in CHANGED_AT if column in table.columns), None)
    return Handover(table, key, changed_at)


def _read(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Rows, and with some of the batches how many rows the database says it has sent meanwhile."""
    if connection.dialect.name == "postgresql":
        return _copy(connection, query)
    return _stream(connection, query)


def _copy(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Rows through COPY, several times as fast as a cursor; an unquoted empty field is null."""
    names = list(query.selected_columns.keys())
    literal = query.compile(connection, compile_kwargs={"literal_binds": True})
    read_end, write_end = os.pipe()
    sender = _CopySender(connection, f"COPY ({literal}) TO STDOUT (FORMAT csv)", write_end)
    sender.start()
    with os.fdopen(read_end, "rb") as pipe:
        try:
            for rows in _csv_batches(pipe, names):
                yield rows, 0
        finally:
            pipe.close()
            sender.finish()
        yield _no_rows(names), sender.rows


class _CopySender(threading.Thread):
    """Runs COPY on its own thread into a pipe, and keeps what went wrong for the reader."""

    def __init__(self, connection: sa.Connection, statement: str, write_end: int) -> None:
        super().__init__(daemon=True)
        self.cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
        self.statement = statement
        self.write_end = write_end
        self.failure: Exception | None = None
        self.rows = 0  # sent, as the database counts

    def run(self) -> None:
        """Send until the end; a reader that left early is no failure."""
        try:
            with os.fdopen(self.write_end, "wb", buffering=1 << 20) as sink:
                self.cursor.copy_expert(self.statement, sink)
                self.rows = self.cursor.rowcount
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 (handed to the reading thread, which raises it)
            self.failure = error

    def finish(self) -> None:
        """Wait for the end; raises what went wrong."""
        self.join()
        self.cursor.close()
        if self.failure is not None:
            message = f"{SOURCE}: reading broke off ({type(self.failure).__name__}); try again later"
            raise SourceUnavailable(message) from self.failure


def _csv_batches(pipe: Any, names: list[str]) -> Iterator[pa.RecordBatch]:
    try:
        reader = pacsv.open_csv(
            pipe,
            pacsv.ReadOptions(column_names=names, block_size=BLOCK_BYTES),
            pacsv.ParseOptions(newlines_in_values=True),
            pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise
    yield from reader


def _stream(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Rows through a cursor, for every other database."""
    names = list(query.selected_columns.keys())
    yield _no_rows(names), 0
    result = connection.execution_options(stream_results=True).execute(query)
    for rows in result.partitions(ROWS_AT_ONCE):
        columns = zip(*rows, strict=True)
        texts = [
            pa.array([None if value is None else str(value) for value in column], pa.string()) for column in columns
        ]
        yield pa.RecordBatch.from_arrays(texts, names), len(rows)


def _no_rows(names: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], pa.string())] * len(names), names)
