"""A row kept out goes to a steward as it landed, and comes back in for good once it keeps its contract."""

import csv
import json
import shutil
import stat
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from landing_days import DAY, column, contract_of, land

from cleansing.fixes import FILE, read_fixes
from cleansing.quarantine import QuarantineError, export, kept_out, replay
from cleansing.standardise import standardise
from warehouse.contract import Contract
from warehouse.loads import StandardisedDay
from warehouse.settings import Settings
from warehouse.staging import day_folder

NAME = "stg_card__holder"
COLUMNS = (
    column("source_key", type="source_key", from_="no", required="true")
    + column("name", type="person_name", from_="nm", required="true")
    + column("gender", type="code", from_="sex", codes='{"1": male, "2": female}')
    + column("balance", type="money", from_="bal", required="true")
)
ROWS: dict[str, list[str | None]] = {
    "no": ["1", "2", "3", "4"],
    "nm": ["张伟", None, "李娜", None],
    "sex": ["1", "2", "2", "1"],
    "bal": ["1.50", "2.00", "4.25", "8.00"],
    "undecodable": [None, '{"nm": "81fe"}', None, None],
}
WHY = ("li.na", "2026-02-01T09:00:00+00:00", "asked at the branch")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def contract(settings: Settings, tmp_path: Path) -> Contract:
    made = contract_of(tmp_path / "tables", NAME, COLUMNS, "ignore: [undecodable]\n")
    land(settings, "card", "holder", ROWS, {"bal": "15.75"})
    standardise(settings, made, DAY)
    return made


def exported(settings: Settings, contract: Contract, target: Path) -> list[dict[str, str]]:
    export(settings, kept_out(settings, {NAME: contract}, None, None, None), target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def corrected(target: Path, rows: list[dict[str, str]], **values: str) -> Path:
    """The export with other values in its first row."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([rows[0] | values, *rows[1:]])
    return target


def account(settings: Settings) -> tuple[dict[str, int], dict[str, str]]:
    day = StandardisedDay(NAME, DAY, day_folder(settings, NAME, DAY))
    return day.counts(), {name: str(amount) for name, amount in day.amounts().items()}


def test_rows_are_exported_as_they_landed_and_for_their_owner_only(settings, contract, tmp_path):
    first, second = exported(settings, contract, tmp_path / "rows.csv")
    assert stat.S_IMODE((tmp_path / "rows.csv").stat().st_mode) == 0o600
    assert (first["@table"], first["@source_row"], first["@column"], first["@rule"]) == (NAME, "2", "name", "invalid")
    assert (first["no"], first["bal"], first["undecodable"]) == ("2", "2.00", '{"nm": "81fe"}')
    assert second["@source_row"] == "4"
    with pytest.raises(QuarantineError, match="name a new file"):
        exported(settings, contract, tmp_path / "rows.csv")


def test_a_corrected_row_is_staged_and_accounted_for_and_survives_a_rebuild(settings, contract, tmp_path):
    rows = exported(settings, contract, tmp_path / "rows.csv")
    (tried,) = replay(settings, {NAME: contract}, corrected(tmp_path / "rows.csv", rows, nm="王芳", bal="2.50"), *WHY)
    assert (tried.source_row, tried.reason) == (2, "")
    standardise(settings, contract, DAY)
    staged = pq.read_table(day_folder(settings, NAME, DAY) / "rows.parquet")
    assert staged["name"].to_pylist() == ["张伟", "王芳", "李娜"]
    assert staged["source_row"].to_pylist() == [1, 2, 3]
    counts, amounts = account(settings)
    assert (counts["rows_in"], counts["rows_out"], counts["quarantined"], counts["rows_replayed"]) == (4, 3, 1, 1)
    assert amounts == {
        "sent": "15.75", "landed": "15.75", "corrected": "0.50", "staged": "8.25", "quarantined": "8.00",
    }  # fmt: skip
    before = (day_folder(settings, NAME, DAY) / "rows.parquet").read_bytes()
    shutil.rmtree(settings.work)
    standardise(settings, contract, DAY)
    assert (day_folder(settings, NAME, DAY) / "rows.parquet").read_bytes() == before


def test_a_row_that_still_breaks_its_contract_stays_out_with_the_reason(settings, contract, tmp_path):
    rows = exported(settings, contract, tmp_path / "rows.csv")
    for values, reason in (
        ({"nm": "不详"}, "name: placeholder"),
        ({"nm": "王芳", "bal": "2.505"}, "balance: is no amount of two decimals"),
        ({"nm": "王芳", "sex": "X"}, "a code is not in the contract; use one of those it lists"),
    ):
        (tried,) = replay(settings, {NAME: contract}, corrected(tmp_path / "rows.csv", rows, **values), *WHY)
        assert tried.reason == reason
    assert read_fixes(settings) == ()


def test_fixes_are_appended_with_who_when_and_why_and_the_last_one_holds(settings, contract, tmp_path):
    rows = exported(settings, contract, tmp_path / "rows.csv")
    for name in ("王芳", "王方"):
        replay(settings, {NAME: contract}, corrected(tmp_path / "rows.csv", rows, nm=name), *WHY)
    lines = [json.loads(line) for line in (settings.decisions / FILE).read_text(encoding="utf-8").splitlines()]
    assert [(line["number"], line["columns"], line["who"], line["why"]) for line in lines] == [
        (1, {"nm": "王芳"}, "li.na", "asked at the branch"),
        (2, {"nm": "王方"}, "li.na", "asked at the branch"),
    ]
    assert stat.S_IMODE((settings.decisions / FILE).stat().st_mode) == 0o600
    standardise(settings, contract, DAY)
    assert pq.read_table(day_folder(settings, NAME, DAY) / "rows.parquet")["name"].to_pylist()[1] == "王方"


def test_a_fix_follows_its_row_when_the_day_lands_again_and_falls_away_when_the_source_corrects_it(
    settings, contract, tmp_path
):
    rows = exported(settings, contract, tmp_path / "rows.csv")
    replay(settings, {NAME: contract}, corrected(tmp_path / "rows.csv", rows, nm="王芳"), *WHY)
    land(settings, "card", "holder", {name: values[::-1] for name, values in ROWS.items()}, {"bal": "15.75"})
    standardise(settings, contract, DAY)
    staged = pq.read_table(day_folder(settings, NAME, DAY) / "rows.parquet").to_pylist()
    assert [(row["source_row"], row["name"]) for row in staged] == [(2, "李娜"), (3, "王芳"), (4, "张伟")]
    land(settings, "card", "holder", ROWS | {"nm": ["张伟", "汪芳", "李娜", None]}, {"bal": "15.75"})
    standardise(settings, contract, DAY)
    assert pq.read_table(day_folder(settings, NAME, DAY) / "rows.parquet")["name"].to_pylist()[1] == "汪芳"
    assert account(settings)[0]["rows_replayed"] == 0


def test_a_file_that_no_longer_fits_what_landed_is_refused(settings, contract, tmp_path):
    rows = exported(settings, contract, tmp_path / "rows.csv")
    without = [{name: value for name, value in row.items() if name != "bal"} for row in rows]
    with pytest.raises(QuarantineError, match="column bal is gone"):
        replay(settings, {NAME: contract}, corrected(tmp_path / "rows.csv", without, nm="王芳"), *WHY)
    land(settings, "card", "holder", ROWS | {"nm": ["张伟", "汪芳", "李娜", None]})
    with pytest.raises(QuarantineError, match=r"stg_card__holder 2026-01-31 row 2: another row has landed there"):
        replay(settings, {NAME: contract}, corrected(tmp_path / "rows.csv", rows, nm="王芳"), *WHY)
    (tmp_path / "rows.csv").write_text("no,nm\n1,x\n", encoding="utf-8")
    with pytest.raises(QuarantineError, match="@business_date is gone"):
        replay(settings, {NAME: contract}, tmp_path / "rows.csv", *WHY)


def test_rows_are_chosen_by_table_rule_and_day(settings, contract):
    contracts = {NAME: contract}
    assert [kept.source_row for kept in kept_out(settings, contracts, "holder", "missing", DAY)] == [4]
    assert [kept.source_row for kept in kept_out(settings, contracts, NAME, "invalid", None)] == [2]
    assert kept_out(settings, contracts, NAME, "placeholder", None) == []
    with pytest.raises(QuarantineError, match="no table 'nothing'"):
        kept_out(settings, contracts, "nothing", None, None)
