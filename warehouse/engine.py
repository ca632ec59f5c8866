"""DuckDB as the project uses it: bounded memory, spilling allowed, tables as views on Parquet files."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from warehouse.settings import Settings

ROWS = "rows.parquet"
DICTIONARY_ENTRIES = 4000  # of a column of Parquet; keys, which have more, are smaller and sooner written without one


@contextmanager
def connect(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """In-memory DuckDB within the memory and threads of `settings`, spilling below work/, closed on exit."""
    settings.work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="spill-", dir=settings.work) as spill, duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{settings.memory_limit}'")
        connection.execute(f"SET threads = {settings.threads}")
        connection.execute(f"SET temp_directory = {quoted(spill)}")
        connection.execute("SET enable_progress_bar = false")
        yield connection


def quoted(value: str | Path) -> str:
    """`value` as a SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def mount(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Path]) -> None:
    """Make each Parquet file of `tables` readable as a view of that name."""
    for name, path in tables.items():
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS FROM read_parquet({quoted(path)})")


def built_tables(folder: Path) -> dict[str, Path]:
    """Parquet file of every table complete in a build or version folder, by table name."""
    return {path.parent.name: path for path in sorted(folder.glob(f"*/{ROWS}"))}


def write_query(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Write the rows of `query`, in order, to the Parquet file `target`, whole or not at all; returns their count."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".unfinished")
    options = f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT {DICTIONARY_ENTRIES}"
    connection.execute(f"COPY ({query}) TO {quoted(unfinished)} ({options})")
    unfinished.replace(target)
    row = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(target)]).fetchone()
    return int(row[0]) if row else 0
