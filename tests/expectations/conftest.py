"""A small bank: two contracts, a sound build of them, and a gate that can be asked about any build."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations import gate
from expectations.report import GateResult
from warehouse.contract import Contract, read_contract, read_contracts
from warehouse.settings import Settings

CONTRACTS = {
    "golden/customer": """
        description: One row per customer.
        zh: 每位客户一行。
        owner: customer-data
        grain: [customer_id]
        made_by: the test
        columns:
          customer_id: {type: customer_id, required: true, description: Customer id., zh: 客户号}
          mobile: {type: phone, severity: warning, description: Mobile., zh: 手机}
          gender: {type: code, values: [male, female], description: Sex., zh: 性别}
          birth_date: {type: birth_date, max_null_share: "0.5", description: Birth., zh: 出生}
          completeness: {type: probability, required: true, description: Share., zh: 完整度}
        """,
    "facts/account": """
        description: One row per account and day.
        zh: 每个账户每天一行。
        owner: customer-data
        grain: [account_number, as_of_date]
        made_by: the test
        columns:
          account_number: {type: account_number, required: true, description: Account., zh: 账号}
          as_of_date: {type: date, required: true, maximum: "2026-12-31", description: Day., zh: 日期}
          customer_id: {type: customer_id, references: customer.customer_id, description: Owner., zh: 客户号}
          balance: {type: money, minimum: "0", description: Balance., zh: 余额}
          opened_at: {type: timestamp, minimum: "2000-01-01 00:00:00", description: Opened., zh: 开户}
          uses: {type: count, description: Uses., zh: 次数}
        """,
}
CUSTOMERS = """
    ('C000000000001', '+8613900000001', 'male', DATE '1980-05-17', 1.0),
    ('C000000000002', '+8613900000002', 'female', NULL, 0.5),
    ('C000000000003', NULL, NULL, DATE '1991-11-30', 0.25),
    ('C000000000004', '+8613900000004', 'male', DATE '1964-02-29', 0.75)
"""
ACCOUNTS = """
    ('622200001', DATE '2026-01-31', 'C000000000001', 10.50, TIMESTAMP '2010-03-04 05:06:07', 3),
    ('622200001', DATE '2026-02-01', 'C000000000001', 12.00, TIMESTAMP '2010-03-04 05:06:07', NULL),
    ('622200002', DATE '2026-01-31', 'C000000000002', 0.00, NULL, 0)
"""
DAY = date(2026, 1, 31)
Check = Callable[..., GateResult]


def mount(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: str) -> None:
    columns = ", ".join(f"{name} {column.semantic.sql}" for name, column in contract.columns.items())
    connection.execute(f"CREATE OR REPLACE TABLE {contract.name} ({columns})")
    connection.execute(f"INSERT INTO {contract.name} VALUES {rows}")


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Contract]:
    folder: Path = tmp_path_factory.mktemp("tables")
    for name, text in CONTRACTS.items():
        path = folder / f"{name}.yml"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    return read_contracts([folder])


@pytest.fixture
def connection(contracts: dict[str, Contract]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as open_connection:
        mount(open_connection, contracts["customer"], CUSTOMERS)
        mount(open_connection, contracts["account"], ACCOUNTS)
        yield open_connection


@pytest.fixture
def check_and_show(settings: Settings, contracts: dict[str, Contract], connection: duckdb.DuckDBPyConnection) -> Check:
    """Gate the bank's tables and write the pages; `tables` narrows them."""

    def run(tables: tuple[str, ...] = ("customer", "account")) -> GateResult:
        return gate.check(settings, contracts, list(tables), "golden", DAY, connection)

    return run


@pytest.fixture
def check(check_and_show: Check, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Gate the bank's tables without the pages, which take most of the time."""
    monkeypatch.setattr(gate.DataDocs, "write", lambda *_: None)
    return check_and_show


@pytest.fixture(params=["judged by rows", "judged by totals"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the two ways a table is judged."""
    chosen: str = request.param
    monkeypatch.setattr(gate, "CELLS_IN_FRAME", -1 if chosen == "judged by totals" else gate.CELLS_IN_FRAME)
    return chosen


@pytest.fixture
def write_contract(tmp_path: Path) -> Callable[[str, str], Contract]:
    """Contract `layer/table` of one column, `value`, declared as given."""

    def write(name: str, column: str) -> Contract:
        path = tmp_path / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f"description: d\nzh: z\nowner: o\ngrain: [value]\nmade_by: t\ncolumns:\n  value: {column}\n"
        path.write_text(text, encoding="utf-8")
        return read_contract(path)

    return write
