"""Accounts, movements and card postings of the simulated bank, as an analyst would check them."""

from collections.abc import Iterator
from math import sqrt
from pathlib import Path

import pytest
import sqlalchemy as sa

from extractors.card_layout import FEEDS
from extractors.simulators.bank import Bank
from extractors.simulators.simulate import simulate_bank

COUNT, TODAY = 4000, "20260131"
SUMMER, AUTUMN = ("07", "08"), ("10", "11")
TERMS = {"TD003": "20251031", "TD012": "20250131", "TD036": "20230131"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("business")
    simulate_bank(folder, Bank(COUNT, 6), core_url=f"sqlite:///{folder / 'core.db'}")
    return folder


@pytest.fixture(scope="module")
def core(folder: Path) -> Iterator[sa.Connection]:
    engine = sa.create_engine(f"sqlite:///{folder / 'core.db'}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def value(core: sa.Connection, query: str) -> float:
    return float(core.execute(sa.text(query)).scalar_one())


def test_no_balance_is_negative_and_closed_accounts_are_empty(core: sa.Connection):
    assert value(core, "SELECT count(*) FROM txn WHERE bal < 0") == 0
    assert value(core, "SELECT count(*) FROM acct WHERE sts = '9' AND (bal <> 0 OR close_dt IS NULL)") == 0
    assert value(core, "SELECT count(*) FROM acct WHERE close_dt < open_dt") == 0
    assert value(core, "SELECT count(*) FROM acct WHERE sts = '9'") > COUNT / 50


@pytest.mark.parametrize("product", list(TERMS))
def test_term_deposits_are_round_and_younger_than_their_term(core: sa.Connection, product: str):
    mine = f"FROM acct WHERE prod_cd = '{product}' AND sts = '0'"
    assert value(core, f"SELECT count(*) {mine}") > 10
    untouched = f"{mine} AND acct_no NOT IN (SELECT acct_no FROM txn) AND substr(acct_no, -8) < '5'"  # not sold lately
    assert value(core, f"SELECT count(*) {untouched} AND CAST(bal AS INTEGER) % 1000 <> 0") == 0
    assert core.execute(sa.text(f"SELECT min(open_dt) {mine}")).scalar_one() >= TERMS[product]


def test_accounts_of_the_dead_are_blocked_whole_and_a_few_more_by_courts(core: sa.Connection):
    held = "FROM acct JOIN acct_cust USING (acct_no) JOIN cust USING (cif_no) WHERE rel = 'P' AND cust_typ = '1'"
    of_the_dead = f"SELECT avg(sts = '1') {held} AND cust_sts = '2' AND sts <> '9'"
    assert value(core, of_the_dead) > 0.9  # some accounts are tied to the wrong customer
    assert value(core, f"SELECT count(*) {held} AND cust_sts <> '2' AND sts = '1' AND prod_cd LIKE 'TD%'") > 0
    assert value(core, "SELECT avg(sts = '1') FROM acct WHERE prod_cd LIKE 'TD%'") < 0.03
    assert value(core, "SELECT count(*) FROM acct WHERE sts = '1' AND hold_amt <> bal") == 0


def test_money_is_kept_in_several_currencies_and_paid_in_one(core: sa.Connection):
    assert value(core, "SELECT count(DISTINCT ccy) FROM acct") >= 5
    assert value(core, "SELECT count(*) FROM txn WHERE txn_cd = 'SAL' AND ccy <> 'CNY'") == 0


def test_salaries_come_every_month_with_a_bonus_at_new_year(core: sa.Connection):
    paid = "SELECT acct_no, count(*) AS times FROM txn WHERE memo = '代发工资' GROUP BY acct_no"
    assert value(core, f"SELECT avg(times >= 10) FROM ({paid})") > 0.75
    monthly = "SELECT substr(biz_dt, 5, 2) AS month, avg(amt) AS amt FROM txn WHERE memo = '代发工资' GROUP BY 1"
    february = value(core, f"SELECT amt FROM ({monthly}) WHERE month = '02'")
    assert 1.6 < february / value(core, f"SELECT amt FROM ({monthly}) WHERE month = '06'") < 2.4


def test_november_sells_more_than_august(core: sa.Connection):
    count = "SELECT count(*) FROM txn WHERE txn_cd = 'CSM' AND biz_dt LIKE '2025{0}%'"
    november, august = value(core, count.format("11")), value(core, count.format("08"))
    assert november - august > 4 * sqrt(november + august)


def test_what_is_reversed_is_taken_back_in_full(core: sa.Connection):
    rows = core.execute(sa.text("SELECT acct_no, biz_dt, amt, sum(CASE dc WHEN 'C' THEN 1 ELSE -1 END), count(*) "
                                "FROM txn WHERE rev_flg = 'Y' GROUP BY 1, 2, 3")).all()  # fmt: skip
    assert rows
    assert {(net, count % 2) for *_, net, count in rows} == {(0, 0)}


def test_only_forgotten_accounts_of_closed_customers_are_open(core: sa.Connection):
    held = "FROM cust JOIN acct_cust USING (cif_no) JOIN acct USING (acct_no) WHERE cust_typ = '1' AND rel = 'P'"
    open_of_closed = value(core, f"SELECT count(*) {held} AND cust_sts = '9' AND acct.sts = '0'")
    assert 0 < open_of_closed < value(core, f"SELECT count(*) {held} AND cust_sts = '9'") / 2


def test_joint_holders_are_spouses_and_guardians_of_minors(core: sa.Connection):
    minors = "SELECT count(*) FROM acct_cust JOIN cust ON cust.cif_no = acct_cust.cif_no WHERE rel = 'G'"
    assert value(core, f"{minors} AND birth_dt > '20080131'") == 0
    assert value(core, "SELECT count(*) FROM acct_cust WHERE rel = 'J'") > COUNT / 200


def postings(folder: Path) -> list[tuple[str, str, int]]:
    feed = FEEDS["POSTING"]
    body = (folder / "card" / TODAY / "POSTING.dat").read_bytes().split(b"\n")
    rows = [line for line in body if line.startswith(b"D") and line[feed.span("sign")] == b"+"]
    spans = [feed.span(name) for name in ("mcc", "post_dt", "amt")]
    return [(line[spans[0]].decode(), line[spans[1]].decode()[4:6], int(line[spans[2]])) for line in rows]


def test_flights_are_bought_for_the_summer_and_electronics_in_november(folder: Path):
    rows = postings(folder)
    season = {
        (mcc, months): sum(code == mcc and month in months for code, month, _ in rows)
        for mcc in ("4511", "5732")
        for months in (SUMMER, AUTUMN)
    }
    assert season["4511", SUMMER] > season["4511", AUTUMN]
    assert season["5732", AUTUMN] > season["5732", SUMMER]


def test_a_burger_costs_less_than_a_telephone(folder: Path):
    usual = {}
    for mcc in ("5814", "5411", "5732"):
        amounts = sorted(cents for code, _, cents in postings(folder) if code == mcc)
        usual[mcc] = amounts[len(amounts) // 2]
    assert usual["5814"] < usual["5411"] < usual["5732"] / 5


def test_closed_cards_say_when(folder: Path):
    feed = FEEDS["CARD"]
    lines = (folder / "card" / TODAY / "CARD.dat").read_bytes().split(b"\n")
    cards = [line for line in lines if line.startswith(b"D")]
    closed = [line for line in cards if line[feed.span("block_cd")] == b"C"]
    assert closed
    assert all(line[feed.span("close_dt")] >= line[feed.span("open_dt")] for line in closed)
    assert sum(line[feed.span("close_dt")].strip() != b"" for line in cards) == len(closed)
