"""Which of the files the card system handed over counts for a business date, whenever and however often it came.

A file counts for the business date in its header, wherever it was delivered; it is complete once the marker beside it
(`.ok`, written last) announces the bytes it has. Of several sound files of one business date the last delivered counts:
the same content twice is a duplicate, other content a correction. Landing the day again then replaces it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from extractors.card_layout import ENCODING, HEADER_DATE, Feed
from extractors.faults import SourceFault

EARLY, LATE = timedelta(days=2), timedelta(days=14)  # how long around its business date a file is looked for
LOST_AFTER = 3  # later business dates that arrived while this one did not
MARKER, DATA = ".ok", ".dat"
DAY_FORMAT = "%Y%m%d"
DUPLICATE, CORRECTED, LOST, ELSEWHERE = "duplicate", "corrected", "lost", "delivered on another day"
UNSOUND, INCOMPLETE = "unsound file", "announced before its data"


@dataclass(frozen=True)
class Announced:
    """A file as its marker announces it."""

    path: Path
    business_date: date
    bytes: int
    fields: dict[str, int]

    @property
    def is_complete(self) -> bool:
        """Whether the data is there, to its last byte."""
        return self.path.exists() and self.path.stat().st_size >= self.bytes


def announced_files(folder: Path, feed: Feed, around: date) -> list[Announced]:
    """Every file of a feed that a marker announces, delivered around a day, in the order of delivery."""
    days = (date.fromordinal(number) for number in range((around - EARLY).toordinal(), (around + LATE).toordinal()))
    folders = [folder / f"{day:{DAY_FORMAT}}" for day in days]
    markers = [marker for place in folders for marker in sorted(place.glob(f"{feed.name}*{MARKER}"), key=_order)]
    return [_read(marker) for marker in markers if marker.stem.partition("-")[0] == feed.name]


def of_day(announced: list[Announced], business_date: date) -> list[Announced]:
    """The files of one business date."""
    return [file for file in announced if file.business_date == business_date]


def is_lost(announced: list[Announced], business_date: date) -> bool:
    """Whether so many later business dates have come that this one will not."""
    return len({file.business_date for file in announced if file.business_date > business_date}) >= LOST_AFTER


def check_fields(file: Announced, feed: Feed) -> None:
    """Raise SourceFault when the file has other fields than the layout knows, naming the first."""
    for name, width in file.fields.items():
        if feed.fields.get(name) != width:
            message = (
                f"card {file.path.parent.name}/{file.path.name}: field '{name}' of {width} bytes is not in the"
                f" layout of {feed.name}; add it to card_layout.py and its contract, or ask for the agreed layout"
            )
            raise SourceFault(message)
    if missing := [name for name in feed.fields if name not in file.fields]:
        message = (
            f"card {file.path.parent.name}/{file.path.name}: field '{missing[0]}' is gone; ask for the agreed layout,"
            f" or take it out of extractors/card_layout.py and its contract"
        )
        raise SourceFault(message)


def marker_text(feed: Feed, business_date: str, size: int) -> str:
    """What a marker says of a file."""
    fields = ",".join(f"{name}:{width}" for name, width in feed.fields.items())
    return f"business_date={business_date}\nbytes={size}\nfields={fields}\n"


def header_date(path: Path) -> str:
    """Business date in the header of a file, as it is spelt there."""
    with path.open("rb") as file:
        return file.read(HEADER_DATE.stop)[HEADER_DATE].decode(ENCODING, "replace")


def _order(marker: Path) -> tuple[int, str]:
    """A file before its repetitions: CARD, CARD-2, CARD-3."""
    return len(marker.stem), marker.stem


def _read(marker: Path) -> Announced:
    try:
        said = dict(_entries(marker))
        business_date = datetime.strptime(said["business_date"], DAY_FORMAT).date()  # noqa: DTZ007 (a day, no moment)
        pairs = (field.partition(":") for field in said["fields"].split(","))
        fields = {name: int(width) for name, _, width in pairs}
        return Announced(marker.with_suffix(DATA), business_date, int(said["bytes"]), fields)
    except (KeyError, ValueError) as error:
        message = f"card {marker.parent.name}/{marker.name}: is no marker; ask the card system to send it again"
        raise SourceFault(message) from error


def _entries(marker: Path) -> Iterator[tuple[str, str]]:
    for line in marker.read_bytes().decode("ascii", "replace").splitlines():
        name, _, value = line.partition("=")
        yield name, value
