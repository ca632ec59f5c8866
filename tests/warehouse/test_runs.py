import json
import logging
import subprocess
import sys
from datetime import date

import pytest

from warehouse.runs import AlreadyRunningError, only_writer, step

DAY = date(2026, 1, 31)


def entries(settings):
    lines = (settings.home / "runs" / "2026-01-31.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_step_is_logged_in_one_line_with_its_counts(settings, caplog):
    with caplog.at_level(logging.INFO, logger="c360"), step(settings, DAY, "standardise stg_card__card") as counts:
        counts.update(rows=98112, quarantined=37)
    (line,) = caplog.messages
    assert line.startswith("standardise stg_card__card ")
    assert line.endswith("98,112 rows, 37 quarantined")
    assert (
        entries(settings)[0].items()
        >= {"step": "standardise stg_card__card", "outcome": "success", "rows": 98112}.items()
    )


def test_a_failed_step_is_recorded_and_its_error_goes_on(settings, caplog):
    with pytest.raises(ValueError, match="broken"), step(settings, DAY, "link"):
        raise ValueError("broken")
    assert caplog.messages == ["link 2026-01-31 failed: broken"]
    assert entries(settings)[0]["outcome"] == "ValueError"


def test_a_second_writer_is_refused_until_the_first_is_gone(settings):
    script = (
        "import sys, pathlib; from warehouse.runs import only_writer; from warehouse.settings import Settings\n"
        f"with only_writer(Settings(home=pathlib.Path({str(settings.home)!r}))): pass"
    )
    with only_writer(settings):
        other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert AlreadyRunningError.__name__ in other.stderr
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
