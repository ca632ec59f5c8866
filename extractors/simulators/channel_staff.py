"""How relationship managers use the customer system, and the courses they took: told by the channels as well."""

import numpy as np

from extractors.simulators.bank import Bank
from extractors.simulators.event_lines import Lines, Users, envelope, lines_of
from extractors.simulators.happenings import BRANCH, Happening, office_hours
from extractors.simulators.json_lines import json_object, words_in_json
from extractors.simulators.membership import Members
from extractors.simulators.people import People
from extractors.simulators.streams import Ints, Streams, chance
from extractors.simulators.texts import Days, choose, constant, empty, join, number

FEATURES = ("customer_view", "call_list", "lead_desk", "opportunity_desk", "campaign_list", "risk_alerts")
USED_PERCENT = (78, 60, 55, 48, 35, 25)  # of trained managers a week
UNTRAINED_SHARE = 45  # percent of that while untrained
COURSES = ("crm_basics", "selling_with_data", "data_protection")
TAKEN_PERCENT = (92, 68, 85)
PASS_SCORE = 60
SUNDAY = 3  # days since Thursday, the weekday of the first day of 1970
WEEK = 7


def staff(bank: Bank) -> int:
    """How many relationship managers use the system."""
    wanted = bank.customers // bank.staff.customers_each
    return max(8, min(bank.staff.most, wanted))


def staff_users(bank: Bank, people: People) -> Users:
    """The managers as users of the system, under their employee numbers."""
    rows = np.arange(staff(bank))
    members = Members(
        rows % len(people), rows, np.full(len(rows), np.datetime64("2004-01-01")), np.zeros(len(rows), dtype=bool)
    )
    nothing = empty(len(rows))
    return Users(0, members, people, join("M", number(rows, 4)), nothing, nothing, {}, nothing)


def staff_happenings(bank: Bank, streams: Streams, days: Days) -> list[Happening]:
    """Use of the features, one event a manager, feature and week that ends in `days`, and courses finished then."""
    first = np.datetime64(bank.first_date)
    since = first - bank.staff.weeks_kept * WEEK
    week_ends = days[(days.astype(np.int64) % WEEK == SUNDAY) & (days > since)]
    told = [_use(bank, streams, end) for end in week_ends]
    return [*told, _courses(bank, streams, days)]


def _trained_on(bank: Bank, streams: Streams) -> tuple[Ints, Days]:
    """Per manager and course, 1 when taken, and the day: most before the first date, the others after it."""
    stream, count = streams.of("training"), staff(bank)
    taken = np.column_stack([chance(stream, count, percent) for percent in TAKEN_PERCENT]).astype(np.int64)
    day = np.datetime64(bank.first_date) + 60 - stream.integers(0, 240, (count, len(COURSES))).astype("timedelta64[D]")
    return taken, day


def _use(bank: Bank, streams: Streams, end: np.datetime64) -> Happening:
    taken, day = _trained_on(bank, streams)
    stream, count = streams.of("crm usage", str(end)), staff(bank)
    is_trained = (taken[:, 0] == 1) & (day[:, 0] <= end)
    user, feature = (axis.ravel() for axis in np.indices((count, len(FEATURES))))
    percent = np.array(USED_PERCENT)[feature] * np.where(is_trained[user], 100, UNTRAINED_SHARE)
    used = np.flatnonzero(stream.integers(0, 10_000, len(user)) < percent)
    actions = 1 + stream.integers(0, 12, len(used)) * stream.integers(1, 6, len(used))
    payload = {"feature": words_in_json(FEATURES, feature[used]), "actions": number(actions)}
    payload["week_end"] = constant(f'"{end}"', len(used))
    second, days = office_hours(stream, len(used)), np.full(len(used), end)
    return Happening("crm_usage", user[used], days, second, constant(BRANCH, len(used)), json_object(payload))


def _courses(bank: Bank, streams: Streams, days: Days) -> Happening:
    taken, day = _trained_on(bank, streams)
    stream = streams.of("course scores")
    score = 100 - stream.integers(0, 8, taken.shape) * stream.integers(0, 8, taken.shape)
    user, course = np.nonzero((taken == 1) & (day >= days[0]) & (day <= days[-1]))
    got = score[user, course]
    payload = {"course": words_in_json(COURSES, course), "score": number(got)}
    payload["passed"] = choose(got >= PASS_SCORE, '"Y"', constant('"N"', len(got)))
    second = 17 * 3600 + user % 3600
    return Happening("training", user, day[user, course], second, constant(BRANCH, len(user)), json_object(payload))


def staff_lines(bank: Bank, streams: Streams, people: People, days: Days, number_of_day: int) -> list[Lines]:
    """Use of the customer system by the bank's own people, told once for the whole bank."""
    users, lines = staff_users(bank, people), []
    for at, happening in enumerate(staff_happenings(bank, streams, days)):
        stream, count = streams.of("channel", "staff", at, number_of_day), len(happening.user)
        label = join(f"S{at:04d}{number_of_day:04d}", number(np.arange(count), 8))
        text = envelope(stream, users, happening, label)
        lines.append(lines_of(happening, np.full(count, number_of_day), text))
    return lines
