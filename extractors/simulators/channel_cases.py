"""Inquiries, complaints and suggestions, some because a transfer failed; how they end, and what is said then."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.happenings import APP, BRANCH, CALL, TOPICS, WECHAT, Happening, daytime, words
from extractors.simulators.json_lines import json_object, moments, text, words_in_json
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw
from extractors.simulators.texts import Days, choose, constant, join, number, pick

CASES_A_YEAR = 0.08
KINDS = ("inquiry", "complaint", "suggestion")
COMPLAINT = 1
CLOSED_WITHIN = (3, 14, 20)  # days, by kind
LATE_PERCENT, NEVER_PERCENT = 4, 0.8  # closed after the fifteen days of the rule, never closed
LATE_DAYS = (16, 36)
# minutes until somebody answers, as often as they stand here
FIRST_ANSWERS = np.array([1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 600, 1100, 1700])
SIX_IN_THE_EVENING = 18 * 3600
AGAIN_PERCENT = (9, 14, 4)  # by kind: who comes back on the topic within a week of being told it is closed
ASKED_PERCENT = 35  # of those whose case was closed answer how it was
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Cases:
    """One entry per case."""

    user: Ints
    day: Days
    kind: Ints
    channel: pa.Array
    topic: pa.Array


def service_cases(streams: Streams, purpose: str, users: int, days: Days) -> list[Happening]:
    """Inquiries, complaints and suggestions on `days`; a case closed on a later day is told again on that day."""
    stream = streams.of("channel", "service_case", purpose)
    count = round(users * CASES_A_YEAR * len(days) / 365)
    kind = draw(stream, (68, 24, 8), count)
    channel = pick((CALL, APP, BRANCH, WECHAT), draw(stream, (45, 30, 15, 10), count))
    user, day = stream.integers(0, max(users, 1), count), days[stream.integers(0, len(days), count)]
    return _tell(stream, Cases(user, day, kind, channel, words(stream, TOPICS, count)), days[-1])


def failures_and_complaints(
    streams: Streams, purpose: str, failed_on: Days, complained_on: Days, last_day: np.datetime64
) -> list[Happening]:
    """Transfers that failed and the complaints they led to, by user."""
    stream = streams.of("channel", "failures", purpose)
    failed, complained = np.flatnonzero(~np.isnat(failed_on)), np.flatnonzero(~np.isnat(complained_on))
    seen, count = constant(APP, len(failed)), len(complained)
    step = json_object({"step": constant('"error"', len(failed))})
    failures = Happening("transfer_view", failed, failed_on[failed], daytime(stream, len(failed)), seen, step)
    kind, topic = np.full(count, COMPLAINT), constant('"转账失败"', count)
    cases = Cases(complained, complained_on[complained], kind, constant(CALL, count), topic)
    return [failures, *_tell(stream, cases, last_day)]


def _tell(stream: np.random.Generator, cases: Cases, last_day: np.datetime64) -> list[Happening]:
    """Opening and end of each case, what customers say about it afterwards, and the cases of those who come back."""
    if not len(cases.user):
        return []
    count, second = len(cases.user), daytime(stream, len(cases.user))
    answered = FIRST_ANSWERS[stream.integers(0, len(FIRST_ANSWERS), count)]
    takes = 1 + stream.integers(0, 1000, count) * np.array(CLOSED_WITHIN)[cases.kind] // 1000
    is_late = chance(stream, count, LATE_PERCENT)
    closed = cases.day + np.where(is_late, stream.integers(*LATE_DAYS, count), takes) * DAY
    ends = ~chance(stream, count, NEVER_PERCENT)
    case = {
        "case_no": text(join("SC", number(stream.integers(10**9, 10**10, count)))),
        "kind": words_in_json(KINDS, cases.kind),
        "topic": cases.topic,
        "severity": words(stream, ("1", "2", "3"), count, (70, 24, 6)),
        "first_response_minutes": number(answered),
    }
    told = ends & (closed <= last_day)
    opening = Happening("service_case", cases.user, cases.day, second, cases.channel, _case(case, closed, told))
    later = np.flatnonzero(ends & ~told)
    payload, at_six = _case(case, closed, ends).take(pa.array(later)), np.full(len(later), SIX_IN_THE_EVENING)
    who, channel = cases.user[later], pick(cases.channel, later)
    ending = Happening("service_case", who, closed[later], at_six, channel, payload)
    again = np.flatnonzero(ends & (stream.integers(0, 100, count) < np.array(AGAIN_PERCENT)[cases.kind]))
    said = _said_afterwards(stream, cases, closed + DAY, np.flatnonzero(ends))
    return [opening, ending, said, *_tell(stream, _again(stream, cases, closed, again), last_day)]


def _again(stream: np.random.Generator, cases: Cases, closed: Days, rows: Ints) -> Cases:
    day = closed[rows] + stream.integers(1, 7, len(rows)) * DAY
    return Cases(cases.user[rows], day, cases.kind[rows], pick(cases.channel, rows), cases.topic.take(pa.array(rows)))


def _said_afterwards(stream: np.random.Generator, cases: Cases, day: Days, ended: Ints) -> Happening:
    """Answers of some to how their case went; complaints that took long leave few friends."""
    rows = ended[chance(stream, len(ended), ASKED_PERCENT)]
    count, is_complaint = len(rows), cases.kind[rows] == COMPLAINT
    waited = (day[rows] - cases.day[rows]).astype(np.int64)
    content = draw(stream, (1, 1, 2, 2, 3, 6, 9, 18, 25, 20, 13), count)
    upset = np.maximum(stream.integers(0, 9, count) - waited // 5, 0)
    nps = np.where(is_complaint, upset, content)
    csat = np.clip(nps // 2 + stream.integers(0, 2, count), 1, 5)
    payload = {"nps": number(nps), "csat": number(csat), "ces": number(np.clip(8 - csat, 1, 7))}
    payload["about"] = constant('"call"', count)
    return Happening(
        "survey", cases.user[rows], day[rows], daytime(stream, count), constant(CALL, count), json_object(payload)
    )


def _case(case: dict[str, pa.Array], closed: Days, is_closed: Flags) -> pa.Array:
    """Payload of a case, open or closed."""
    count = len(closed)
    closed_at = moments(closed, np.full(count, SIX_IN_THE_EVENING), np.zeros(count, np.int64))
    status = choose(is_closed, '"closed"', constant('"open"', count))
    return json_object(case | {"status": status, "closed_at": choose(is_closed, closed_at, None)})
