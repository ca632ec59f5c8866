"""What people do in the channels: who, when, and the payload of every event."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.json_lines import json_object, moments, text_value
from extractors.simulators.streams import Ints, Streams, chance, draw
from extractors.simulators.texts import Days, choose, constant, join, number, pick

APP, WEB, CALL, BRANCH, WECHAT = "APP", "WEB", "CALL", "BRANCH", "WECHAT"
TOPICS = ("卡片挂失", "转账失败", "账单疑问", "理财咨询", "贷款进度", "手机号变更", "手续费", "网点服务")
PAGES = ("home", "account", "transfer", "wealth", "loan", "card", "bill", "settings")
PURPOSES = ("marketing", "profiling", "partner_sharing")
MEDIA = ("SMS", "APP", "CALL", "EMAIL")
CAMPAIGNS = ("CMP2601", "CMP2602", "CMP2603", "CMP2604")
STAGES = ("contacted", "qualified", "proposal", "won", "lost")
LEAD_SOURCES = ("web_form", "branch", "referral", "campaign")
PRODUCTS = ("TD012", "WM202", "FD404", "LOAN", "CARD")


@dataclass(frozen=True)
class Happening:
    """Events of one type: the user (row of the members), the moment, the channel and the payload."""

    event_type: str
    user: Ints
    day: Days
    second: Ints
    channel: pa.Array
    payload: pa.Array


Payload = Callable[[np.random.Generator, int], pa.Array]
Activity = tuple[str, float, tuple[str, ...], tuple[int, ...], Payload]


def words(
    stream: np.random.Generator, choices: tuple[str, ...], count: int, weights: tuple[int, ...] | None = None
) -> pa.Array:
    """JSON strings drawn from a few words."""
    return text_value(pick(choices, draw(stream, weights or (1,) * len(choices), count)))


def whole(stream: np.random.Generator, low: int, high: int, count: int) -> pa.Array:
    """JSON numbers from `low` to below `high`."""
    return number(stream.integers(low, high, count))


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
CASES_A_YEAR = 0.08


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
    return Happening(event_type, user * users >> 16, day, _daytime(stream, count), channel, payload(stream, count))


def service_cases(streams: Streams, purpose: str, users: int, days: Days) -> Happening:
    """Inquiries, complaints and suggestions, with how fast they were answered and closed."""
    stream = streams.of("channel", "service_case", purpose)
    count = round(users * CASES_A_YEAR * len(days) / 365)
    day, second = days[stream.integers(0, len(days), count)], _daytime(stream, count)
    kind = draw(stream, (68, 24, 8), count)
    answered = stream.integers(1, 2880, count)
    is_closed = chance(stream, count, 93)
    closed = day + (answered // 1440 + stream.integers(0, 25, count)).astype("timedelta64[D]")
    payload = json_object(
        {
            "case_no": text_value(join("SC", number(stream.integers(10**9, 10**10, count)))),
            "kind": text_value(pick(("inquiry", "complaint", "suggestion"), kind)),
            "topic": words(stream, TOPICS, count),
            "severity": words(stream, ("1", "2", "3"), count, (70, 24, 6)),
            "first_response_minutes": number(answered),
            "status": choose(is_closed, '"closed"', constant('"open"', count)),
            "closed_at": choose(is_closed, moments(closed, np.full(count, 64_800), np.zeros(count, np.int64)), None),
        }
    )
    channel = pick((CALL, APP, BRANCH, WECHAT), draw(stream, (45, 30, 15, 10), count))
    return Happening("service_case", stream.integers(0, max(users, 1), count), day, second, channel, payload)


def campaigns(
    streams: Streams, users: int, first_day: np.datetime64, last_day: np.datetime64
) -> tuple[list[Happening], pa.Table]:
    """Contacts and responses of the year's campaigns, a held-out tenth each, and the lift that truly is in them."""
    happenings: list[Happening] = []
    effects = []
    span = int((last_day - first_day).astype(np.int64))
    for at, campaign in enumerate(CAMPAIGNS):
        stream = streams.of("campaign", campaign)
        asked = np.flatnonzero(chance(stream, users, 15))
        treated = ~chance(stream, len(asked), 10)
        lift = (1.5, 0.0, 3.0, 0.6)[at]
        day = np.full(len(asked), first_day + span * (at + 1) // (len(CAMPAIGNS) + 1))
        accepts = chance(stream, len(asked), 2.0) | (treated & chance(stream, len(asked), lift))
        happenings += _campaign_events(stream, campaign, asked, treated, accepts, day)
        effects.append({"campaign": campaign, "base_percent": "2.0", "lift_percent": str(lift)})
    return happenings, pa.Table.from_pylist(effects)


def _campaign_events(
    stream: np.random.Generator, campaign: str, asked: Ints, treated: np.ndarray, accepts: np.ndarray, day: Days
) -> list[Happening]:
    count = len(asked)
    arm = choose(treated, '"treated"', constant('"control"', count))
    named = constant(f'"{campaign}"', count)
    contact = json_object(
        {"campaign": named, "arm": arm, "medium": words(stream, MEDIA, count), "cost_cny": constant('"0.05"', count)}
    )
    contacts = Happening("campaign_contact", asked, day, np.full(count, 36_000), constant(APP, count), contact)
    responses = np.flatnonzero(accepts | (treated & chance(stream, count, 30)))
    reaction = choose(accepts[responses], '"accept"', words(stream, ("open", "click"), len(responses), (7, 3)))
    payload = json_object(
        {"campaign": named.take(pa.array(responses)), "arm": arm.take(pa.array(responses)), "reaction": reaction}
    )
    later = day[responses] + stream.integers(0, 20, len(responses)).astype("timedelta64[D]")
    second, channel = _daytime(stream, len(responses)), constant(APP, len(responses))
    return [contacts, Happening("campaign_response", asked[responses], later, second, channel, payload)]  # fmt: skip


def _daytime(stream: np.random.Generator, count: int) -> Ints:
    """Seconds of a day, mostly waking hours."""
    return (stream.integers(7 * 3600, 23 * 3600, count) + stream.integers(-3000, 3000, count)) % 86_400


def profile_payload(columns: dict[str, pa.Array], id_type: pa.Array) -> pa.Array:
    """Payload of register and profile events."""
    fields = {"name": "name", "id_no": "document", "mobile": "mobile", "email": "email", "birth": "birth", "sex": "sex"}
    values = {field: text_value(columns[column]) for field, column in fields.items()}
    return json_object(values | {"id_type": text_value(id_type)})
