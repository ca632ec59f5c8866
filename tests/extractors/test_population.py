"""Who lives in the simulated bank: rates within their confidence intervals, distributions an analyst would believe."""

from math import sqrt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from pypinyin import lazy_pinyin

from extractors.simulators.bank import Bank
from extractors.simulators.core_customers import core_customers
from extractors.simulators.documents import RESIDENT
from extractors.simulators.families import CHILD, FOREIGN, HONG_KONG, MACAU, MINORITY, SPOUSE, TAIWAN
from extractors.simulators.glyphs import TOP_SHARES
from extractors.simulators.membership import changed_today, enrol
from extractors.simulators.people import make_people
from extractors.simulators.recording import record_people
from extractors.simulators.simulate import simulate_bank
from extractors.simulators.standing import MARRIED, NOTHING, WIDOWED
from extractors.simulators.streams import Streams
from extractors.simulators.words import letters

COUNT, DAY, HOUSEHOLD = 60_000, np.datetime64("2026-01-31"), 2.3
BANK = Bank(COUNT, 21)


def within(share: float, expected: float, count: float, sigmas: float = 4.5) -> bool:
    """Whether a share, like the expected one in percent, is within the confidence interval of `count` draws."""
    p = expected / 100
    return abs(share - p) <= sigmas * sqrt(p * (1 - p) / count)


@pytest.fixture(scope="module")
def people():
    return make_people(BANK, Streams(21), COUNT, 0, DAY)


@pytest.fixture(scope="module")
def customers(people):
    members = enrol(BANK, Streams(21), "core_banking", people, 0)
    return core_customers(BANK, Streams(21), people, members, 0)


def years(people) -> np.ndarray:
    return (DAY - people.families.birth).astype(int) / 365.25


def test_no_birthday_is_held_by_implausibly_many(people):
    days, counts = np.unique(people.families.birth, return_counts=True)
    assert counts.max() < 25, days[counts.argmax()]
    ends = np.char.endswith(days.astype(str), "-01-01")
    assert counts[ends].sum() < 3 * COUNT / 365


def test_ages_fall_off_and_end(people):
    bands = np.histogram(years(people), bins=range(0, 120, 10))[0] / COUNT
    assert bands[10:].sum() == 0
    assert list(np.diff(bands[4:10]) < 0) == [True] * 5
    assert 0.06 < bands[:2].sum() < 0.2


def test_parents_are_a_generation_older_than_their_children(people):
    child = np.flatnonzero(people.families.role == CHILD)
    older = years(people)[people.families.head[child]] - years(people)[child]
    assert older.min() > 16


@pytest.mark.parametrize("rank", range(20))
def test_each_of_the_top_surnames_has_its_published_share(people, rank: int):
    bears = people.names.is_composed & (people.names.surname == rank)
    assert letters("surnames")[0] == "王"
    assert within(bears.sum() / people.names.is_composed.sum(), TOP_SHARES[rank], COUNT / HOUSEHOLD)


def test_a_hundred_surnames_make_most_of_the_people(people):
    common = people.names.is_composed & (people.names.surname < 100)
    assert within(common.sum() / people.names.is_composed.sum(), 86, COUNT / HOUSEHOLD)
    assert within(people.names.has_compound_surname().mean(), 0.09, COUNT / HOUSEHOLD)


def test_full_names_repeat_as_often_as_in_china(people):
    """Measured once over a million people: 652,000 distinct; over sixty thousand of them nine in ten are."""
    assert 0.86 < pc.count_distinct(people.names.plain).as_py() / COUNT < 0.95
    given = pc.utf8_slice_codeunits(people.names.plain, 1).filter(pa.array(people.names.surname < 500))
    top = max(pc.value_counts(given).field("counts").to_pylist()) / COUNT
    assert 0.002 < top < 0.0045


def test_men_and_the_young_bear_other_names_than_women_and_the_old(people):
    last = pc.utf8_slice_codeunits(people.names.plain, 1)
    for letter, sex in (("强", 1), ("芳", 2)):
        bears = np.asarray(pc.equal(last, letter))
        assert (people.families.sex[bears] == sex).mean() > 0.9
    is_young, has = people.families.birth >= np.datetime64("1995-01-01"), np.asarray(pc.match_substring(last, "梓"))
    assert has[is_young].mean() > 10 * max(has[~is_young].mean(), 1e-5)


@pytest.mark.parametrize(
    ("origin", "percent"), [(MINORITY, 1.0), (FOREIGN, 0.5), (HONG_KONG, 0.7), (MACAU, 0.1), (TAIWAN, 0.5)]
)
def test_origins_have_their_rates(people, origin: int, percent: float):
    assert within((people.families.origin == origin).mean(), percent, COUNT / HOUSEHOLD)


def test_names_of_minorities_are_read_as_they_are_written(people):
    rows = np.flatnonzero(people.families.origin == MINORITY)
    plain, latin = (column.take(pa.array(rows)).to_pylist() for column in (people.names.plain, people.names.pinyin))
    assert any("·" in name for name in plain)
    for name, spelt in zip(plain, latin, strict=True):
        parts = ["".join(lazy_pinyin(part)).upper() for part in name.split("·")]
        assert " ".join(parts) == spelt


def test_people_from_outside_carry_their_own_documents(people):
    origin, shown = people.families.origin, people.documents.number
    shapes = {
        HONG_KONG: "^(H[0-9]{8}|81)",
        MACAU: "^(M[0-9]{8}|82)",
        TAIWAN: "^([0-9]{8}$|83)",
        FOREIGN: "^([A-Z0-9]|9)",
    }
    for kind, shape in shapes.items():
        mine = shown.filter(pa.array(origin == kind))
        assert pc.all(pc.match_substring_regex(mine, shape)).as_py()
    cards = shown.filter(pc.match_substring_regex(shown, "^8[123]0000[0-9]{11}[0-9X]$"))
    assert 10 < len(cards) < (origin >= HONG_KONG).sum() / 3


def test_about_a_sixth_share_a_mobile(people):
    counts = np.asarray(people.mobile.value_counts().field("counts"))
    assert abs(100 * counts[counts > 1].sum() / COUNT - 18) < 1.5


def test_few_documents_are_expired_and_none_is_issued_before_birth(customers):
    cert, cust = customers.tables["cert"], customers.tables["cust"]
    expired = pc.less(cert["exp_dt"], "20260131")
    assert 0.03 < pc.mean(expired.cast("int8")).as_py() < 0.06
    born = dict(zip(cust["cif_no"].to_pylist(), cust["birth_dt"].to_pylist(), strict=True))
    for row in cert.select(["cif_no", "issue_dt", "exp_dt"]).slice(0, 5000).to_pylist():
        birth = born[row["cif_no"]]
        assert row["issue_dt"] < row["exp_dt"]
        assert birth == "19000101" or birth[4:6] == birth[6:8] or birth <= row["issue_dt"]


def test_cards_hold_as_long_as_those_of_that_age(people):
    held, is_card = people.documents.validity, people.documents.kind == RESIDENT
    age = (held.issued - people.families.birth).astype(int) / 365.25
    spans = (held.expires.astype("datetime64[Y]") - held.issued.astype("datetime64[Y]")).astype(int)
    for young, old, years_held in ((0, 15.9, 5), (16.1, 25.9, 10), (26.1, 45.9, 20)):
        rows = is_card & (age > young) & (age < old)
        assert set(spans[rows]) == {years_held}
    assert (spans[is_card & (age > 46.1)] > 100).all()
    assert (held.expires >= DAY).all()


def test_standing_goes_with_age_family_and_means(people):
    standing, age = people.standing, years(people)
    spouses = people.families.role == SPOUSE
    assert (standing.marital[spouses] == MARRIED).all()
    assert (standing.marital[age < 18] != MARRIED).all()
    assert 0.15 < (standing.marital[age > 75] == WIDOWED).mean() < 0.5
    assert (standing.income[age < 18] == 0).all()
    assert (standing.education[age < 15] == NOTHING).all()
    works = (age > 30) & (age < 50) & (standing.income > 0)
    rich, poor = works & (people.wealth >= 7), works & (people.wealth <= 1)
    assert np.median(standing.income[rich]) > 2 * np.median(standing.income[poor])
    degree = (standing.education >= 0) & (standing.education <= 1)
    assert degree[(age > 25) & (age < 35)].mean() > 3 * degree[age > 60].mean()


@pytest.mark.parametrize("system", ["core_banking", "card", "channel"])
def test_defects_have_their_rates(people, system: str):
    defects, who = BANK.defects[system], np.arange(COUNT)
    recording, _ = record_people(system, Streams(8), 0, people, who, defects)
    hit = {(one.field, one.defect): len(one.rows) for one in recording.damages}
    rates = {
        ("name", "romanised"): defects.romanised * 0.995,  # foreigners are written so anyhow
        ("name", "zero-width character"): defects.zero_width,
        ("name", "title"): defects.title,
        ("name", "rare character lost"): defects.rare_character_lost,
        ("document", "missing"): defects.id_missing,
        ("mobile", "stale"): defects.phone_stale,
        ("mobile", "missing or placeholder"): defects.phone_missing,
        ("birth", "sentinel"): defects.birth_sentinel,
        ("sex", "unknown"): defects.sex_unknown,
        ("sex", "contradicts the document"): defects.sex_contradicts,
        ("address", "abbreviated"): defects.address_abbreviated,
    }
    for defect, percent in rates.items():
        assert within(hit.get(defect, 0) / COUNT, percent, COUNT), (defect, hit.get(defect, 0) / COUNT, percent)


def test_a_day_changes_the_stated_share_of_customers():
    counts = np.zeros(3, np.int64)
    days, number = 20, 50_000
    for day in range(1, days + 1):
        parts = changed_today(BANK, Streams(3), "core_banking", 0, number, day)
        counts += [len(part) for part in parts]
    changed, touched, deleted = counts / (days * number)
    assert round(100 * (changed + touched), 6) == BANK.delta.update
    assert round(100 * touched / (changed + touched), 6) == BANK.delta.timestamp_only
    assert round(100 * deleted, 6) == BANK.delta.delete


def test_newcomers_and_numbers_given_again_have_their_rates(tmp_path: Path):
    number, days = 10_000, 5
    bank = Bank(number, 4, days=days, history_days=1, behaviour=BANK.behaviour)
    simulate_bank(tmp_path, bank, core_url=f"sqlite:///{tmp_path / 'core.db'}")
    persons = pq.read_table(tmp_path / "truth" / "truth_person.parquet")
    count = pc.sum(pc.equal(persons["party_type"], "person").cast("int64")).as_py()
    assert count - number == round(number * bank.delta.insert / 100) * (days - 1)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'core.db'}")
    with engine.connect() as connection:
        again = "SELECT count(*) FROM (SELECT cif_no FROM cust WHERE etl_f = 'I' GROUP BY cif_no HAVING count(*) > 1)"
        deleted = "SELECT count(*) FROM cust WHERE etl_f = 'D'"
        counts = [connection.execute(sa.text(query)).scalar() for query in (again, deleted)]
    engine.dispose()
    assert counts[0] == round((days - 1) * number * bank.delta.key_reuse / 100)
    assert abs(counts[1] - number * 0.99 * bank.delta.delete / 100 * (days - 1)) <= 2
