"""kill -9 in the middle of a night: readers keep a whole version, and the next run equals a clean one."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dags import pipeline, simulation
from extractors.discovery import sources
from warehouse.publish import current_version
from warehouse.settings import Settings

ROOT = Path(__file__).parent.parent
FIRST, SECOND = date(2026, 1, 31), date(2026, 2, 1)
NIGHT = """
import sys
from datetime import date
from pathlib import Path
from tests.test_crash import night
from warehouse.settings import Settings
night(Settings(home=Path(sys.argv[1])), date.fromisoformat(sys.argv[2]))
"""
# Killed so many seconds after the step was recorded as done, each run on what the one before left behind.
PLACES = (
    ("land card", 0.0),
    ("land card", 0.3),
    ("land channel", 0.8),
    ("land core_banking", 0.05),
    ("begin", 0.2),
    ("standardise stg_core_banking__cust", 0.05),
    ("build staging", 0.1),
    ("build staging", 0.6),
    ("link", 0.05),
    ("build marts", 0.02),
)


def night(settings: Settings, business_date: date) -> None:
    """The tasks of the DAGs that write, in their order, without Airflow around them."""
    for source in sources():
        pipeline.land(settings, source, business_date)
    for source in pipeline.begin(settings, business_date):
        pipeline.standardise(settings, source, business_date)
    for stage in ("staging", "golden", "marts"):
        if stage == "golden":
            pipeline.link(settings, business_date)
        pipeline.build(settings, stage, business_date)
    pipeline.publish(settings, business_date)


def content(settings: Settings) -> dict[str, str]:
    tables = current_version(settings).manifest["tables"]
    return {name: table["sha256"] for name, table in tables.items()}


def bank_with_a_night(home: Path) -> Settings:
    """A bank of two days whose first is published; always the same bank."""
    settings = Settings(home=home)
    simulation.simulate(settings, 400, 7, FIRST, 2, lambda _: None)
    night(settings, FIRST)
    return settings


@pytest.fixture(scope="module")
def victim(folder) -> Settings:
    return bank_with_a_night(folder / "victim")


@pytest.fixture(scope="module")
def clean(folder) -> dict[str, str]:
    """What an undisturbed second night publishes."""
    settings = bank_with_a_night(folder / "clean")
    night(settings, SECOND)
    return content(settings)


def kill_after(settings: Settings, step: str, seconds: float) -> None:
    """Run the second night in a process of its own and kill -9 it at a place."""
    record = settings.home / "runs" / f"{SECOND.isoformat()}.jsonl"
    record.unlink(missing_ok=True)
    command = [sys.executable, "-c", NIGHT, str(settings.home), SECOND.isoformat()]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True) as running:
        while running.poll() is None and not (record.exists() and f'"step": "{step}"' in record.read_text()):
            time.sleep(0.01)
        time.sleep(seconds)
        assert running.poll() is None, running.stderr.read().decode() if running.stderr else ""
        os.killpg(running.pid, signal.SIGKILL)


def assert_whole(settings: Settings, business_date: date) -> None:
    """Every table of the current version is readable and is what its manifest says."""
    version = current_version(settings)
    assert version.business_date == business_date
    with duckdb.connect(str(version.database), read_only=True) as client:
        for name, told in version.manifest["tables"].items():
            assert client.sql(f"SELECT count(*) FROM {name}").fetchall() == [(told["rows"],)]
            assert hashlib.sha256((version.parquet / name / "rows.parquet").read_bytes()).hexdigest() == told["sha256"]


def test_a_killed_night_leaves_readers_in_peace_and_the_next_equals_a_clean_one(victim, clean):
    for step, seconds in PLACES:
        kill_after(victim, step, seconds)
        assert_whole(victim, FIRST)
    night(victim, SECOND)
    assert_whole(victim, SECOND)
    assert content(victim) == clean
