"""Which event files count for a business date: one a channel and hour, or one a channel for a whole day.

A channel that has handed over nothing is waited for. A single hour that is missing, cut or not there to its last byte
does not hold up the others: the day lands without it, says so, and is opened again when the hour is delivered.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from extractors.channel_events import CHANNELS
from extractors.channel_lines import LINE_END
from extractors.faults import SourceUnavailable
from extractors.markers import (
    CORRECTED,
    DAY_FORMAT,
    DUPLICATE,
    ELSEWHERE,
    INCOMPLETE,
    LOST_AFTER,
    UNSOUND,
    Marker,
    markers,
    no_marker,
)

DATA = ".jsonl"
MISSING = "missing hour"
HOURS = range(24)
SLOT = re.compile(rf"({'|'.join(CHANNELS)})(?:_(\d\d))?(?:-\S*)?")
READ_BYTES = 1 << 20


@dataclass(frozen=True)
class EventFile:
    """One sound file: how many lines it has, and its content's SHA-256."""

    path: Path
    lines: int
    sha256: str


@dataclass
class Handover:
    """What counts for one business date, and what was coped with on the way."""

    files: list[EventFile] = field(default_factory=list)
    faults: set[str] = field(default_factory=set)

    @property
    def lines(self) -> int:
        """Lines of all files that count, as their markers count them."""
        return sum(file.lines for file in self.files)


def handed_over(folder: Path, business_date: date) -> Handover:
    """The last sound file of every channel and hour; raises SourceUnavailable while a channel has sent nothing."""
    announced = list(markers(folder, "*", business_date, business_date))
    slots: dict[tuple[str, str | None], list[Marker]] = {}
    for marker in announced:
        if marker.business_date == business_date:
            slots.setdefault(_slot(marker), []).append(marker)
    handover = Handover()
    for slot in sorted(slots, key=str):
        _take_last(handover, slots[slot], business_date)
    _wait_for_channels(handover, announced, business_date)
    if any(set(slots).isdisjoint({(channel, None)}) and _gaps(channel, slots) for channel in CHANNELS):
        handover.faults.add(MISSING)
    return handover


def _take_last(handover: Handover, files: list[Marker], business_date: date) -> None:
    """Add what counts of the files of one channel and hour, in the order of their delivery."""
    sound: list[EventFile] = []
    for marker in files:
        path = marker.data(DATA)
        if not path.exists() or path.stat().st_size < marker.bytes:
            handover.faults.add(INCOMPLETE)
            continue
        file = _read(path)
        if (path.stat().st_size, str(file.lines)) != (marker.bytes, marker.said.get("lines")):
            handover.faults.add(UNSOUND)
            continue
        sound.append(file)
    if not sound:
        handover.faults.add(MISSING)
        return
    last = sound[-1]
    for earlier in sound[:-1]:
        handover.faults.add(DUPLICATE if earlier.sha256 == last.sha256 else CORRECTED)
    if last.path.parent.name != f"{business_date:{DAY_FORMAT}}":
        handover.faults.add(ELSEWHERE)
    handover.files.append(last)


def _wait_for_channels(handover: Handover, announced: list[Marker], business_date: date) -> None:
    present = {_channel(file.path.stem) for file in handover.files}
    for channel in CHANNELS:
        later = {m.business_date for m in announced if m.business_date > business_date and _slot(m)[0] == channel}
        if channel not in present and len(later) < LOST_AFTER:
            message = (
                f"channel {business_date}: no complete event file of {channel} yet; wait, or ask the channel to send it"
            )
            raise SourceUnavailable(message)


def _gaps(channel: str, slots: Iterable[tuple[str, str | None]]) -> bool:
    return {(channel, f"{hour:02d}") for hour in HOURS} - set(slots) != set()


def _slot(marker: Marker) -> tuple[str, str | None]:
    """Channel and hour of a file by its name; no hour stands for the whole day."""
    found = SLOT.fullmatch(marker.path.stem)
    if found is None:
        raise no_marker(marker.path)
    return found[1], found[2]


def _channel(name: str) -> str:
    return re.split("[_-]", name, maxsplit=1)[0]


def _read(path: Path) -> EventFile:
    """Counts the lines and takes the digest of a file in one pass."""
    digest, lines, last = hashlib.sha256(), 0, LINE_END
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
            lines += int(np.count_nonzero(np.frombuffer(piece, dtype=np.uint8) == LINE_END[0]))
            last = piece[-1:]
    return EventFile(path, lines + (last != LINE_END), digest.hexdigest())
