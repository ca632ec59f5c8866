"""Those who leave take their money with them, and everybody's money still adds up."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from extractors.simulators.bank import Bank
from extractors.simulators.simulate import simulate_bank

LEFT = """
    SELECT acct.acct_no, acct.bal::DECIMAL(18, 2) AS balance, acct.sts, acct.close_dt, event.business_date AS left_on
    FROM event JOIN record USING (person_id)
    JOIN acct_cust ON cif_no = source_key AND rel = 'P' JOIN acct USING (acct_no)
    WHERE event = 'left' AND open_dt < event.business_date AND acct.sts <> '1' AND event.business_date <= '20260131'
"""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A bank of 1500 people with a year behind it, and the truth of it."""
    folder = tmp_path_factory.mktemp("leaving")
    url = f"sqlite:///{folder / 'core.db'}"
    simulate_bank(folder, Bank(1500, 4), core_url=url)
    engine = sa.create_engine(url)
    with duckdb.connect() as connection, engine.connect() as core:
        for table in ("acct", "acct_cust", "txn"):
            rows = core.execute(sa.text(f"SELECT * FROM {table}"))
            connection.register(table, pa.Table.from_pylist([dict(row) for row in rows.mappings()]))
        for table in ("event", "record"):
            connection.register(table, pq.read_table(folder / "truth" / f"truth_{table}.parquet"))
        yield connection
    engine.dispose()


def test_most_of_the_money_of_those_who_left_is_gone(bank: duckdb.DuckDBPyConnection):
    moved = "SELECT sum(amt::DECIMAL(18, 2)) FROM txn WHERE txn_cd = 'TRO' AND txn.acct_no = own.acct_no"
    kept, taken = bank.execute(f"SELECT sum(balance), sum(({moved})) FROM ({LEFT}) AS own").fetchone()
    assert kept < taken / 5


def test_part_of_it_goes_days_before(bank: duckdb.DuckDBPyConnection):
    earlier = "SELECT 1 FROM txn WHERE txn.acct_no = own.acct_no AND txn_cd = 'TRO' AND biz_dt < left_on"
    some = bank.execute(f"SELECT avg((EXISTS ({earlier}))::INTEGER) FROM ({LEFT}) AS own").fetchone()
    assert some[0] > 0.9


def test_no_account_goes_below_zero(bank: duckdb.DuckDBPyConnection):
    assert bank.execute("SELECT count(*) FROM txn WHERE bal::DECIMAL(18, 2) < 0").fetchone() == (0,)
