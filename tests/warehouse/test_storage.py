"""Landing and publishing to a real S3 server on loopback, and to other filesystems named by URL."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from extractors.landing import Sent, land
from warehouse.contract import read_contracts
from warehouse.landing import NotLanded, landed_rows, landed_tables, verify_landing
from warehouse.landing_store import StoreDamagedError, pull_landing, push_day
from warehouse.publish import current_version, publish, roll_back
from warehouse.published_store import pull_versions, push
from warehouse.settings import Settings
from warehouse.storage import Store, open_store

DAY, NEXT = date(2026, 1, 31), date(2026, 2, 1)
CONTRACTS = read_contracts(Settings(home=Path()).tables)
TABLE = "seed_fx_rate"


class Killed(BaseException):
    """Stands for kill -9 between two writes."""


@pytest.fixture(params=["s3", "file", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place in each kind of storage."""
    if request.param == "s3":
        address = request.getfixturevalue("s3")
        return f"s3://bank/{uuid4()}?endpoint_override={address}&scheme=http&region=us-east-1"
    return f"file://{tmp_path / 'store'}" if request.param == "file" else f"memory://{uuid4()}"


@pytest.fixture
def s3_url(s3: str) -> str:
    return f"s3://bank/{uuid4()}?endpoint_override={s3}&scheme=http&region=us-east-1"


def machine(tmp_path: Path, name: str, url: str) -> Settings:
    return Settings(home=tmp_path / name, landing_url=url, published_url=url.replace("?", "/versions?", 1))


def land_and_push(settings: Settings, value: str, *tables: str) -> None:
    rows = pa.RecordBatch.from_pydict({"a": pa.array([value])})
    land(settings, "card", DAY, [Sent(table, rows) for table in tables])
    push_day(settings, "card", DAY)


def seen(settings: Settings) -> dict[str, str]:
    """What a machine that has nothing yet finds in the store: the value of each table of the day."""
    pull_landing(settings, "card")
    tables = landed_tables(settings, "card", DAY)
    for table in tables:
        verify_landing(settings, "card", table, DAY)
    return {table: pq.read_table(landed_rows(settings, "card", table, DAY))["a"][0].as_py() for table in tables}


def test_another_machine_finds_the_day_as_it_landed_and_as_it_landed_again(tmp_path: Path, url: str):
    first, second = machine(tmp_path, "first", url), machine(tmp_path, "second", url)
    land_and_push(first, "old", "card", "posting")
    assert seen(second) == {"card": "old", "posting": "old"}
    land_and_push(first, "new", "card")
    assert pull_landing(second, "card") == [DAY]
    assert seen(second) == {"card": "new"}
    assert pull_landing(second, "card") == []
    kept = open_store(url).names("card/posting")
    assert kept == []


def kill_at(monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """Die instead of the write of this number to any store."""
    calls = iter(range(1, call + 1))
    real = {name: getattr(Store, name) for name in ("put", "write", "delete")}

    def dying(name: str) -> object:
        def do(*arguments: object) -> object:
            if next(calls, call) == call:
                raise Killed
            return real[name](*arguments)

        return do

    for name in real:
        monkeypatch.setattr(Store, name, dying(name))


@pytest.mark.parametrize("call", range(1, 10))
def test_a_kill_between_any_two_writes_leaves_the_old_day_or_the_new(
    tmp_path: Path, s3_url: str, call: int, monkeypatch: pytest.MonkeyPatch
):
    writer = machine(tmp_path, "writer", s3_url)
    land_and_push(writer, "old", "card", "posting")
    with monkeypatch.context() as patched:
        kill_at(patched, call)
        with pytest.raises(Killed):
            land_and_push(writer, "new", "card", "posting")
    assert seen(machine(tmp_path, "reader", s3_url)) in (
        {"card": "old", "posting": "old"},
        {"card": "new", "posting": "new"},
    )
    land_and_push(writer, "new", "card", "posting")
    assert seen(machine(tmp_path, "later reader", s3_url)) == {"card": "new", "posting": "new"}


def test_a_damaged_object_is_named_and_nothing_of_the_day_lands(tmp_path: Path, url: str):
    land_and_push(machine(tmp_path, "writer", url), "x", "card")
    store = open_store(url)
    (rows,) = (key for key in store.names() if key.endswith(".parquet"))
    store.write(rows, b"damaged")
    reader = machine(tmp_path, "reader", url)
    with pytest.raises(StoreDamagedError, match="card/card/business_date=2026-01-31"):
        pull_landing(reader, "card")
    with pytest.raises(NotLanded):
        landed_rows(reader, "card", "card", DAY)


def published(settings: Settings, day: date, rate: str) -> None:
    """Publish one small table, and push it."""
    contract = CONTRACTS[TABLE]
    path = settings.home / f"{rate}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        name: pa.array([rate], pa.string()).cast(column.semantic.storage)
        if column.semantic.sql.startswith("DECIMAL")
        else pa.nulls(1, column.semantic.storage)
        for name, column in contract.columns.items()
    }
    pq.write_table(pa.table(columns), path)
    push(settings, publish(settings, CONTRACTS, {TABLE: path}, day))


def read_by_pyarrow(url: str) -> tuple[str, int]:
    """What any system reads with nothing but the URL: the pointer, the manifest, the Parquet."""
    filesystem, root = fs.FileSystem.from_uri(url.replace("?", "/versions?", 1))
    with filesystem.open_input_stream(f"{root}/current") as pointer:
        version = pointer.read().decode().strip()
    with filesystem.open_input_stream(f"{root}/{version}/manifest.json") as manifest:
        assert b'"tables"' in manifest.read()
    return version, pq.read_table(f"{root}/{version}/parquet/{TABLE}", filesystem=filesystem).num_rows


def test_a_version_is_read_with_pyarrow_and_taken_over_by_another_machine(tmp_path: Path, s3_url: str):
    first, second = machine(tmp_path, "first", s3_url), machine(tmp_path, "second", s3_url)
    published(first, DAY, "1.0")
    assert read_by_pyarrow(s3_url) == (current_version(first).name, 1)
    assert [version.name for version in pull_versions(second, CONTRACTS, NEXT)] == [current_version(first).name]
    assert current_version(second).manifest == current_version(first).manifest
    assert current_version(second).database.exists()
    published(second, NEXT, "2.0")
    assert read_by_pyarrow(s3_url)[0] == current_version(second).name
    push(second, roll_back(second))
    assert read_by_pyarrow(s3_url)[0] == current_version(first).name


@pytest.mark.parametrize("call", range(1, 5))
def test_a_kill_while_publishing_leaves_readers_on_a_whole_version(
    tmp_path: Path, s3_url: str, call: int, monkeypatch: pytest.MonkeyPatch
):
    settings = machine(tmp_path, "writer", s3_url)
    published(settings, DAY, "1.0")
    first = current_version(settings).name
    with monkeypatch.context() as patched:
        kill_at(patched, call)
        with pytest.raises(Killed):
            published(settings, NEXT, "2.0")
    assert read_by_pyarrow(s3_url) == (first, 1)
    published(settings, NEXT, "2.0")
    assert read_by_pyarrow(s3_url) == (current_version(settings).name, 1)


def test_the_store_keeps_as_many_versions_as_are_kept(tmp_path: Path, s3_url: str):
    settings = replace(machine(tmp_path, "writer", s3_url), versions_kept=1)
    published(settings, DAY, "1.0")
    published(settings, NEXT, "2.0")
    keys = open_store(str(settings.published_store)).names()
    assert {key.partition("/")[0] for key in keys} - {"current"} == {current_version(settings).name}


def test_a_place_without_a_scheme_is_a_folder(tmp_path: Path):
    settings = Settings(home=tmp_path, landing_url=str(tmp_path / "l"), published_url=str(tmp_path / "p"))
    assert (settings.landing, settings.published) == (tmp_path / "l", tmp_path / "p")
    assert (settings.landing_store, settings.published_store) == (None, None)
