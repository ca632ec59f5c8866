"""Inquiries, complaints and suggestions, some of them because a transfer failed."""

import numpy as np
import pyarrow as pa

from extractors.simulators.happenings import (
    APP,
    BRANCH,
    CALL,
    TOPICS,
    WECHAT,
    Happening,
    daytime,
    whole,
    words,
)
from extractors.simulators.json_lines import json_object, moments, text_value
from extractors.simulators.streams import Flags, Streams, chance, draw
from extractors.simulators.texts import Days, choose, constant, join, number, pick

CASES_A_YEAR = 0.08
SIX_IN_THE_EVENING = 18 * 3600


def service_cases(streams: Streams, purpose: str, users: int, days: Days) -> list[Happening]:
    """Inquiries, complaints and suggestions on `days`; a case closed on a later day is told again on that day."""
    stream = streams.of("channel", "service_case", purpose)
    count = round(users * CASES_A_YEAR * len(days) / 365)
    day, second = days[stream.integers(0, len(days), count)], daytime(stream, count)
    answered = stream.integers(1, 2880, count)
    closed = day + (answered // 1440 + stream.integers(1, 25, count)).astype("timedelta64[D]")
    ends = chance(stream, count, 93)
    case = {
        "case_no": text_value(join("SC", number(stream.integers(10**9, 10**10, count)))),
        "kind": text_value(pick(("inquiry", "complaint", "suggestion"), draw(stream, (68, 24, 8), count))),
        "topic": words(stream, TOPICS, count),
        "severity": words(stream, ("1", "2", "3"), count, (70, 24, 6)),
        "first_response_minutes": number(answered),
    }
    user = stream.integers(0, max(users, 1), count)
    channel = pick((CALL, APP, BRANCH, WECHAT), draw(stream, (45, 30, 15, 10), count))
    told = ends & (closed <= days[-1])
    opening = Happening("service_case", user, day, second, channel, _case(case, closed, told))
    later = np.flatnonzero(ends & ~told)
    payload = _case(case, closed, ends).take(pa.array(later))
    at_six = np.full(len(later), SIX_IN_THE_EVENING)
    return [opening, Happening("service_case", user[later], closed[later], at_six, pick(channel, later), payload)]


def _case(case: dict[str, pa.Array], closed: Days, is_closed: Flags) -> pa.Array:
    """Payload of a case, open or closed."""
    count = len(closed)
    closed_at = moments(closed, np.full(count, SIX_IN_THE_EVENING), np.zeros(count, np.int64))
    status = choose(is_closed, '"closed"', constant('"open"', count))
    return json_object(case | {"status": status, "closed_at": choose(is_closed, closed_at, None)})


def failures_and_complaints(streams: Streams, first: int, failed_on: Days, complained_on: Days) -> list[Happening]:
    """Transfers that failed and the complaints they led to, by user."""
    stream = streams.of("channel", "failures", first)
    failed, complained = np.flatnonzero(~np.isnat(failed_on)), np.flatnonzero(~np.isnat(complained_on))
    seen = constant(APP, len(failed))
    step = json_object({"step": constant('"error"', len(failed))})
    count = len(complained)
    payload = json_object(
        {
            "case_no": text_value(join("SC", number(stream.integers(10**9, 10**10, count)))),
            "kind": constant('"complaint"', count),
            "topic": constant('"转账失败"', count),
            "severity": words(stream, ("2", "3"), count),
            "first_response_minutes": whole(stream, 30, 4000, count),
            "status": constant('"open"', count),
        }
    )
    said = Happening(
        "service_case", complained, complained_on[complained], daytime(stream, count), constant(CALL, count), payload
    )
    return [Happening("transfer_view", failed, failed_on[failed], daytime(stream, len(failed)), seen, step), said]
