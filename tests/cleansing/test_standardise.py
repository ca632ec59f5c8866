import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from landing_days import DAY, column, contract_of, land

from cleansing import standardise as stage
from cleansing.codes import UnknownCodeError
from cleansing.header import HeaderDriftError
from cleansing.standardise import Counts, standardise
from warehouse.contract import Contract
from warehouse.settings import Settings
from warehouse.staging import day_folder

NAME = "stg_core_banking__cust"
COLUMNS = (
    column("source_key", type="source_key", from_="cif_no", required="true")
    + column("name", type="person_name", from_="cust_nm", required="true")
    + column("name_key", type="name_key", from_="cust_nm")
    + column("gender", type="code", from_="sex_cd", codes='{"1": male, "2": female}')
    + column("birth_date", type="birth_date", from_="birth_dt")
    + column("mobile", type="phone", from_="payload.mobile")
    + column("balance", type="money", from_="bal", minimum="0")
)
ROWS: dict[str, list[str | None]] = {
    "cif_no": ["1", "2", "3", None],
    "cust_nm": ["張偉", "不详", "李娜女士", "王芳"],
    "sex_cd": ["1", "2", None, "2"],
    "birth_dt": ["19900307", "19900307", "19000101", "19900307"],
    "payload": ['{"mobile": "138 1234 5678"}', None, '{"mobile": ', "{}"],
    "bal": ["1.5", "2", "-3", "4"],
    "filler": ["x", "x", "x", "x"],
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    return contract_of(tmp_path / "tables", NAME, COLUMNS, "ignore: [filler]\n")


def rows_of(settings: Settings, file: str) -> list[dict[str, object]]:
    return pq.ParquetFile(day_folder(settings, NAME, DAY) / f"{file}.parquet").read().to_pylist()


def test_rows_are_cleaned_and_typed_and_keep_their_landed_row(settings: Settings, contract: Contract):
    land(settings, "core_banking", "cust", ROWS)
    assert standardise(settings, contract, DAY) == Counts(rows_in=4, rows_out=2, quarantined=2, issues=5)
    assert rows_of(settings, "rows") == [
        {
            "source_key": "1", "name": "張偉", "name_key": "张伟", "gender": "male", "birth_date": date(1990, 3, 7),
            "mobile": "+8613812345678", "balance": Decimal("1.50"), "source_row": 1,
        },
        {
            "source_key": "3", "name": "李娜", "name_key": "李娜", "gender": None, "birth_date": None,
            "mobile": None, "balance": None, "source_row": 3,
        },
    ]  # fmt: skip


def test_a_row_without_a_required_value_is_quarantined_with_its_key_and_rule(settings: Settings, contract: Contract):
    land(settings, "core_banking", "cust", ROWS)
    standardise(settings, contract, DAY)
    assert rows_of(settings, "rejected") == [
        {"source_row": 2, "source_key": "2", "column_name": "name", "rule": "placeholder"},
        {"source_row": 4, "source_key": "", "column_name": "source_key", "rule": "missing"},
    ]


def test_an_optional_value_that_breaks_a_rule_is_null_and_recorded_without_its_value(
    settings: Settings, contract: Contract
):
    land(settings, "core_banking", "cust", ROWS)
    standardise(settings, contract, DAY)
    flags = {(row["source_row"], row["column_name"], row["rule"]) for row in rows_of(settings, "issues")}
    assert flags == {
        (1, "mobile", "repaired"),
        (3, "name", "repaired"),
        (3, "birth_date", "placeholder"),
        (3, "mobile", "invalid"),
        (3, "balance", "minimum"),
    }


def test_a_code_nobody_declared_stops_the_load_and_says_what_to_do(settings: Settings, contract: Contract):
    land(settings, "core_banking", "cust", ROWS | {"sex_cd": ["1", "X", "1", "1"]})
    with pytest.raises(UnknownCodeError, match=r"stg_core_banking__cust\.gender: 'X' is not in codes \[1, 2\]; add to"):
        standardise(settings, contract, DAY)
    assert not day_folder(settings, NAME, DAY).exists()


def test_landed_columns_and_contract_must_name_each_other(settings: Settings, contract: Contract):
    drifted = {name: values for name, values in ROWS.items() if name != "bal"} | {"new_col": [None] * 4}
    land(settings, "core_banking", "cust", drifted)
    with pytest.raises(HeaderDriftError, match=r"not declared: new_col; add a column.*not landed: bal; ask the source"):
        standardise(settings, contract, DAY)


def test_a_rerun_on_unchanged_inputs_does_nothing(
    settings: Settings, contract: Contract, monkeypatch: pytest.MonkeyPatch
):
    land(settings, "core_banking", "cust", ROWS)
    first = standardise(settings, contract, DAY)
    monkeypatch.setattr(stage, "clean_batch", None)
    assert standardise(settings, contract, DAY) == first


def test_a_changed_contract_or_landing_is_standardised_again(settings: Settings, contract: Contract, tmp_path: Path):
    land(settings, "core_banking", "cust", ROWS)
    standardise(settings, contract, DAY)
    stricter = COLUMNS.replace("from: bal", "required: true, from: bal")
    changed = contract_of(tmp_path / "tables", NAME, stricter, "ignore: [filler]\n")
    assert standardise(settings, changed, DAY).quarantined == 3
    land(settings, "core_banking", "cust", {name: values[:1] for name, values in ROWS.items()})
    assert standardise(settings, changed, DAY) == Counts(rows_in=1, rows_out=1, quarantined=0, issues=1)


def test_the_same_landing_gives_the_same_bytes(tmp_path: Path):
    written = []
    for home in ("a", "b"):
        settings = Settings(home=tmp_path / home)
        land(settings, "core_banking", "cust", ROWS)
        contract = contract_of(tmp_path / home / "tables", NAME, COLUMNS, "ignore: [filler]\n")
        standardise(settings, contract, DAY)
        folder = day_folder(settings, NAME, DAY)
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert written[0] == written[1]
    assert set(written[0]) == {
        "rows.parquet",
        "rejected.parquet",
        "issues.parquet",
        "measures.parquet",
        "manifest.json",
    }


@pytest.mark.parametrize("batch_rows", [1, 3, 100])
def test_no_row_is_lost_or_renumbered_whatever_the_batches(
    settings: Settings, contract: Contract, monkeypatch: pytest.MonkeyPatch, batch_rows: int
):
    land(settings, "core_banking", "cust", {name: values * 5 for name, values in ROWS.items()})
    monkeypatch.setattr(stage, "BATCH_ROWS", batch_rows)
    counts = standardise(settings, contract, DAY)
    assert counts.rows_in == counts.rows_out + counts.quarantined == 20
    kept = [row["source_row"] for row in rows_of(settings, "rows") + rows_of(settings, "rejected")]
    assert sorted(kept) == list(range(1, 21))  # type: ignore[type-var]


def test_an_empty_landed_day_is_an_empty_staging_day(settings: Settings, tmp_path: Path):
    dated = COLUMNS + column("updated_at", type="timestamp", from_="upd_ts")
    contract = contract_of(tmp_path / "tables", NAME, dated, "ignore: [filler]\n")
    land(settings, "core_banking", "cust", {name: [] for name in (*ROWS, "upd_ts")})
    assert standardise(settings, contract, DAY) == Counts(0, 0, 0, 0)
    assert rows_of(settings, "rows") == []


def test_the_manifest_holds_counts_and_what_they_were_made_from(settings: Settings, contract: Contract):
    land(settings, "core_banking", "cust", ROWS)
    standardise(settings, contract, DAY)
    manifest = json.loads((day_folder(settings, NAME, DAY) / "manifest.json").read_text())
    counts = {"is_whole", "rows_sent", "rows_rejected", "rows_in", "rows_out", "quarantined", "rows_replayed", "issues"}
    amounts = {f"amount_{name}" for name in ("sent", "landed", "corrected", "staged", "quarantined")}
    assert counts | amounts | {"landing_sha256", "contract", "cleaners", "fixes"} == set(manifest)
