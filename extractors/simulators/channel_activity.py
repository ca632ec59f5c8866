"""What people do in the channels: who, when, and the payload of every event."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from extractors.simulators.commerce import Habits
from extractors.simulators.happenings import (
    APP,
    BRANCH,
    CALL,
    TOPICS,
    WEB,
    WECHAT,
    Happening,
    daytime,
    office_hours,
    whole,
    words,
)
from extractors.simulators.journeys import transfer_journeys
from extractors.simulators.json_lines import json_object, text
from extractors.simulators.streams import Streams, chance, draw, scattered
from extractors.simulators.texts import Days, constant, join, number, pick

PAGES = ("home", "account", "transfer", "wealth", "loan", "card", "bill", "settings")

Payload = Callable[[np.random.Generator, int], pa.Array]
Activity = tuple[str, float, tuple[str, ...], tuple[int, ...], Payload]


def _page(s: np.random.Generator, n: int) -> pa.Array:
    return json_object({"page": words(s, PAGES, n), "seconds": whole(s, 1, 240, n)})


def _transfer_view(s: np.random.Generator, n: int) -> pa.Array:
    return json_object({"step": words(s, ("form", "confirm", "done", "error"), n, (30, 20, 45, 5))})


def _call(s: np.random.Generator, n: int) -> pa.Array:
    parts = {
        "ivr_path": words(s, ("1-2", "1-3-1", "2-1", "0"), n),
        "agent": text(join("A", whole(s, 100, 180, n))),
    }
    wait = number(s.integers(0, 20, n) * s.integers(0, 21, n))
    return json_object(parts | {"seconds": whole(s, 20, 900, n), "wait_seconds": wait})


def _chat(s: np.random.Generator, n: int) -> pa.Array:
    parts = {"topic": words(s, TOPICS, n), "messages": whole(s, 2, 40, n), "first_reply_seconds": whole(s, 1, 600, n)}
    return json_object(parts | {"robot_only": words(s, ("Y", "N"), n, (6, 4))})


def _ticket(s: np.random.Generator, n: int) -> pa.Array:
    parts = {
        "branch": text(join("10", number(s.integers(0, 60, n), 3))),
        "queue": words(s, ("cash", "wealth", "loan", "other"), n),
    }
    wait = number(s.integers(0, 60, n) * s.integers(0, 61, n))
    serve = number(120 + s.integers(0, 40, n) * s.integers(0, 41, n))
    return json_object(parts | {"wait_seconds": wait, "serve_seconds": serve})


def _survey(s: np.random.Generator, n: int) -> pa.Array:
    nps = draw(s, (1, 1, 1, 2, 2, 5, 8, 17, 24, 22, 17), n)
    csat = np.clip(nps // 2 + s.integers(0, 2, n), 1, 5)
    return json_object(
        {
            "nps": number(nps),
            "csat": number(csat),
            "ces": number(np.clip(8 - csat - s.integers(0, 2, n), 1, 7)),
            "about": words(s, ("app", "branch", "call", "product"), n),
        }
    )


# type, events a user and year, channels, weights of the channels, payload
ACTIVITIES: tuple[Activity, ...] = (
    ("page", 0.55, (APP, WEB), (85, 15), _page),
    ("transfer_view", 0.15, (APP, WEB), (90, 10), _transfer_view),
    ("call", 0.12, (CALL,), (1,), _call),
    ("chat", 0.10, (APP, WECHAT, WEB), (6, 3, 1), _chat),
    ("branch_ticket", 0.15, (BRANCH,), (1,), _ticket),
    ("survey", 0.15, (APP, WECHAT, CALL), (7, 2, 1), _survey),
)


def ordinary_activity(streams: Streams, purpose: str, users: int, days: Days) -> list[Happening]:
    """Everything people do by themselves on `days`."""
    happenings = [_happen(streams, purpose, activity, users, days) for activity in ACTIVITIES]
    return happenings + transfer_journeys(streams, purpose, users, days)


def _happen(streams: Streams, purpose: str, activity: Activity, users: int, days: Days) -> Happening:
    event_type, a_year, channels, weights, payload = activity
    stream = streams.of("channel", event_type, purpose)
    count = round(users * a_year * len(days) / 365)
    user = stream.integers(0, 1 << 16, count) * stream.integers(0, 1 << 16, count) >> 16  # a few do most
    day = days[stream.integers(0, len(days), count)]
    channel = pick(channels, draw(stream, weights, count))
    second = office_hours(stream, count) if channels == (BRANCH,) else daytime(stream, count)
    return Happening(event_type, user * users >> 16, day, second, channel, payload(stream, count))


def social_posts(habits: Habits, streams: Streams, purpose: str, first: int, users: int, days: Days) -> Happening:
    """What users with a handle of their own post, like and share."""
    stream = streams.of("channel", "social", purpose)
    have = np.flatnonzero(chance(streams.of("channel", "handles", first), users, habits.with_handle))
    count = round(len(have) * habits.posts * len(days) / 365)
    user = have[stream.integers(0, max(len(have), 1), count)]
    payload = {
        "handle": text(join("wx_", number(scattered(first + user, 27_182_818, 10**8), 8))),
        "kind": words(stream, ("follow", "comment", "share", "like"), count, (2, 3, 2, 3)),
        "topic": words(stream, TOPICS, count),
    }
    day = days[stream.integers(0, len(days), count)]
    return Happening("social", user, day, daytime(stream, count), constant(WECHAT, count), json_object(payload))
