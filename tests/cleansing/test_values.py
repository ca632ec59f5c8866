"""Hard cases of every kind of value, one line each in cases/."""

import csv
from pathlib import Path

import pyarrow as pa
import pytest

from cleansing.values.findings import OUTCOMES
from cleansing.values.registry import CLEANERS

CASES = Path(__file__).parent / "cases"


def cases(name: str) -> list[pytest.param]:
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        rows = [{key: _unescaped(value) for key, value in row.items()} for row in csv.DictReader(lines)]
    return [pytest.param(row, id=f"{name}: {row['why']}") for row in rows]


def _unescaped(text: str) -> str:
    """Invisible characters stand as \\u escapes in the case files."""
    for escape in ("200b", "feff", "202a", "202c", "e000"):
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


@pytest.mark.parametrize("case", cases("phones"))
def test_phones(case: dict[str, str]):
    assert answer("phones.clean_phone", case["raw"]) == (case["phone"], case["outcome"])


@pytest.mark.parametrize("case", cases("addresses"))
def test_addresses(case: dict[str, str]):
    found = [answer(f"addresses.{cleaner}", case["raw"])[0] for cleaner in ("clean_address", "clean_address_key")]
    assert found == [case["address"], case["key"]]


@pytest.mark.parametrize("case", cases("dates"))
def test_dates(case: dict[str, str]):
    assert answer(f"dates.clean_{case['kind']}", case["raw"]) == (case["expected"], case["outcome"])


@pytest.mark.parametrize("case", cases("emails"))
def test_emails(case: dict[str, str]):
    assert answer("emails.clean_email", case["raw"]) == (case["email"], case["outcome"])
    assert answer("emails.clean_email_key", case["raw"])[0] == case["key"]


@pytest.mark.parametrize("case", cases("money"))
def test_money(case: dict[str, str]):
    assert answer("numbers.clean_money", case["raw"]) == (case["amount"], case["outcome"])
