"""Whatever happens to a card file on its way, what lands in the end is what a feed without faults would have landed."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dags import pipeline
from extractors import card, channel
from extractors.card_layout import FEEDS
from extractors.faults import SourceFault, SourceUnavailable
from extractors.landing import land
from extractors.simulators.bank import Bank
from extractors.simulators.file_faults import FileFault, FileFaults
from extractors.simulators.simulate import simulate_bank
from warehouse.landing import landed_rows, landed_tables, read_manifest
from warehouse.settings import Settings

FIRST = date(2026, 1, 31)
FAULTY = FIRST + timedelta(days=1)
KINDS = tuple(FileFaults.__dataclass_fields__)
SEEN_AS = {
    "late": {"delivered on another day"},
    "out_of_order": {"delivered on another day"},
    "announced": {"announced before its data", "delivered on another day"},
    "duplicate": {"duplicate"},
    "same_sequence": {"corrected"},
    "empty": {"corrected", "delivered on another day"},
    "bad_trailer": {"unsound file", "delivered on another day"},
    "truncated": {"unsound file", "delivered on another day"},
    "added_column": {"unsound file", "delivered on another day"},
    "missing": {"lost"},
}
AT_ONCE = {"duplicate", "same_sequence", "empty"}  # land on their own day


def simulated(home: Path, *faults: FileFault, days: int = 6, rates: FileFaults | None = None) -> Settings:
    settings = Settings(home)
    bank = Bank(120, 3, FIRST, days, 40, file_faults=faults, file_fault_rates=rates or FileFaults())
    simulate_bank(settings.sources, bank, core_url=f"sqlite:///{home / 'core.db'}")
    return settings


def landed(settings: Settings, table: str, day: date) -> pa.Table:
    land(settings, "card", day, card.extract(settings, day))
    return pq.read_table(landed_rows(settings, "card", table, day))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return simulated(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Settings]:
    """A bank for each kind of fault, hitting one day's postings."""
    homes = {kind: tmp_path_factory.mktemp(kind) for kind in KINDS}
    return {kind: simulated(home, FileFault(FAULTY, kind, "POSTING")) for kind, home in homes.items()}


def only_delivered_until(settings: Settings, day: date, folder: Path) -> Settings:
    """The same installation as of the evening of a day."""
    for delivery in settings.sources.glob("c*/2*"):
        place = folder / "sources" / delivery.parent.name / delivery.name
        if delivery.name <= f"{day:%Y%m%d}" and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(delivery)
    return Settings(folder)


@pytest.mark.parametrize("kind", KINDS)
def test_the_day_lands_as_if_nothing_had_happened_and_says_what_did(
    faulty: dict[str, Settings], sound: Settings, kind: str
):
    expected = landed(sound, "posting", FAULTY)
    found = landed(faulty[kind], "posting", FAULTY)
    assert found == (expected.slice(0, 0) if kind == "missing" else expected)
    manifest = read_manifest(faulty[kind], "card", "posting", FAULTY)
    assert set(manifest.faults) == SEEN_AS[kind]
    assert manifest.rows_sent == manifest.rows
    assert read_manifest(faulty[kind], "card", "cardholder", FAULTY).faults == ()


@pytest.mark.parametrize("kind", KINDS)
def test_on_its_own_evening_a_day_lands_only_if_all_is_there(faulty: dict[str, Settings], tmp_path: Path, kind: str):
    that_evening = only_delivered_until(faulty[kind], FAULTY, tmp_path)
    if kind in AT_ONCE:
        landed(that_evening, "posting", FAULTY)
        return
    expected = SourceFault if kind in ("bad_trailer", "truncated", "added_column") else SourceUnavailable
    with pytest.raises(expected, match=r"POSTING\.dat"):
        landed(that_evening, "posting", FAULTY)
    assert not (that_evening.landing / "card" / "card").exists()


def test_a_correction_that_comes_later_replaces_the_day(faulty: dict[str, Settings], sound: Settings, tmp_path: Path):
    early = only_delivered_until(faulty["empty"], FAULTY, tmp_path)
    assert landed(early, "posting", FAULTY).num_rows == 0
    later = only_delivered_until(faulty["empty"], FAULTY + timedelta(days=1), tmp_path / "later")
    later = Settings(tmp_path / "later")
    assert landed(later, "posting", FAULTY) == landed(sound, "posting", FAULTY)


def test_an_added_field_is_named(faulty: dict[str, Settings], tmp_path: Path):
    with pytest.raises(SourceFault, match="field 'cust_lvl' of 4 bytes is not in the layout of POSTING"):
        landed(only_delivered_until(faulty["added_column"], FAULTY, tmp_path), "posting", FAULTY)


def test_a_missing_file_is_waited_for_until_three_later_ones_came(faulty: dict[str, Settings], tmp_path: Path):
    two_days_on = only_delivered_until(faulty["missing"], FAULTY + timedelta(days=2), tmp_path)
    with pytest.raises(SourceUnavailable, match="not handed over yet"):
        landed(two_days_on, "posting", FAULTY)


def test_days_land_in_any_order_with_the_same_rows(faulty: dict[str, Settings], sound: Settings):
    days = [FIRST + timedelta(days=number) for number in (3, 1, 2, 0)]
    for day in days:
        assert landed(faulty["out_of_order"], "posting", day) == landed(sound, "posting", day)


def test_with_every_fault_often_a_fortnight_lands_but_for_what_is_lost(tmp_path: Path):
    often = FileFaults(**dict.fromkeys(KINDS, 7))
    days = 14
    settings = simulated(tmp_path / "faulty", days=days + 5, rates=often)
    clean = simulated(tmp_path / "clean", days=days)
    truth = pq.read_table(settings.sources / "truth" / "truth_file.parquet").to_pylist()
    lost = {(row["file"], row["business_date"]) for row in truth if row["fault"] == "missing"}
    assert {row["fault"] for row in truth} == set(KINDS)
    for day in (FIRST + timedelta(days=number) for number in range(days)):
        for home in (settings, clean):
            land(home, "card", day, card.extract(home, day))
        for feed in FEEDS.values():
            rows = pq.read_table(landed_rows(settings, "card", feed.table, day))
            if (f"{feed.name}.dat", f"{day:%Y%m%d}") in lost:
                assert rows.num_rows == 0
            else:
                assert rows == pq.read_table(landed_rows(clean, "card", feed.table, day))


def test_a_marker_that_says_nothing_is_a_fault(sound: Settings, tmp_path: Path):
    folder = tmp_path / "sources" / "card" / "20260131"
    folder.mkdir(parents=True)
    (folder / "CARDHOLDER.ok").write_bytes(b"\xff\x00 hello")
    with pytest.raises(SourceFault, match=r"CARDHOLDER\.ok: is no marker"):
        next(card.extract(Settings(tmp_path), FIRST))


# What goes wrong with an hour of a channel, by day; WEB's hour of the second day never comes.
EVENT_FAULTS = (
    {"APP": "late", "WEB": "duplicate", "CALL": "same_sequence", "BRANCH": "empty", "WECHAT": "bad_trailer"},
    {"APP": "truncated", "WEB": "missing", "CALL": "announced", "BRANCH": "out_of_order"},
)
SEEN_THAT_EVENING = (
    {"missing hour", "duplicate", "unsound file"},
    {"missing hour", "unsound file", "announced before its data"},
)
SEEN_IN_THE_END = ({"duplicate", "delivered on another day"}, {"missing hour", "delivered on another day"})


def events(settings: Settings, *days: date) -> dict[str, list[dict[str, str]]]:
    """All landed events of some days, by table."""
    found: dict[str, list[dict[str, str]]] = {}
    for day in days:
        for table in landed_tables(settings, "channel", day):
            found.setdefault(table, []).extend(pq.read_table(landed_rows(settings, "channel", table, day)).to_pylist())
    return found


def test_nights_one_by_one_land_what_event_files_without_faults_would_have_landed(sound: Settings, tmp_path: Path):
    """Every evening sees only what was delivered until then; what comes late opens its day again."""
    faults = [
        FileFault(FAULTY + timedelta(days=number), kind, channel)
        for number, kinds in enumerate(EVENT_FAULTS)
        for channel, kind in kinds.items()
    ]
    settings, days = simulated(tmp_path / "faulty", *faults), [FIRST + timedelta(days=number) for number in range(5)]
    that_evening = {}
    for day in days:
        evening = only_delivered_until(settings, day, tmp_path / "nights")
        pipeline.land(evening, "channel", day)
        that_evening[day] = set(read_manifest(evening, "channel", "login", day).faults)
        land(sound, "channel", day, channel.extract(sound, day))
    for number, day in enumerate(days[1:3]):
        assert SEEN_THAT_EVENING[number] <= that_evening[day]
        assert SEEN_IN_THE_END[number] <= set(read_manifest(evening, "channel", "login", day).faults)
    told = pq.read_table(settings.sources / "truth" / "truth_file.parquet").to_pylist()
    assert sorted(row["fault"] for row in told) == sorted(fault.kind for fault in faults)
    expected, found = events(sound, *days), events(evening, *days)
    gone = [row for table, rows in expected.items() for row in rows if row not in found[table]]
    assert sum(map(len, found.values())) == sum(map(len, expected.values())) - len(gone)
    assert {row["channel"] for row in gone} <= {"WEB"}
