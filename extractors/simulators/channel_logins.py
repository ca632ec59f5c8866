"""Logins: regular users every few days, occasional ones now and then; of older months each channel's last is kept."""

import numpy as np

from extractors.simulators.commerce import Habits
from extractors.simulators.happenings import APP, WEB, WECHAT, Happening, daytime, words
from extractors.simulators.json_lines import json_object
from extractors.simulators.streams import Ints, Streams, chance, draw
from extractors.simulators.texts import Days, pick

Logins = tuple[Ints, Days, Ints]  # user, day, number of the channel
REGULAR, OCCASIONAL = 0, 1
CHANNELS, PERCENT = (APP, WEB, WECHAT), (82, 10, 8)


def logins(habits: Habits, streams: Streams, purpose: str, first: int, users: int, days: Days) -> Happening:
    """Logins on `days` (ascending): in full on the last ones, before them one a month of use and channel."""
    kind = _kinds(habits, streams, first, users)
    stream = streams.of("channel", "login", purpose)
    recent, older = days[-habits.detailed_days :], days[: -habits.detailed_days]
    months = np.unique(older.astype("datetime64[M]"))[-habits.months_kept :]
    parts = []
    for of_kind, a_week in ((REGULAR, habits.regular_logins), (OCCASIONAL, habits.occasional_logins)):
        who = np.flatnonzero(kind == of_kind)
        parts.append(_in_full(stream, who, a_week, recent))
        for month in months:
            of_month = older[older.astype("datetime64[M]") == month]
            parts += [_last_of_month(stream, who, a_week, channel, of_month) for channel in range(len(CHANNELS))]
    user, day, channel = (np.concatenate(column) for column in zip(*parts, strict=True))
    count = len(user)
    payload = {"method": words(stream, ("password", "face", "sms"), count, (3, 5, 2))}
    payload["result"] = words(stream, ("ok", "fail"), count, (97, 3))
    return Happening("login", user, day, daytime(stream, count), pick(CHANNELS, channel), json_object(payload))


def _kinds(habits: Habits, streams: Streams, first: int, users: int) -> Ints:
    """Whether each user is a regular, an occasional one, or never seen; the same on all days."""
    rest = 100 - habits.regular - habits.occasional
    return draw(streams.of("channel", "habits", first), (habits.regular, habits.occasional, rest), users)


def _in_full(stream: np.random.Generator, who: Ints, a_week: float, days: Days) -> Logins:
    """So many logins a week and user, on days drawn alike."""
    wanted = len(who) * a_week * len(days) / 7
    count = int(wanted) + int(stream.integers(0, 1000) < (wanted % 1) * 1000)
    if not len(who):
        count = 0
    user, day = who[stream.integers(0, max(len(who), 1), count)], days[stream.integers(0, len(days), count)]
    return user, day, draw(stream, PERCENT, count)


def _last_of_month(stream: np.random.Generator, who: Ints, a_week: float, channel: int, days: Days) -> Logins:
    """The last login through one channel of those who used it: the oftener they log in, the later it is."""
    expected = a_week * len(days) / 7 * PERCENT[channel] / 100
    seen = who[chance(stream, len(who), 100 * (1 - np.exp(-expected)))]
    last = days[-max(round(len(days) / (1 + expected)), 1) :]
    return seen, last[stream.integers(0, len(last), len(seen))], np.full(len(seen), channel)
