"""What must hold of every cleaner for any text at all, checked on generated values."""

from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleansing.values.check_digits import check_digit
from cleansing.values.findings import OUTCOMES, Outcome
from cleansing.values.registry import CLEANERS
from warehouse.types import TYPES

EXAMPLES = settings(max_examples=150, derandomize=True, deadline=None, database=None)

ODD = "　 \t\n\u200b\u200e\ufeff·•.,-()（）【】*?/+@#％％'\ue000"
HAN = "张張王李單单于欧阳尉迟曾伟偉娜先生女士总公司有限银行某测试无不详北京市朝阳区路号栋单元室街道三十二百零〇"
WORDS = [" ", ", ", *(Path(__file__).parent / "cases" / "pieces.txt").read_text(encoding="utf-8").split("\n")]
PIECES = st.lists(st.sampled_from(WORDS), max_size=6).map("".join)
ANY = st.one_of(
    PIECES, st.text(HAN + ODD + "AZaz019", max_size=12), st.text(max_size=12), st.text("0123456789", max_size=18)
)


def scalar(name: str) -> Any:
    module, _, function = name.partition(".")
    return getattr(import_module(f"cleansing.values.{module}"), function)


def written(value: Any) -> str:
    """A cleaned value as text a source could send."""
    if isinstance(value, bool):
        return str(value).lower()
    return (
        value.isoformat()
        if isinstance(value, date | datetime)
        else repr(value)
        if isinstance(value, float)
        else str(value)
    )


def test_every_semantic_type_names_a_cleaner_that_yields_its_storage():
    for name, semantic in TYPES.items():
        assert callable(scalar(semantic.cleaner)), name
        assert CLEANERS[semantic.cleaner].storage == semantic.storage, name


@pytest.mark.parametrize("name", CLEANERS)
def test_nothing_is_missing_and_stays_null(name: str):
    cleaned = CLEANERS[name].clean(pa.array([None, "", " ", "\u200b", None], pa.string()))
    assert cleaned.values.null_count == 5
    assert {OUTCOMES[code] for code in cleaned.outcomes} == {Outcome.MISSING}
    assert scalar(name)(None) is None


@pytest.mark.parametrize("name", CLEANERS)
@EXAMPLES
@given(raw=ANY)
def test_a_second_cleaning_changes_nothing(name: str, raw: str):
    once = scalar(name)(raw)
    if once is not None:
        assert scalar(name)(written(once)) == once


@pytest.mark.parametrize("name", CLEANERS)
@EXAMPLES
@given(raw=st.lists(st.one_of(ANY, st.none()), max_size=8))
def test_a_column_gets_the_answers_of_its_values_in_any_order(name: str, raw: list[str | None]):
    cleaner = CLEANERS[name]
    for values in (raw, raw[::-1]):
        cleaned = cleaner.clean(pa.array(values, pa.string()))
        findings = [None if value is None else cleaner.read(value) for value in values]
        assert cleaned.values.type == cleaner.storage
        assert cleaned.values.to_pylist() == [finding and finding.value for finding in findings]
        outcomes = [Outcome.MISSING if finding is None else finding.outcome for finding in findings]
        assert [OUTCOMES[code] for code in cleaned.outcomes] == outcomes


@pytest.mark.parametrize("name", CLEANERS)
@EXAMPLES
@given(raw=ANY)
def test_what_is_ok_has_a_value_and_what_is_no_value_is_null(name: str, raw: str):
    finding = CLEANERS[name].read(raw)
    if finding.outcome in {Outcome.MISSING, Outcome.INVALID, Outcome.PLACEHOLDER}:
        assert finding.value is None
    if finding.outcome in {Outcome.OK, Outcome.REPAIRED, Outcome.UPGRADED}:
        assert finding.value is not None


@st.composite
def resident_ids(draw: Any) -> str:
    born = draw(st.dates(date(1920, 1, 1), date(2024, 12, 31)))
    seventeen = f"{draw(st.sampled_from(['110105', '440305', '130503']))}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return seventeen + check_digit(seventeen)


MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(lambda number: len(set(number[1:])) > 3)
VALID: dict[str, st.SearchStrategy[tuple[str, Any]]] = {
    "phones.clean_phone": MOBILES.map(lambda number: (number, f"+86{number}")),
    "identifiers.clean_identity_document": resident_ids().map(lambda number: (number, number)),
    "numbers.clean_money": st.decimals(-(10**15), 10**15, places=2).map(lambda amount: (str(amount), amount + 0)),
    "numbers.clean_integer": st.integers(-(2**63) + 1, 2**63 - 1).map(lambda number: (str(number), number)),
    "dates.clean_date": st.dates(date(1000, 1, 1)).map(lambda day: (f"{day:%Y%m%d}".zfill(8), day)),
    "dates.clean_birth_date": st.dates(date(1900, 1, 2), date(2099, 12, 31)).map(lambda day: (day.isoformat(), day)),
    "moments.clean_timestamp": st.datetimes(
        datetime.fromisoformat("1000-01-02"), datetime.fromisoformat("9000-01-01")
    ).map(lambda moment: (moment.isoformat(), moment)),
    "emails.clean_email": st.from_regex(r"[a-z]{3,8}[0-9]{2,4}@(qq|163)\.com", fullmatch=True).map(lambda at: (at, at)),
    "names.clean_name": st.text("赵钱孙李周吴郑王伟芳娜敏静", min_size=2, max_size=4).map(lambda name: (name, name)),
}
WIDE = str.maketrans({chr(point): chr(point + 0xFEE0) for point in range(0x21, 0x7F)} | {" ": "　"})
DISGUISES = [
    str, lambda text: f"  {text}\u200b", lambda text: text.translate(WIDE), lambda text: f"\ufeff{text}　",
    lambda text: "\u200d".join(text),
]  # fmt: skip


@pytest.mark.parametrize("name", VALID)
@EXAMPLES
@given(data=st.data())
def test_a_valid_value_survives_any_disguise(name: str, data: st.DataObject):
    sent, meant = data.draw(VALID[name])
    disguise = data.draw(st.sampled_from(DISGUISES))
    assert scalar(name)(disguise(sent)) == meant


@pytest.mark.parametrize("name", ["phones.clean_phone", "identifiers.clean_identity_document", "numbers.clean_money"])
@EXAMPLES
@given(data=st.data())
def test_a_damaged_value_never_becomes_another_valid_one(name: str, data: st.DataObject):
    """One character lost to a letter or a mask must not come back as somebody else's number."""
    sent, meant = data.draw(VALID[name])
    at = data.draw(st.integers(0, len(sent) - 1))
    damaged = sent[:at] + data.draw(st.sampled_from("OlIZ?*x")) + sent[at + 1 :]
    cleaned = scalar(name)(damaged)
    assert cleaned is None or cleaned == meant or (name.startswith("identifiers") and cleaned == damaged.upper())


def test_money_is_exact_to_the_last_cent():
    assert scalar("numbers.clean_money")("9999999999999999.99") == Decimal("9999999999999999.99")
