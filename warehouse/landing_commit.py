"""The moment a day becomes landed: gathered tables, a receipt that names them, and their way into place.

What a day lands is gathered in its incoming folder first. Replacing the receipt commits it; moving the tables
afterwards only tidies up, and whoever comes next finishes it, so that a kill between any two writes loses nothing.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from warehouse.landing import MANIFEST, ROWS, digest_of, incoming, partition, read_receipt, receipt_path
from warehouse.settings import Settings


@contextmanager
def landing_folder(settings: Settings, source: str, business_date: date) -> Iterator[Path]:
    """An empty folder to gather one day in, one folder a table, for one process at a time; it is gone afterwards."""
    with _one_at_a_time(settings.landing / source):
        finish_moving(settings, source, business_date)
        folder = incoming(settings, source, business_date)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        except BaseException:
            if not _committed(settings, source, business_date):
                shutil.rmtree(folder, ignore_errors=True)  # what was refused leaves nothing behind
            raise
        shutil.rmtree(folder, ignore_errors=True)


def commit(settings: Settings, source: str, business_date: date, receipt: bytes) -> None:
    """Make what was gathered the landed day: from the moment the receipt is replaced, readers see it."""
    path = receipt_path(settings, source, business_date)
    path.parent.mkdir(exist_ok=True)
    written = path.with_suffix(".new")
    written.write_bytes(receipt)
    for place in (written, incoming(settings, source, business_date)):
        sync(place)
    written.replace(path)
    sync(path.parent)
    finish_moving(settings, source, business_date)


def finish_moving(settings: Settings, source: str, business_date: date) -> None:
    """Move tables the receipt names from incoming into place, and drop those it no longer names."""
    receipt = read_receipt(settings, source, business_date)
    for arrived in _committed(settings, source, business_date):
        _replace_folder(arrived, partition(settings, source, arrived.name, business_date))
    for folder in (settings.landing / source).glob(f"[a-z]*/business_date={business_date.isoformat()}"):
        if receipt and folder.parent.name not in receipt:
            shutil.rmtree(folder)


def _committed(settings: Settings, source: str, business_date: date) -> list[Path]:
    """Folders of gathered tables that the receipt names."""
    gathered = incoming(settings, source, business_date)
    named = ((gathered / table, digest) for table, digest in read_receipt(settings, source, business_date).items())
    return [
        folder for folder, digest in named if (folder / MANIFEST).exists() and digest_of(folder / MANIFEST) == digest
    ]


def sync(path: Path) -> None:
    """Have a file or folder safely on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace_folder(arrived: Path, place: Path) -> None:
    """Put a gathered table in place; a reader between the two steps still finds it in the incoming folder."""
    place.mkdir(parents=True, exist_ok=True)
    for name in (ROWS, MANIFEST):
        copy = place / f"{name}.new"
        copy.unlink(missing_ok=True)
        os.link(arrived / name, copy)
        copy.replace(place / name)
    sync(place)
