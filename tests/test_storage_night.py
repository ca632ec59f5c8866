"""A night on one machine and the next on another, which share nothing but an S3 server."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
from pyarrow import fs

from dags import simulation
from tests.test_crash import night
from warehouse.publish import current_version
from warehouse.settings import Settings

FIRST, SECOND = date(2026, 1, 31), date(2026, 2, 1)


def test_the_next_night_runs_on_a_machine_that_has_nothing_but_the_store(tmp_path: Path, s3: str):
    url = f"s3://bank/%s?endpoint_override={s3}&scheme=http&region=us-east-1"
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
