"""The card system over the days: holders, cards and postings, handed over as nightly files."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.card_layout import AMOUNT_WIDTH
from extractors.simulators.bank import Bank
from extractors.simulators.card_drop import CardDrop, Columns
from extractors.simulators.card_points import applications, open_ledger, points_of
from extractors.simulators.card_postings import PostingDay, post_spending
from extractors.simulators.card_statements import Borrowing, Holders, begin_borrowing, statement, statement_days
from extractors.simulators.cards import Cards, Place, close_cards, open_cards, replace_cards, sell_cards
from extractors.simulators.damage import Recording
from extractors.simulators.lives import MOVED, NEW_MOBILE, RENAMED, News
from extractors.simulators.membership import Members, changed_today, enrol, records_of
from extractors.simulators.people import People
from extractors.simulators.recording import record_people
from extractors.simulators.stacking import RowsOf, stacked_columns
from extractors.simulators.streams import Ints, Streams, chance
from extractors.simulators.texts import Days, choose, constant, day_text, moment_text, number, pick, put
from extractors.simulators.truth import Truth

SOURCE = "card"
ID_TYPES = ("00", "01", "02", "03", "04", "05", "09")  # by kind of document
EVENING = 19 * 3600


@dataclass
class CardSystem:
    """State of people numbered from `first`, simulated together, that later days start from."""

    bank: Bank
    streams: Streams
    first: int
    people: People
    members: Members
    holders: Columns
    cards: Cards
    truth: Truth
    borrowing: Borrowing
    points: Ints  # of each holder


def open_card_system(
    bank: Bank, streams: Streams, people: People, first: int, core_account: pa.Array, drop: CardDrop, truth: Truth
) -> CardSystem:
    """First business date: every holder, card and a year of postings; `core_account` by person."""
    members = enrol(bank, streams, SOURCE, people, first)
    day = np.datetime64(bank.first_date)
    holders, recording = holders_of(bank, streams, people, members, first)
    cards, _ = open_cards(bank, streams, people, members, holders, core_account, first)
    sell_cards(bank, members, holders, cards, people.dealings.bought_until(day), Place(first, 0))
    _tell_truth(truth, day, people, members, holders, recording)
    days = np.arange(day - bank.history_days + 1, day + 1)
    borrowing, points = begin_borrowing(streams, first, len(members)), open_ledger(streams, first, len(members))
    system = CardSystem(bank, streams, first, people, members, holders, cards, truth, borrowing, points)
    drop.add({"CARDHOLDER": holders, "CARD": cards.columns, "POSTING": _postings(system, "history", days)})
    applied = applications(streams, first, holders, days)
    drop.add({"APPLICATION": applied})
    _bill(system, 0, drop)
    return system


def next_day(system: CardSystem, news: News, number_of_day: int, drop: CardDrop) -> None:
    """One later day: changed holders, replaced cards, the day's postings, on some days statements and points."""
    bank, streams, day = system.bank, system.streams, np.datetime64(system.bank.first_date) + number_of_day
    _leave(system)
    rows = _change_holders(system, news, number_of_day)
    changed = {name: pick(column, rows) for name, column in system.holders.items()}
    renamed = records_of(system.members, news[RENAMED])
    replaced = replace_cards(bank, streams, system.cards, system.first, number_of_day, renamed)
    bought = system.people.dealings.bought_on(day)
    sold = sell_cards(bank, system.members, system.holders, system.cards, bought, Place(system.first, number_of_day))
    given_up = close_cards(streams, system.cards, system.first, day)
    issued = {name: pa.concat_arrays([replaced[name], sold[name], given_up[name]]) for name in replaced}
    postings = _postings(system, f"day {number_of_day}", np.array([day]))
    drop.add({"CARDHOLDER": _stamped(changed, day), "CARD": _stamped(issued, day), "POSTING": postings})
    _bill(system, number_of_day, drop)


def _leave(system: CardSystem) -> None:
    """Tell the cards which of their holders leave, die or come back."""
    person = system.members.who[system.cards.owner]
    grievances, died_on = system.people.grievances, system.people.died_on
    away = np.where(np.isnat(grievances.returned_on), grievances.left_on, np.datetime64("NaT"))
    system.cards.left_on = np.fmin(away, died_on)[person]


def add_arrivals(
    before: CardSystem, people: People, first: int, number_of_day: int, core_account: pa.Array, drop: CardDrop
) -> CardSystem:
    """New holders of one day with their cards and what they had applied for."""
    bank, streams, truth = before.bank, before.streams, before.truth
    day = np.datetime64(bank.first_date) + number_of_day
    members = enrol(bank, streams, SOURCE, people, first, day)
    holders, recording = holders_of(bank, streams, people, members, first)
    _tell_truth(truth, day, people, members, holders, recording)
    cards, card_rows = open_cards(bank, streams, people, members, holders, core_account, first)
    applied = applications(streams, first, holders, np.array([day]))
    drop.add({"CARDHOLDER": _stamped(holders, day), "CARD": _stamped(card_rows, day), "APPLICATION": applied})
    borrowing, points = begin_borrowing(streams, first, len(members)), np.zeros(len(members), np.int64)
    return CardSystem(bank, streams, first, people, members, holders, cards, truth, borrowing, points)


def take_in(system: CardSystem, arrived: CardSystem, people: People, rows: Mapping[RowsOf, int]) -> None:
    """Let those who arrived live on with the others; `people` are all of them."""
    system.people = people
    for name in ("members", "holders", "cards", "borrowing", "points"):
        setattr(system, name, stacked_columns(getattr(system, name), getattr(arrived, name), rows))


def _postings(system: CardSystem, purpose: str, days: Days) -> Columns:
    cards, batch = system.cards, 1 + system.bank.neighbourhood(system.first)
    means = system.people.wealth[system.members.who[cards.owner]]
    spending = PostingDay(cards.columns["pan_token"], cards.opened, cards.left_on, cards.is_live, means, days, batch)
    return post_spending(system.bank.behaviour, system.streams, f"{purpose} {system.first}", spending)


def _bill(system: CardSystem, number_of_day: int, drop: CardDrop) -> None:
    """Statements of a day, or of the months before the first, and what they do to the points."""
    who, people = system.members.who, system.people
    limit = pc.cast(system.holders["crd_limit"], pa.int64()).to_numpy()
    holders = Holders(system.holders["card_cust"], limit, people.wealth[who], people.hardship.of(who))
    for at, day in enumerate(statement_days(system.bank.first_date, number_of_day)):
        billed = statement(system.streams, system.first, holders, system.borrowing, day)
        opens = not number_of_day and not at
        points = points_of(system.streams, system.first, billed, system.points, opens=opens)
        drop.add({"STATEMENT": billed, "POINTS": points})


def holders_of(bank: Bank, streams: Streams, people: People, members: Members, first: int) -> tuple[Columns, Recording]:
    """Rows of the file about the holders of one intake, and what is damaged in them."""
    who, count, marital = members.who, len(members), people.standing.marital[members.who]
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
        "marital": choose(chance(stream, count, 5), " ", pick(("S", "M", " ", "D"), marital)),
        "sts": choose(chance(stream, count, 3), "C", constant("A", count)),
        "mtn_ts": moment_text(touched, stream.integers(8 * 3600, EVENING, count)),
    }
    return columns, recording


def _sex_letters(codes: pa.Array) -> pa.Array:
    """M, F or U for the codes 1, 2 and anything else."""
    is_known = pc.is_in(codes, pa.array(["1", "2"]))
    letters = choose(np.asarray(pc.equal(codes, "1")), "M", constant("F", len(codes)))
    return choose(np.asarray(is_known), letters, "U")


def _change_holders(system: CardSystem, news: News, number_of_day: int) -> Ints:
    """Holders touched on a day, changed in place by the news of their lives; their rows in order."""
    bank, members, people = system.bank, system.members, system.people
    changed, touched, _ = changed_today(bank, system.streams, SOURCE, system.first, len(members), number_of_day)
    heard = {kind: records_of(members, who) for kind, who in news.items()}
    says = {"mobile": (NEW_MOBILE, people.mobile), "name": (RENAMED, people.names.plain)}
    says |= {"emb_name": (RENAMED, people.names.pinyin)}
    for column, (kind, values) in says.items():
        rows = heard[kind]
        system.holders[column] = put(system.holders[column], rows, pick(values, members.who[rows]))
    moved = heard[MOVED]
    system.holders["address"] = put(system.holders["address"], moved, people.home.full(members.who[moved]))
    limit = pc.cast(pick(system.holders["crd_limit"], changed), pa.int64()).to_numpy()
    raised = limit * (110 + changed % 4 * 10) // 100 // 100_000 * 100_000
    system.holders["crd_limit"] = put(system.holders["crd_limit"], changed, number(raised, AMOUNT_WIDTH))
    return np.unique(np.concatenate([changed, touched, heard[NEW_MOBILE], heard[RENAMED], moved]))


def _stamped(columns: Columns, day: np.datetime64) -> Columns:
    count = len(columns["mtn_ts"])
    return columns | {"mtn_ts": moment_text(np.full(count, day), np.full(count, EVENING))}


def _tell_truth(
    truth: Truth, day: np.datetime64, people: People, members: Members, holders: Columns, recording: Recording
) -> None:
    text = str(day_text(np.array([day]))[0])
    truth.add_records(SOURCE, "cardholder", text, people, members.who, holders["card_cust"], recording)
