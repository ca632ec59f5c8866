from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from simulated_days import FIRST

from extractors import card
from extractors.card_layout import FEEDS
from extractors.card_text import decode_field
from extractors.faults import SourceFault
from extractors.landing import land
from extractors.simulators.fixed_width import FeedWriter, encode_records
from warehouse.landing import landed_rows
from warehouse.settings import Settings


def field(*values: bytes, width: int = 12) -> np.ndarray:
    return np.frombuffer(b"".join(value.ljust(width) for value in values), dtype=np.uint8).reshape(len(values), width)


@pytest.mark.parametrize("name", ["张伟", "㛃", "𬭩", "䶮", "欧阳娜娜", "O'BRIEN"])
def test_rare_characters_survive_the_file(name: str):
    assert decode_field(field(name.encode("gb18030"))).text.to_pylist() == [name]


def test_code_points_of_gb18030_2022_come_out_as_standard_ones():
    assert decode_field(field(b"\xfe\x59", b"\xa6\xd9")).text.to_pylist() == ["\u9fb4", "\ufe10"]


def test_a_character_cut_by_the_field_is_dropped_and_its_bytes_are_kept():
    cut = "北京市朝阳区".encode("gb18030")[:11]
    decoded = decode_field(field(cut, b"ok", width=11))
    assert decoded.text.to_pylist() == ["北京市朝阳", "ok"]
    assert decoded.raw == {0: cut.hex()}


def test_an_undecodable_value_is_null_and_its_neighbours_are_whole():
    decoded = decode_field(field("张伟".encode("gb18030"), b"a\xff\xffb", "李娜".encode("gb18030")))
    assert decoded.text.to_pylist() == ["张伟", None, "李娜"]
    assert decoded.raw == {1: "61ffff62"}


def test_a_line_feed_inside_a_value_moves_no_other_value():
    cut = "张伟".encode("gb18030")[:3]
    decoded = decode_field(field(b"a", b"b\nc", b"\n", cut + b"\n", b"d"))
    assert decoded.text.to_pylist() == ["a", "b\nc", "\n", None, "d"]
    assert decoded.raw == {3: (cut + b"\n").hex()}


def test_a_trail_byte_that_looks_like_a_bar_is_part_of_its_character():
    character = b"\x81\x7c".decode("gb18030")
    assert decode_field(field(character.encode("gb18030"))).text.to_pylist() == [character]


def posting(**values: str | None) -> dict[str, pa.Array]:
    columns = dict.fromkeys(FEEDS["POSTING"].fields, "") | {"amt": "0000000001250", "sign": "+"} | values
    return {name: pa.array([value], pa.string()) for name, value in columns.items()}


@pytest.mark.parametrize(("sign", "expected"), [("+", "12.50"), ("-", "-12.50")])
def test_money_lands_with_its_sign(sign: str, expected: str):
    feed = FEEDS["POSTING"]
    rows = card.landed_rows(feed, encode_records(feed, posting(sign=sign)))
    assert rows["amt"].to_pylist() == [expected]
    assert rows["undecodable"].to_pylist() == [None]


def test_an_empty_field_lands_as_null():
    feed = FEEDS["POSTING"]
    assert card.landed_rows(feed, encode_records(feed, posting()))["dispute_dt"].to_pylist() == [None]


def written(folder: Path) -> Path:
    writer = FeedWriter(folder, FEEDS["POSTING"], "20260131")
    writer.add(posting())
    return writer.finish()


def spoilt(path: Path, spoil: str) -> None:
    body = path.read_bytes()
    length = FEEDS["POSTING"].record_bytes + 1
    changed = {
        "cut": body[:-5],
        "no trailer": body[:-length],
        "total": body.replace(b"+00000000000001250", b"+00000000000001251"),
        "letter in an amount": body.replace(b"0000000001250", b"00000000O1250", 1),
        "two signs": body.replace(b"+00000000000001250", b"+-0000000000001250"),
        "other day": body.replace(b"20260131", b"20260130", 1),
        "long line": body.replace(b"\n", b" ", 1),
    }[spoil]
    path.write_bytes(changed)


@pytest.mark.parametrize(
    "spoil", ["cut", "no trailer", "total", "letter in an amount", "two signs", "other day", "long line"]
)
def test_a_file_that_contradicts_itself_is_a_fault_that_names_it(tmp_path: Path, spoil: str):
    path = written(tmp_path)
    spoilt(path, spoil)
    with pytest.raises(SourceFault, match=r"POSTING\.dat.*send it again"):
        card.open_file(path, FEEDS["POSTING"], date(2026, 1, 31))


def test_a_trailer_that_claims_another_count_is_a_fault(tmp_path: Path):
    path = written(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"T000000000001", b"T000000000002"))
    with pytest.raises(SourceFault, match="claims 2 records and holds 1"):
        card.open_file(path, FEEDS["POSTING"], date(2026, 1, 31))


def test_control_totals_reach_the_manifest(bank: Settings):
    manifests = {manifest.table: manifest for manifest in land(bank, "card", FIRST, card.extract(bank, FIRST))}
    rows = pq.read_table(landed_rows(bank, "card", "posting", FIRST))
    total = sum(round(float(amount) * 100) for amount in rows["amt"].to_pylist())
    assert round(float(manifests["posting"].totals["amt"]) * 100) == total
    assert list(manifests["posting"].files) == ["POSTING.dat"]
