"""The rules of transaction risk, held against simulated crooks whose every episode is known."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from extractors.simulators.bank import Bank, Crime
from extractors.simulators.simulate import simulate_bank
from warehouse.contract import Contract, read_contracts
from warehouse.settings import Settings
from warehouse.transforms import build_table, dependencies, select_statement

BANK = Bank(1500, 17, crime=Crime(takeovers=8, structuring=2, mule_rings=3))
DAY = BANK.first_date
WATCHED_DAYS = 30
BUILT = ("fct_transaction", "fct_device_day", "mart_txn_risk")
CODES = {
    "TRO": "transfer_out",
    "TRI": "transfer_in",
    "CSM": "purchase",
    "SAL": "salary",
    "FEE": "fee",
    "INT": "interest",
}
CONTRACTS = read_contracts(Settings(home=Path()).tables)

AccountDays = set[tuple[str, date]]


@pytest.fixture(scope="module")
def episodes_and_alerts(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, AccountDays], AccountDays]:
    """Account days of the last thirty by crime, and those alerted; every account is taken for a customer of its own."""
    folder = tmp_path_factory.mktemp("crooks")
    url = f"sqlite:///{folder / 'core.db'}"
    simulate_bank(folder, BANK, core_url=url)
    with duckdb.connect() as connection:
        _create_inputs(connection, url)
        for table in BUILT:
            build_table(connection, CONTRACTS, table, folder, DAY)
        alerted = connection.execute(
            "SELECT DISTINCT split_part(fct_transaction.account_key, ':', 2), risk.transacted_on "
            "FROM mart_txn_risk AS risk JOIN fct_transaction USING (transaction_key) WHERE risk.is_alert"
        ).fetchall()
    crimes: dict[str, AccountDays] = {}
    for row in pq.read_table(folder / "truth" / "truth_event.parquet").to_pylist():
        day = date.fromisoformat(row["business_date"]) if row["business_date"] else date.min
        if DAY - timedelta(days=WATCHED_DAYS) < day <= DAY:
            crimes.setdefault(row["event"], set()).add((row["value"], day))
    return crimes, set(alerted)


def _create_inputs(connection: duckdb.DuckDBPyConnection, url: str) -> None:
    wanted = {name for table in BUILT for name in dependencies(select_statement(CONTRACTS[table], CONTRACTS))}
    for name in sorted(wanted - set(BUILT)):
        _create(connection, CONTRACTS[name])
    engine = sa.create_engine(url)
    moved = pd.read_sql("SELECT * FROM txn", engine)
    engine.dispose()
    moved["transaction_code"] = moved["txn_cd"].replace(CODES)
    connection.register("moved", moved)
    connection.execute(
        "INSERT INTO stg_core_banking__txn (transacted_on, sequence, account_number, direction, amount, currency, "
        "clock_time, transaction_code, device_id, is_reversed) "
        "SELECT strptime(biz_dt, '%Y%m%d'), txn_seq, acct_no, if(dc = 'D', 'debit', 'credit'), amt, ccy, "
        "txn_tm, transaction_code, dev_id, rev_flg = 'Y' FROM moved"
    )
    connection.execute(
        "INSERT INTO dim_account (account_key, customer_id) "
        "SELECT DISTINCT 'core_banking:' || account_number, account_number FROM stg_core_banking__txn"
    )


def _create(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    columns = ", ".join(f"{name} {column.semantic.sql}" for name, column in contract.columns.items())
    connection.execute(f"CREATE TABLE {contract.name} ({columns})")
    if contract.layer == "seeds":
        connection.execute(f"INSERT INTO {contract.name} {select_statement(contract, CONTRACTS)}")


def test_most_accounts_taken_over_are_alerted(episodes_and_alerts: tuple[dict[str, AccountDays], AccountDays]) -> None:
    crimes, alerted = episodes_and_alerts
    stolen = crimes["account takeover"]
    assert len(stolen) >= 5
    assert len(stolen & alerted) >= 0.7 * len(stolen)


def test_most_alerts_are_about_crooks(episodes_and_alerts: tuple[dict[str, AccountDays], AccountDays]) -> None:
    crimes, alerted = episodes_and_alerts
    crooked = crimes["account takeover"] | crimes["mule account"]
    assert len(alerted & crooked) >= 0.6 * len(alerted)


def test_alerts_are_few_enough_to_be_looked_at(episodes_and_alerts: tuple[dict[str, AccountDays], AccountDays]) -> None:
    crimes, alerted = episodes_and_alerts
    crooked = crimes["account takeover"] | crimes["mule account"] | crimes["structuring"]
    honest_a_day = len(alerted - crooked) / WATCHED_DAYS
    assert honest_a_day < BANK.customers / 2000
