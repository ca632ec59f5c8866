import os
import shutil
import signal
from datetime import date

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from simulated_days import FIRST, SECOND, THIRD

from extractors import core_banking
from extractors.faults import SourceFault, SourceUnavailable
from extractors.landing import Sent, land
from extractors.simulators.postgres import postgres
from extractors.simulators.simulate import simulate
from warehouse.landing import landed_days, landed_rows, read_manifest, verify_landing
from warehouse.settings import Settings


def rows(settings: Settings, table: str, day: date) -> list[dict[str, str]]:
    found: list[dict[str, str]] = pq.read_table(landed_rows(settings, "core_banking", table, day)).to_pylist()
    return found


def landed(settings: Settings, *days: date) -> None:
    for day in days:
        land(settings, "core_banking", day, core_banking.extract(settings, day))


@pytest.fixture(scope="module")
def three_days(bank: Settings) -> Settings:
    landed(bank, FIRST, SECOND, THIRD)
    return bank


def test_the_first_day_is_everything_and_later_days_are_what_changed(three_days: Settings):
    counts = [read_manifest(three_days, "core_banking", "cust", day).rows for day in (FIRST, SECOND, THIRD)]
    assert counts[0] > 500
    assert 0 < counts[1] < 40
    assert 0 < counts[2] < 40


def test_no_key_lands_twice_on_one_day(three_days: Settings):
    for contract in core_banking.contracts_by_table(three_days).values():
        key = [str(contract.columns[column].landed) for column in contract.grain]
        for day in (FIRST, SECOND, THIRD):
            keys = [tuple(row[name] for name in key) for row in rows(three_days, str(contract.landing), day)]
            assert len(keys) == len(set(keys)), (contract.name, day)


def test_a_past_day_extracted_again_lands_the_same_bytes(three_days: Settings):
    before = {day: verify_landing(three_days, "core_banking", "acct", day).sha256 for day in (FIRST, SECOND)}
    landed(three_days, FIRST, SECOND)
    assert {day: verify_landing(three_days, "core_banking", "acct", day).sha256 for day in (FIRST, SECOND)} == before


def test_a_skipped_day_lands_the_last_version_of_what_changed_meanwhile(three_days: Settings, home: Settings):
    skipping = Settings(home.home, core_banking_url=None)
    shutil.copytree(
        three_days.sources, skipping.sources, symlinks=True, ignore=shutil.ignore_patterns("core_banking", ".*")
    )
    with postgres(three_days.sources / "core_banking") as url:
        skipping = Settings(home.home, core_banking_url=url)
        landed(skipping, FIRST, THIRD)
    both = {row["acct_no"]: row for day in (SECOND, THIRD) for row in rows(three_days, "acct", day)}
    assert {row["acct_no"]: row for row in rows(skipping, "acct", THIRD)} == both


def test_a_killed_night_neither_moves_the_watermark_nor_doubles_a_row(home: Settings):
    url = f"sqlite:///{home.home / 'core.db'}"
    simulate(home.sources, customers=80, seed=11, days=3, core_url=url)
    killed, undisturbed = (Settings(home.home / name, core_banking_url=url) for name in ("killed", "undisturbed"))
    landed(undisturbed, FIRST, SECOND, THIRD)
    landed(killed, FIRST)
    tables = sorted(core_banking.contracts_by_table(killed))
    for batch in (1, 10, len(tables)):
        child = os.fork()
        if not child:
            batches = core_banking.extract(killed, SECOND)
            land(killed, "core_banking", SECOND, (_killing(sent, at == batch) for at, sent in enumerate(batches)))
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        assert {tuple(landed_days(killed, "core_banking", table)) for table in tables} == {(FIRST,)}
    landed(killed, SECOND, THIRD)
    for table in tables:
        for day in (SECOND, THIRD):
            one, other = (read_manifest(settings, "core_banking", table, day) for settings in (killed, undisturbed))
            assert one == other
    accounts = [(row["acct_no"], row["upd_ts"]) for day in (FIRST, SECOND, THIRD) for row in rows(killed, "acct", day)]
    assert len(accounts) == len(set(accounts))


def _killing(sent: Sent, is_time: bool) -> Sent:  # noqa: FBT001
    if is_time:
        os.kill(os.getpid(), signal.SIGKILL)
    return sent


def test_sqlite_gives_the_same_rows_as_postgresql(three_days: Settings, home: Settings):
    other = Settings(home.home, core_banking_url=f"sqlite:///{home.home / 'core.db'}")
    simulate(other.sources, customers=600, seed=11, days=3, core_url=other.core_banking_url)
    landed(other, FIRST)
    for table in ("cust", "contact", "acct_cust"):
        assert rows(other, table, FIRST) == rows(three_days, table, FIRST)


def changed_database(home: Settings, *statements: str) -> Settings:
    settings = Settings(home.home, core_banking_url=f"sqlite:///{home.home / 'core.db'}")
    simulate(settings.sources, customers=30, seed=1, history_days=10, core_url=settings.core_banking_url)
    with sa.create_engine(str(settings.core_banking_url)).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    return settings


def test_a_missing_table_is_named(home: Settings):
    settings = changed_database(home, "DROP TABLE addr")
    with pytest.raises(SourceFault, match="table addr is missing"):
        landed(settings, FIRST)
    assert landed_days(settings, "core_banking", "cust") == []


def test_a_missing_column_is_named(home: Settings):
    settings = changed_database(home, "ALTER TABLE cust RENAME COLUMN cust_nm TO customer_name")
    with pytest.raises(SourceFault, match=r"cust\.cust_nm is missing"):
        landed(settings, FIRST)


def test_a_new_column_is_named_before_anything_lands(home: Settings):
    settings = changed_database(home, "ALTER TABLE cust ADD COLUMN loyalty VARCHAR(9)")
    with pytest.raises(SourceFault, match=r"cust\.loyalty is new; use it in stg_core_banking__cust\.yml"):
        landed(settings, FIRST)
    assert landed_days(settings, "core_banking", "acct") == []


def test_a_column_of_another_type_is_named(home: Settings):
    retyped = (
        "ALTER TABLE cust DROP COLUMN cust_nm",
        "ALTER TABLE cust ADD COLUMN cust_nm INTEGER",
    )
    with pytest.raises(SourceFault, match=r"cust\.cust_nm is now of type INTEGER, which cannot hold"):
        landed(changed_database(home, *retyped), FIRST)


def test_the_database_counts_what_it_sends(three_days: Settings):
    manifest = read_manifest(three_days, "core_banking", "txn", FIRST)
    assert manifest.rows_sent == manifest.rows > 0


def test_null_and_empty_text_stay_different(home: Settings):
    with postgres(home.home / "server") as url:
        simulate(home.sources, customers=30, seed=1, history_days=10, core_url=url)
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE cust SET former_nm = '', eng_nm = NULL, mgr_id = 'a,\"b\"\nc'"))
        engine.dispose()
        settings = Settings(home.home, core_banking_url=url)
        landed(settings, FIRST)
    (row, *_) = rows(settings, "cust", FIRST)
    assert (row["former_nm"], row["eng_nm"], row["mgr_id"]) == ("", None, 'a,"b"\nc')


def test_all_tables_come_from_one_moment(home: Settings):
    with postgres(home.home / "server") as url:
        simulate(home.sources, customers=30, seed=1, history_days=10, core_url=url)
        settings = Settings(home.home, core_banking_url=url)
        stream = core_banking.extract(settings, FIRST)
        seen = [next(stream)]
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM txn"))
            connection.execute(sa.text("DELETE FROM cust"))
        engine.dispose()
        seen += stream
    read = {table: sum(sent.rows.num_rows for sent in seen if sent.table == table) for table in ("cust", "txn")}
    assert read["cust"] > 0
    assert read["txn"] > 0


def test_an_unreachable_database_is_worth_another_try(home: Settings):
    nowhere = f"postgresql+psycopg2://nobody@/none?host={home.home}"
    settings = Settings(home.home, core_banking_url=nowhere)
    with pytest.raises(SourceUnavailable, match="try again later"):
        landed(settings, FIRST)
