import json
from datetime import date

import pyarrow.parquet as pq
import pytest
from simulated_days import FIRST

from extractors import channel
from extractors.faults import SourceFault, SourceUnavailable
from extractors.landing import land
from warehouse.landing import landed_rows, read_manifest
from warehouse.settings import Settings

DAY = date(2026, 1, 31)
LOGIN = {
    "event_id": "E1",
    "event_type": "login",
    "channel": "APP",
    "event_ts": 1769817600000,
    "uid": "u1",
    "payload": {"method": "face", "note": 'a"b\\c张'},
}


def handed_over(home: Settings, **files: bytes) -> Settings:
    folder = home.sources / "channel" / "20260131"
    folder.mkdir(parents=True)
    for name, body in files.items():
        (folder / f"{name}.jsonl").write_bytes(body)
    return home


def line(**changes: object) -> bytes:
    return json.dumps(LOGIN | changes, ensure_ascii=False, separators=(",", ":")).encode()


def landed(home: Settings, table: str) -> list[dict[str, str]]:
    land(home, "channel", DAY, channel.extract(home, DAY))
    rows: list[dict[str, str]] = pq.read_table(landed_rows(home, "channel", table, DAY)).to_pylist()
    return rows


def test_an_event_lands_with_its_envelope_as_columns_and_its_payload_as_sent(home: Settings):
    (row,) = landed(handed_over(home, APP=line()), "login")
    assert row["event_ts"] == "1769817600000"
    assert row["cif_no"] is None
    assert json.loads(row["payload"]) == LOGIN["payload"]


def test_lines_that_are_no_event_land_as_places_without_content(home: Settings):
    bodies = [
        line(),
        b'{"event_id": "E2", ',
        line(event_type="teleport"),
        b"\xff\xfe",
        line(event_type=None),
        line(uid=None),
        line(event_id="E7"),
    ]
    handed_over(home, APP=b"\n".join(bodies), WEB=b"[]\n")
    rejected = landed(home, "rejected_line")
    assert [(row["file"], row["line_number"], row["reason"]) for row in rejected] == [
        ("APP.jsonl", "2", "no_json"),
        ("APP.jsonl", "3", "unknown_event_type"),
        ("APP.jsonl", "4", "not_utf8"),
        ("APP.jsonl", "5", "no_event_type"),
        ("APP.jsonl", "6", "no_key"),
        ("WEB.jsonl", "1", "no_event_type"),
    ]
    assert len(landed(home, "login")) == 2


def test_lines_are_whole_across_the_edges_of_chunks(home: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channel, "CHUNK_BYTES", 64)
    body = b"\n".join(line(event_id=f"E{at}") for at in range(50)) + b"\nbroken\n"
    handed_over(home, APP=body, WEB=line(event_id="W"))
    assert [row["event_id"] for row in landed(home, "login")] == [f"E{at}" for at in range(50)] + ["W"]
    assert landed(home, "rejected_line")[0]["line_number"] == "51"


def test_a_secret_inside_an_event_stops_the_day(home: Settings):
    handed_over(home, APP=line(payload={"password": "hunter2"}))
    with pytest.raises(SourceFault, match="password") as raised:
        land(home, "channel", DAY, channel.extract(home, DAY))
    assert "hunter2" not in str(raised.value)


def test_a_new_field_of_the_envelope_is_named(home: Settings):
    handed_over(home, APP=b"\n".join([line(), line(event_id="E2", risk_score=7)]))
    with pytest.raises(SourceFault, match="new field 'risk_score'"):
        land(home, "channel", DAY, channel.extract(home, DAY))


def test_a_file_sent_twice_lands_once_and_says_so(home: Settings):
    handed_over(home, APP_09=line(), APP_10=line(event_id="E2"), APP_09_again=line())
    assert [row["event_id"] for row in landed(home, "login")] == ["E1", "E2"]
    assert read_manifest(home, "channel", "login", DAY).faults == ("duplicate",)


def test_an_empty_file_is_a_file(home: Settings):
    assert landed(handed_over(home, APP=b""), "login") == []


def test_no_files_yet_is_worth_waiting_for(home: Settings):
    with pytest.raises(SourceUnavailable, match="2026-01-31"):
        next(channel.extract(home, DAY))


def test_every_simulated_line_lands_exactly_once(bank: Settings):
    manifests = land(bank, "channel", FIRST, channel.extract(bank, FIRST))
    files = (bank.sources / "channel" / "20260131").glob("*.jsonl")
    assert sum(manifest.rows for manifest in manifests) == sum(path.read_bytes().count(b"\n") for path in files)
    assert read_manifest(bank, "channel", "rejected_line", FIRST).rows == 0
