"""From the queue to the next night: a steward decides, and every later night honours it until it is taken back."""

import datetime

import pyarrow.parquet as pq
import pytest

from matching.decisions import Decision, DecisionError
from matching.review import ReviewError, decide, queue, reverse
from matching.stage import link_customers
from warehouse.contract import read_contracts
from warehouse.engine import built_tables, connect, mount
from warehouse.settings import Settings
from warehouse.transforms import build_table

DAYS = [datetime.date(2026, 1, 31) + datetime.timedelta(days=number) for number in range(5)]


@pytest.fixture(scope="module")
def bank(population, tmp_path_factory):
    """One night over a small bank, with its review queue; further nights on demand."""
    home = tmp_path_factory.mktemp("review")
    records = home / "records.parquet"
    pq.write_table(population.drop(["person_id", "slice"]), records)
    settings = Settings(home=home)
    link_customers(settings, {"customer_record": records}, home / "0", DAYS[0], {})
    return settings, records


def night(bank, number):
    settings, records = bank
    yesterday = built_tables(settings.home / str(number - 1)) | {"customer_record": records}
    link_customers(settings, {"customer_record": records}, settings.home / str(number), DAYS[number], yesterday)
    rows = pq.read_table(settings.home / str(number) / "customer_xref" / "rows.parquet").to_pylist()
    return {row["record_key"]: row["customer_id"] for row in rows if row["valid_to"] is None}


def review_queue(bank, number):
    """The queue of a night, with nobody's money."""
    settings, records = bank
    folder = settings.home / str(number)
    contracts = read_contracts(settings.tables)
    with connect(settings) as connection:
        mount(connection, built_tables(folder) | {"customer_record": records})
        connection.execute("CREATE TABLE dim_account (customer_id VARCHAR, balance_cny DECIMAL(18, 2))")
        build_table(connection, contracts, "review_queue", folder, DAYS[number])
    return queue(built_tables(folder)["review_queue"], 50)


def test_a_decided_pair_leaves_the_queue_and_holds_until_it_expires_or_is_taken_back(bank):
    settings, records = bank
    pair = review_queue(bank, 0)[0]
    keys = pair["record_key_left"], pair["record_key_right"]
    decision = Decision("must_link", *keys, "steward", "2026-01-31", "same passport seen", expires_on=DAYS[2])
    assert decide(settings, records, decision, DAYS[0]).number == 1
    linked = night(bank, 1)
    assert linked[keys[0]] == linked[keys[1]]
    assert keys not in [(p["record_key_left"], p["record_key_right"]) for p in review_queue(bank, 1)]
    apart = night(bank, 2)
    assert apart[keys[0]] != apart[keys[1]]
    kept = Decision("cannot_link", *keys, "steward", "2026-02-02", "two people came to the branch")
    assert decide(settings, records, kept, DAYS[2]).number == 2
    assert keys not in [(p["record_key_left"], p["record_key_right"]) for p in _after(bank, 3)]
    with pytest.raises(DecisionError, match="contradicts"):
        decide(settings, records, Decision("must_link", *keys, "steward", "2026-02-03", "again"), DAYS[3])
    reverse(settings, 2, "steward", "2026-02-03", "it was one after all", DAYS[3])
    assert keys in [(p["record_key_left"], p["record_key_right"]) for p in _after(bank, 4)]


def _after(bank, number):
    night(bank, number)
    return review_queue(bank, number)


def test_decisions_on_nobody_are_refused(bank):
    settings, records = bank
    with pytest.raises(ReviewError, match="card:nobody: no such record"):
        decide(settings, records, Decision("must_link", "card:nobody", "card:noone", "s", "d", "w"), DAYS[0])
    with pytest.raises(ReviewError, match="decision 99 does not exist"):
        reverse(settings, 99, "s", "d", "w", DAYS[0])
