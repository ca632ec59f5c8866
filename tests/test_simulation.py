"""A simulated bank is made once, lives on when asked to, and is never silently another."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from dags import simulation
from dags.cli import main
from extractors.simulators.file_faults import NO_FAULTS, USUAL_FAULTS
from warehouse.errors import ToldError
from warehouse.settings import Settings

FIRST, THIRD = date(2026, 1, 31), date(2026, 2, 2)
GIVEN = {"customers": 60, "seed": 5, "has_faults": True}


def simulated(home: Path, *words: str) -> str:
    done = CliRunner().invoke(main, ["simulate", "--home", str(home), *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def bytes_of(settings: Settings) -> dict[str, str]:
    """Digest of every file a system handed over, and of the truth."""
    files = [path for part in ("card", "channel", "truth") for path in (settings.sources / part).rglob("*.*")]
    return {str(path.relative_to(settings.sources)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def at_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("C360_CORE_BANKING_URL", f"sqlite:///{tmp_path / 'core.db'}")
    return tmp_path / "home"


def test_a_bank_lives_on_until_a_day_with_its_past_as_it_was(at_sqlite: Path, tmp_path: Path, monkeypatch):
    size = ["--customers", "60", "--seed", "5"]
    simulated(at_sqlite, *size, "--days", "2")
    settings = Settings(home=at_sqlite)
    before = bytes_of(settings)
    said = simulated(at_sqlite, "--from", "2026-02-02", "--to", "2026-02-03")
    assert said.startswith("simulated 60 people, 4 business date(s) from 2026-01-31")
    after = bytes_of(settings)
    assert {name: after[name] for name in before if not name.startswith("truth")} == {
        name: digest for name, digest in before.items() if not name.startswith("truth")
    }
    monkeypatch.setenv("C360_CORE_BANKING_URL", f"sqlite:///{tmp_path / 'other.db'}")
    simulated(tmp_path / "at_once", *size, "--days", "4")
    assert after == bytes_of(Settings(home=tmp_path / "at_once"))
    assert simulated(at_sqlite, "--to", "2026-02-02").startswith("simulated") is False
    assert simulation.days_to_run(settings)[-1] == date(2026, 2, 3)


def test_a_bank_of_other_simulators_does_not_live_on(at_sqlite: Path):
    simulated(at_sqlite, "--customers", "60", "--days", "2")
    recorded = at_sqlite / "sources" / simulation.BANK
    told = json.loads(recorded.read_text("utf-8"))
    recorded.write_text(json.dumps(told | {"simulators": "of before"}), "utf-8")
    before = bytes_of(Settings(home=at_sqlite))
    done = CliRunner().invoke(main, ["simulate", "--home", str(at_sqlite), "--to", "2026-02-02"])
    assert done.exit_code != 0
    assert "another version of the simulators" in done.output
    assert bytes_of(Settings(home=at_sqlite)) == before


def test_days_that_would_leave_a_gap_are_refused(settings: Settings):
    known = simulation.asked_for(settings, GIVEN, FIRST, None, 2)
    settings.sources.mkdir(parents=True)
    (settings.sources / simulation.BANK).write_text(json.dumps(known), "utf-8")
    with pytest.raises(ToldError, match="its next day is 2026-02-02; give --from 2026-02-02"):
        simulation.asked_for(settings, {}, date(2026, 2, 3), date(2026, 2, 9), None)
    with pytest.raises(ToldError, match="the bank begins on 2026-01-31"):
        simulation.asked_for(settings, {}, None, date(2026, 1, 30), None)
    assert simulation.asked_for(settings, {}, THIRD, THIRD, None) == known | {"days": 3}
    with pytest.raises(ToldError, match="both --to and --days"):
        simulation.asked_for(settings, {}, None, THIRD, 2)


def test_an_installation_at_work_takes_no_other_bank(settings: Settings):
    settings.landing.mkdir(parents=True)
    with pytest.raises(simulation.BankExistsError, match="give another --home"):
        simulation.simulate(settings, 60, 5, FIRST, 1, lambda _: None)


def test_files_go_astray_only_when_asked(settings: Settings):
    for has_faults, rates in ((True, USUAL_FAULTS), (False, NO_FAULTS)):
        described = simulation.asked_for(settings, GIVEN | {"has_faults": has_faults}, None, None, None)
        assert simulation._bank(described).file_fault_rates == rates
