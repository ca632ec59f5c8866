"""What people do in the channels: who, when, and the payload of every event."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from extractors.simulators.happenings import (
    APP,
    BRANCH,
    CALL,
    MEDIA,
    TOPICS,
    WEB,
    WECHAT,
    Happening,
    daytime,
    whole,
    words,
)
from extractors.simulators.json_lines import json_object, text_value
from extractors.simulators.streams import Streams, chance, draw
from extractors.simulators.texts import Days, choose, constant, join, number, pick

PAGES = ("home", "account", "transfer", "wealth", "loan", "card", "bill", "settings")
PURPOSES = ("marketing", "profiling", "partner_sharing")
STAGES = ("contacted", "qualified", "proposal", "won", "lost")
LEAD_SOURCES = ("web_form", "branch", "referral", "campaign")
PRODUCTS = ("TD012", "WM202", "FD404", "LOAN", "CARD")


Payload = Callable[[np.random.Generator, int], pa.Array]
Activity = tuple[str, float, tuple[str, ...], tuple[int, ...], Payload]


def _login(s: np.random.Generator, n: int) -> pa.Array:
    return json_object(
        {"method": words(s, ("password", "face", "sms"), n, (3, 5, 2)), "result": words(s, ("ok", "fail"), n, (97, 3))}
    )


def _page(s: np.random.Generator, n: int) -> pa.Array:
    return json_object({"page": words(s, PAGES, n), "seconds": whole(s, 1, 240, n)})


def _transfer_view(s: np.random.Generator, n: int) -> pa.Array:
    return json_object({"step": words(s, ("form", "confirm", "done", "error"), n, (30, 20, 45, 5))})


def _call(s: np.random.Generator, n: int) -> pa.Array:
    parts = {
        "ivr_path": words(s, ("1-2", "1-3-1", "2-1", "0"), n),
        "agent": text_value(join("A", whole(s, 100, 180, n))),
    }
    return json_object(parts | {"seconds": whole(s, 20, 900, n), "wait_seconds": whole(s, 0, 400, n)})


def _chat(s: np.random.Generator, n: int) -> pa.Array:
    parts = {"topic": words(s, TOPICS, n), "messages": whole(s, 2, 40, n), "first_reply_seconds": whole(s, 1, 600, n)}
    return json_object(parts | {"robot_only": words(s, ("Y", "N"), n, (6, 4))})


def _ticket(s: np.random.Generator, n: int) -> pa.Array:
    parts = {
        "branch": text_value(join("10", number(s.integers(0, 60, n), 3))),
        "queue": words(s, ("cash", "wealth", "loan", "other"), n),
    }
    return json_object(parts | {"wait_seconds": whole(s, 0, 3600, n), "serve_seconds": whole(s, 60, 2400, n)})


def _survey(s: np.random.Generator, n: int) -> pa.Array:
    nps = draw(s, (3, 2, 2, 3, 4, 8, 9, 15, 22, 18, 14), n)
    csat = np.clip(nps // 2 + s.integers(0, 2, n), 1, 5)
    return json_object(
        {
            "nps": number(nps),
            "csat": number(csat),
            "ces": number(np.clip(8 - csat - s.integers(0, 2, n), 1, 7)),
            "about": words(s, ("app", "branch", "call", "product"), n),
        }
    )


def _consent(s: np.random.Generator, n: int) -> pa.Array:
    granted = chance(s, n, 78)
    new = choose(granted, '"granted"', constant('"withdrawn"', n))
    old = choose(granted, '"none"', constant('"granted"', n))
    return json_object(
        {"purpose": words(s, PURPOSES, n, (6, 3, 1)), "medium": words(s, MEDIA, n), "old": old, "new": new}
    )


def _lead(s: np.random.Generator, n: int) -> pa.Array:
    parts = {
        "lead_no": text_value(join("L", whole(s, 10**9, 10**10, n))),
        "source": words(s, LEAD_SOURCES, n),
        "product": words(s, PRODUCTS, n),
    }
    return json_object(
        parts | {"score": whole(s, 0, 101, n), "manager": text_value(join("M", number(s.integers(0, 400, n), 4)))}
    )


def _opportunity(s: np.random.Generator, n: int) -> pa.Array:
    parts = {
        "opportunity_no": text_value(join("O", whole(s, 10**9, 10**10, n))),
        "stage": words(s, STAGES, n, (30, 25, 20, 12, 13)),
    }
    amount = join(whole(s, 10, 2000, n), "000.00")
    return json_object(
        parts | {"product": words(s, PRODUCTS, n), "amount": text_value(amount), "probability": whole(s, 5, 96, n)}
    )


def _social(s: np.random.Generator, n: int) -> pa.Array:
    handle = text_value(join("wx_", whole(s, 10**7, 10**8, n)))
    return json_object(
        {"handle": handle, "kind": words(s, ("follow", "comment", "share", "like"), n), "topic": words(s, TOPICS, n)}
    )


# type, events a user and year, channels, weights of the channels, payload
ACTIVITIES: tuple[Activity, ...] = (
    ("login", 1.9, (APP, WEB, WECHAT), (75, 15, 10), _login),
    ("page", 0.55, (APP, WEB), (85, 15), _page),
    ("transfer_view", 0.15, (APP, WEB), (90, 10), _transfer_view),
    ("call", 0.12, (CALL,), (1,), _call),
    ("chat", 0.10, (APP, WECHAT, WEB), (6, 3, 1), _chat),
    ("branch_ticket", 0.15, (BRANCH,), (1,), _ticket),
    ("survey", 0.15, (APP, WECHAT, CALL), (7, 2, 1), _survey),
    ("consent_change", 0.30, (APP, WEB, BRANCH), (8, 1, 1), _consent),
    ("lead", 0.04, (WEB, BRANCH, CALL), (5, 3, 2), _lead),
    ("opportunity", 0.04, (BRANCH,), (1,), _opportunity),
    ("social", 0.03, (WECHAT,), (1,), _social),
)


def ordinary_activity(streams: Streams, purpose: str, users: int, days: Days) -> list[Happening]:
    """Everything people do by themselves on `days`."""
    return [_happen(streams, purpose, activity, users, days) for activity in ACTIVITIES]


def _happen(streams: Streams, purpose: str, activity: Activity, users: int, days: Days) -> Happening:
    event_type, a_year, channels, weights, payload = activity
    stream = streams.of("channel", event_type, purpose)
    count = round(users * a_year * len(days) / 365)
    user = stream.integers(0, 1 << 16, count) * stream.integers(0, 1 << 16, count) >> 16  # a few do most
    day = days[stream.integers(0, len(days), count)]
    channel = pick(channels, draw(stream, weights, count))
    return Happening(event_type, user * users >> 16, day, daytime(stream, count), channel, payload(stream, count))
