"""Puts finished card files where the bank finds them: most on their day, some late, twice, broken or not at all."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from extractors.card_deliveries import DATA, marker_text
from extractors.card_layout import FEEDS, TRAILER_COUNT_WIDTH, TRAILER_TOTAL_WIDTH, Feed
from extractors.markers import MARKER
from extractors.simulators.bank import Bank
from extractors.simulators.file_faults import FileFaults
from extractors.simulators.streams import MILLION, Streams

NEW_FIELD, NEW_FIELD_BYTES = "cust_lvl", 4
DAYS_LATE = {"late": 1, "out_of_order": 2, "announced": 1}  # until the file is there, or the better one
RESENT_AFTER = {"bad_trailer": 1, "truncated": 1, "empty": 1, "added_column": 1}


def fault_of(bank: Bank, streams: Streams, feed: str, number_of_day: int) -> str | None:
    """What goes wrong with the file of one feed and day: what the bank asks for, else what chance brings."""
    day = bank.day(number_of_day)
    for fault in bank.file_faults:
        if fault.feed == feed and fault.business_date == day:
            return fault.kind
    drawn = int(streams.of("file faults", feed, number_of_day).integers(0, MILLION))
    for kind in FileFaults.__dataclass_fields__:
        drawn -= round(getattr(bank.file_fault_rates, kind) * MILLION / 100)
        if drawn < 0:
            return kind
    return None


def made_good_on(day: str, fault: str) -> str | None:
    """Delivery day on which all of a file is there; None for one that never comes."""
    if fault == "missing":
        return None
    return _day_after(day, DAYS_LATE.get(fault) or RESENT_AFTER.get(fault) or 0)


def deliver(folder: Path, path: Path, day: str, fault: str | None) -> None:
    """Put the file of `day`, finished and still without a marker, below `folder`."""
    feed = FEEDS[path.stem]
    if fault is None:
        _hand_over(path, path, feed, day)
        return
    made_good = made_good_on(day, fault)
    if made_good is None:
        path.unlink()
        return
    good = path.rename(path.with_suffix(".good"))
    place = folder / made_good
    place.mkdir(parents=True, exist_ok=True)
    if fault == "announced":
        _announce(path, feed, day, good.stat().st_size)
    elif fault not in DAYS_LATE:
        path.write_bytes(_spoilt(good.read_bytes(), feed, fault))
        more = {NEW_FIELD: NEW_FIELD_BYTES} if fault == "added_column" else {}
        _announce(path, replace(feed, fields=feed.fields | more), day, path.stat().st_size)
    name = f"{feed.name}{'' if place == path.parent else f'-{day}'}{'' if fault in DAYS_LATE else '-2'}{DATA}"
    _hand_over(good, place / name, feed, day)


def _hand_over(path: Path, place: Path, feed: Feed, day: str) -> None:
    """Move a file to its place, its marker last."""
    path.rename(place)
    _announce(place, feed, day, place.stat().st_size)


def _announce(path: Path, feed: Feed, day: str, size: int) -> None:
    path.with_suffix(MARKER).write_text(marker_text(feed, day, size), encoding="ascii")


def _spoilt(body: bytes, feed: Feed, fault: str) -> bytes:
    """What is handed over before the good file: the same, something broken, or something sound that it supersedes."""
    line = feed.record_bytes + 1
    if fault == "bad_trailer":
        return _with_trailer_count(body, line, 1)
    if fault == "truncated":
        return body[: len(body) * 2 // 3 + 5]
    if fault == "empty":
        return body[:line] + b"T" + b"0" * 12 + b"+" + b"0" * 17 + body[-line + 31 :]
    if fault == "same_sequence":
        return _first_half(body, feed)
    return _widened(body, line) if fault == "added_column" else body


def _with_trailer_count(body: bytes, line: int, more: int) -> bytes:
    trailer = body[-line:]
    count = int(trailer[1:13]) + more
    return body[:-line] + b"T" + f"{count:012d}".encode() + trailer[13:]


def _first_half(body: bytes, feed: Feed) -> bytes:
    """A file with half of the records and totals that hold."""
    line, sign = feed.record_bytes + 1, feed.span(feed.sign) if feed.sign else None
    records = [body[start : start + line] for start in range(line, len(body) - line, line)]
    kept = records[: len(records) // 2]
    total = 0
    for record in kept:
        total += int(record[feed.span(feed.amount)]) * (-1 if sign and record[sign] == b"-" else 1)
    trailer = f"T{len(kept):0{TRAILER_COUNT_WIDTH}d}{total:+0{TRAILER_TOTAL_WIDTH}d}".encode()
    return body[:line] + b"".join(kept) + trailer + body[-line + len(trailer) :]


def _widened(body: bytes, line: int) -> bytes:
    """Every record with a new field at its end."""
    records = np.frombuffer(body, dtype=np.uint8).reshape(-1, line)
    added = np.tile(np.frombuffer(b"GOLD"[:NEW_FIELD_BYTES], dtype=np.uint8), (len(records), 1))
    return np.hstack([records[:, :-1], added, records[:, -1:]]).tobytes()


def _day_after(day: str, days: int) -> str:
    moved = np.datetime64(f"{day[:4]}-{day[4:6]}-{day[6:]}") + days
    return str(moved).replace("-", "")
