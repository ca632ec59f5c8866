"""Fills the core-banking database: COPY into PostgreSQL while the next rows are being made, plain inserts elsewhere."""

import io
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Engine

from extractors.simulators.core_tables import KEYS, create_statement, key_statement

ROWS_AT_ONCE = 250_000
CHANGED_AT = ("upd_ts", "biz_dt", "rate_dt")
WAITING_LIMIT = 3


class Database:
    """Tables filled in the order given, indexed at the end; while it `is_silent` it takes rows and writes none."""

    def __init__(self, engine: Engine, since: str | None = None) -> None:
        self.connection: Any = engine.raw_connection()
        self.is_postgres = engine.dialect.name == "postgresql"
        self.columns: dict[str, list[str]] = {}
        self.created: list[str] = []
        self.is_silent = since is not None
        self.writer = ThreadPoolExecutor(max_workers=1)
        self.waiting: list[Future[None]] = []
        for table in KEYS:
            if since is None:
                self._execute(f"DROP TABLE IF EXISTS {table}")
        if since is not None:
            self._forget(engine, since)

    def _forget(self, engine: Engine, since: str) -> None:
        """Delete what an extension that broke off left behind; nothing where none did."""
        with engine.connect() as connection:
            found = {table: inspect(connection).get_columns(table) for table in inspect(connection).get_table_names()}
        for table in KEYS:
            changed = [column["name"] for column in found.get(table, []) if column["name"] in CHANGED_AT]
            self._execute(f"DELETE FROM {table} WHERE {changed[0]} >= '{since}'")

    def add_some_columns(self, table: str, columns: dict[str, pa.Array]) -> None:
        """Append rows of a table that exists; columns not given are null."""
        count = len(next(iter(columns.values())))
        nothing = pa.nulls(count, pa.string())
        self.add(table, pa.table({name: columns.get(name, nothing) for name in self.columns[table]}))

    def add(self, table: str, rows: pa.Table) -> None:
        """Append rows; the table is created by its first ones."""
        if table not in self.columns:
            self.columns[table] = rows.schema.names
            if not self.is_silent:
                self.created.append(table)
                self._later(self._execute, create_statement(table, rows.schema.names))
        if self.is_silent:
            return
        for start in range(0, rows.num_rows, ROWS_AT_ONCE):
            part = rows.select(self.columns[table]).slice(start, ROWS_AT_ONCE)
            self._later(self._copy if self.is_postgres else self._insert, table, part)

    def _later(self, step: Any, *arguments: Any) -> None:
        """Run a step on the writing thread, a few at most in waiting."""
        self.waiting.append(self.writer.submit(step, *arguments))
        while len(self.waiting) > WAITING_LIMIT:
            self.waiting.pop(0).result()

    def _execute(self, statement: str) -> None:
        cursor = self.connection.cursor()
        cursor.execute(statement)
        cursor.close()

    def _copy(self, table: str, rows: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        pacsv.write_csv(rows, sink, pacsv.WriteOptions(include_header=False, batch_size=16_384))
        cursor = self.connection.cursor()
        cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv)", io.BytesIO(sink.getvalue()), size=1 << 20)
        cursor.close()

    def _insert(self, table: str, rows: pa.Table) -> None:
        marks = ", ".join("?" * rows.num_columns)
        values = zip(*(column.to_pylist() for column in rows.columns), strict=True)
        self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)

    def finish(self) -> None:
        """Index every new table and make the rows visible."""
        for table in self.created:
            self._later(self._execute, key_statement(table, self.columns[table]))
        self._later(self.connection.commit)
        for step in self.waiting:
            step.result()

    def close(self) -> None:
        """Leave the writing thread and the connection; rows not finished are rolled back."""
        self.writer.shutdown(wait=True, cancel_futures=True)
        self.connection.close()


@contextmanager
def open_database(url: str, since: str | None = None) -> Iterator[Database]:
    """A database at a SQLAlchemy URL, made anew, visible to others only once filled to the end.

    With `since` the rows of the days before (YYYYMMDD) stay as they are, and it is silent until told otherwise.
    """
    engine = create_engine(url, connect_args={"check_same_thread": False} if url.startswith("sqlite") else {})
    database = Database(engine, since)
    try:
        yield database
        database.finish()
    finally:
        database.close()
        engine.dispose()
