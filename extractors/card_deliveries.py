"""Which of the files the card system handed over counts for a business date, whenever and however often it came."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from extractors import markers
from extractors.card_layout import Feed
from extractors.faults import SourceFault

DATA = ".dat"


@dataclass(frozen=True)
class Announced:
    """A file as its marker announces it; complete once the bytes it announces are there."""

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
    found = markers.markers(folder, f"{feed.name}*", around, around)
    return [_announced(marker) for marker in found if marker.path.stem.partition("-")[0] == feed.name]


def of_day(announced: list[Announced], business_date: date) -> list[Announced]:
    """The files of one business date."""
    return [file for file in announced if file.business_date == business_date]


def is_lost(announced: list[Announced], business_date: date) -> bool:
    """Whether so many later business dates have come that this one will not."""
    return len({file.business_date for file in announced if file.business_date > business_date}) >= markers.LOST_AFTER


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
    """What a marker says of a card file: its fields with their widths besides."""
    fields = ",".join(f"{name}:{width}" for name, width in feed.fields.items())
    return markers.marker_text(business_date, size, fields=fields)


def _announced(marker: markers.Marker) -> Announced:
    try:
        pairs = (field.partition(":") for field in marker.said["fields"].split(","))
        fields = {name: int(width) for name, _, width in pairs}
    except (KeyError, ValueError) as error:
        raise markers.no_marker(marker.path) from error
    return Announced(marker.data(DATA), marker.business_date, marker.bytes, fields)
