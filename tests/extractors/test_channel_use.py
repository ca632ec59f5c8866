"""What simulated people do in the channels, as an analyst will count it."""

import json
from collections import Counter, defaultdict

import numpy as np

from extractors.simulators.channel_cases import AGAIN_PERCENT, KINDS, service_cases
from extractors.simulators.channel_logins import logins
from extractors.simulators.commerce import Habits
from extractors.simulators.streams import Streams

YEAR = np.arange(np.datetime64("2025-02-01"), np.datetime64("2026-02-01"))
WEEK = np.timedelta64(7, "D")


def test_a_year_of_logins_has_as_many_users_of_a_channel_in_its_first_months_as_in_its_last():
    told = logins(Habits(), Streams(3), "history", 0, 4000, YEAR)
    channels, months = told.channel.to_pylist(), told.day.astype("datetime64[M]").tolist()
    users = defaultdict(set)
    for channel, month, user in zip(channels, months, told.user.tolist(), strict=True):
        users[channel, month].add(user)
    for channel in set(channels):
        by_month = [len(users[channel, month]) for month in sorted(set(months))]
        assert len(by_month) == 12
        assert max(by_month) <= 1.15 * min(by_month), channel


def test_some_customers_come_back_on_the_topic_of_a_closed_case_within_a_week():
    cases = [each for each in service_cases(Streams(3), "history", 200_000, YEAR) if each.event_type == "service_case"]
    told = [
        (user, day, json.loads(payload))
        for each in cases
        for user, day, payload in zip(each.user.tolist(), each.day, each.payload.to_pylist(), strict=True)
    ]
    opened, closed = {}, {}
    for user, day, case in told:
        opened.setdefault(case["case_no"], (user, case["kind"], case["topic"], day))
        if case["status"] == "closed":
            closed[case["case_no"]] = np.datetime64(case["closed_at"][:10])
    again = {(user, topic): day for user, _, topic, day in opened.values()}
    ended, back = Counter(), Counter()
    for number, day in closed.items():
        user, kind, topic, _ = opened[number]
        ended[kind] += 1
        back[kind] += day < again[user, topic] <= day + WEEK
    for kind, percent in zip(KINDS, AGAIN_PERCENT, strict=True):
        assert abs(100 * back[kind] / ended[kind] - percent) < 3, kind
