"""What every test starts from: an empty installation of its own."""

import socket
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


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """Address of an S3 server on loopback with one bucket, `bank`."""
    import boto3
    from moto.server import ThreadedMotoServer

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=int(address.rpartition(":")[2]), verbose=False)
    with pytest.MonkeyPatch.context() as environment:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "test")
        server.start()
        client = boto3.client("s3", endpoint_url=f"http://{address}", region_name="us-east-1")
        client.create_bucket(Bucket="bank")
        yield address
        server.stop()
