"""Nights of one small bank through the real command: what a user types, sees and reads, in the order it happens."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from dags import pipeline
from expectations.report import GateFailure
from extractors.markers import marker_text
from warehouse.contract import read_contracts
from warehouse.engine import built_tables, mount
from warehouse.models import churn
from warehouse.settings import Settings
from warehouse.transforms import select_statement

DAYS = ("2026-01-31", "2026-02-01", "2026-02-02")


def c360(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dags.cli", *words]
    return subprocess.run(
        command, env=os.environ | {"C360_HOME": str(home)}, capture_output=True, text=True, check=False
    )


def done(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


def current(home: Path) -> Path:
    return Path(done(c360(home, "path")).strip())


def ids(version: Path) -> dict[str, str]:
    xref = version / "parquet/customer_xref/rows.parquet"
    query = f"SELECT record_key, customer_id FROM read_parquet('{xref}') WHERE valid_to IS NULL"
    with duckdb.connect() as connection:
        return dict(connection.sql(query).fetchall())


@pytest.fixture(scope="module")
def home(folder) -> Path:
    done(c360(folder, "simulate", "--customers", "2000", "--days", str(len(DAYS))))
    return folder


@pytest.fixture(scope="module")
def first_night(home) -> tuple[str, Path]:
    told = done(c360(home, "run", "--date", DAYS[0]))
    return told, current(home)


@pytest.fixture(scope="module")
def night_with_a_bad_trailer(home, first_night) -> subprocess.CompletedProcess[str]:
    (file,) = home.glob("sources/card/20260201/CARDHOLDER.dat")
    kept = file.read_bytes()
    *lines, trailer = kept.splitlines(keepends=True)
    file.write_bytes(b"".join(lines) + re.sub(rb"\d", b"9", trailer))
    result = c360(home, "run", "--date", DAYS[1])
    file.write_bytes(kept)
    return result


@pytest.fixture(scope="module")
def second_night(home, night_with_a_bad_trailer) -> Path:
    done(c360(home, "run", "--date", DAYS[1]))
    return current(home)


def test_a_night_ends_with_the_figures_of_the_bank(first_night):
    told, version = first_night
    assert re.search(r"golden customers\s+[\d,]+ \([\d,]+ duplicate records resolved\)", told)
    assert re.search(r"against the truth\s+F1 (0\.9|1\.0)", told)
    assert str(version) in told


def test_the_linkage_matches_the_truth(home, first_night):
    figures = json.loads(done(c360(home, "evaluate", "--json")))
    assert figures["records"] > 4000
    assert figures["pairwise"]["f1"] >= 0.95
    assert figures["pairwise"]["precision"] >= 0.995


def test_every_published_table_answers_a_plain_client_and_is_described(first_night):
    _, version = first_night
    manifest = json.loads((version / "manifest.json").read_text(encoding="utf-8"))
    with duckdb.connect(str(version / "customer360.duckdb"), read_only=True) as client:
        for table, told in manifest["tables"].items():
            assert client.sql(f"SELECT count(*) FROM {table}").fetchall() == [(told["rows"],)]
        silent = "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal"
        assert client.sql(silent).fetchall() == []


def test_no_resident_id_or_phone_is_readable_in_the_catalogue(first_night):
    _, version = first_night
    with duckdb.connect(str(version / "customer360.duckdb"), read_only=True) as client:
        texts = client.sql(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE data_type = 'VARCHAR' AND NOT internal"
        )
        for table, column in texts.fetchall():
            shown = f"SELECT count(*) FROM {table} WHERE regexp_matches({column}, '\\+861\\d{{10}}$|^\\d{{17}}[0-9X]$')"
            assert client.sql(shown).fetchall() == [(0,)], f"{table}.{column}"


def test_every_landed_row_is_accounted_for(home, first_night):
    answer = done(
        c360(
            home,
            "sql",
            "--format",
            "json",
            "SELECT sum(rows_landed) AS landed, sum(rows_staged + rows_quarantined) AS kept FROM recon_source_load",
        )
    )
    (row,) = json.loads(answer)
    assert row["landed"] == row["kept"] > 20_000


def test_the_report_answers_on_a_real_night(home, first_night):
    page = Path(done(c360(home, "report")).strip()).read_text(encoding="utf-8")
    assert re.search(r"[\d,]+ customers stand behind [\d,]+ records", page)
    assert page.count("<svg") >= 15


def test_money_by_customer_adds_up_to_the_source(home, first_night):
    query = """
        SELECT sum(aum_cny) AS by_customer,
            (SELECT sum(balance_cny) FROM dim_account WHERE status <> 'closed' AND kind <> 'loan') AS by_account
        FROM mart_customer_360
    """
    (row,) = json.loads(done(c360(home, "sql", "--format", "json", query)))
    assert row["by_customer"] == row["by_account"] > 0


@pytest.fixture(scope="module")
def churn_history(home, first_night) -> pa.Table:
    """What the churn model reads of the first night: snapshots of customers, the earlier ones with who was lost."""
    contracts = read_contracts(Settings(home=home).tables)
    query = select_statement(contracts["mart_churn_risk"], contracts)
    with duckdb.connect() as connection:
        mount(connection, built_tables(home / "work/build"))
        return connection.sql(query.replace("$business_date", f"DATE '{DAYS[0]}'")).to_arrow_table()


def out_of_time(history: pa.Table) -> pd.DataFrame:
    """By later snapshot AUC of a model trained on the snapshots before: there, on its own time, and of the rule."""
    days = sorted(history["as_of_date"].unique().to_pylist())
    cards = [churn.make(history, day).cards[0].metrics for day in days[2:]]
    assert [card["validated_on"] for card in cards] == [day.isoformat() for day in days[1:-1]]
    return pd.DataFrame({key: [card[key]["auc"] for card in cards] for key in ("model", "model_in_time", "rule")})


def is_stable(auc: pd.DataFrame) -> bool:
    """Above the rule in every later month, and on average at most .05 below its own time (40 are lost in a month)."""
    drop = (auc["model_in_time"] - auc["model"]).mean()
    return bool((auc["model"] > auc["rule"]).all() and drop <= 0.05)


def test_the_churn_model_is_stable_out_of_time(churn_history):
    auc = out_of_time(churn_history)
    assert len(auc) == 2
    assert is_stable(auc), auc


def test_a_churn_model_whose_signs_turn_around_is_not_stable(churn_history):
    rows, signs = churn_history.to_pandas(), list(churn.FEATURES)
    first = rows["as_of_date"] == rows["as_of_date"].min()
    rows.loc[first, signs] = -rows.loc[first, signs].astype(float)
    auc = out_of_time(pa.Table.from_pandas(rows, preserve_index=False))
    assert not is_stable(auc), auc


def test_documentation_is_written(home, first_night):
    for stage in ("staging", "golden", "marts"):
        assert (home / "docs/data_docs" / stage / "index.html").exists()
    assert "统一客户号" in (home / "docs/dictionary.html").read_text(encoding="utf-8")


def test_a_feed_is_delivered_with_its_contract_and_checksum(home, first_night):
    _, version = first_night
    folder = home / "feeds/feed_service_desk_360" / version.name
    delivery = json.loads((folder / "delivery.json").read_text(encoding="utf-8"))
    assert delivery["rows"] > 1000
    assert (folder / "feed_service_desk_360.yml").exists()


def test_the_same_day_again_changes_nothing(home, first_night):
    _, version = first_night
    before = (version / "manifest.json").stat().st_mtime_ns
    done(c360(home, "run", "--date", DAYS[0]))
    assert current(home) == version
    assert (version / "manifest.json").stat().st_mtime_ns == before


def test_a_broken_table_stops_at_its_gate_and_names_the_keys(home, first_night):
    settings, _, day = Settings(home=home), first_night, date.fromisoformat(DAYS[0])
    kept = settings.work / "build" / "mart_segment" / "rows.parquet"
    broken = kept.with_name("twice.parquet")
    with duckdb.connect() as connection:
        twice = f"FROM '{kept}' UNION ALL (FROM '{kept}' LIMIT 3)"
        connection.execute(f"COPY ({twice}) TO '{broken}'")
    whole = kept.read_bytes()
    broken.replace(kept)
    try:
        with pytest.raises(GateFailure, match=r"mart_segment .*: 6 of [\d,]+ .*keys in .*\.csv"):
            pipeline.check(settings, "marts", day)
    finally:
        kept.write_bytes(whole)


def test_a_bad_trailer_stops_the_source_and_readers_stay(home, first_night, night_with_a_bad_trailer):
    assert night_with_a_bad_trailer.returncode == 1
    assert "CARDHOLDER" in night_with_a_bad_trailer.stderr
    assert "readers stay on the version they have" in night_with_a_bad_trailer.stderr
    _, version = first_night
    assert version.exists()


def test_a_bad_trailer_lands_nothing(home, night_with_a_bad_trailer, first_night):
    assert "land card 2026-02-01 failed" in night_with_a_bad_trailer.stderr


def test_ids_outlive_the_night(first_night, second_night):
    _, first = first_night
    before, after = ids(first), ids(second_night)
    kept = [key for key in before if after.get(key) == before[key]]
    assert len(kept) > 0.995 * len(before)
    assert len(after) > len(before)


def test_a_reader_keeps_the_version_it_resolved(first_night, second_night):
    _, first = first_night
    assert first != second_night
    with duckdb.connect(str(first / "customer360.duckdb"), read_only=True) as client:
        assert client.sql("SELECT DISTINCT as_of_date::VARCHAR FROM golden_customer").fetchall() == [(DAYS[0],)]


def test_an_empty_day_is_a_day(home, second_night):
    for file in home.glob("sources/channel/20260202/*.jsonl"):
        file.write_bytes(b"")
        file.with_suffix(".ok").write_text(marker_text("20260202", 0, lines="0"), encoding="utf-8")
    done(c360(home, "run"))
    version = current(home)
    assert version.name.startswith(DAYS[2])
    assert ids(version).keys() >= ids(second_night).keys()


def test_a_second_writer_is_told_to_wait(home, first_night):
    script = (
        "import sys; from pathlib import Path\n"
        "from warehouse.runs import only_writer; from warehouse.settings import Settings\n"
        "with only_writer(Settings(home=Path(sys.argv[1]))): print('writing', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        refused = c360(home, "run")
        writer.communicate("")
    assert refused.returncode == 1
    assert "another process is running" in refused.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("sql", "FROM nowhere"), "nowhere"),
        (("simulate", "--customers", "5"), "already works on another bank"),
        (("run", "--date", "31.01.2026"), "does not match the format"),
    ],
)
def test_a_wrong_word_is_answered_with_what_to_do(home, first_night, words, message):
    result = c360(home, *words)
    assert result.returncode != 0
    assert message in result.stderr


def test_a_day_that_was_not_handed_over_is_told_at_once(home, first_night):
    result = c360(home, "run", "--date", "2026-03-01")
    assert result.returncode == 1
    assert "2026-03-01" in result.stderr
    assert "land card 2026-03-01 failed" in result.stderr


def test_an_empty_installation_says_where_to_begin(tmp_path):
    for words in (("run",), ("path",), ("evaluate",)):
        result = c360(tmp_path, *words)
        assert result.returncode == 1
        assert "run `c360" in result.stderr
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
