"""The record of what each step of a night did: one log line with counts and seconds, and one JSON line on disk."""

import fcntl
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from warehouse.errors import ToldError
from warehouse.settings import Settings

LOG = logging.getLogger("c360")

Counts = dict[str, int | float | str]


class AlreadyRunningError(ToldError):
    """Another process writes this warehouse."""


@contextmanager
def only_writer(settings: Settings) -> Iterator[None]:
    """Be the one process that writes the warehouse; raises AlreadyRunningError. A killed process frees it."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "writer.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"another process is running in {settings.home}; wait for it to end, or give another --home"
            raise AlreadyRunningError(message) from error
        yield


@contextmanager
def step(settings: Settings, business_date: date, name: str) -> Iterator[Counts]:
    """Time one step, announced at DEBUG; the counts its caller fills are logged and kept in runs/<business_date>.jsonl.

    A step that raises is recorded as failed with the error's type, and the error goes on.
    """
    counts: Counts = {}
    LOG.debug("%s %s", name, business_date)
    started = time.perf_counter()
    outcome = "success"
    try:
        yield counts
    except BaseException as error:
        outcome = type(error).__name__
        LOG.error("%s %s failed: %s", name, business_date, error)  # noqa: TRY400 (Airflow logs the traceback)
        raise
    finally:
        seconds = time.perf_counter() - started
        if outcome == "success":
            LOG.info("%s", _line(name, business_date, counts, seconds))
        _append(settings, business_date, {"step": name, "outcome": outcome, "seconds": round(seconds, 2), **counts})


def _line(name: str, business_date: date, counts: Counts, seconds: float) -> str:
    told = ", ".join(_count(label.replace("_", " "), value) for label, value in counts.items())
    return f"{name:<40} {business_date}  {seconds:6.1f} s  {told}"


def _count(label: str, value: float | str) -> str:
    if isinstance(value, int):
        return f"{value:,} {label}"
    return f"{label} {value:.4f}" if isinstance(value, float) else f"{label} {value}"


def _append(settings: Settings, business_date: date, entry: dict[str, Any]) -> None:
    folder = settings.home / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{business_date.isoformat()}.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
