"""Rows of a query as text columns: through COPY from PostgreSQL, through a cursor from any other database."""

import os
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import sqlalchemy as sa

from extractors.faults import SourceFault, SourceUnavailable

ROWS_AT_ONCE = 50_000
BLOCK_BYTES = 8 << 20


def read_rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[tuple[pa.RecordBatch, int]]:
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
            message = f"core_banking: reading broke off ({type(self.failure).__name__}); try again later"
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
    for rows in _partitions(result, query):
        texts = [pa.array(map(_as_text, column), pa.string()) for column in zip(*rows, strict=True)]
        yield pa.RecordBatch.from_arrays(texts, names), len(rows)


def _partitions(result: sa.CursorResult[Any], query: sa.Select[Any]) -> Iterator[Sequence[sa.Row[Any]]]:
    """Rows by the many; raises SourceFault where a database lets a column hold what its type cannot."""
    try:
        yield from result.partitions(ROWS_AT_ONCE)
    except (TypeError, ValueError, ArithmeticError) as error:
        typed = [column.name for column in query.selected_columns if not isinstance(column.type, sa.String)]
        message = (
            f"core_banking: a value of {', '.join(typed)} is not of its column's type ({type(error).__name__});"
            f" correct it at the source"
        )
        raise SourceFault(message) from None  # the error beneath may quote the value


def _as_text(value: object) -> str | None:
    """A value as PostgreSQL spells it."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return None if value is None else str(value)


def _no_rows(names: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], pa.string())] * len(names), names)
