"""Logins: regular users every few days, occasional ones now and then; of older months only the last login is kept."""

import numpy as np

from extractors.simulators.commerce import Habits
from extractors.simulators.happenings import APP, WEB, WECHAT, Happening, daytime, words
from extractors.simulators.json_lines import json_object
from extractors.simulators.streams import Ints, Streams, chance, draw
from extractors.simulators.texts import Days, pick

REGULAR, OCCASIONAL = 0, 1


def logins(habits: Habits, streams: Streams, purpose: str, first: int, users: int, days: Days) -> Happening:
    """Logins on `days` (ascending): in full on the last ones, before them one a month of use."""
    kind = _kinds(habits, streams, first, users)
    stream = streams.of("channel", "login", purpose)
    recent = days[-habits.detailed_days :]
    parts = [_in_full(stream, np.flatnonzero(kind == REGULAR), habits.regular_logins, recent)]
    parts.append(_in_full(stream, np.flatnonzero(kind == OCCASIONAL), habits.occasional_logins, recent))
    older = days[: -habits.detailed_days]
    months = np.unique(older.astype("datetime64[M]"))[-habits.months_kept :]
    for month in months:
        of_month = older[older.astype("datetime64[M]") == month]
        parts.append(_last_of_month(stream, np.flatnonzero(kind == REGULAR), 97, of_month[-5:]))
        parts.append(_last_of_month(stream, np.flatnonzero(kind == OCCASIONAL), 55, of_month))
    user, day = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    count = len(user)
    payload = {"method": words(stream, ("password", "face", "sms"), count, (3, 5, 2))}
    payload["result"] = words(stream, ("ok", "fail"), count, (97, 3))
    channel = pick((APP, WEB, WECHAT), draw(stream, (82, 10, 8), count))
    return Happening("login", user, day, daytime(stream, count), channel, json_object(payload))


def _kinds(habits: Habits, streams: Streams, first: int, users: int) -> Ints:
    """Whether each user is a regular, an occasional one, or never seen; the same on all days."""
    rest = 100 - habits.regular - habits.occasional
    return draw(streams.of("channel", "habits", first), (habits.regular, habits.occasional, rest), users)


def _in_full(stream: np.random.Generator, who: Ints, a_week: float, days: Days) -> tuple[Ints, Days]:
    """So many logins a week and user, on days drawn alike."""
    wanted = len(who) * a_week * len(days) / 7
    count = int(wanted) + int(stream.integers(0, 1000) < (wanted % 1) * 1000)
    if not len(who):
        count = 0
    return who[stream.integers(0, max(len(who), 1), count)], days[stream.integers(0, len(days), count)]


def _last_of_month(stream: np.random.Generator, who: Ints, percent: float, days: Days) -> tuple[Ints, Days]:
    """The last login of those who logged in."""
    seen = who[chance(stream, len(who), percent)]
    return seen, days[stream.integers(0, len(days), len(seen))]
