"""What every test starts from: an empty installation of its own."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from warehouse.contract import create_table, read_contracts
from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", memory_limit="1GB", threads=2)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder the database's own user can reach too: another pytest closes pytest's own folders."""
    with TemporaryDirectory(prefix="c360-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def empty_warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table of the warehouse, without rows."""
    declared = read_contracts(Settings(home=Path()).tables).values()
    with duckdb.connect() as connection:
        connection.execute(";".join(create_table(contract) for contract in declared))
        yield connection
