"""Markers beside delivered files: written last, they say of which business date a file is and how large it is.

A file counts for the business date its marker names, wherever it was delivered. Of several files of one business date
the last delivered counts: the same content twice is a duplicate, other content a correction.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from extractors.faults import SourceFault

MARKER = ".ok"
DAY_FORMAT = "%Y%m%d"
EARLY, LATE = timedelta(days=2), timedelta(days=14)  # how long around its business date a file is looked for
LOST_AFTER = 3  # later business dates that arrived while this one did not
DUPLICATE, CORRECTED, LOST, ELSEWHERE = "duplicate", "corrected", "lost", "delivered on another day"
UNSOUND, INCOMPLETE = "unsound file", "announced before its data"


@dataclass(frozen=True)
class Marker:
    """What one marker says."""

    path: Path
    business_date: date
    bytes: int
    said: dict[str, str]

    def data(self, suffix: str) -> Path:
        """The file it stands beside."""
        return self.path.with_suffix(suffix)


def markers(folder: Path, names: str, first: date, last: date) -> Iterator[Marker]:
    """Markers whose name fits the pattern, delivered around the business dates `first` to `last`, in that order.

    Raises SourceFault naming what is no marker.
    """
    for number in range((first - EARLY).toordinal(), (last + LATE).toordinal()):
        place = folder / f"{date.fromordinal(number):{DAY_FORMAT}}"
        yield from map(_read, sorted(place.glob(f"{names}{MARKER}"), key=_order))


def delivered(folder: Path, first: date, last: date) -> dict[date, str]:
    """A fingerprint of what was handed over for each business date from `first` to `last`."""
    said: dict[date, list[str]] = {}
    for marker in markers(folder, "*", first, last):
        if first <= marker.business_date <= last:
            place = marker.path.relative_to(folder).as_posix()
            said.setdefault(marker.business_date, []).append(f"{place} {sorted(marker.said.items())}")
    return {day: hashlib.sha256("\n".join(lines).encode()).hexdigest() for day, lines in said.items()}


def marker_text(business_date: str, size: int, **more: str) -> str:
    """What a marker says of a file."""
    said = {"business_date": business_date, "bytes": str(size)} | more
    return "".join(f"{name}={value}\n" for name, value in said.items())


def _order(marker: Path) -> tuple[int, str]:
    """A file before its repetitions: CARD, CARD-2, CARD-3."""
    return len(marker.stem), marker.stem


def _read(path: Path) -> Marker:
    try:
        said = dict(_entries(path))
        day = datetime.strptime(said["business_date"], DAY_FORMAT).date()  # noqa: DTZ007 (a day, no moment)
        return Marker(path, day, int(said["bytes"]), said)
    except (KeyError, ValueError) as error:
        raise no_marker(path) from error


def no_marker(path: Path) -> SourceFault:
    """The fault of a marker that does not say what it must."""
    place = f"{path.parent.parent.name} {path.parent.name}/{path.name}"
    return SourceFault(f"{place}: is no marker; ask the source to send it again")


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_bytes().decode("ascii", "replace").splitlines():
        name, _, value = line.partition("=")
        yield name, value
