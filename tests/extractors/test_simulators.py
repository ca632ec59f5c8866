import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from extractors.simulators.bank import Bank
from extractors.simulators.documents import check_characters
from extractors.simulators.file_faults import FileFaults
from extractors.simulators.organisations import credit_check_characters
from extractors.simulators.people import make_people
from extractors.simulators.simulate import extend_bank, simulate, simulate_bank
from extractors.simulators.streams import Streams
from warehouse.settings import Settings

COUNT = 20_000


def content(folder: Path, url: str) -> dict[str, str]:
    """Digest of every file and of every table of a simulated bank."""
    files = [
        path for part in ("card", "channel", "truth") for path in sorted((folder / part).rglob("*")) if path.is_file()
    ]
    digests = {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names():
            rows = connection.execute(sa.text(f"SELECT * FROM {table}")).fetchall()
            digests[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
    engine.dispose()
    return digests


def simulated(folder: Path, days: int, seed: int = 5) -> dict[str, str]:
    folder.mkdir()
    url = f"sqlite:///{folder / 'core.db'}"
    simulate(folder, customers=150, seed=seed, days=days, history_days=90, core_url=url)
    return content(folder, url)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path):
    assert simulated(tmp_path / "one", 2) == simulated(tmp_path / "two", 2)


def test_another_seed_gives_another_bank(tmp_path: Path):
    one, other = simulated(tmp_path / "one", 1), simulated(tmp_path / "other", 1, seed=6)
    assert [name for name in one if name in ("cust", "txn") and one[name] == other[name]] == []


def test_more_days_leave_the_first_ones_as_they_were(tmp_path: Path):
    short, long = simulated(tmp_path / "short", 1), simulated(tmp_path / "long", 3)
    days = {name: digest for name, digest in long.items() if "/20260131/" in name}
    assert days == {name: digest for name, digest in short.items() if "/20260131/" in name}


def test_a_bank_extended_day_by_day_is_the_bank_simulated_at_once(tmp_path: Path):
    at_once, by_and_by = (tmp_path / name for name in ("at_once", "by_and_by"))
    often = FileFaults(**dict.fromkeys(FileFaults.__dataclass_fields__, 5))
    bank = Bank(150, 5, history_days=40, file_fault_rates=often)
    urls = {}
    for folder in (at_once, by_and_by):
        folder.mkdir()
        urls[folder] = f"sqlite:///{folder / 'core.db'}"
    simulate_bank(at_once, replace(bank, days=5), core_url=urls[at_once])
    simulate_bank(by_and_by, replace(bank, days=2), core_url=urls[by_and_by])
    before = content(by_and_by, urls[by_and_by])
    for days in (3, 5):
        extend_bank(by_and_by, replace(bank, days=days), days - (1 if days == 3 else 2), core_url=urls[by_and_by])
    after = content(by_and_by, urls[by_and_by])
    assert after == content(at_once, urls[at_once])
    past = [name for name in before if name.startswith(("card/2026013", "card/20260201", "channel/2026013"))]
    assert past
    assert {name: after[name] for name in past} == {name: before[name] for name in past}


def test_an_extension_that_broke_off_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    url, bank = f"sqlite:///{tmp_path / 'core.db'}", Bank(100, 5, history_days=20, days=3)
    simulate_bank(tmp_path, replace(bank, days=1), core_url=url)
    with monkeypatch.context() as broken:
        broken.setattr("extractors.simulators.truth.Truth.finish", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            extend_bank(tmp_path, bank, 1, core_url=url)
    extend_bank(tmp_path, bank, 1, core_url=url)
    done = content(tmp_path, url)
    simulate_bank(tmp_path, bank, core_url=url)
    assert content(tmp_path, url) == done


def test_a_bank_that_is_not_there_cannot_be_extended(tmp_path: Path):
    with pytest.raises(ValueError, match="simulate one first"):
        extend_bank(tmp_path, Bank(10, 1, days=2), 1)


@pytest.fixture(scope="module")
def people():
    return make_people(Bank(COUNT, 9), Streams(9), COUNT, 0, np.datetime64("2026-01-31"))


def test_resident_numbers_pass_their_checksum_and_are_distinct(people):
    residents = people.documents.number.filter(people.documents.kind == 0)
    body = pc.utf8_slice_codeunits(residents, 0, 17).cast("int64").to_numpy()
    assert pc.all(pc.equal(check_characters(body), pc.utf8_slice_codeunits(residents, 17, 18))).as_py()
    assert pc.count_distinct(residents).as_py() == len(residents)


def test_check_characters_agree_with_the_example_of_the_standard():
    assert check_characters(np.array([11010519491231002])).to_pylist() == ["X"]


@pytest.mark.parametrize(
    ("surname", "low", "high"), [("王", 6.6, 8.4), ("李", 6.5, 8.3), ("张", 6.1, 7.9), ("欧阳", 0, 0.3)]
)
def test_surnames_are_as_common_as_in_china(people, surname: str, low: float, high: float):
    assert low <= 100 * np.mean(np.asarray(pc.starts_with(people.names.plain, surname))) <= high


def test_credit_codes_agree_with_the_example_of_the_standard():
    assert credit_check_characters(pa.array(["91350100M000100Y4"])).to_pylist() == ["3"]


def test_organisations_are_parties_of_their_own(bank: Settings):
    people = pq.read_table(bank.sources / "truth" / "truth_person.parquet")
    kinds = pc.value_counts(people["party_type"]).to_pylist()
    assert {kind["values"] for kind in kinds} == {"person", "organisation", "sole_trader"}
    codes = people.filter(pc.not_equal(people["party_type"], "person"))["document"]
    assert pc.all(pc.match_substring_regex(codes, "^9[12][0-9]{6}[0-9A-Z]{10}$")).as_py()


def test_about_a_sixth_share_a_mobile_and_twins_share_a_birth(people):
    counts = np.asarray(people.mobile.value_counts().field("counts"))
    assert 13 <= 100 * counts[counts > 1].sum() / COUNT <= 22
    twins = np.flatnonzero(people.families.twin_of >= 0)
    assert 0.1 <= 100 * 2 * len(twins) / COUNT <= 0.5
    assert (people.families.birth[twins] == people.families.birth[people.families.twin_of[twins]]).all()


def test_truth_names_the_person_of_every_record_and_every_damaged_value(bank: Settings):
    truth = bank.sources / "truth"
    records = pq.read_table(truth / "truth_record.parquet")
    people = pq.read_table(truth / "truth_person.parquet")
    assert set(records["person_id"].to_pylist()) <= set(people["person_id"].to_pylist())
    assert set(records["source"].to_pylist()) == {"core_banking", "card", "channel"}
    damaged = set(pq.read_table(truth / "truth_value.parquet")["source_key"].to_pylist())
    spoilt = records.filter(pc.not_equal(records["defects"], ""))
    assert set(spoilt["source_key"].to_pylist()) == damaged


def test_each_person_has_about_two_and_a_half_records(bank: Settings):
    truth = bank.sources / "truth"
    records = pq.read_metadata(truth / "truth_record.parquet").num_rows
    people = pq.read_metadata(truth / "truth_person.parquet").num_rows
    assert 2.3 <= records / people <= 2.7


def test_a_repeated_event_is_the_same_line_again_and_ids_are_otherwise_distinct(bank: Settings):
    files = sorted((bank.sources / "channel").glob("*/*.jsonl"))
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    ids = {json.loads(line)["event_id"] for line in lines}
    assert len(ids) == len(set(lines)) < len(lines)


def test_no_event_is_handed_over_before_it_happened(bank: Settings):
    for path in (bank.sources / "channel" / "20260201").glob("*.jsonl"):
        days = [json.loads(line)["ingest_ts"][:10] for line in path.read_text(encoding="utf-8").splitlines()]
        assert max(days, default="") <= "2026-02-01"


def test_the_last_date_follows_from_the_days(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'core.db'}"
    summary = simulate(tmp_path, customers=20, seed=1, days=2, history_days=5, core_url=url)
    assert (summary.first_date, summary.last_date) == (date(2026, 1, 31), date(2026, 2, 1))
