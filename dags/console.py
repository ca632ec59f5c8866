"""What a person sees while a command works: a progress bar, or one line per finished step."""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.status import Status


@contextmanager
def spinner(what: str) -> Iterator[Callable[[str], None]]:
    """Show that something is under way; each message given to the yielded function becomes a line with its second."""
    console = Console(stderr=True, highlight=False)
    started = time.monotonic()
    with console.status(what):
        yield lambda message: console.print(f"{time.monotonic() - started:6.1f} s  {message}", markup=False)


@contextmanager
def night_shown(log: Path) -> Iterator[None]:
    """Show each step as it starts and one line when it ends; everything else the process prints goes to `log`."""
    logger = logging.getLogger("c360")
    before = logger.level, logger.propagate
    with _printing_to(log) as terminal:
        console = Console(file=terminal, highlight=False)
        with console.status("starting Airflow") as status:
            handler = _Lines(console, status)
            logger.addHandler(handler)
            logger.setLevel(logging.DEBUG)
            logger.propagate = False
            try:
                yield
            finally:
                logger.removeHandler(handler)
                logger.level, logger.propagate = before


@contextmanager
def _printing_to(log: Path) -> Iterator[TextIO]:
    """Send standard output and error, at the level of file descriptors, to `log`; yields the terminal as it was."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with log.open("a", encoding="utf-8") as lines, os.fdopen(os.dup(2), "w", encoding="utf-8") as terminal:
        os.dup2(lines.fileno(), 1)
        os.dup2(lines.fileno(), 2)
        try:
            yield terminal
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for descriptor, original in zip((1, 2), kept, strict=True):
                os.dup2(original, descriptor)
                os.close(original)


class _Lines(logging.Handler):
    """Prints finished and failed steps and shows the one under way in a status line."""

    def __init__(self, console: Console, status: Status) -> None:
        super().__init__()
        self._console = console
        self._status = status

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record of the pipeline's log."""
        if record.levelno <= logging.DEBUG:
            self._status.update(record.getMessage())
        else:
            style = "red" if record.levelno >= logging.ERROR else None
            self._console.print(record.getMessage(), style=style, markup=False, soft_wrap=True)
