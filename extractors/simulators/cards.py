"""Cards: whose they are, what core account they draw on, and which took the place of a lost one."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Bank
from extractors.simulators.card_drop import Columns
from extractors.simulators.dealings import Bought
from extractors.simulators.membership import Members
from extractors.simulators.people import People
from extractors.simulators.stacking import HolderRows
from extractors.simulators.streams import MILLION, Flags, Ints, Streams, chance, draw, scattered
from extractors.simulators.texts import Days, choose, constant, day_text, empty, join, number, pick, put, ymd
from extractors.simulators.wishes import CARD

PRODUCTS = ("CLAS01", "YOUN01", "GOLD01", "PLAT01", "DIAM01")
PRODUCTS_BY_MEANS = ((55, 25, 18, 2, 0), (35, 15, 40, 10, 0), (15, 4, 41, 35, 5), (5, 1, 24, 48, 22))
BLOCK_CODES = (None, "L", "T", "F", "C")  # none, lost, stolen, fraud, closed by the bank
LOST, CLOSED = "L", "C"
RECENT_DAYS = 1095  # within which the closed cards of the hand-over were closed
YEARS_VALID = 5
CLOSED_AFTER_LEAVING_PERCENT = 70
YOUNG, YOUNG_DAYS = 1, 30 * 365
TOKENS_SOLD = 700_000_000  # tokens from here on are those of cards sold
TOKENS_LATER = 400_000_000  # tokens from here on are those of cards issued in the place of others


@dataclass(frozen=True)
class Place:
    """The people cards are issued among, by the first of them, and the number of the day."""

    first: int
    number_of_day: int


@dataclass
class Cards:
    """One entry per card: what the file says of it, and what spending needs to know."""

    columns: Columns
    owner: HolderRows
    opened: Days
    is_live: Flags
    left_on: Days  # day after which nothing is bought with it


def open_cards(
    bank: Bank, streams: Streams, people: People, members: Members, holders: Columns, core_account: pa.Array, first: int
) -> tuple[Cards, Columns]:
    """Cards of one intake of holders, and the rows of the file about them; `core_account` by person."""
    stream = streams.of("cards", first)
    held = len(members)
    further = np.flatnonzero(chance(stream, held, 100 * (bank.behaviour.cards - 1)))
    owner = np.concatenate([np.arange(held), further])
    count, person, opened = len(owner), members.who[owner], members.opened[owner]
    wrong = chance(stream, count, bank.defects["card"].wrong_person + bank.links.wrong)
    linked = pick(core_account, np.where(wrong, np.roll(person, 1), person))
    block = draw(stream, (960, 15, 5, 5, 15), count)
    left_on = np.fmin(people.grievances.left_on[person], people.died_on[person])
    has_left = (left_on >= opened) & (left_on <= np.datetime64(bank.first_date))
    has_left &= chance(stream, count, CLOSED_AFTER_LEAVING_PERCENT)
    block = np.where(has_left, BLOCK_CODES.index(CLOSED), block)
    closed = np.where(has_left, left_on, _closings(stream, bank, opened))
    product = _products(stream, people, person)
    renewed = np.maximum(opened, np.datetime64(bank.first_date) - stream.integers(0, YEARS_VALID * 365, count))
    columns = {
        "pan_masked": join("622588******", number(stream.integers(0, 10_000, count), 4)),
        "pan_token": tokens(first * 2 + np.arange(count)),
        "card_cust": pick(holders["card_cust"], owner),
        "core_acct": choose(chance(stream, count, bank.links.card), linked, None),
        "main_flg": choose(np.arange(count) < held, "M", constant("S", count)),
        "replaced_token": empty(count),
        "product": pick(PRODUCTS, product),
        "block_cd": pick(BLOCK_CODES, block),
        "open_dt": day_text(opened),
        "exp_ym": number(ymd(renewed) // 100 + YEARS_VALID * 100),
        "bal": number(np.where(block == 0, stream.integers(0, 800_000, count), 0), 13),
        "mtn_ts": pick(holders["mtn_ts"], owner),
        "close_dt": choose(block == BLOCK_CODES.index(CLOSED), day_text(closed), None),
    }
    return Cards(columns, owner, opened, block == 0, left_on), columns


def _products(stream: np.random.Generator, people: People, person: Ints) -> Ints:
    """Better cards for those of means, cards for the young for the young."""
    means = np.searchsorted((2, 5, 8), people.wealth[person], side="right")
    product = np.zeros(len(person), np.int64)
    for at, weights in enumerate(PRODUCTS_BY_MEANS):
        rows = np.flatnonzero(means == at)
        product[rows] = draw(stream, weights, len(rows))
    is_young = people.families.birth[person] > people.as_of - YOUNG_DAYS
    return np.where((product == YOUNG) & ~is_young, 0, product)


def _closings(stream: np.random.Generator, bank: Bank, opened: Days) -> Days:
    """A day between the opening of a card and the first business date."""
    last = np.maximum(np.datetime64(bank.first_date), opened)
    span = np.minimum((last - opened).astype(np.int64), RECENT_DAYS) + 1
    ago: Days = last - (stream.integers(0, MILLION, len(opened)) * span // MILLION).astype("timedelta64[D]")
    return ago


def replace_cards(bank: Bank, streams: Streams, cards: Cards, first: int, number_of_day: int, renamed: Ints) -> Columns:
    """Lost cards, and those of holders with a new name, are blocked and issued anew; rows for the old and the new."""
    stream = streams.of("replaced cards", first, number_of_day)
    lost = chance(stream, len(cards.owner), bank.delta.card_replaced) | np.isin(cards.owner, renamed)
    rows = np.flatnonzero(lost & cards.is_live)
    before = {name: pick(column, rows) for name, column in cards.columns.items()}
    blocked = before | {"block_cd": constant(LOST, len(rows)), "bal": number(0 * rows, 13)}
    index = TOKENS_LATER + number_of_day * (bank.customers // 5 + 20) + first // 10 + np.arange(len(rows))
    new = {"pan_masked": join("622588******", number(stream.integers(0, 10_000, len(rows)), 4))}
    new |= {"pan_token": tokens(index), "replaced_token": before["pan_token"]}
    for name, values in new.items():
        cards.columns[name] = put(cards.columns[name], rows, values)
    issued = before | new
    return {name: pa.concat_arrays([blocked[name], issued[name]]) for name in issued}


def close_cards(streams: Streams, cards: Cards, first: int, day: np.datetime64) -> Columns:
    """Cards most of those who leave today give back; rows of the file about them."""
    leaves = (cards.left_on == day) & cards.is_live
    gives_back = chance(streams.of("closed cards", first, str(day)), len(leaves), CLOSED_AFTER_LEAVING_PERCENT)
    rows = np.flatnonzero(leaves & gives_back)
    closed = {"block_cd": constant(CLOSED, len(rows)), "bal": number(0 * rows, 13)}
    closed["close_dt"] = day_text(np.full(len(rows), day))
    for name, values in closed.items():
        cards.columns[name] = put(cards.columns[name], rows, values)
    cards.is_live[rows] = False
    return {name: pick(column, rows) for name, column in cards.columns.items()}


def sell_cards(bank: Bank, members: Members, holders: Columns, cards: Cards, sold: Bought, place: Place) -> Columns:
    """Cards that holders took because they were offered one, after those of `cards`; rows of the file about them."""
    row_of = dict(zip(members.who[::-1].tolist(), range(len(members) - 1, -1, -1), strict=True))
    wanted = sold.some(sold.product == CARD)
    holder = np.array([row_of.get(person, -1) for person in wanted.person.tolist()], np.int64)
    owner, opened = holder[holder >= 0], wanted.day[holder >= 0]
    count = len(owner)
    index = TOKENS_SOLD + place.number_of_day * (bank.customers // 10 + 20) + place.first // 20 + np.arange(count)
    columns = {
        "pan_masked": join("622588******", number(index % 10_000, 4)),
        "pan_token": tokens(index),
        "card_cust": pick(holders["card_cust"], owner),
        "core_acct": empty(count),
        "main_flg": constant("M", count),
        "replaced_token": empty(count),
        "product": pick(PRODUCTS, index % 2),
        "block_cd": empty(count),
        "open_dt": day_text(opened),
        "exp_ym": number(ymd(opened) // 100 + YEARS_VALID * 100),
        "bal": number(0 * owner, 13),
        "mtn_ts": pick(holders["mtn_ts"], owner),
        "close_dt": empty(count),
    }
    for name, values in columns.items():
        cards.columns[name] = pa.concat_arrays([cards.columns[name], values])
    cards.owner, cards.opened = np.append(cards.owner, owner), np.append(cards.opened, opened)
    cards.is_live = np.append(cards.is_live, np.ones(count, dtype=bool))
    cards.left_on = np.append(cards.left_on, np.full(count, np.datetime64("NaT")))
    return columns


def tokens(index: Ints) -> pa.Array:
    """The token that stands for a card's number."""
    return join("tk", number(scattered(index, 123_456_789, 10**9), 9), number(scattered(index, 987_654_321, 10**9), 9))
