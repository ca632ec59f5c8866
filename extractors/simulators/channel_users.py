"""Users of the channels: who registered, as the channels know them, and who they are in truth."""

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Bank
from extractors.simulators.damage import Recording
from extractors.simulators.event_lines import Lines, Users, envelope, lines_of
from extractors.simulators.happenings import CHANNELS, Happening, profile_payload
from extractors.simulators.membership import enrol
from extractors.simulators.people import People
from extractors.simulators.recording import record_people
from extractors.simulators.streams import Streams, chance, draw
from extractors.simulators.texts import choose, day_text, join, number, pick
from extractors.simulators.truth import Truth

SOURCE = "channel"
ID_TYPES = ("resident", "passport", "military", "permit_hk_mo", "permit_tw", "permanent_resident", "other")


def enrol_users(
    bank: Bank, streams: Streams, people: People, core_key: pa.Array, first: int, after: np.datetime64 | None = None
) -> tuple[Users, Recording]:
    """Users of one intake as the channels know them; `core_key` by person."""
    members = enrol(bank, streams, SOURCE, people, first, after)
    recording, kind = record_people(SOURCE, streams, first, people, members.who, bank.defects[SOURCE])
    stream, count = recording.stream("link"), len(members)
    linked = chance(stream, count, bank.links.channel)
    wrong = chance(stream, count, bank.links.wrong)
    cif_no = choose(linked, pick(core_key, np.where(wrong, np.roll(members.who, 1), members.who)), None)
    uid = join("u", number(members.number, 10))
    right = pick(core_key, members.who)
    return Users(first, members, people, uid, cif_no, right, dict(recording.columns), pick(ID_TYPES, kind)), recording


def registrations(streams: Streams, users: Users, arrival: int, purpose: str) -> Lines:
    """A register event of every user, told on day `arrival`."""
    count = len(users.members)
    stream = streams.of("channel", "register", purpose)
    happening = Happening(
        "register",
        np.arange(count),
        users.members.opened,
        stream.integers(7 * 3600, 23 * 3600, count),
        pick(CHANNELS, draw(stream, (70, 12, 0, 10, 8), count)),
        profile_payload(users.columns, users.id_type),
    )
    text = envelope(stream, users, happening, join("R", number(users.members.number, 11)))
    return lines_of(happening, np.full(count, arrival), text)


def tell_users(truth: Truth, day: np.datetime64, people: People, users: Users, recording: Recording) -> None:
    """Whose records the users of one intake are, and what is damaged or tied to the wrong person in them."""
    text = str(day_text(np.array([day]))[0])
    truth.add_records(SOURCE, "profile", text, people, users.members.who, users.uid, recording)
    truth.add_wrong_links(SOURCE, text, "cif_no", users.uid, users.cif_no, users.right_cif_no)
