import json
from datetime import date

import pyarrow.parquet as pq
import pytest
from event_files import announce, hand_over
from simulated_days import FIRST

from dags import pipeline
from extractors import channel, channel_lines
from extractors.discovery import reopened
from extractors.faults import SourceFault, SourceUnavailable
from extractors.landing import land
from warehouse.landing import landed_rows, read_manifest
from warehouse.settings import Settings

DAY, NEXT_DAY = date(2026, 1, 31), date(2026, 2, 1)
LOGIN = {
    "event_id": "E1",
    "event_type": "login",
    "channel": "APP",
    "event_ts": 1769817600000,
    "uid": "u1",
    "payload": {"method": "face", "note": 'a"b\\c张'},
}


def handed_over(home: Settings, **files: bytes) -> Settings:
    hand_over(home.sources, **files)
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
    monkeypatch.setattr(channel_lines, "CHUNK_BYTES", 64)
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


def faults(home: Settings) -> tuple[str, ...]:
    return read_manifest(home, "channel", "login", DAY).faults


def test_a_file_sent_twice_lands_once_and_says_so(home: Settings):
    handed_over(home, APP=line(), APP__2=line())
    assert [row["event_id"] for row in landed(home, "login")] == ["E1"]
    assert faults(home) == ("duplicate",)


def test_the_same_hour_with_other_content_is_a_correction(home: Settings):
    handed_over(home, APP=line(), APP__2=line() + b"\n" + line(event_id="E2"))
    assert [row["event_id"] for row in landed(home, "login")] == ["E1", "E2"]
    assert faults(home) == ("corrected",)


def test_a_day_lands_without_an_hour_that_is_missing_and_with_it_once_it_is_there(home: Settings):
    hours = {f"APP_{hour:02d}": line(event_id=f"E{hour}") for hour in range(24)}
    late = hours.pop("APP_09")
    handed_over(home, **hours)
    assert len(landed(home, "login")) == 23
    assert faults(home) == ("missing hour",)
    hand_over(home.sources, folder="20260201", APP_09__20260131=late)
    assert len(landed(home, "login")) == 24
    assert faults(home) == ("delivered on another day",)


@pytest.mark.parametrize(
    ("said", "seen"),
    [({"bytes": 9999}, "announced before its data"), ({"lines": 3}, "unsound file"), ({"bytes": 5}, "unsound file")],
)
def test_a_file_that_is_not_what_its_marker_says_does_not_land(home: Settings, said: dict[str, int], seen: str):
    folder = hand_over(home.sources, APP_09=line(), APP_10=line(event_id="E2"))
    announce(folder / "APP_09.ok", "20260131", line(), **said)
    assert [row["event_id"] for row in landed(home, "login")] == ["E2"]
    assert set(faults(home)) == {seen, "missing hour"}


def test_a_channel_that_has_sent_nothing_is_waited_for_until_three_later_days_came(home: Settings):
    folder = hand_over(home.sources, APP=line())
    (folder / "WEB.ok").unlink()
    for day in ("20260201", "20260202"):
        hand_over(home.sources, day)
    with pytest.raises(SourceUnavailable, match="no complete event file of WEB yet"):
        landed(home, "login")
    hand_over(home.sources, "20260203")
    assert len(landed(home, "login")) == 1
    assert faults(home) == ("missing hour",)


def test_a_payload_lands_as_it_was_spelt(home: Settings):
    spelt = b'{ "cost" : 1.10, "big": 1e3, "name":"\\u5f20", "t": {"payload":1} }'
    body = line().split(b',"payload"')[0] + b', "payload": ' + spelt
    bodies = [body + b"}", body + b', "app_ver":"9"}', line(payload={"cost": "1.10"})]
    handed_over(home, APP=b"\r\n".join(bodies))
    payloads = [row["payload"] for row in landed(home, "login")]
    assert payloads == [spelt.decode(), spelt.decode(), '{"cost":"1.10"}']


@pytest.mark.parametrize(
    ("field", "named"),
    [
        (b'"payload":{"deep":{"card_PIN" : "1"}}', "card_PIN"),
        (b'"payload":{"\\u0070in":"1"}', "pin"),
        (b'"payload":"{\\"cvv2\\":\\"1\\"}"', "cvv2"),
        (b'"payload":{"note":"<Pin>1</Pin>"}', "Pin"),
        (b'"payload":{"userPassword":1}', "userPassword"),
        (b'"Track2":"1","payload":{}', "Track2"),
        ('"payload":{"支付密码":"1"}'.encode(), "支付密码"),
    ],
)
def test_a_secret_is_refused_however_it_is_packed_and_nothing_stays(home: Settings, field: bytes, named: str):
    secret = b'{"event_id":"E2","event_type":"login","uid":"u",' + field + b"}"
    handed_over(home, APP=line() + b"\n" + secret)
    with pytest.raises(SourceFault, match=named):
        land(home, "channel", DAY, channel.extract(home, DAY))
    assert [path for path in home.landing.rglob("*") if path.is_file() and path.name != ".lock"] == []


def test_an_empty_file_is_a_file(home: Settings):
    assert landed(handed_over(home, APP=b""), "login") == []
    assert faults(home) == ()


def test_no_files_yet_is_worth_waiting_for(home: Settings):
    with pytest.raises(SourceUnavailable, match="2026-01-31"):
        next(channel.extract(home, DAY))


def test_every_simulated_line_lands_exactly_once(bank: Settings):
    manifests = land(bank, "channel", FIRST, channel.extract(bank, FIRST))
    files = (bank.sources / "channel" / "20260131").glob("*.jsonl")
    assert sum(manifest.rows for manifest in manifests) == sum(path.read_bytes().count(b"\n") for path in files)
    assert read_manifest(bank, "channel", "rejected_line", FIRST).rows == 0


def test_a_day_is_landed_again_by_a_later_night_when_an_hour_of_it_came_late(home: Settings):
    hours = {f"APP_{hour:02d}": line(event_id=f"E{hour}") for hour in range(24)}
    late = hours.pop("APP_09")
    handed_over(home, **hours)
    assert pipeline.land(home, "channel", DAY)["login"] == 23
    hand_over(home.sources, "20260201")
    before = landed_rows(home, "channel", "login", DAY).read_bytes()
    pipeline.land(home, "channel", NEXT_DAY)
    assert landed_rows(home, "channel", "login", DAY).read_bytes() == before
    hand_over(home.sources, folder="20260202", APP_09__20260131=late)
    hand_over(home.sources, "20260202")
    pipeline.land(home, "channel", NEXT_DAY)
    assert pq.read_table(landed_rows(home, "channel", "login", DAY)).num_rows == 24
    assert reopened(home, "channel", NEXT_DAY) == []


def test_a_correction_that_is_no_good_leaves_the_day_as_it_is_and_does_not_hold_up_the_night(home: Settings):
    handed_over(home, APP=line())
    pipeline.land(home, "channel", DAY)
    hand_over(home.sources, "20260201")
    hand_over(home.sources, folder="20260201", APP__20260131=line(payload={"pin": 1}))
    pipeline.land(home, "channel", NEXT_DAY)
    assert [row["event_id"] for row in pq.read_table(landed_rows(home, "channel", "login", DAY)).to_pylist()] == ["E1"]
