"""What the channels tell of selling is one story: consent before contact, stages in order, an offer taken is bought."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from extractors.simulators.simulate import simulate

STAGES = ["contacted", "qualified", "proposal", "won"]


@pytest.fixture(scope="module")
def told() -> Iterator[duckdb.DuckDBPyConnection]:
    """Events of a bank of 3,000 people over two days, its accounts and its truth."""
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        home = Path(folder)
        simulate(home, customers=3000, seed=3, days=2, core_url=f"sqlite:///{home / 'core.db'}")
        connection.execute(
            f"CREATE TABLE event AS SELECT DISTINCT ON (event_id) event_type, uid, payload, "
            f"CASE WHEN regexp_matches(event_ts, '^[0-9]+$') THEN make_timestamp(event_ts::BIGINT * 1000) "
            f"WHEN event_ts LIKE '%Z' THEN replace(event_ts, 'Z', '')::TIMESTAMP "
            f"ELSE left(event_ts, 19)::TIMESTAMP - INTERVAL 8 HOUR END + INTERVAL 8 HOUR AS told_at "
            f"FROM read_json('{home}/channel/*/*.jsonl', format = 'newline_delimited', columns = {{"
            f"event_id: 'VARCHAR', event_type: 'VARCHAR', uid: 'VARCHAR', event_ts: 'VARCHAR', payload: 'JSON'}})"
        )
        for table in ("truth_event", "truth_record"):
            connection.execute(f"CREATE TABLE {table} AS FROM read_parquet('{home}/truth/{table}.parquet')")
        yield connection


def test_nobody_held_out_reacts_to_what_was_never_sent(told: duckdb.DuckDBPyConnection):
    arms = told.execute(
        "SELECT payload->>'arm', count(*) FROM event WHERE event_type = 'campaign_response' GROUP BY ALL"
    ).fetchall()
    assert [arm for arm, _ in arms] == ["treated"]


def test_every_contact_is_by_a_medium_the_person_consented_to_then(told: duckdb.DuckDBPyConnection):
    (contacts, without) = told.execute("""
        WITH person_of AS (SELECT source_key AS uid, min(person_id) AS person_id FROM truth_record
            WHERE source = 'channel' GROUP BY ALL),
        said AS (SELECT person_id, payload->>'medium' AS medium, told_at, payload->>'new' AS state
            FROM event JOIN person_of USING (uid)
            WHERE event_type = 'consent_change' AND payload->>'purpose' = 'marketing'),
        contact AS (SELECT person_id, payload->>'medium' AS medium, told_at
            FROM event JOIN person_of USING (uid) WHERE event_type = 'campaign_contact'),
        judged AS (SELECT contact.person_id, contact.told_at, last(said.state ORDER BY said.told_at) AS state
            FROM contact LEFT JOIN said ON contact.person_id = said.person_id AND contact.medium = said.medium
                AND said.told_at < contact.told_at GROUP BY contact.person_id, contact.told_at)
        SELECT count(*), count(*) FILTER (WHERE state IS DISTINCT FROM 'granted') FROM judged
    """).fetchone() or (0, 0)
    assert contacts > 500
    assert without <= contacts * 0.01  # who registers twice, or on the very day


def test_an_opportunity_goes_through_its_stages_in_order(told: duckdb.DuckDBPyConnection):
    ways = told.execute("""
        SELECT list(payload->>'stage' ORDER BY told_at), count(*) FROM event WHERE event_type = 'opportunity'
        GROUP BY payload->>'opportunity_no'
    """).fetchall()
    assert len(ways) > 100
    for way, _ in ways:
        reached = [stage for stage in way if stage != "lost"]
        assert reached == STAGES[: len(reached)]
        assert way.count("lost") <= 1
        assert "lost" not in way[:-1]


def test_whoever_accepts_an_offer_has_bought_the_product_on_that_day(told: duckdb.DuckDBPyConnection):
    (accepted, bought) = told.execute("""
        WITH offer AS (SELECT * FROM (VALUES ('CMP2601', 'TD012'), ('CMP2603', 'WM202'), ('CMP2604', 'FD404'),
            ('CMP2606', 'TD012'), ('CMP2602', 'CARD')) AS row(campaign, product))
        SELECT count(DISTINCT event.uid || offer.campaign),
            count(DISTINCT event.uid || offer.campaign) FILTER (WHERE truth_event.person_id IS NOT NULL)
        FROM event
        JOIN offer ON event.payload->>'campaign' = offer.campaign
        JOIN truth_record ON truth_record.source = 'channel' AND truth_record.source_key = event.uid
        LEFT JOIN truth_event ON truth_event.person_id = truth_record.person_id AND truth_event.event = 'bought'
            AND truth_event.value = offer.product AND truth_event.business_date = strftime(event.told_at, '%Y%m%d')
        WHERE event.event_type = 'campaign_response' AND event.payload->>'reaction' = 'accept'
    """).fetchone() or (0, 0)
    assert accepted > 20
    assert bought == accepted
