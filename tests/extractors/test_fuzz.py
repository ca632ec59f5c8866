"""Whatever arrives instead of what was agreed: it lands whole, or stops with a reason that names the file."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from event_files import hand_over

from extractors import card, channel
from extractors.card_deliveries import marker_text
from extractors.card_layout import FEEDS
from extractors.faults import SourceFault
from extractors.simulators.bank import Bank
from extractors.simulators.simulate import simulate_bank
from warehouse.settings import Settings

DAY = date(2026, 1, 31)
TIMES = 250
VALUE = re.compile(r"\d{9,}|@|[\u4e00-\u9fff]")  # a phone, document, account, mail or name in a message


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    simulate_bank(folder, Bank(40, 6, DAY, 1, 20), core_url=f"sqlite:///{folder / 'core.db'}")
    return folder


def mutated(stream: np.random.Generator, body: bytes) -> bytes:
    """A file with something cut, doubled, shuffled or overwritten."""
    start = int(stream.integers(0, len(body)))
    end = min(len(body), start + int(stream.integers(1, 400)))
    noise = stream.integers(0, 256, int(stream.integers(1, 12)), dtype=np.uint8).tobytes()
    return (
        body[:start] + body[end:],
        body[:end] + body[start:],
        body[:start] + noise + body[start + len(noise) :],
        body[:start] + noise + body[start:],
        body[:start] + body[start:end][::-1] + body[end:],
        body[:start],
    )[int(stream.integers(0, 6))]


@pytest.mark.parametrize("name", sorted(FEEDS))
def test_a_mutated_card_file_lands_whole_or_stops_with_its_name(sources: Path, tmp_path: Path, name: str):
    feed, stream = FEEDS[name], np.random.default_rng(5)
    body = (sources / "card" / "20260131" / f"{name}.dat").read_bytes()
    said = []
    for _ in range(TIMES):
        spoilt = mutated(stream, body)
        path = tmp_path / f"{name}.dat"
        path.write_bytes(spoilt)
        try:
            file = card.open_file(path, feed, DAY)
            rows = card.landed_rows(feed, file.details)
        except SourceFault as fault:
            said.append(str(fault).replace(path.parent.name, ""))
        else:
            assert rows.num_rows == len(spoilt) // (feed.record_bytes + 1) - 2
    assert said
    assert [message for message in said if f"{name}.dat" not in message or VALUE.search(message)] == []


def test_mutated_markers_stop_with_their_name_or_are_waited_for(sources: Path, tmp_path: Path):
    stream, feed = np.random.default_rng(6), FEEDS["CARDHOLDER"]
    said = marker_text(feed, "20260131", 5000).encode()
    folder = tmp_path / "20260131"
    folder.mkdir()
    for _ in range(TIMES):
        (folder / "CARDHOLDER.ok").write_bytes(mutated(stream, said))
        with pytest.raises(Exception, match="CARDHOLDER") as raised:
            card.choose_file(tmp_path, feed, DAY)
        assert type(raised.value).__name__ in ("SourceFault", "SourceUnavailable")


def test_every_line_of_mutated_events_is_accounted_for(sources: Path, tmp_path: Path):
    settings, stream = Settings(tmp_path), np.random.default_rng(7)
    body = (sources / "channel" / "20260131" / "APP.jsonl").read_bytes()[:20_000]
    landed, said = 0, []
    for _ in range(TIMES // 6):
        spoilt = mutated(stream, mutated(stream, mutated(stream, body)))
        hand_over(settings.sources, APP=spoilt)
        lines = spoilt.count(b"\n") + (not spoilt.endswith(b"\n") and bool(spoilt))
        try:
            assert sum(sent.rows.num_rows for sent in channel.extract(settings, DAY)) == lines
            landed += 1
        except SourceFault as fault:
            said.append(str(fault))
    assert landed
    assert [message for message in said if "APP.jsonl" not in message or VALUE.search(message)] == []


@pytest.mark.parametrize(
    "line",
    [
        b"", b"null", b"[]", b"{}", b"1e999", b'"text"', b"[" * 5000, b'{"a":' * 2000, b"\x00", b"\xf0\x28\x8c\x28",
        b'{"event_id":{},"event_type":[],"uid":null}', b'{"event_type":"login","event_type":"page"}',
        b'{"event_id":"\\ud800","event_type":"login","uid":"u"}', b"\xef\xbb\xbf{}", b'{"event_id":"a\\u0000b"}',
    ],
)  # fmt: skip
def test_a_line_of_any_kind_lands_once(tmp_path: Path, line: bytes):
    hand_over(tmp_path / "sources", WEB=line + b"\n")
    assert sum(sent.rows.num_rows for sent in channel.extract(Settings(tmp_path), DAY)) == 1
