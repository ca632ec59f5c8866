"""Whatever arrives instead of what was agreed: it lands whole, or stops with a reason that names the file.

`C360_FUZZ=10000 pytest tests/extractors/test_fuzz.py` tries ten thousand malformed files, lines and rows a source.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest
import sqlalchemy as sa
from event_files import hand_over
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors import card, channel, core_banking
from extractors.card_deliveries import marker_text
from extractors.card_layout import FEEDS, Feed
from extractors.card_text import PRIVATE_TO_STANDARD
from extractors.channel_lines import LINE_END, Chunk
from extractors.core_copy import read_rows
from extractors.faults import SourceFault
from extractors.landing import land
from extractors.simulators.bank import Bank
from extractors.simulators.postgres import postgres
from extractors.simulators.simulate import simulate_bank
from warehouse.settings import Settings

DAY = date(2026, 1, 31)
TIMES = int(os.environ.get("C360_FUZZ", "240"))
VALUE = re.compile(r"\d{9,}|@|[\u4e00-\u9fff]")  # a phone, document, account, mail or name in a message
HOURS = 24
many = settings(
    max_examples=max(TIMES // 10, 50),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


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


def telling(messages: list[str], name: str) -> list[str]:
    """Messages that do not name their file, or that hold what could be a customer's value."""
    return [message for message in messages if name not in message or VALUE.search(message)]


@pytest.mark.parametrize("name", sorted(FEEDS))
def test_a_mutated_card_file_lands_whole_or_stops_with_its_name(sources: Path, tmp_path: Path, name: str):
    feed, stream = FEEDS[name], np.random.default_rng(5)
    body = (sources / "card" / "20260131" / f"{name}.dat").read_bytes()
    said = []
    for _ in range(TIMES // len(FEEDS) + 1):
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
    assert telling(said, f"{name}.dat") == []


def noisy_records(stream: np.random.Generator, records: np.ndarray, feed: Feed) -> np.ndarray:
    """Records with noise in their text fields; numbers and line ends stay."""
    spoilt = records.copy()
    numbers = {feed.amount, feed.sign, *feed.other_amounts}
    texts = [feed.span(field) for field in feed.fields if field not in numbers]
    for row in spoilt:
        place = texts[int(stream.integers(0, len(texts)))]
        start = int(stream.integers(place.start, place.stop))
        noise = stream.integers(0, 256, int(stream.integers(1, 6)), dtype=np.uint8)
        row[start : place.stop][: len(noise)] = noise[: place.stop - start]
    return spoilt


@pytest.mark.parametrize("name", sorted(FEEDS))
def test_every_byte_of_a_noisy_card_record_is_text_or_kept_raw(sources: Path, name: str):
    feed, stream = FEEDS[name], np.random.default_rng(8)
    body = (sources / "card" / "20260131" / f"{name}.dat").read_bytes()
    records = np.frombuffer(body, dtype=np.uint8).reshape(-1, feed.record_bytes + 1)[1:-1]
    chosen = stream.integers(0, len(records), TIMES // len(FEEDS) + 1)
    spoilt = noisy_records(stream, records[chosen], feed)
    landed = card.landed_rows(feed, spoilt).to_pylist()
    numbers = {feed.amount, *feed.other_amounts}
    for record, row in zip(spoilt, landed, strict=True):
        raw = json.loads(row["undecodable"] or "{}")
        for field in feed.fields:
            sent = record[feed.span(field)].tobytes()
            if field in raw:
                assert bytes.fromhex(raw[field]) == sent.rstrip(b" ")
            elif field not in numbers:
                sound = sent.rstrip(b" ").decode("gb18030")
                assert (row[field] or "") == sound.translate(PRIVATE_TO_STANDARD), field


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


def test_every_line_of_mutated_event_files_is_accounted_for(sources: Path, tmp_path: Path):
    stream = np.random.default_rng(7)
    body = (sources / "channel" / "20260131" / "APP.jsonl").read_bytes()[:20_000]
    landed, said = 0, []
    for _ in range(TIMES // HOURS + 1):
        spoilt = [mutated(stream, mutated(stream, mutated(stream, body))) for _ in range(HOURS)]
        hand_over(tmp_path / "sources", **{f"APP_{hour:02d}": content for hour, content in enumerate(spoilt)})
        lines = sum(content.count(LINE_END) + (not content.endswith(LINE_END) and bool(content)) for content in spoilt)
        try:
            assert sum(sent.rows.num_rows for sent in channel.extract(Settings(tmp_path), DAY)) == lines
            landed += 1
        except SourceFault as fault:
            said.append(str(fault))
    assert landed
    assert telling(said, ".jsonl") == []


def test_mutated_event_markers_stop_with_their_name_or_the_hour_is_missing(tmp_path: Path):
    stream, line = np.random.default_rng(9), b'{"event_id":"1","event_type":"login","uid":"u"}\n'
    folder = hand_over(tmp_path / "sources", APP_00=line, APP_01=line)
    marker = (folder / "APP_01.ok").read_bytes()
    for _ in range(TIMES // 4):
        (folder / "APP_01.ok").write_bytes(mutated(stream, marker))
        try:
            rows = sum(sent.rows.num_rows for sent in channel.extract(Settings(tmp_path), DAY))
        except SourceFault as fault:
            assert "APP_01.ok" in str(fault)  # noqa: PT017 (either outcome is right)
        else:
            assert rows in (1, 2)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
branches = st.lists(leaves, max_size=4) | st.dictionaries(st.text(), leaves, max_size=4)
anything = leaves | branches | st.lists(branches, max_size=3) | st.dictionaries(st.text(), branches, max_size=3)
envelopes = st.fixed_dictionaries(
    {},
    optional={
        "event_id": anything,
        "event_type": st.sampled_from(["login", "page", "survey"]) | anything,
        "uid": anything,
        "event_ts": anything,
        "payload": anything,
    },
)
lines_sent = st.lists(
    st.binary(max_size=60)
    | anything.map(lambda value: json.dumps(value).encode())
    | envelopes.map(lambda event: json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")),
    min_size=10,
    max_size=14,
).map(lambda parts: b"\n".join(part.replace(b"\n", b" ").replace(b"\r", b" ") for part in parts) + b"\n")


@pytest.fixture(scope="module")
def parser() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@many
@given(body=lines_sent)
def test_lines_of_any_kind_land_once(parser: duckdb.DuckDBPyConnection, body: bytes):
    chunk = Chunk()
    chunk.add("WEB.jsonl", 1, body)
    try:
        landed = [rows.num_rows for _, rows in channel.split_events(parser, chunk)]
        assert sum(landed) == body.count(LINE_END)
    except SourceFault as fault:
        assert "WEB.jsonl" in str(fault)  # noqa: PT017 (a field nobody knows, or a secret)


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


def texts(stream: np.random.Generator, count: int) -> list[tuple[str, str | None, str | None]]:
    """Rows of a key and two texts made of what breaks readers of text; a few are null or empty."""
    pieces = [
        '"',
        "'",
        ",",
        "\n",
        "\r",
        "\\",
        "\\N",
        "\t",
        "\x01",
        "张",
        "𬭩",
        "\u200b",
        " ",
        "NULL",
        "a" * 300,
        "\x1f",
        "",
    ]

    def text() -> str | None:
        if not stream.integers(0, 9):
            return None
        return "".join(pieces[at] for at in stream.integers(0, len(pieces), int(stream.integers(0, 6))))

    return [(f"{number:06d}", text(), text()) for number in range(count)]


@pytest.mark.parametrize("server", ["postgresql", "sqlite"])
def test_rows_of_any_text_come_as_they_stand_in_the_database(folder: Path, server: str):
    rows = texts(np.random.default_rng(10), TIMES)
    for url in urls(folder, server):
        engine = sa.create_engine(url)
        table = sa.Table("odd", sa.MetaData(), *(sa.Column(name, sa.Text) for name in ("no", "one", "two")))
        with engine.begin() as connection:
            table.create(connection)
            connection.execute(table.insert(), [dict(zip(("no", "one", "two"), row, strict=True)) for row in rows])
        with engine.connect() as connection:
            batches = list(read_rows(connection, sa.select(table).order_by(table.c.no)))
        engine.dispose()
        found = [tuple(row.values()) for batch, _ in batches for row in batch.to_pylist()]
        assert found == rows
        assert sum(sent for _, sent in batches) == len(rows)


def urls(folder: Path, server: str) -> Iterator[str]:
    """URL of an empty database, while it runs."""
    if server == "sqlite":
        yield f"sqlite:///{folder / 'odd.db'}"
        return
    with postgres(folder / "server") as url:
        yield url


@pytest.mark.parametrize("column", ["bal", "amt", "memo"])
def test_values_of_any_type_in_a_loosely_typed_database_land_or_name_their_column(
    sources: Path, tmp_path: Path, column: str
):
    stream, url = np.random.default_rng(11), f"sqlite:///{tmp_path / 'core.db'}"
    shutil.copyfile(sources / "core.db", tmp_path / "core.db")
    odd = ["", " ", "0", "-1", "NaN", "99999999", 1e300, -(2**60), b"\xff\xfe", "1.2.3", "﷽", "'; DROP TABLE cust; --"]
    spoil = sa.text(f"UPDATE txn SET {column} = :value WHERE rowid = (SELECT rowid FROM txn LIMIT 1 OFFSET :at)")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        count = connection.execute(sa.text("SELECT count(*) FROM txn")).scalar_one()
        places = zip(stream.integers(0, len(odd), TIMES // 3), stream.integers(0, count, TIMES // 3), strict=True)
        connection.execute(spoil, [{"value": odd[value], "at": int(at)} for value, at in places])
    engine.dispose()
    home = Settings(tmp_path, core_banking_url=url)
    try:
        manifests = land(home, "core_banking", DAY, core_banking.extract(home, DAY))
    except SourceFault as fault:
        assert telling([str(fault)], column) == []  # noqa: PT017 (either outcome is right)
    else:
        assert column == "memo"
        assert {manifest.rows for manifest in manifests if manifest.table == "txn"} == {count}
