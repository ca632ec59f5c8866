"""The card system over the days: holders, cards and postings, handed over as nightly files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.card_layout import FEEDS
from extractors.simulators.bank import Bank
from extractors.simulators.card_postings import PostingDay, post_spending
from extractors.simulators.card_statements import statement_days, statements
from extractors.simulators.damage import Recording
from extractors.simulators.fixed_width import write_feed
from extractors.simulators.membership import Members, changed_today, enrol
from extractors.simulators.people import People, mobile_numbers
from extractors.simulators.recording import record_people
from extractors.simulators.streams import Ints, Streams, chance, draw, scattered
from extractors.simulators.texts import Days, choose, constant, day_text, empty, join, moment_text, number, pick, put
from extractors.simulators.truth import Truth

SOURCE = "card"
ID_TYPES = ("00", "01", "02", "03", "04", "05")  # by kind of document
PRODUCTS = ("GOLD01", "CLAS01", "PLAT01", "YOUN01", "DIAM01")
BLOCK_CODES = (None, "L", "T", "F", "C")  # none, lost, stolen, fraud, closed by the bank
EVENING = 19 * 3600
Columns = dict[str, pa.Array]


@dataclass
class Cards:
    """One entry per card."""

    owner: Ints
    token: pa.Array
    opened: Days
    is_live: np.ndarray
    owed: Ints


@dataclass
class CardSystem:
    """State that later days start from; `core_account` is each person's current account in core banking."""

    bank: Bank
    streams: Streams
    people: People
    members: Members
    holders: Columns
    cards: Cards
    folder: Path
    truth: Truth


def open_card_system(
    bank: Bank, streams: Streams, people: People, core_account: pa.Array, folder: Path, truth: Truth
) -> CardSystem:
    """First business date: every holder, card and a year of postings."""
    members = enrol(bank, streams, SOURCE, people, 0)
    first = np.datetime64(bank.first_date)
    holders, recording = _holders(bank, streams, people, members, 0)
    cards, card_rows = _cards(bank, streams, members, holders, core_account, 0)
    _tell_truth(truth, first, people, members, holders, recording)
    days = np.arange(first - bank.history_days + 1, first + 1)
    postings = post_spending(
        bank.behaviour, streams, "history", PostingDay(cards.token, cards.opened, cards.is_live, days)
    )
    billed = statements(streams, people, members.who, holders["card_cust"], statement_days(bank.first_date, 0))
    system = CardSystem(bank, streams, people, members, holders, cards, folder, truth)
    _hand_over(system, first, {"CARDHOLDER": holders, "CARD": card_rows, "POSTING": postings, "STATEMENT": billed})
    return system


def next_day(system: CardSystem, number_of_day: int, arrivals: People, first: int, core_account: pa.Array) -> None:
    """One later day: changed and new holders, new cards, the day's postings."""
    bank, day = system.bank, np.datetime64(system.bank.first_date) + number_of_day
    members = enrol(bank, system.streams, SOURCE, arrivals, first, day)
    holders, recording = _holders(bank, system.streams, arrivals, members, first)
    _tell_truth(system.truth, day, arrivals, members, holders, recording)
    _, card_rows = _cards(bank, system.streams, members, holders, core_account, first)
    cards = system.cards
    days = np.array([day])
    postings = post_spending(
        bank.behaviour,
        system.streams,
        f"day {number_of_day}",
        PostingDay(cards.token, cards.opened, cards.is_live, days),
    )
    changed = _changed_holders(system, number_of_day, day)
    both = {name: pa.concat_arrays([changed[name], _stamped(holders, day)[name]]) for name in holders}
    due = statement_days(bank.first_date, number_of_day)
    billed = statements(system.streams, system.people, system.members.who, system.holders["card_cust"], due)
    feeds = {"CARDHOLDER": both, "CARD": _stamped(card_rows, day), "POSTING": postings, "STATEMENT": billed}
    _hand_over(system, day, feeds)


def _hand_over(system: CardSystem, day: np.datetime64, feeds: dict[str, Columns]) -> None:
    text = str(day_text(np.array([day]))[0])
    faults = {
        (fault.feed, fault.kind) for fault in system.bank.file_faults if np.datetime64(fault.business_date) == day
    }
    for name, columns in feeds.items():
        if (name, "missing_file") in faults:
            continue
        if (name, "empty_day") in faults:
            columns = {field: values.slice(0, 0) for field, values in columns.items()}
        write_feed(system.folder / text, FEEDS[name], text, columns, spoil_trailer=(name, "bad_trailer") in faults)


def _holders(bank: Bank, streams: Streams, people: People, members: Members, first: int) -> tuple[Columns, Recording]:
    who, count = members.who, len(members)
    recording, kind = record_people(SOURCE, streams, first, people, who, bank.defects[SOURCE])
    stream = recording.stream("attributes")
    said = recording.columns
    span = (np.maximum(members.opened, np.datetime64(bank.first_date)) - members.opened).astype(np.int64)
    touched = members.opened + (span * stream.integers(0, 1001, count) // 1000).astype("timedelta64[D]")
    limit = (people.wealth[who] + 1) * stream.integers(1, 6, count) * 500_000
    columns = {
        "card_cust": number(members.number, 16),
        "name": said["name"],
        "id_typ": pick(ID_TYPES, kind),
        "id_no": said["document"],
        "birth": said["birth"],
        "sex": _sex_letters(said["sex"]),
        "mobile": said["mobile"],
        "address": said["address"],
        "crd_limit": number(limit, 13),
        "emb_name": pick(people.names.pinyin, who),
        "email": said["email"],
        "marital": pick(("S", "M", "D", " "), draw(stream, (30, 60, 5, 5), count)),
        "sts": choose(chance(stream, count, 3), "C", constant("A", count)),
        "mtn_ts": moment_text(touched, stream.integers(8 * 3600, EVENING, count)),
    }
    return columns, recording


def _sex_letters(codes: pa.Array) -> pa.Array:
    """M, F or U for the codes 1, 2 and anything else."""
    is_known = pc.is_in(codes, pa.array(["1", "2"]))
    letters = choose(np.asarray(pc.equal(codes, "1")), "M", constant("F", len(codes)))
    return choose(np.asarray(is_known), letters, "U")


def _cards(
    bank: Bank, streams: Streams, members: Members, holders: Columns, core_account: pa.Array, first: int
) -> tuple[Cards, Columns]:
    stream = streams.of("cards", first)
    held = len(members)
    further = np.flatnonzero(chance(stream, held, 100 * (bank.behaviour.cards - 1)))
    owner = np.concatenate([np.arange(held), further])
    count, index = len(owner), first * 2 + np.arange(len(owner))
    person = members.who[owner]
    wrong = chance(stream, count, bank.defects[SOURCE].wrong_person)
    linked = pick(core_account, np.where(wrong, np.roll(person, 1), person))
    token = join("tk", number(scattered(index, 123_456_789, 10**9), 9), number(scattered(index, 987_654_321, 10**9), 9))
    opened = members.opened[owner]
    block = draw(stream, (960, 15, 5, 5, 15), count)
    owed = np.where(block == 0, stream.integers(0, 800_000, count), 0)
    columns = {
        "pan_masked": join("622588******", number(stream.integers(0, 10_000, count), 4)),
        "pan_token": token,
        "card_cust": pick(holders["card_cust"], owner),
        "core_acct": choose(chance(stream, count, 45), linked, None),
        "main_flg": choose(np.arange(count) < held, "M", constant("S", count)),
        "replaced_token": empty(count),
        "product": pick(PRODUCTS, draw(stream, (40, 30, 15, 12, 3), count)),
        "block_cd": pick(BLOCK_CODES, block),
        "open_dt": day_text(opened),
        "exp_ym": number(202_601 + stream.integers(0, 5, count) * 100 + stream.integers(0, 12, count)),
        "bal": number(owed, 13),
        "mtn_ts": pick(holders["mtn_ts"], owner),
    }
    return Cards(owner, token, opened, block == 0, owed), columns


def _changed_holders(system: CardSystem, number_of_day: int, day: np.datetime64) -> Columns:
    """Holders touched on a day; those who really changed have a new mobile."""
    changed, touched, _ = changed_today(system.bank, system.streams, SOURCE, len(system.members), number_of_day)
    rows = np.sort(np.concatenate([changed, touched]))
    columns = {name: pick(column, rows) for name, column in system.holders.items()}
    index = system.members.who[changed] + 60_000_000 + number_of_day * len(system.people)
    mobiles = mobile_numbers(system.streams.of("new card mobiles", number_of_day), index)
    columns["mobile"] = put(columns["mobile"], np.searchsorted(rows, changed), mobiles)
    return _stamped(columns, day)


def _stamped(columns: Columns, day: np.datetime64) -> Columns:
    count = len(columns["mtn_ts"])
    return columns | {"mtn_ts": moment_text(np.full(count, day), np.full(count, EVENING))}


def _tell_truth(
    truth: Truth, day: np.datetime64, people: People, members: Members, holders: Columns, recording: Recording
) -> None:
    text = str(day_text(np.array([day]))[0])
    truth.add_records(SOURCE, "cardholder", text, people, members.who, holders["card_cust"], recording)
