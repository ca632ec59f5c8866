"""No row of core banking is skipped and none lands twice, whenever it was committed and wherever landing broke off."""

import os
import shutil
import signal
import sys
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from simulated_days import FIRST, SECOND, THIRD

from extractors import core_banking
from extractors.landing import land
from extractors.simulators.simulate import simulate
from warehouse.landing import landed_rows, read_manifest
from warehouse.settings import Settings

SOURCE = "core_banking"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database of a small bank of three days."""
    folder = tmp_path_factory.mktemp("core")
    url = f"sqlite:///{folder / 'core.db'}"
    simulate(folder / "sources", customers=40, seed=3, days=3, history_days=10, core_url=url)
    return folder / "core.db"


@pytest.fixture
def core(simulated: Path, tmp_path: Path) -> Settings:
    """An installation of its own on that bank."""
    shutil.copyfile(simulated, tmp_path / "core.db")
    return Settings(tmp_path, core_banking_url=f"sqlite:///{tmp_path / 'core.db'}")


def run(settings: Settings, *statements: str) -> None:
    with sa.create_engine(str(settings.core_banking_url)).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def landed(settings: Settings, *days: date) -> None:
    for day in days:
        land(settings, SOURCE, day, core_banking.extract(settings, day))


def rows_of(settings: Settings, table: str, day: date) -> list[dict[str, str]]:
    found: list[dict[str, str]] = pq.read_table(landed_rows(settings, SOURCE, table, day)).to_pylist()
    return found


def keys(settings: Settings, table: str, column: str, *days: date) -> list[str]:
    return sorted(row[column] for day in days for row in rows_of(settings, table, day))


def transaction(number: int, day: str) -> str:
    """An INSERT of one more transaction, like one that is there."""
    return (
        f"INSERT INTO txn SELECT * FROM (SELECT * FROM txn LIMIT 1);"
        f"UPDATE txn SET txn_seq = 'late{number}', biz_dt = '{day}' WHERE rowid = last_insert_rowid()"
    )


def late(settings: Settings, number: int, day: str) -> None:
    run(settings, "DROP INDEX IF EXISTS txn_pk", *transaction(number, day).split(";"))


def test_a_row_committed_after_its_day_was_extracted_lands_with_the_next_day_and_once(core: Settings):
    landed(core, FIRST)
    there = keys(core, "txn", "txn_seq", FIRST)
    late(core, 1, f"{FIRST:%Y%m%d}")
    landed(core, SECOND, THIRD)
    assert keys(core, "txn", "txn_seq", FIRST) == there
    assert keys(core, "txn", "txn_seq", SECOND, THIRD).count("late1") == 1
    assert "late1" in keys(core, "txn", "txn_seq", SECOND)
    assert read_manifest(core, SOURCE, "txn", SECOND).rows_sent == read_manifest(core, SOURCE, "txn", SECOND).rows


def test_a_customer_touched_again_in_the_same_second_lands_again(core: Settings):
    landed(core, FIRST)
    number = keys(core, "cust", "cif_no", FIRST)[0]
    same_second = f"upd_ts = '{FIRST:%Y%m%d}235959' WHERE cif_no = '{number}'"
    run(core, "DROP INDEX cust_pk", f"UPDATE cust SET {same_second}")
    landed(core, FIRST)
    run(core, f"UPDATE cust SET cust_nm = '改', {same_second}")
    landed(core, SECOND, THIRD)
    found = [row for day in (SECOND, THIRD) for row in rows_of(core, "cust", day) if row["cif_no"] == number]
    assert [row["cust_nm"] for row in found] == ["改"]


@pytest.mark.parametrize("moment", ["20260201", "20260201000000", "20260201235959"])
def test_the_first_and_the_last_moment_of_a_day_belong_to_it(core: Settings, moment: str):
    run(core, f"UPDATE cust SET upd_ts = '{moment}' WHERE cif_no = (SELECT min(cif_no) FROM cust)")
    number = _asked(core, "SELECT min(cif_no) FROM cust")
    landed(core, FIRST, SECOND, THIRD)
    days = [day for day in (FIRST, SECOND, THIRD) if number in keys(core, "cust", "cif_no", day)]
    assert days == [SECOND]


def _asked(settings: Settings, query: str) -> str:
    with sa.create_engine(str(settings.core_banking_url)).connect() as connection:
        return str(connection.execute(sa.text(query)).scalar_one())


@pytest.mark.parametrize("rename", [1, 3, 8])
def test_a_night_killed_while_landing_and_run_again_equals_one_that_was_not(core: Settings, rename: int):
    landed(core, FIRST)
    child = os.fork()
    if not child:
        counted = iter(range(1, rename + 1))

        def die(event: str, arguments: tuple[object, ...]) -> None:
            if event == "os.rename" and str(core.landing) in str(arguments[0]) and next(counted, rename) == rename:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(die)
        try:
            landed(core, SECOND)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    landed(core, SECOND, THIRD)
    clean = Settings(core.home / "clean", core_banking_url=core.core_banking_url)
    landed(clean, FIRST, SECOND, THIRD)
    for table in core_banking.contracts_by_table(core):
        for day in (FIRST, SECOND, THIRD):
            assert read_manifest(core, SOURCE, table, day) == read_manifest(clean, SOURCE, table, day)


def test_a_table_from_which_rows_vanished_lands_whole_once(core: Settings):
    landed(core, FIRST)
    there = keys(core, "contact", "cif_no", FIRST)
    run(core, f"DELETE FROM contact WHERE cif_no = '{there[0]}'")
    landed(core, SECOND, THIRD)
    whole = [read_manifest(core, SOURCE, "contact", day).is_whole for day in (FIRST, SECOND, THIRD)]
    assert whole == [True, True, False]
    kept = set(keys(core, "contact", "cif_no", SECOND))
    assert there[0] not in kept
    assert kept >= set(there[1:]) - {there[0]}
    assert not read_manifest(core, SOURCE, "cust", SECOND).is_whole
    assert read_manifest(core, SOURCE, "contact", SECOND).rows_sent == len(keys(core, "contact", "cif_no", SECOND))


def test_a_past_day_landed_again_stays_as_it_was_although_rows_have_vanished(core: Settings):
    landed(core, FIRST, SECOND, THIRD)
    before = landed_rows(core, SOURCE, "contact", SECOND).read_bytes()
    known = set(keys(core, "contact", "cif_no", FIRST)) - set(keys(core, "contact", "cif_no", SECOND))
    run(core, f"DELETE FROM contact WHERE cif_no = '{min(known)}'")
    landed(core, SECOND)
    assert landed_rows(core, SOURCE, "contact", SECOND).read_bytes() == before


def test_new_rows_do_not_hide_that_others_vanished(core: Settings):
    landed(core, FIRST)
    gone = keys(core, "contact", "cif_no", FIRST)[0]
    copied = "INSERT INTO contact SELECT * FROM (SELECT * FROM contact LIMIT 1)"
    new = f"UPDATE contact SET cif_no = 'N{{0}}', upd_ts = '{SECOND:%Y%m%d}120000' WHERE rowid = last_insert_rowid()"
    run(core, "DROP INDEX IF EXISTS contact_pk", f"DELETE FROM contact WHERE cif_no = '{gone}'")
    for number in range(5):
        run(core, copied, new.format(number))
    landed(core, SECOND)
    assert read_manifest(core, SOURCE, "contact", SECOND).is_whole
