"""Event files of a day with their markers, for tests: what is not given is handed over empty."""

from pathlib import Path

from extractors.channel_events import CHANNELS
from extractors.markers import marker_text

DAY_TEXT = "20260131"


def hand_over(sources: Path, day: str = DAY_TEXT, folder: str = "", **files: bytes) -> Path:
    """Write `files` (name to content) and an empty file for every channel without one; the folder of the day."""
    place = sources / "channel" / (folder or day)
    place.mkdir(parents=True, exist_ok=True)
    given = {name.replace("__", "-"): body for name, body in files.items()}
    silent = [channel for channel in CHANNELS if not any(name.startswith(channel) for name in given)]
    for name, body in (given | dict.fromkeys(() if folder else silent, b"")).items():
        (place / f"{name}.jsonl").write_bytes(body)
        announce(place / f"{name}.ok", day, body)
    return place


def announce(marker: Path, day: str, body: bytes, **said: int) -> None:
    """Write the marker of a file; `said` overrides what it claims of bytes and lines."""
    lines = body.count(b"\n") + (bool(body) and not body.endswith(b"\n"))
    claimed = {"bytes": len(body), "lines": lines} | said
    marker.write_text(marker_text(day, claimed["bytes"], lines=str(claimed["lines"])), encoding="ascii")
