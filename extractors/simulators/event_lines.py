"""Event lines under way: users, the envelope around every payload, and when each line reaches the bank."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.devices import device_ids, phones
from extractors.simulators.happenings import APP, CHANNELS, WEB, WECHAT, Happening
from extractors.simulators.json_lines import STYLE_WEIGHTS, json_object, moments, text
from extractors.simulators.membership import Members
from extractors.simulators.people import People
from extractors.simulators.streams import Ints, chance, draw, scattered
from extractors.simulators.texts import choose, constant, join, number, pick

SKEWED_EVERY, SKEW_SECONDS = 10, 120
APP_VERSIONS = ("8.0.1", "8.1.0", "8.2.3", "9.0.0")


@dataclass(frozen=True)
class Users:
    """Users of one intake as the channels know them."""

    first: int  # number of the first person
    members: Members
    people: People
    uid: pa.Array
    cif_no: pa.Array  # null for the unlinked
    right_cif_no: pa.Array
    columns: dict[str, pa.Array]
    id_type: pa.Array


@dataclass(frozen=True)
class Lines:
    """Event lines ready to be written, with the day and second they reach the bank and their channel."""

    arrival: Ints  # day number since the first date
    second: Ints
    channel: Ints  # place in CHANNELS
    text: pa.Array


def envelope(stream: np.random.Generator, users: Users, happening: Happening, label: pa.Array) -> pa.Array:
    """One JSON line an event, with its end."""
    user, count = happening.user, len(happening.user)
    style = draw(stream, STYLE_WEIGHTS, count)
    digital = np.asarray(pc.is_in(happening.channel, pa.array([APP, WEB, WECHAT])))
    device = device_ids(phones(users.people, users.first, users.members.who[user], happening.day))
    is_profile = happening.event_type in ("register", "profile")
    known = np.ones(count, bool) if is_profile else chance(stream, count, 50)
    told = np.clip(happening.second + clock_skew(user), 0, 86_399)
    ingested = moments(happening.day, np.minimum(happening.second + stream.integers(0, 120, count), 86_399), 0 * style)
    return json_object(
        {
            "event_id": text(label),
            "event_type": constant(f'"{happening.event_type}"', count),
            "channel": text(happening.channel),
            "event_ts": moments(happening.day, told, style),
            "ingest_ts": ingested,
            "uid": text(pick(users.uid, user)),
            "cif_no": text(choose(known, pick(users.cif_no, user), None)),
            "device_id": text(choose(digital, device, None)),
            "openid": text(
                choose(
                    np.asarray(pc.equal(happening.channel, WECHAT)),
                    join("o", number(scattered(users.first + user, 9, 10**9), 12)),
                    None,
                )
            ),
            "session_id": text(choose(digital, join("s", number(stream.integers(10**9, 10**10, count))), None)),
            "ip": text(
                choose(
                    digital, join("10.", number(stream.integers(0, 256, count)), ".", number(user % 256), ".7"), None
                )
            ),
            "app_ver": text(choose(np.asarray(pc.equal(happening.channel, APP)), pick(APP_VERSIONS, style), None)),
            "payload": happening.payload,
        },
        end="\n",
    )


def lines_of(happening: Happening, arrival: Ints, text: pa.Array) -> Lines:
    """The events of a happening as lines, each with the day it reaches the bank."""
    channel = pc.index_in(happening.channel, pa.array(CHANNELS))
    return Lines(arrival, happening.second, np.asarray(channel, np.int64), text)


def clock_skew(user: Ints) -> Ints:
    """How far the clock of each user's device is off: up to two minutes for one in ten."""
    skew: Ints = np.where(user % SKEWED_EVERY == 0, user * 7919 % (2 * SKEW_SECONDS + 1) - SKEW_SECONDS, 0)
    return skew


def some(lines: Lines, rows: Ints) -> Lines:
    """Some of the lines."""
    return Lines(lines.arrival[rows], lines.second[rows], lines.channel[rows], pick(lines.text, rows))


def repeated_lines(lines: Lines, rows: Ints) -> Lines:
    """Some of the lines again: every other one reaches the bank a day later than before."""
    again = some(lines, rows)
    return replace(again, arrival=again.arrival + np.arange(len(rows)) % 2)


def together(parts: list[Lines]) -> Lines:
    """All lines, in the order of their parts."""
    return Lines(
        np.concatenate([part.arrival for part in parts]),
        np.concatenate([part.second for part in parts]),
        np.concatenate([part.channel for part in parts]),
        pa.concat_arrays([part.text for part in parts]),
    )
