import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse.contract import read_contracts
from warehouse.engine import ROWS, write_query
from warehouse.errors import ToldError
from warehouse.publish import NothingPublishedError, current_version, publish, roll_back, version_before, versions
from warehouse.settings import Settings

DAY = date(2026, 1, 31)
CONTRACTS = read_contracts(Settings(home=Path()).tables)


@pytest.fixture
def golden(tmp_path) -> Path:
    return built(tmp_path, "张伟")


def built(folder: Path, name: str) -> Path:
    contract = CONTRACTS["golden_customer"]
    values = {
        "customer_id": "'C000000000001'",
        "name": f"'{name}'",
        "mobile": "'+8613912345678'",
        "birth_date": "DATE '1990-03-07'",
    }
    columns = ", ".join(
        f"{values.get(column, 'NULL')}::{declared.semantic.sql} AS {column}"
        for column, declared in contract.columns.items()
    )
    with duckdb.connect() as connection:
        write_query(connection, f"SELECT {columns}", folder / name / ROWS)
    return folder / name / ROWS


def test_a_version_is_complete_and_current(settings, golden):
    version = publish(settings, CONTRACTS, {"golden_customer": golden}, DAY)
    assert current_version(settings) == version
    assert version.business_date == DAY
    assert version.manifest["tables"]["golden_customer"]["rows"] == 1
    assert (version.folder / "contracts" / "golden_customer.yml").exists()


def test_publishing_the_same_content_again_changes_nothing(settings, golden):
    first = publish(settings, CONTRACTS, {"golden_customer": golden}, DAY)
    before = (first.folder / "manifest.json").stat().st_mtime_ns
    assert publish(settings, CONTRACTS, {"golden_customer": golden}, DAY) == first
    assert (first.folder / "manifest.json").stat().st_mtime_ns == before


def test_a_version_without_its_manifest_is_made_anew(settings, golden):
    version = publish(settings, CONTRACTS, {"golden_customer": golden}, DAY)
    (version.folder / "manifest.json").unlink()
    (version.parquet / "golden_customer" / ROWS).chmod(0o644)
    (version.parquet / "golden_customer" / ROWS).write_text("half a file")
    assert versions(settings) == []
    publish(settings, CONTRACTS, {"golden_customer": golden}, DAY)
    assert (version.parquet / "golden_customer" / ROWS).read_bytes() == golden.read_bytes()


def test_other_content_is_another_version_and_the_first_stays(settings, golden, tmp_path):
    first = publish(settings, CONTRACTS, {"golden_customer": golden}, DAY)
    second = publish(settings, CONTRACTS, {"golden_customer": built(tmp_path, "王芳")}, date(2026, 2, 1))
    assert versions(settings) == [first, second]
    assert current_version(settings) == second
    assert version_before(settings, date(2026, 2, 1)) == first
    assert version_before(settings, DAY) is None


def test_a_day_run_again_does_not_take_readers_back(settings, golden, tmp_path):
    second = publish(settings, CONTRACTS, {"golden_customer": golden}, date(2026, 2, 1))
    first = publish(settings, CONTRACTS, {"golden_customer": built(tmp_path, "王芳")}, DAY)
    assert current_version(settings) == second
    assert first in versions(settings)


def test_readers_go_back_to_a_whole_version_only(settings, golden, tmp_path):
    first = publish(settings, CONTRACTS, {"golden_customer": golden}, DAY)
    second = publish(settings, CONTRACTS, {"golden_customer": built(tmp_path, "王芳")}, date(2026, 2, 1))
    assert roll_back(settings) == first == current_version(settings)
    assert roll_back(settings, second.name) == second
    with pytest.raises(ToldError, match=f"there is no nowhere to go back to; there are {first.name}"):
        roll_back(settings, "nowhere")
    (first.parquet / "golden_customer" / ROWS).chmod(0o644)
    (first.parquet / "golden_customer" / ROWS).write_bytes((second.parquet / "golden_customer" / ROWS).read_bytes())
    with pytest.raises(ToldError, match=f"{first.name} is damaged: golden_customer"):
        roll_back(settings)
    assert current_version(settings) == second


def test_the_oldest_versions_make_room(settings, tmp_path):
    few = replace(settings, versions_kept=2)
    made = [
        publish(few, CONTRACTS, {"golden_customer": built(tmp_path, name)}, date(2026, 2, day))
        for day, name in enumerate(("张伟", "王芳", "李娜"), start=1)
    ]
    assert versions(few) == made[1:]
    assert not made[0].folder.exists()


def test_a_reader_finds_described_and_masked_tables(settings, golden):
    version = publish(settings, CONTRACTS, {"golden_customer": golden}, DAY)
    with duckdb.connect(str(version.database), read_only=True) as client:
        assert client.sql("SELECT name, mobile, birth_date FROM golden_customer").fetchall() == [
            ("张*", "****5678", date(1990, 1, 1))
        ]
        comments = client.sql("SELECT comment FROM duckdb_tables() WHERE table_name = 'golden_customer'").fetchall()
        assert CONTRACTS["golden_customer"].description in comments[0][0]
        assert (
            client.sql("SELECT column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal").fetchall()
            == []
        )


def test_published_files_are_read_only(settings, golden):
    version = publish(settings, CONTRACTS, {"golden_customer": golden}, DAY)
    assert not (version.parquet / "golden_customer" / ROWS).stat().st_mode & 0o222
    assert not version.database.stat().st_mode & 0o222
    json.loads((version.folder / "manifest.json").read_text(encoding="utf-8"))


def test_asking_for_the_current_version_before_the_first_says_what_to_do(settings):
    with pytest.raises(NothingPublishedError, match="run `c360 run` first"):
        current_version(settings)
