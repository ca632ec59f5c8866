"""Transfers from the login to the end: most are done, some left half-way, some fail, and a few ask for help."""

import numpy as np
import pyarrow as pa

from extractors.simulators.happenings import APP, CALL, WEB, Happening, daytime, whole, words
from extractors.simulators.json_lines import json_object, text
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw
from extractors.simulators.texts import Days, constant, join, pick

JOURNEYS_A_YEAR = 0.5  # per user
GOES_ON_PERCENT, FAILS_PERCENT, TRIES_AGAIN_PERCENT, CALLS_PERCENT = 80, 6, 50, 30
LAST_START = 82_000  # second of the day, so that a journey ends on its day
STEPS = {"page": 15, "form": 35, "confirm": 80, "end": 110, "again": 170, "call": 600}  # seconds after the login


def transfer_journeys(streams: Streams, purpose: str, users: int, days: Days) -> list[Happening]:
    """Journeys of `users` on `days`, as the events they leave."""
    stream = streams.of("channel", "transfer journeys", purpose)
    count = round(users * JOURNEYS_A_YEAR * len(days) / 365)
    rank = stream.integers(0, 1 << 16, count) * stream.integers(0, 1 << 16, count) >> 16  # a few do most
    user, day = rank * users >> 16, days[stream.integers(0, len(days), count)]
    second, channel = np.minimum(daytime(stream, count), LAST_START), pick((APP, WEB), draw(stream, (88, 12), count))
    goes_on = chance(stream, count, GOES_ON_PERCENT)
    fails = goes_on & chance(stream, count, FAILS_PERCENT)
    again = fails & chance(stream, count, TRIES_AGAIN_PERCENT)
    calls = fails & ~again & chance(stream, count, CALLS_PERCENT)

    def happen(event_type: str, which: Flags, after: int, payload: pa.Array, where: pa.Array = channel) -> Happening:
        rows = np.flatnonzero(which)
        at = second[rows] + after + stream.integers(0, 15, len(rows))
        return Happening(event_type, user[rows], day[rows], at, pick(where, rows), pick(payload, rows))

    def step(name: str, which: Flags, after: int) -> Happening:
        return happen("transfer_view", which, after, json_object({"step": constant(f'"{name}"', count)}))

    everyone, none = np.ones(count, bool), stream.integers(0, 5, count)
    entered = json_object({"method": words(stream, ("password", "face"), count, (3, 5)), "result": _ok(count)})
    looked = json_object({"page": constant('"transfer"', count), "seconds": whole(stream, 5, 20, count)})
    asked = json_object({"ivr_path": constant('"1-3-1"', count), "agent": text(_agents(none))} | _talk(stream, count))
    return [
        happen("login", everyone, 0, entered),
        happen("page", everyone, STEPS["page"], looked),
        step("form", everyone, STEPS["form"]),
        step("confirm", goes_on, STEPS["confirm"]),
        step("done", goes_on & ~fails, STEPS["end"]),
        step("error", fails, STEPS["end"]),
        step("done", again, STEPS["again"]),
        happen("call", calls, STEPS["call"], asked, constant(CALL, count)),
    ]


def _ok(count: int) -> pa.Array:
    return constant('"ok"', count)


def _agents(which: Ints) -> pa.Array:
    return join("A", pick(("101", "117", "123", "140", "166"), which))


def _talk(stream: np.random.Generator, count: int) -> dict[str, pa.Array]:
    return {"seconds": whole(stream, 60, 600, count), "wait_seconds": whole(stream, 0, 240, count)}
