"""The gate stops what is broken, warns of what is doubtful, and shows no customer's value to anyone."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from expectations.report import GateFailure, GateResult
from warehouse.settings import Settings

Check = Callable[..., GateResult]

BREAKS = {
    "null in a required column": (
        "UPDATE customer SET completeness = NULL WHERE customer_id = 'C000000000003'",
        ("customer", "completeness.required", 1, 4),
    ),
    "not-a-number in a required column": (
        "UPDATE customer SET completeness = 'NaN' WHERE customer_id = 'C000000000003'",
        ("customer", "completeness.required", 1, 4),
    ),
    "duplicate grain": (
        "INSERT INTO customer FROM customer WHERE customer_id = 'C000000000002'",
        ("customer", "grain", 2, 5),
    ),
    "duplicate compound grain": (
        "UPDATE account SET as_of_date = DATE '2026-01-31'",
        ("account", "grain", 2, 3),
    ),
    "a code outside its list": (
        "UPDATE customer SET gender = 'M' WHERE customer_id = 'C000000000001'",
        ("customer", "gender.codes", 1, 4),
    ),
    "a value that has not the form of its type": (
        "UPDATE account SET account_number = account_number || chr(10) WHERE balance = 0",
        ("account", "account_number.pattern", 1, 3),
    ),
    "a value above its type's maximum": (
        "UPDATE customer SET completeness = 1.5 WHERE gender = 'male'",
        ("customer", "completeness.range", 2, 4),
    ),
    "a day after the column's maximum": (
        "UPDATE account SET as_of_date = DATE '2027-01-01' WHERE balance = 0",
        ("account", "as_of_date.range", 1, 3),
    ),
    "a moment before the column's minimum": (
        "UPDATE account SET opened_at = TIMESTAMP '1999-12-31 23:59:59'",
        ("account", "opened_at.range", 3, 3),
    ),
    "an amount below the column's minimum": (
        "UPDATE account SET balance = -0.01 WHERE balance = 0",
        ("account", "balance.range", 1, 3),
    ),
    "a negative count": ("UPDATE account SET uses = -1 WHERE uses = 0", ("account", "uses.range", 1, 3)),
    "too many nulls": (
        "UPDATE customer SET birth_date = NULL WHERE gender = 'male'",
        ("customer", "birth_date.null_share", 3, 4),
    ),
    "a reference to nothing": (
        "UPDATE account SET customer_id = 'C0000000000ZZ' WHERE balance = 0",
        ("account", "customer_id.references", 1, 3),
    ),
    "columns out of order": (
        "CREATE OR REPLACE TABLE customer AS SELECT mobile, customer_id, * EXCLUDE (mobile, customer_id) FROM customer",
        ("customer", "columns", 2, 5),
    ),
    "a column nobody contracted": (
        "ALTER TABLE customer ADD COLUMN note VARCHAR",
        ("customer", "columns", 1, 5),
    ),
    "a column stored as something else": (
        "ALTER TABLE account ALTER balance TYPE DOUBLE",
        ("account", "storage", 1, 6),
    ),
}


@pytest.mark.usefixtures("path")
def test_a_sound_build_passes(check: Check) -> None:
    result = check()
    assert (result.failed, result.warnings) == (0, 0)
    assert result.checks == len(result.rows()) == 23


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(("change", "broken"), BREAKS.values(), ids=list(BREAKS))
def test_each_broken_promise_stops_the_night(
    check: Check, connection: duckdb.DuckDBPyConnection, change: str, broken: tuple[str, str, int, int]
) -> None:
    connection.execute(change).fetchall()
    with pytest.raises(GateFailure) as stopped:
        check()
    findings = stopped.value.result.critical
    assert [(each.table_name, each.rule, each.failed, each.total) for each in findings] == [broken]
    assert f"{broken[0]} {broken[1]}: {broken[2]} of {broken[3]}" in str(stopped.value)


@pytest.mark.usefixtures("path")
def test_a_broken_warning_is_told_and_lets_the_night_go_on(check: Check, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("UPDATE customer SET mobile = '13900000001' WHERE mobile IS NOT NULL").fetchall()
    result = check()
    assert [(each.rule, each.failed) for each in result.warned] == [("mobile.pattern", 3)]


@pytest.mark.usefixtures("path")
def test_an_empty_table_breaks_nothing_about_its_rows(check: Check, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("DELETE FROM account").fetchall()
    assert check(("account",)).failed == 0


@pytest.mark.usefixtures("path")
def test_nulls_within_the_tolerated_share_pass(check: Check, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("UPDATE customer SET birth_date = NULL WHERE gender = 'female' OR gender IS NULL").fetchall()
    (finding,) = [each for each in check().findings if each.rule == "birth_date.null_share"]
    assert (finding.passed, finding.failed, finding.tolerated) == (True, 2, 2)


@pytest.mark.usefixtures("path")
def test_the_file_of_keys_holds_keys_and_no_other_value(check: Check, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("UPDATE customer SET gender = 'secret' WHERE birth_date IS NULL").fetchall()
    with pytest.raises(GateFailure) as stopped:
        check()
    (finding,) = stopped.value.result.critical
    assert finding.keys is not None
    assert list(csv.reader(finding.keys.read_text().splitlines())) == [["customer_id"], ["C000000000002"]]
    assert str(finding.keys) in str(stopped.value)


def test_keys_of_an_earlier_run_are_gone(check: Check, connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("UPDATE customer SET gender = 'x'").fetchall()
    with pytest.raises(GateFailure) as stopped:
        check()
    connection.execute("UPDATE customer SET gender = NULL").fetchall()
    check()
    assert not any(each.keys.exists() for each in stopped.value.result.critical if each.keys)


@pytest.mark.usefixtures("path")
def test_nothing_a_gate_writes_or_says_holds_a_value(
    check_and_show: Check, connection: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    connection.execute("UPDATE customer SET mobile = 'UNSPEAKABLE', gender = 'UNSPEAKABLE'").fetchall()
    connection.execute("UPDATE account SET account_number = 'unspeakable!', uses = -1").fetchall()
    connection.execute("UPDATE account SET customer_id = 'C0000000000ZZ', as_of_date = '2031-07-13'").fetchall()
    with pytest.raises(GateFailure) as stopped:
        check_and_show()
    written = [path for path in settings.docs.rglob("*") if path.is_file()]
    told = str(stopped.value).encode() + b"".join(path.read_bytes() for path in written)
    for value in ("UNSPEAKABLE", "unspeakable!", "C0000000000ZZ", "2031-07-13", "+86139", "622200001", "1980-05-17"):
        assert value.encode() not in told, value


def test_data_docs_are_written_and_ask_nothing_of_the_network(check_and_show: Check, settings: Settings) -> None:
    check_and_show()
    site = settings.docs / "data_docs" / "golden"
    pages = [path.read_text(encoding="utf-8") for path in site.rglob("*.html")]
    assert 'href="golden/index.html"' in (settings.docs / "data_docs" / "index.html").read_text(encoding="utf-8")
    front = (site / "index.html").read_text(encoding="utf-8")
    assert "<td>customer</td>" in front
    assert "gender is one of male, female. (critical; 0 of 4)" in front
    assert any(re.search(r"All \d+ critical promises hold\.", page) for page in pages)
    for page in pages:
        assert 'src="http' not in page
        assert '<link rel="stylesheet" href="http' not in page


def test_a_table_that_breaks_a_promise_is_shown_promise_by_promise(
    check_and_show: Check, connection: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    connection.execute("UPDATE customer SET gender = 'x' WHERE birth_date IS NULL").fetchall()
    with pytest.raises(GateFailure):
        check_and_show()
    site = settings.docs / "data_docs" / "golden"
    assert ">customer</a>" in (site / "index.html").read_text(encoding="utf-8")
    assert [path.name for path in (site / "validations").iterdir() if path.name == "account"] == []
    (page,) = (site / "validations" / "customer").rglob("*.html")
    assert "gender is one of male, female." in page.read_text(encoding="utf-8")


def test_the_same_build_gives_the_same_report(check: Check, settings: Settings) -> None:
    def report() -> str:
        check()
        (path,) = settings.docs.glob("gate/*.json")
        return path.read_text(encoding="utf-8")

    first = report()
    assert report() == first
    assert json.loads(first)["checks"] == 23


def test_the_rows_of_a_gate_are_counts_and_names_only(check: Check) -> None:
    row = next(row for row in check().rows() if row["rule"] == "gender.codes")
    assert row == {
        "business_date": row["business_date"],
        "stage": "golden",
        "table_name": "customer",
        "rule": "gender.codes",
        "dimension": "validity",
        "severity": "critical",
        "failed": 0,
        "tolerated": 0,
        "total": 4,
        "passed": True,
    }


def test_keys_files_stay_below_work(check: Check, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    connection.execute("UPDATE customer SET gender = 'x'").fetchall()
    with pytest.raises(GateFailure) as stopped:
        check()
    (finding,) = stopped.value.result.critical
    assert isinstance(finding.keys, Path)
    assert finding.keys.is_relative_to(settings.work)
