"""A night on one machine and the next on another, which share nothing but an S3 server."""

import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import boto3
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs

from dags import simulation
from tests.test_crash import night
from warehouse.publish import current_version
from warehouse.settings import Settings

FIRST, SECOND = date(2026, 1, 31), date(2026, 2, 1)


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1")
    client.create_bucket(Bucket="bank")
    yield f"s3://bank/%s?endpoint_override=127.0.0.1:{port}&scheme=http&region=us-east-1"
    server.stop()


def test_the_next_night_runs_on_a_machine_that_has_nothing_but_the_store(tmp_path: Path, url: str):
    database = f"sqlite:///{tmp_path / 'core.db'}"
    first = Settings(tmp_path / "first", database, landing_url=url % "landing", published_url=url % "published")
    simulation.simulate(first, 300, 7, FIRST, 2, lambda _: None)
    night(first, FIRST)
    second = replace(first, home=tmp_path / "second")
    shutil.copytree(first.sources, second.sources)
    shutil.rmtree(first.home)
    night(second, SECOND)
    version = current_version(second)
    filesystem, root = fs.FileSystem.from_uri(url % "published")
    with filesystem.open_input_stream(f"{root}/current") as pointer:
        assert pointer.read().decode().strip() == version.name
    told = {name: table["rows"] for name, table in version.manifest["tables"].items()}
    for name in ("golden_customer", "customer_xref", "mart_customer_360"):
        assert pq.read_table(f"{root}/{version.name}/parquet/{name}", filesystem=filesystem).num_rows == told[name]
    since = pq.read_table(version.parquet / "customer_xref", columns=["valid_from"])["valid_from"].to_pylist()
    assert min(since) == FIRST < max(since) == SECOND
    assert sum(day == FIRST for day in since) > len(since) * 0.9
