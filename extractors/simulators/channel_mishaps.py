"""Ends a day of event files: a file for every hour, a marker beside each, and what goes wrong with some on their way.

One hour of a channel and day may be late, come twice, be cut, be announced before it is there, or never come.
"""

from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from extractors.channel_deliveries import DATA, HOURS
from extractors.channel_events import CHANNELS
from extractors.markers import MARKER, marker_text
from extractors.simulators.bank import Bank
from extractors.simulators.card_mishaps import DAYS_LATE, fault_of, made_good_on
from extractors.simulators.streams import Ints, Streams
from extractors.simulators.texts import Days, constant, day_text, pick
from extractors.simulators.truth import Truth

BUSY_HOURS = (9, 21)
READ_BYTES = 1 << 20
NOT_HERE = ("added_column",)  # a new field stops a channel until its contract knows it, so no chance brings one


def hand_over(folder: Path, bank: Bank, streams: Streams, number: int, truth: Truth, *, is_silent: bool) -> None:
    """Deliver the files of one business date below `folder`, the first date's whole; a silent day is only told of."""
    day = f"{bank.day(number):%Y%m%d}"
    for channel in CHANNELS:
        fault = fault_of(bank, streams, channel, number) if number else None
        if fault in NOT_HERE:
            fault = None
        hour = int(streams.of("file faults", "hour", channel, number).integers(*BUSY_HOURS))
        if fault:
            made_good = made_good_on(day, fault)
            truth.add_file_fault("channel", f"{channel}_{hour:02d}{DATA}", day, fault, made_good)
        if is_silent:
            continue
        names = [f"{channel}_{at:02d}" for at in HOURS] if number else [channel]
        for at, name in enumerate(names):
            path = folder / day / f"{name}{DATA}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            _deliver(folder, path, day, fault if at == hour else None)


def arrival_events(person: pa.Array, day: Days, event: pa.Array, days_late: Ints, repeated: Ints) -> pa.Table:
    """`truth_event`: which events reach the bank late, by one day or more, or twice; the value is the event."""
    told = {"event late": np.flatnonzero(days_late == 1), "event very late": np.flatnonzero(days_late > 1)}
    parts = [
        {
            "person_id": pick(person, rows),
            "business_date": day_text(day[rows]),
            "event": constant(what, len(rows)),
            "value": pick(event, rows),
        }
        for what, rows in (told | {"event repeated": repeated}).items()
    ]
    return pa.concat_tables([pa.table(part) for part in parts])


def clear_day(folder: Path) -> None:
    """Delete what a channel wrote on a day, so that it can be written again; what came late from before it stays."""
    for path in folder.glob("*"):
        if "-" not in path.name:
            path.unlink()


def _deliver(folder: Path, path: Path, day: str, fault: str | None) -> None:
    if fault is None:
        with path.open("rb") as file:
            lines = sum(piece.count(b"\n") for piece in iter(partial(file.read, READ_BYTES), b""))
        _mark(path, day, path.stat().st_size, lines)
        return
    body = path.read_bytes()
    made_good = made_good_on(day, fault)
    if made_good is None:
        path.unlink()
        return
    place = folder / made_good
    place.mkdir(parents=True, exist_ok=True)
    if fault in DAYS_LATE:
        path.unlink()
        if fault == "announced":
            _announce(path, day, body)
    else:
        _spoil(path, day, body, fault)
    good = place / f"{path.stem}{'' if made_good == day else f'-{day}'}{'' if fault in DAYS_LATE else '-2'}{DATA}"
    good.write_bytes(body)
    _announce(good, day, body)


def _spoil(path: Path, day: str, body: bytes, fault: str) -> None:
    """What is handed over before the good file: cut, miscounted, empty, less, or the very same."""
    lines = body.splitlines(keepends=True)
    before = {
        "truncated": body[: len(body) - len(body) // 3],
        "empty": b"",
        "same_sequence": b"".join(lines[: len(lines) // 2]),
    }.get(fault, body)
    path.write_bytes(before)
    claimed = {"bad_trailer": len(lines) + 1, "truncated": max(len(lines), before.count(b"\n") + 2)}
    _announce(path, day, before, claimed.get(fault))


def _announce(path: Path, day: str, body: bytes, lines: int | None = None) -> None:
    _mark(path, day, len(body), body.count(b"\n") if lines is None else lines)


def _mark(path: Path, day: str, size: int, lines: int) -> None:
    path.with_suffix(MARKER).write_text(marker_text(day, size, lines=str(lines)), encoding="ascii")
