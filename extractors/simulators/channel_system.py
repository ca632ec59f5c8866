"""The digital and service channels over the days: event files per channel, and per hour after the first day."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Bank
from extractors.simulators.campaigns import true_effects
from extractors.simulators.channel_activity import ordinary_activity, social_posts
from extractors.simulators.channel_cases import failures_and_complaints, service_cases
from extractors.simulators.channel_logins import logins
from extractors.simulators.channel_mishaps import arrival_events
from extractors.simulators.channel_sales import told_sales
from extractors.simulators.channel_staff import staff_lines
from extractors.simulators.channel_users import enrol_users, registrations, tell_users
from extractors.simulators.digits import DAY_SECONDS
from extractors.simulators.event_lines import Lines, Users, envelope, lines_of, repeated_lines, some, together
from extractors.simulators.grievances import causes, still_does
from extractors.simulators.happenings import APP, CHANNELS, Happening, profile_payload
from extractors.simulators.json_lines import append_lines
from extractors.simulators.lives import NEW_MOBILE, RENAMED, News
from extractors.simulators.membership import changed_today, records_of
from extractors.simulators.ordering import stable_order
from extractors.simulators.people import People
from extractors.simulators.sales import Trade
from extractors.simulators.stacking import RowsOf, stacked
from extractors.simulators.streams import Ints, Streams, chance
from extractors.simulators.texts import Days, constant, day_text, join, number, pick, put
from extractors.simulators.truth import Truth

SOURCE = "channel"
STILL_TOLD = ("campaign_contact", "campaign_response", "service_case", "consent_change")  # of those who left, too
FADING = ("login", "page", "chat", "branch_ticket")  # before people leave
DAYS_APART = 1000  # numbers of trades are those of the people times this, and the day
OF_ARRIVALS = 90  # kinds of happenings from here on are those of the day somebody arrives
LATE_PERCENT, VERY_LATE_PERCENT, REPEATED_PERCENT = 4.0, 0.3, 0.5


@dataclass(frozen=True)
class FromCore:
    """What core banking tells the channels: its customer number of each person, and what was sold."""

    key: pa.Array
    trade: Trade


@dataclass
class ChannelSystem:
    """State that later days start from; `held` waits to arrive late."""

    bank: Bank
    streams: Streams
    first: int
    people: People
    users: Users
    folder: Path
    truth: Truth
    held: list[Lines] = field(default_factory=list)
    is_silent: bool = False  # lives on without writing


def open_channel_system(
    bank: Bank,
    streams: Streams,
    people: People,
    number: int,
    core: FromCore,
    folder: Path,
    truth: Truth,
    *,
    is_silent: bool = False,
) -> ChannelSystem:
    """First business date: every user registered and a year of events, one file a channel."""
    day = np.datetime64(bank.first_date)
    users, recording = enrol_users(bank, streams, people, core.key, number)
    system = ChannelSystem(bank, streams, number, people, users, folder, truth, is_silent=is_silent)
    tell_users(truth, day, people, users, recording)
    days = np.arange(day - bank.history_days + 1, day + 1)
    purpose = f"history {number}"
    happenings = _by_themselves(system, purpose, days)
    happenings += _grievances(system, purpose, days)
    happenings += told_sales(streams, people, users.members, core.trade, number * DAYS_APART, bank.sales.looked_first)
    lines = [registrations(streams, users, 0, purpose)]
    if not number:
        truth.add("truth_effect", true_effects())
        truth.add("truth_effect", causes())
        lines += staff_lines(bank, streams, people, days, 0)
    lines += _lines_of_all(system, happenings, 0)
    _hand_over(system, lines, 0)
    return system


def next_day(system: ChannelSystem, news: News, number_of_day: int, trade: Trade) -> None:
    """One later day: changed profiles and the day's events, one file per channel and hour."""
    bank, streams, day = system.bank, system.streams, np.datetime64(system.bank.first_date) + number_of_day
    happenings = _by_themselves(system, f"day {number_of_day} {system.first}", np.array([day]))
    happenings += _grievances(system, f"day {number_of_day} {system.first}", np.array([day]))
    happenings.append(_changed_profiles(system, news, number_of_day))
    sequence = system.first * DAYS_APART + number_of_day
    happenings += told_sales(streams, system.people, system.users.members, trade, sequence, bank.sales.looked_first)
    lines = _lines_of_all(system, happenings, number_of_day)
    if not system.first:
        lines += staff_lines(bank, streams, system.people, np.array([day]), number_of_day)
    _hand_over(system, lines, number_of_day)


def add_arrivals(
    before: ChannelSystem, people: People, first: int, number_of_day: int, core: FromCore
) -> ChannelSystem:
    """New users of one day, who say what they consent to."""
    bank, streams, truth = before.bank, before.streams, before.truth
    day = np.datetime64(bank.first_date) + number_of_day
    users, recording = enrol_users(bank, streams, people, core.key, first, day)
    tell_users(truth, day, people, users, recording)
    system = ChannelSystem(bank, streams, first, people, users, before.folder, truth, is_silent=before.is_silent)
    happenings = told_sales(streams, people, users.members, core.trade, first * DAYS_APART, bank.sales.looked_first)
    lines = [registrations(streams, users, number_of_day, f"new day {number_of_day}")]
    lines += _lines_of_all(system, happenings, number_of_day, OF_ARRIVALS)
    _hand_over(system, lines, number_of_day)
    return system


def take_in(system: ChannelSystem, arrived: ChannelSystem, people: People, rows: Mapping[RowsOf, int]) -> None:
    """Let those who arrived live on with the others; `people` are all of them."""
    system.people = people
    system.users = replace(stacked(system.users, arrived.users, rows), people=people)
    system.held += arrived.held


def _by_themselves(system: ChannelSystem, purpose: str, days: Days) -> list[Happening]:
    """What users do of their own accord on `days`."""
    streams, habits, first, count = system.streams, system.bank.habits, system.first, len(system.users.members)
    happenings = ordinary_activity(streams, purpose, count, days) + service_cases(streams, purpose, count, days)
    happenings.append(logins(habits, streams, purpose, first, count, days))
    return [*happenings, social_posts(habits, streams, purpose, first, count, days)]


def _grievances(system: ChannelSystem, purpose: str, days: Days) -> list[Happening]:
    """Transfers that failed on `days`, and the complaints they lead to."""
    members, grievances = system.users.members, system.people.grievances
    failed_on, complained_on = grievances.failed_on[members.who], grievances.complained_on[members.who]
    now = (failed_on >= days[0]) & (failed_on <= days[-1])
    never = np.datetime64("NaT")
    complained_on = np.where(now & ~members.is_duplicate, complained_on, never)
    return failures_and_complaints(system.streams, purpose, np.where(now, failed_on, never), complained_on, days[-1])


def _changed_profiles(system: ChannelSystem, news: News, number_of_day: int) -> Happening:
    """Users who told the app a new mobile or name today, or only confirmed their profile."""
    users, people, day = system.users, system.people, np.datetime64(system.bank.first_date) + number_of_day
    members = users.members
    changed, touched, _ = changed_today(system.bank, system.streams, SOURCE, system.first, len(members), number_of_day)
    heard = {NEW_MOBILE: ("mobile", people.mobile), RENAMED: ("name", people.names.plain)}
    told = [changed, touched]
    for kind, (column, values) in heard.items():
        rows = records_of(members, news[kind])
        users.columns[column] = put(users.columns[column], rows, pick(values, members.who[rows]))
        told.append(rows)
    rows = np.unique(np.concatenate(told))
    columns = {name: pick(column, rows) for name, column in users.columns.items()}
    payload = profile_payload(columns, pick(users.id_type, rows))
    days, seconds = np.full(len(rows), day), 36_000 + rows % 40_000
    return Happening("profile", rows, days, seconds, constant(APP, len(rows)), payload)


def _lines_of_all(
    system: ChannelSystem, happenings: list[Happening], number_of_day: int, first: int = 0
) -> list[Lines]:
    """Lines of happenings that stand at the places from `first` on."""
    return [line for at, one in enumerate(happenings, first) for line in _lines(system, one, number_of_day, at)]


def _lines(system: ChannelSystem, happening: Happening, number_of_day: int, at: int) -> list[Lines]:
    """Envelopes around the events of the happening at place `at`, and the day each reaches the bank; some do twice."""
    fading = system.streams.of("channel", "fading", system.first, at, number_of_day)
    happening = _before_leaving(happening, system, fading)
    stream = system.streams.of("channel", "envelope", system.first, at, number_of_day)
    count = len(happening.user)
    together_with = system.bank.neighbourhood(system.first)
    label = join(f"E{together_with:02d}{at:02d}{number_of_day:04d}", number(np.arange(count), 8))
    text = envelope(stream, system.users, happening, label)
    happened = (happening.day - np.datetime64(system.bank.first_date)).astype(np.int64)
    delay = np.where(chance(stream, count, LATE_PERCENT), 1, 0)
    delay = np.where(chance(stream, count, VERY_LATE_PERCENT), stream.integers(2, 8, count), delay)
    arrival = np.maximum(happened + delay, number_of_day)
    repeated = np.flatnonzero(chance(stream, count, REPEATED_PERCENT))
    person = pick(system.people.person_id, system.users.members.who[happening.user])
    late_by = arrival - np.maximum(happened, number_of_day)
    system.truth.add("truth_event", arrival_events(person, happening.day, label, late_by, repeated))
    lines = lines_of(happening, arrival, text)
    return [lines, repeated_lines(lines, repeated)]


def _before_leaving(happening: Happening, system: ChannelSystem, fading: np.random.Generator) -> Happening:
    """What people did as users and customers: from registering until they left or died, and after coming back.

    What they do of their own accord they do less and less before they leave.
    """
    members, grievances, day = system.users.members, system.people.grievances, happening.day
    who = members.who[happening.user]
    away = (day > grievances.left_on[who]) & ~(day >= grievances.returned_on[who])
    if happening.event_type in STILL_TOLD:
        away &= False
    if happening.event_type in FADING:
        away |= ~still_does(fading, day, grievances.left_on[who])
    gone = day > system.people.died_on[who]
    kept = np.flatnonzero(~away & ~gone & (day >= members.opened[happening.user]))
    if len(kept) == len(day):
        return happening
    return Happening(
        happening.event_type,
        happening.user[kept],
        happening.day[kept],
        happening.second[kept],
        pick(happening.channel, kept),
        pick(happening.payload, kept),
    )


def _hand_over(system: ChannelSystem, lines: list[Lines], number_of_day: int) -> None:
    """Write what arrives today; the rest is held for its day."""
    everything = together([*system.held, *lines])
    is_today = everything.arrival <= number_of_day
    system.held = [some(everything, np.flatnonzero(~is_today))]
    if not system.is_silent:
        _append(system, everything, np.flatnonzero(is_today), number_of_day)


def _append(system: ChannelSystem, lines: Lines, rows: Ints, number_of_day: int) -> None:
    """Add some of the lines to the files of the day, one per channel, and per hour after the first day."""
    day = np.datetime64(system.bank.first_date) + number_of_day
    folder = system.folder / str(day_text(np.array([day]))[0])
    second = lines.second[rows]
    hour = second // 3600 if number_of_day else np.full(len(rows), -1)
    file = lines.channel[rows] * 32 + hour + 1
    order = stable_order(file * DAY_SECONDS + second if number_of_day else file)
    text, file = pick(lines.text, rows[order]), file[order]
    starts = np.flatnonzero(np.diff(file, prepend=-1))
    for start, end in zip(starts, np.append(starts[1:], len(file))[: len(starts)], strict=True):
        name, at = CHANNELS[file[start] // 32], file[start] % 32 - 1
        path = folder / (f"{name}_{at:02d}.jsonl" if at >= 0 else f"{name}.jsonl")
        append_lines(path, text.slice(start, end - start))
