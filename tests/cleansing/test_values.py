"""Hard cases of every kind of value, one line each in cases/."""

import csv
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest

from cleansing.values.capital_amounts import _spelt, capital_amount
from cleansing.values.findings import OUTCOMES
from cleansing.values.registry import CLEANERS

CASES = Path(__file__).parent / "cases"


def cases(name: str) -> list[pytest.param]:
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        rows = [{key: _unescaped(value) for key, value in row.items()} for row in csv.DictReader(lines)]
    return [pytest.param(row, id=f"{name}: {row['why']}") for row in rows]


def _unescaped(text: str) -> str:
    """Invisible characters stand as \\u escapes in the case files."""
    for escape in ("200b", "feff", "202a", "202c", "e000", "e831", "fe0f"):
        text = text.replace("\\u" + escape, chr(int(escape, 16)))
    return text.replace("\\n", "\n")


def answer(cleaner: str, raw: str) -> tuple[str, str]:
    """Value and outcome, the same from the column as from the reader."""
    cleaned = CLEANERS[cleaner].clean(pa.array([raw]))
    finding = CLEANERS[cleaner].read(raw)
    assert (cleaned.values[0].as_py(), OUTCOMES[cleaned.outcomes[0]]) == finding
    value = finding.value
    return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(
        value
    ), finding.outcome.value


@pytest.mark.parametrize("case", cases("names"))
def test_names(case: dict[str, str]):
    raw = case["raw"]
    found = [answer(f"names.{cleaner}", raw)[0] for cleaner in ("clean_name", "clean_name_key", "clean_name_pinyin")]
    assert found == [case["name"], case["key"], case["pinyin"]]


@pytest.mark.parametrize("case", cases("documents"))
def test_identity_documents(case: dict[str, str]):
    assert answer("identifiers.clean_identity_document", case["raw"]) == (case["document"], case["outcome"])
    assert answer("identifiers.clean_identity_status", case["raw"])[0] == case["status"]


@pytest.mark.parametrize("case", cases("forms"))
def test_document_forms(case: dict[str, str]):
    assert answer("document_forms.clean_document_form", case["raw"]) == (case["form"], case["outcome"])


@pytest.mark.parametrize(
    ("cleaner", "raw", "value"),
    [
        ("names.clean_name", "李\ue000", "李\ue000"),
        ("names.clean_name", "鏉ㄩ", "鏉ㄩ"),
        ("names.clean_name", "张?", "张?"),
        ("addresses.clean_address", "北京市朝阳区\ue123路8号", "北京市朝阳区\ue123路8号"),
        ("text.clean_text", "某\uf000", "某\uf000"),
    ],
)
def test_a_value_unreadable_in_part_is_kept_and_flagged(cleaner: str, raw: str, value: str):
    assert answer(cleaner, raw) == (value, "ambiguous")


def test_private_code_points_of_the_older_gb18030_become_the_characters_they_stand_for():
    assert answer("text.clean_text", "\ue831\ue832") == ("\U000215d7\u9fb8", "repaired")


@pytest.mark.parametrize("case", cases("phones"))
def test_phones(case: dict[str, str]):
    assert answer("phones.clean_phone", case["raw"]) == (case["phone"], case["outcome"])
    assert answer("phone_kinds.clean_phone_kind", case["raw"])[0] == case["kind"]


@pytest.mark.parametrize("case", cases("addresses"))
def test_addresses(case: dict[str, str]):
    found = [answer(f"addresses.{cleaner}", case["raw"])[0] for cleaner in ("clean_address", "clean_address_key")]
    assert found == [case["address"], case["key"]]


@pytest.mark.parametrize("case", cases("address_parts"))
def test_parts_of_addresses(case: dict[str, str]):
    parts = ("region", "street", "number", "building", "unit", "room")
    found = {part: answer(f"address_parts.clean_address_{part}", case["raw"]) for part in parts}
    assert {part: value for part, (value, _) in found.items()} == {part: case[part] for part in parts}
    assert (found["region"][1] == "ambiguous") == ("|" in case["region"])


@pytest.mark.parametrize("case", cases("social_codes"))
def test_sex_and_occupation(case: dict[str, str]):
    assert answer(f"social_codes.clean_{case['kind']}", case["raw"]) == (case["expected"], case["outcome"])


@pytest.mark.parametrize("case", cases("dates"))
def test_dates(case: dict[str, str]):
    module = "moments" if case["kind"] == "timestamp" else "dates"
    assert answer(f"{module}.clean_{case['kind']}", case["raw"]) == (case["expected"], case["outcome"])


@pytest.mark.parametrize("case", cases("emails"))
def test_emails(case: dict[str, str]):
    assert answer("emails.clean_email", case["raw"]) == (case["email"], case["outcome"])
    assert answer("emails.clean_email_key", case["raw"])[0] == case["key"]


@pytest.mark.parametrize(
    "yuan", [0, 5, 10, 15, 20, 105, 110, 115, 1005, 1010, 10_001, 10_010, 100_000, 1_002_003, 10**8 + 7]
)
def test_every_amount_is_read_as_it_is_spelt(yuan: int):
    spelt = _spelt(yuan)
    assert capital_amount(spelt + "元整") == yuan
    assert capital_amount(spelt.translate(str.maketrans("一二三五十百千", "壹贰叁伍拾佰仟")) + "圆") == yuan


@pytest.mark.parametrize("case", cases("money"))
def test_money(case: dict[str, str]):
    assert answer("numbers.clean_money", case["raw"]) == (case["amount"], case["outcome"])


@pytest.mark.parametrize("case", cases("quoted_money"))
def test_money_that_names_its_currency(case: dict[str, str]):
    found = [answer(f"quoted_money.clean_quoted_{part}", case["raw"])[0] for part in ("amount", "currency")]
    assert found == [case["amount"], case["currency"]]


def test_a_column_of_plain_addresses_has_the_parts_of_its_addresses():
    heads = ("北京市朝阳区建国路", "鼓楼区中山路", "建国路", "云南省红河州蒙自市天马路")
    numbers = ("1号", "88号", "088号", "12号院", "5弄", "88")
    rests = (
        "", "3号楼2单元501室", "阳光花园3栋501", "3幢2单元5室", "3-2-501", "阳光花园12-1-3", "123-2-501", "A座1201",
        "3号楼", "2单元501", "12层1201室", "3号楼-501", "(近地铁)3-2-501", "3号501", "三号楼二单元五〇一室",
    )  # fmt: skip
    addresses = ["".join(parts) for parts in product(heads, numbers, rests)]
    for part in ("region", "street", "number", "building", "unit", "room"):
        cleaner = CLEANERS[f"address_parts.clean_address_{part}"]
        read = [cleaner.read(address) for address in addresses]
        cleaned = cleaner.clean(pa.array(addresses))
        assert cleaned.values.to_pylist() == [finding.value for finding in read]
        assert [OUTCOMES[code] for code in cleaned.outcomes] == [finding.outcome for finding in read]
