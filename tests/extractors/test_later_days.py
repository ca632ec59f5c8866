"""Life goes on after the first business date: newcomers live like the others, people complain and leave."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from extractors.card_layout import FEEDS
from extractors.simulators.bank import Bank
from extractors.simulators.grievances import FADES_FOR_DAYS, aggrieve_a_day, untroubled
from extractors.simulators.simulate import simulate_bank
from extractors.simulators.stacking import CUSTOMERS, PEOPLE, CustomerRows, PersonRows, stacked
from extractors.simulators.streams import Ints

DAYS = 40


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Forty days of a bank of 1,500 people in two parts: core banking, card postings, events and the truth."""
    folder = tmp_path_factory.mktemp("later")
    url = f"sqlite:///{folder / 'core.db'}"
    simulate_bank(folder, Bank(1500, 8, days=DAYS, people_at_once=800), core_url=url)
    engine = sa.create_engine(url)
    with duckdb.connect() as connection, engine.connect() as core:
        for table in ("acct", "acct_cust", "cust", "loan", "loan_sched", "txn"):
            rows = core.execute(sa.text(f"SELECT * FROM {table}"))
            connection.register(table, pa.Table.from_pylist([dict(row) for row in rows.mappings()]))
        for table in ("event", "record", "value"):
            connection.register(f"truth_{table}", pq.read_table(folder / "truth" / f"truth_{table}.parquet"))
        connection.execute(
            f"CREATE TABLE told AS SELECT *, regexp_extract(filename, '/([0-9]{{8}})/', 1) AS day FROM read_json("
            f"'{folder}/channel/*/*.jsonl', format = 'newline_delimited', filename = true, columns = {{"
            f"event_id: 'VARCHAR', event_type: 'VARCHAR', uid: 'VARCHAR', payload: 'JSON'}})"
        )
        for name in ("CARD", "POSTING"):
            body = b"".join(path.read_bytes() for path in sorted((folder / "card").glob(f"2026*/{name}.dat")))
            lines = [line for line in body.split(b"\n") if line.startswith(b"D")]
            spans = {field: FEEDS[name].span(field) for field in FEEDS[name].fields}
            columns = {field: [line[span].decode("gb18030").strip() for line in lines] for field, span in spans.items()}
            connection.register(name.lower(), pa.table(columns))
        yield connection
    engine.dispose()


@dataclass(frozen=True)
class Held:
    """A state that refers to rows of two others."""

    person: PersonRows
    owner: CustomerRows
    cents: Ints
    names: pa.Array


def held(person: list[int], owner: list[int], name: str) -> Held:
    return Held(np.array(person), np.array(owner), np.array(person) * 10, pa.array([name] * len(person)))


def one(bank: duckdb.DuckDBPyConnection, query: str) -> tuple:
    return bank.execute(query).fetchone() or ()


def test_newcomers_use_their_accounts_cards_and_app(bank: duckdb.DuckDBPyConnection):
    early = "BETWEEN '20260201' AND '20260210'"
    accounts = one(bank, f"SELECT count(DISTINCT acct_no) FROM txn JOIN acct USING (acct_no) WHERE open_dt {early}")
    cards = one(
        bank, f"SELECT count(DISTINCT pan_token) FROM posting JOIN card USING (pan_token) WHERE open_dt {early}"
    )
    users = f"SELECT uid FROM told WHERE event_type = 'register' AND day {early}"
    logins = one(bank, f"SELECT count(DISTINCT uid) FROM told JOIN ({users}) USING (uid) WHERE event_type = 'login'")
    assert accounts > (5,)
    assert cards > (5,)
    assert logins > (5,)


def test_newcomers_say_what_they_consent_to_and_have_no_past(bank: duckdb.DuckDBPyConnection):
    consents = "SELECT uid FROM told WHERE event_type = 'consent_change' AND payload->>'old' = 'none'"
    users = "SELECT uid FROM told WHERE event_type = 'register' AND day > '20260131'"
    share = one(bank, f"SELECT avg((uid IN ({consents}))::INTEGER) FROM ({users})")[0]
    assert share > 0.85
    before = "SELECT person_id, min(business_date) AS came FROM truth_record GROUP BY ALL HAVING came > '20260131'"
    upset = f"SELECT count(*) FROM truth_event JOIN ({before}) USING (person_id) WHERE event IN ('left', 'died') "
    assert one(bank, upset + "AND business_date < came") == (0,)


def test_transfers_go_on_failing_and_lead_to_complaints(bank: duckdb.DuckDBPyConnection):
    failed = "SELECT person_id FROM truth_event WHERE event = 'transfer failed' AND business_date > '20260131'"
    seen = (
        "SELECT DISTINCT person_id FROM told JOIN truth_record ON uid = source_key "
        "WHERE event_type = 'transfer_view' AND payload->>'step' = 'error' AND day > '20260131'"
    )
    total, users, seen_of = one(
        bank,
        f"SELECT count(*), count(*) FILTER (person_id IN (SELECT person_id FROM truth_record "
        f"WHERE source = 'channel')), count(*) FILTER (person_id IN ({seen})) FROM ({failed})",
    )
    assert total > 3
    assert seen_of >= users * 0.6  # some are no users any more, or not yet


def test_accounts_are_closed_on_the_day_their_holder_leaves(bank: duckdb.DuckDBPyConnection):
    closed = one(
        bank,
        "SELECT count(*), count(*) FILTER (acct.bal::DECIMAL(18, 2) <> 0) FROM acct "
        "JOIN acct_cust USING (acct_no) JOIN truth_record ON cif_no = source_key JOIN truth_event USING (person_id) "
        "WHERE event = 'left' AND close_dt > '20260131' AND close_dt = truth_event.business_date AND sts = '9'",
    )
    assert closed[0] > 0
    assert closed[1] == 0
    assert one(bank, "SELECT count(*) FROM txn WHERE bal::DECIMAL(18, 2) < 0") == (0,)


def test_a_campaign_runs_and_people_buy(bank: duckdb.DuckDBPyConnection):
    code = "payload->>'campaign'"
    contacts = dict(bank.execute(f"SELECT {code}, count(*) FROM told WHERE event_type = 'campaign_contact' "
                                 f"AND day > '20260131' GROUP BY 1").fetchall())  # fmt: skip
    assert contacts.keys() >= {"CMP2605"}
    bought = one(bank, "SELECT count(*) FROM acct WHERE prod_cd = 'WM202' AND open_dt >= '20260212'")
    assert bought > (0,)


def test_who_is_sold_a_loan_has_one_with_instalments(bank: duckdb.DuckDBPyConnection):
    sold = (
        "SELECT DISTINCT source_key AS cif_no, business_date FROM truth_event JOIN (SELECT person_id, source_key "
        "FROM truth_record WHERE source = 'core_banking') USING (person_id) WHERE event = 'bought' AND value = 'LOAN'"
    )
    granted = f"SELECT DISTINCT loan_no FROM loan JOIN ({sold}) USING (cif_no) WHERE open_dt = business_date"
    new = one(bank, "SELECT count(DISTINCT loan_no) FROM loan WHERE loan_no LIKE 'LN5%' AND open_dt > '20260131'")
    assert new > (0,)
    assert one(bank, f"SELECT count(*) FROM loan WHERE loan_no LIKE 'LN5%' AND loan_no NOT IN ({granted})") == (0,)
    terms = "SELECT loan_no, count(DISTINCT term_no) AS terms FROM loan_sched WHERE loan_no LIKE 'LN5%' GROUP BY ALL"
    assert one(bank, f"SELECT min(terms) FROM ({terms})") >= (12,)


def test_organisations_do_business_and_pay_wages_once_a_month(bank: duckdb.DuckDBPyConnection):
    theirs = "FROM txn WHERE acct_no LIKE '6229%'"
    before, later = one(
        bank, f"SELECT count(*) FILTER (biz_dt <= '20260131'), count(*) FILTER (biz_dt > '20260131') {theirs}"
    )
    assert before > 500
    assert later > 50
    assert bank.execute(f"SELECT DISTINCT biz_dt[7:] {theirs} AND txn_cd = 'WAG'").fetchall() == [("10",)]
    assert bank.execute(f"SELECT DISTINCT biz_dt[5:] {theirs} AND txn_cd = 'TAX' AND biz_dt > '2026'").fetchall() == [
        ("0115",)
    ]
    last = "SELECT acct_no, last(bal ORDER BY biz_dt, txn_seq) AS bal FROM txn GROUP BY ALL"
    held = "SELECT acct_no, last(bal ORDER BY upd_ts) AS bal FROM acct GROUP BY ALL"
    differ = f"SELECT count(*) FROM ({last}) AS said JOIN ({held}) AS held USING (acct_no) WHERE said.bal <> held.bal"
    assert one(bank, differ) == (0,)


def test_no_number_of_a_transaction_or_card_is_given_twice(bank: duckdb.DuckDBPyConnection):
    assert one(bank, "SELECT count(*) - count(DISTINCT biz_dt || '-' || txn_seq) FROM txn") == (0,)
    tokens = "SELECT pan_token FROM card GROUP BY pan_token HAVING count(DISTINCT card_cust) > 1"
    assert bank.execute(tokens).fetchall() == []
    keys = "SELECT batch_dt || batch_src || batch_no || batch_seq AS key FROM posting"
    assert one(bank, f"SELECT count(*) - count(DISTINCT key) FROM ({keys})") == (0,)
    events = "SELECT event_id FROM told GROUP BY event_id HAVING count(DISTINCT uid || event_type) > 1"
    assert bank.execute(events).fetchall() == []


def test_a_day_upsets_only_those_who_are_there():
    count, day = 200_000, np.datetime64("2026-03-01")
    grievances, is_alive = untroubled(count), np.arange(count) % 10 > 0
    grievances.left_on[1::10] = np.datetime64("2026-01-01")
    aggrieve_a_day(grievances, np.random.default_rng(1), day, is_alive)
    failed, leaves = ~np.isnat(grievances.failed_on), grievances.left_on > day
    assert 20 < failed.sum() < 40  # six percent a year of eight in ten
    assert not failed[::10].any()
    assert not failed[1::10].any()
    assert (grievances.left_on[1::10] == np.datetime64("2026-01-01")).all()
    assert (grievances.left_on[leaves & ~failed] == day + FADES_FOR_DAYS).all()
    assert (grievances.complained_on[leaves & failed] >= day).all()


def test_what_refers_to_rows_moves_along_when_states_are_put_together():
    one, other = held([0, 1], [0, 0], "a"), held([0, -1], [1, 0], "b")
    whole = stacked(one, other, {PEOPLE: 2, CUSTOMERS: 5})
    assert whole.person.tolist() == [0, 1, 2, -1]
    assert whole.owner.tolist() == [0, 0, 6, 5]
    assert whole.cents.tolist() == [0, 10, 0, -10]
    assert whole.names.to_pylist() == ["a", "a", "b", "b"]
    assert stacked(one, other).person.tolist() == [0, 1, 0, -1]
