"""Core banking: a SQL database; everything on the first day, afterwards the rows changed since the day landed before.

A table from which rows have vanished since is read whole once more, so that they vanish here too.

The staging contracts say which tables and columns are read and what their keys are, so a further table is a contract.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from extractors.core_copy import read_rows
from extractors.core_overlap import OVERLAP, landed_before
from extractors.core_vanished import has_vanished
from extractors.faults import SourceFault, SourceUnavailable
from extractors.landing import Sent
from extractors.simulators.simulate import core_database
from warehouse.contract import Contract, read_contract
from warehouse.landing import landed_days
from warehouse.settings import Settings

SOURCE = "core_banking"
ONE_DAY = timedelta(days=1)
CHANGED_AT = ("upd_ts", "biz_dt")  # the first a table has says when its rows changed; without one, all rows every day
AMOUNTS = ("bal", "amt", "overdue_amt", "prin_amt")  # summed into the manifest
# What a database may keep values of each storage in, besides text.
HOLDS = {
    "decimal": (sa.Numeric, sa.Integer),
    "double": (sa.Numeric, sa.Integer),
    "int": (sa.Integer, sa.Numeric),
    "bool": (sa.Boolean, sa.Integer),
    "date": (sa.Date, sa.DateTime),
    "timestamp": (sa.DateTime, sa.Date),
}


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
            totals = tuple(column.name for column in handover.table.columns if column.name in AMOUNTS)
            since = before
            if before and _has_vanished(settings, connection, handover, before, business_date):
                since = None
            for rows, sent in _read_changed(settings, connection, handover, since, business_date):
                yield Sent(name, rows, totals, rows_sent=sent, is_whole=since is None)


def _read_changed(
    settings: Settings, connection: sa.Connection, handover: Handover, before: date | None, business_date: date
) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Rows changed since the day that landed before, with those of that day that were committed late."""
    if before is None or handover.changed_at is None:
        return read_rows(connection, rows_changed(handover, before, business_date))
    column = handover.table.c[handover.changed_at]
    begin = _begin(column, before + ONE_DAY - OVERLAP)
    landed = landed_before(settings, SOURCE, handover.table.name, handover.changed_at, before, begin)
    return landed.only_new(read_rows(connection, rows_changed(handover, before - OVERLAP, business_date)))


def _has_vanished(
    settings: Settings, connection: sa.Connection, handover: Handover, before: date, business_date: date
) -> bool:
    """Whether rows were deleted without a trace; never asked of what is read whole anyhow, or only grows."""
    if handover.changed_at is None or handover.changed_at in handover.key:
        return False
    table, key = handover.table, [handover.table.c[name] for name in handover.key]
    moment = table.c[handover.changed_at]
    held = sa.select(*key).where(moment < _begin(moment, business_date + ONE_DAY)).distinct()
    rows = rows_changed(handover, before, business_date).subquery()
    changed = sa.select(*(rows.c[name] for name in handover.key))
    return has_vanished(settings, connection, (SOURCE, table.name), held, changed, business_date)


def contracts_by_table(settings: Settings) -> dict[str, Contract]:
    """Staging contracts of this source by the table they read."""
    paths = [path for folder in settings.tables for path in sorted(folder.glob(f"staging/stg_{SOURCE}__*.yml"))]
    contracts = [read_contract(path) for path in paths]
    return {contract.landing: contract for contract in contracts if contract.landing}


def rows_changed(handover: Handover, after: date | None, until: date) -> sa.Select[Any]:
    """The last version of every row that changed on the days after `after` up to `until`, in key order."""
    table, key = handover.table, [handover.table.c[name] for name in handover.key]
    if handover.changed_at is None:
        return sa.select(*table.c).order_by(*key)
    moment = table.c[handover.changed_at]
    window = moment < _begin(moment, until + ONE_DAY)
    if after is not None:
        window &= moment >= _begin(moment, after + ONE_DAY)
    if handover.changed_at in handover.key:
        return sa.select(*table.c).where(window).order_by(*key)
    age = sa.func.row_number().over(partition_by=key, order_by=moment.desc()).label("age")
    versions = sa.select(*table.c, age).where(window).subquery()
    latest = [versions.c[column.name] for column in table.columns]
    return sa.select(*latest).where(versions.c.age == 1).order_by(*(versions.c[name] for name in handover.key))


def _begin(column: sa.ColumnElement[Any], day: date) -> Any:
    """The begin of a day as the column spells moments: a timestamp, a date, or text YYYYMMDD with or without a time."""
    if isinstance(column.type, sa.DateTime):
        return datetime.combine(day, time.min)
    return day if isinstance(column.type, sa.Date) else f"{day:%Y%m%d}"


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
    if unknown := sorted(set(table.columns.keys()) - wanted - set(contract.ignore)):
        message = f"{SOURCE}: {name}.{unknown[0]} is new; use it in {contract.path.name}, or list it there in ignore"
        raise SourceFault(message)
    _check_types(table, contract)
    key = tuple(str(contract.columns[column].landed) for column in contract.grain)
    changed_at = next((column for column in CHANGED_AT if column in table.columns), None)
    return Handover(table, key, changed_at)


def _check_types(table: sa.Table, contract: Contract) -> None:
    """Raise SourceFault when a column cannot hold what the contract says it does, such as a name that is a number."""
    for column in contract.columns.values():
        found = table.c[str(column.landed).partition(".")[0]]
        storage = str(column.semantic.storage)
        holds = next((held for kind, held in HOLDS.items() if storage.startswith(kind)), (sa.String,))
        if not isinstance(found.type, (sa.String, *holds)):
            message = (
                f"{SOURCE}: {table.name}.{found.name} is now of type {found.type}, which cannot hold {column.type};"
                f" restore it, or change {contract.path.name}"
            )
            raise SourceFault(message)
