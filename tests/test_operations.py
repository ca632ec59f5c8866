"""What those who run the nights see and do: where sources stand, and the way of a quarantined row back in."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from dags import pipeline
from dags.cli import main
from extractors import core_banking
from extractors.faults import SourceUnavailable
from extractors.landing import Sent, land
from warehouse.landing import landed_days, read_manifest
from warehouse.settings import Settings

FIRST, SECOND, THIRD, FOURTH = (date(2026, 1, 31) + timedelta(days=number) for number in range(4))


def c360(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--home", str(settings.home)])


def branches(*rows: tuple[str | None, str | None], faults: tuple[str, ...] = ()) -> Sent:
    """What core banking sends of its branches: number and name, the rest as a branch has it."""
    contract = pipeline.contracts(Settings(home=Path()))["stg_core_banking__branch"]
    names = [str(column.landed) for column in contract.columns.values()] + list(contract.ignore)
    columns = {name: pa.array([None] * len(rows), pa.string()) for name in names}
    key, name = (str(contract.columns[column].landed) for column in ("branch_code", "branch_name"))
    columns[key] = pa.array([row[0] for row in rows], pa.string())
    columns[name] = pa.array([row[1] for row in rows], pa.string())
    return Sent("branch", pa.RecordBatch.from_pydict(columns), faults=faults)


@pytest.fixture
def landed(settings: Settings) -> Settings:
    """Two days of branches; one row of the second has no key, and its file came twice."""
    land(settings, "core_banking", FIRST, [branches(("110001", "城中支行"), ("110002", "江北支行"))])
    land(settings, "core_banking", SECOND, [branches((None, "河西支行"), faults=("duplicate",))])
    for day in (FIRST, SECOND):
        for source in pipeline.begin(settings, day):
            pipeline.standardise(settings, source, day)
    return settings


def test_status_of_an_empty_home_says_what_to_do(settings: Settings):
    done = c360(settings, "status")
    assert (done.exit_code, done.output.startswith("nothing has landed yet; run `c360 simulate`")) == (0, True)
    assert not settings.home.exists()


def test_status_tells_last_day_rows_lag_quarantine_and_faults_of_every_table(landed: Settings):
    told = json.loads(c360(landed, "status", "--json").output)
    assert (told["expected"], told["published"]) == ("2026-02-01", None)
    tables = {(table["source"], table["table"]): table for table in told["tables"]}
    assert tables["core_banking", "branch"] == {
        "source": "core_banking", "table": "branch", "last_date": "2026-02-01", "rows": 1, "lag_days": 0,
        "days_missing": 0, "rows_of_all_days": 3, "quarantined": 1, "not_standardised": 0, "faults": {"duplicate": 1},
    }  # fmt: skip
    assert tables["card", "cardholder"]["lag_days"] is None
    line = next(line for line in c360(landed, "status").output.splitlines() if " branch " in line)
    assert line.split() == ["core_banking", "branch", "2026-02-01", "1", "0", "d", "3", "1", "duplicate", "1"]


def test_a_source_that_stopped_sending_falls_behind_the_others(landed: Settings):
    land(landed, "card", FIRST, [Sent("cardholder", pa.RecordBatch.from_pydict({"a": pa.array(["1"])}))])
    told = json.loads(c360(landed, "status", "--json").output)
    (table,) = [table for table in told["tables"] if table["table"] == "cardholder"]
    assert (table["lag_days"], table["not_standardised"]) == (1, 1)


def test_a_day_that_could_not_land_on_its_night_lands_with_the_next(settings: Settings, monkeypatch):
    files = {day: str(day) for day in (FIRST, SECOND, THIRD)}

    def extract(_settings: Settings, business_date: date) -> list[Sent]:
        if business_date not in files:
            raise SourceUnavailable("its file has not come")
        return [branches(("110001", f"{business_date}"))]

    def delivered(_settings: Settings, first: date, last: date) -> dict[date, str]:
        return {day: content for day, content in files.items() if first <= day <= last}

    monkeypatch.setattr(core_banking, "extract", extract)
    monkeypatch.setattr(core_banking, "delivered", delivered, raising=False)
    pipeline.land(settings, "core_banking", FIRST)
    late = files.pop(SECOND)
    with pytest.raises(SourceUnavailable):
        pipeline.land(settings, "core_banking", SECOND)
    assert landed_days(settings, "core_banking", "branch") == [FIRST]
    files[SECOND] = late
    pipeline.land(settings, "core_banking", THIRD)
    assert landed_days(settings, "core_banking", "branch") == [FIRST, SECOND, THIRD]
    files[FIRST - timedelta(days=1)] = "of before this installation"
    pipeline.land(settings, "core_banking", THIRD)
    assert landed_days(settings, "core_banking", "branch") == [FIRST, SECOND, THIRD]


def test_a_day_that_is_missing_is_told(landed: Settings):
    land(landed, "core_banking", FOURTH, [branches(("110001", "城中支行"))])
    (table,) = [
        each for each in json.loads(c360(landed, "status", "--json").output)["tables"] if each["table"] == "branch"
    ]
    assert (table["last_date"], table["days_missing"]) == ("2026-02-03", 1)
    assert "0 d, 1 missing" in c360(landed, "status").output


def test_a_quarantined_row_is_listed_exported_corrected_and_staged(landed: Settings, tmp_path: Path):
    listed = c360(landed, "quarantine", "list").output
    assert listed.split() == ["2026-02-01", "stg_core_banking__branch.branch_code", "missing", "1", "row", "1"]
    target = tmp_path / "rows.csv"
    assert c360(landed, "quarantine", "export", str(target)).exit_code == 0
    with target.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    contract = pipeline.contracts(landed)["stg_core_banking__branch"]
    key = str(contract.columns["branch_code"].landed)
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row | {key: "110003"})
    done = c360(landed, "quarantine", "replay", str(target), "--who", "li.na", "--why", "branch list of January")
    assert (done.exit_code, done.output) == (0, "1 rows corrected, 0 still kept out; next: c360 run\n")
    rows = pipeline.standardise(landed, "core_banking", SECOND)
    assert rows["stg_core_banking__branch"] == 1
    assert c360(landed, "quarantine", "list").output.startswith("no row to correct ")
    assert read_manifest(landed, "core_banking", "branch", SECOND).rows == 1


def test_a_correction_that_does_not_help_ends_with_exit_code_1(landed: Settings, tmp_path: Path):
    target = tmp_path / "rows.csv"
    c360(landed, "quarantine", "export", str(target))
    target.write_text(target.read_text("utf-8-sig").replace("河西支行", "河东支行"), encoding="utf-8-sig")
    done = c360(landed, "quarantine", "replay", str(target), "--who", "li.na", "--why", "typo")
    assert done.exit_code == 1
    assert "still kept out: stg_core_banking__branch 2026-02-01 row 1: branch_code: missing" in done.output
    assert "河" not in done.output
