import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from extractors.simulators.postgres import ServerFailed, postgres


def told(url: str, statement: str) -> object:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(sa.text(statement))
        answer = result.scalar() if result.returns_rows else None
    engine.dispose()
    return answer


def server_pid(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().split()[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Below a folder nobody but its owner may enter, as /root is."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    return closed / "home" / "core_banking"


def test_a_server_below_a_closed_folder_runs_and_leaves_the_folder_closed(folder: Path):
    with postgres(folder) as url:
        assert told(url, "SELECT 1") == 1
    assert (folder.parent.parent.stat().st_mode & 0o777) == 0o700


def test_a_killed_server_keeps_what_was_committed(folder: Path):
    with postgres(folder) as url:
        told(url, "CREATE TABLE kept AS SELECT 1 AS one")
        os.kill(server_pid(folder), signal.SIGKILL)
    with postgres(folder) as url:
        assert told(url, "SELECT one FROM kept") == 1


def test_a_copy_of_a_home_is_a_server_of_its_own(folder: Path):
    copy = folder.parent.parent / "copy" / "core_banking"
    with postgres(folder) as url:
        told(url, "CREATE TABLE kept AS SELECT 1 AS one; CHECKPOINT")
    shutil.copytree(folder.parent, copy.parent)
    with postgres(copy) as url, postgres(folder) as original:
        told(url, "DROP TABLE kept")
        assert told(original, "SELECT one FROM kept") == 1


def test_a_path_too_long_for_a_socket_still_has_a_server(folder: Path):
    with postgres(folder / ("x" * 120)) as url:
        assert told(url, "SELECT 1") == 1


def test_the_last_to_leave_stops_the_server_and_the_killed_do_not_count(folder: Path):
    use = "import sys, pathlib; from extractors.simulators.postgres import postgres\n"
    use += "with postgres(pathlib.Path(sys.argv[1])): print('in', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", use, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        other.stdout.readline()
        with postgres(folder):
            running = server_pid(folder)
        assert server_pid(folder) == running
        other.kill()
    assert server_pid(folder) == running
    with postgres(folder):
        assert server_pid(folder) == running
    assert not (folder / "postmaster.pid").exists()


def test_a_server_that_cannot_start_says_where_its_log_is(folder: Path):
    with postgres(folder):
        pass
    (folder / "postgresql.conf").write_text("no such setting = 1\n")
    with pytest.raises(ServerFailed, match=r"pg_ctl failed; see .*core_banking/log"), postgres(folder):
        pass
