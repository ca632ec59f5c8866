"""What changes about a bank after its first day."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from extractors.simulators.bank import Bank, Delta, Lives
from extractors.simulators.simulate import simulate_bank

DAYS = 8
BUSY = Lives(name_change=60, move=300, new_mobile=400, death=60)
RESTLESS = Delta(insert=4, delete=1, key_reuse=0.5, merge=200, card_replaced=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A bank of 1000 restless people, simulated in three parts."""
    folder = tmp_path_factory.mktemp("busy")
    bank = Bank(1000, 4, days=DAYS, history_days=30, lives=BUSY, delta=RESTLESS, people_at_once=400)
    simulate_bank(folder, bank, core_url=f"sqlite:///{folder / 'core.db'}")
    return folder


def asked(folder: Path, query: str) -> list[tuple]:
    engine = sa.create_engine(f"sqlite:///{folder / 'core.db'}")
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(query))]
    engine.dispose()
    return rows


def truth(folder: Path, table: str) -> pa.Table:
    return pq.read_table(folder / "truth" / f"truth_{table}.parquet")


@pytest.mark.parametrize(
    ("event", "query"),
    [
        ("new mobile", "SELECT tel_no FROM contact WHERE cont_typ = 'MOB' AND upd_ts > '20260201'"),
        ("moved", "SELECT full_addr FROM addr WHERE upd_ts > '20260201'"),
        ("renamed", "SELECT cust_nm FROM cust WHERE etl_f = 'U' AND former_nm IS NOT NULL AND upd_ts > '20260201'"),
    ],
)
def test_core_banking_hears_of_what_happened_to_people(folder: Path, event: str, query: str):
    events = truth(folder, "event")
    happened = events.filter(pc.and_(pc.equal(events["event"], event), events["value"].is_valid()))
    told = {value for (value,) in asked(folder, query)}
    assert len(told & set(happened["value"].to_pylist())) > 5


def test_accounts_are_blocked_when_core_banking_hears_of_a_death(folder: Path):
    held = "FROM acct JOIN acct_cust USING (acct_no) JOIN cust USING (cif_no) WHERE rel = 'P' AND cust_typ = '1'"
    blocked = asked(folder, f"SELECT cust_sts, hold_amt = bal {held} AND sts = '1' AND acct.upd_ts > '20260201'")
    assert ("2", 1) in blocked  # others' accounts may be tied to them, and theirs to others
    assert {is_held_whole for _, is_held_whole in blocked} == {1}


def test_several_systems_hear_the_same_new_mobile(folder: Path):
    events = truth(folder, "event")
    mobiles = set(
        events.filter(pc.and_(pc.equal(events["event"], "new mobile"), events["value"].is_valid()))["value"].to_pylist()
    )
    core = {value for (value,) in asked(folder, "SELECT tel_no FROM contact WHERE upd_ts > '20260201'")}
    lines = "".join(path.read_text(encoding="utf-8") for path in (folder / "channel").glob("2026020*/*.jsonl"))
    files = b"".join(path.read_bytes() for path in (folder / "card").glob("2026020*/CARDHOLDER.dat"))
    shared = [mobile for mobile in mobiles & core if mobile in lines and mobile.encode() in files]
    assert shared


def test_families_move_together_and_share_the_new_home(folder: Path):
    people = {row["person_id"]: row["household_id"] for row in truth(folder, "person").to_pylist()}
    moves = [row for row in truth(folder, "event").to_pylist() if row["event"] == "moved" and row["value"]]
    homes = {(people[row["person_id"]], row["business_date"]): row["value"] for row in moves}
    assert all(homes[people[row["person_id"]], row["business_date"]] == row["value"] for row in moves)


def test_the_number_of_a_deleted_customer_passes_to_somebody_else(folder: Path):
    records = [row for row in truth(folder, "record").to_pylist() if row["source"] == "core_banking"]
    owners: dict[str, set[str]] = {}
    for row in records:
        owners.setdefault(row["source_key"], set()).add(row["person_id"])
    reused = [key for key, people in owners.items() if len(people) > 1]
    assert reused
    for key in reused:
        versions = asked(folder, f"SELECT etl_f, cust_nm FROM cust WHERE cif_no = '{key}' ORDER BY upd_ts")
        assert [kind for kind, _ in versions][-2:] in (["D", "I"], ["I", "U"], ["I", "D"]) or versions[-1][0] == "U"
        assert "D" in [kind for kind, _ in versions]


def test_merged_customers_lose_their_accounts_and_wrong_merges_are_taken_back(tmp_path: Path):
    wrong = replace(RESTLESS, merge=600, wrong_merge=60, delete=0, key_reuse=0)
    url = f"sqlite:///{tmp_path / 'core.db'}"
    simulate_bank(tmp_path, Bank(400, 4, days=14, history_days=30, delta=wrong), core_url=url)
    merges = asked(tmp_path, "SELECT old_cif, new_cif, merge_dt, reversed, reversed_dt FROM cust_merge")
    standing = {old for old, *_ in merges} - {old for old, _, _, taken_back, _ in merges if taken_back == "Y"}
    assert standing
    held = "SELECT acct_no FROM acct_cust a WHERE cif_no = '{0}' AND to_dt IS NULL AND rel = 'P' AND upd_ts = " \
        "(SELECT max(upd_ts) FROM acct_cust b WHERE a.acct_no = b.acct_no AND a.cif_no = b.cif_no)"  # fmt: skip
    for old in standing:
        assert asked(tmp_path, held.format(old)) == []
    merged_on = {old: max(day for other, _, day, *_ in merges if other == old) for old, *_ in merges}
    parted = [(old, day) for old, _, _, taken_back, day in merges if taken_back == "Y" and day > "20260131"]
    for_good = [old for old, day in parted if merged_on[old] < day]  # the others were merged again
    assert for_good
    for old in for_good:
        assert asked(tmp_path, f"SELECT cust_sts FROM cust WHERE cif_no = '{old}' ORDER BY upd_ts")[-1] != ("8",)


def test_a_replaced_card_names_the_one_it_replaces(folder: Path):
    body = b"".join(path.read_bytes() for path in (folder / "card").glob("2026020*/CARD.dat"))
    lines = [line for line in body.split(b"\n") if line.startswith(b"D")]
    replaced = [line[89:121].strip() for line in lines if line[89:121].strip()]
    blocked = {line[20:52].strip() for line in lines if line[127:128] == b"L"}
    assert replaced
    assert set(replaced) <= blocked


def test_companies_are_founded_after_the_first_day(folder: Path):
    assert asked(folder, "SELECT count(*) FROM cust WHERE cust_typ IN ('2', '3') AND open_dt > '20260131'") > [(0,)]


def test_no_key_has_two_versions_at_one_moment(folder: Path):
    for table, key in (("cust", "cif_no"), ("contact", "cif_no || cont_typ"), ("acct_cust", "acct_no || cif_no")):
        assert asked(folder, f"SELECT 1 FROM {table} GROUP BY {key}, upd_ts HAVING count(*) > 1") == []


def test_every_slice_of_a_hard_bank_has_people(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'core.db'}"
    simulate_bank(tmp_path, replace(Bank.hard(4000, 2), history_days=5), core_url=url)
    kinds = {kind for row in truth(tmp_path, "person")["slices"].to_pylist() for kind in row.split("; ")}
    assert kinds >= {
        "twin", "parent and child on one phone", "two-character name", "compound surname", "minority name", "foreigner",
        "hong kong, macau or taiwan", "renamed", "moved", "company", "sole trader",
    }  # fmt: skip
    defects = {defect for row in truth(tmp_path, "record")["defects"].to_pylist() for defect in row.split("; ")}
    assert defects >= {
        "name: romanised", "document: 15 digits", "document: masked", "birth: missing", "mobile: of the family",
    }  # fmt: skip
