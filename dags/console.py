"""What a person sees while a command works: a progress bar, or one line per finished step."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.status import Status

Progressed = Callable[[str, float], None]

CONSOLE = Console(stderr=True, highlight=False)


@contextmanager
def progress_of(what: str) -> Iterator[Progressed]:
    """A progress bar; call the yielded function with what is being done and the share done, 0 to 1."""
    columns = (TextColumn("{task.description:<36}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=CONSOLE) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda doing, share: bar.update(task, description=doing, completed=share)


@contextmanager
def night_shown() -> Iterator[None]:
    """Show each step of the pipeline as it starts and one line when it ends."""
    logger = logging.getLogger("c360")
    with CONSOLE.status("starting Airflow") as status:
        handler = _Lines(status)
        logger.addHandler(handler)
        before = logger.level, logger.propagate
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.level, logger.propagate = before


class _Lines(logging.Handler):
    """Prints finished steps and shows the one under way in a status line."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self._status = status

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record of the pipeline's log."""
        if record.levelno <= logging.DEBUG:
            self._status.update(record.getMessage())
        else:
            CONSOLE.print(record.getMessage(), markup=False, soft_wrap=True)
