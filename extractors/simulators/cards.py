"""Cards: whose they are, what core account they draw on, and which took the place of a lost one."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Bank
from extractors.simulators.card_drop import Columns
from extractors.simulators.membership import Members
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw, scattered
from extractors.simulators.texts import Days, choose, constant, day_text, empty, join, number, pick, put

PRODUCTS = ("GOLD01", "CLAS01", "PLAT01", "YOUN01", "DIAM01")
BLOCK_CODES = (None, "L", "T", "F", "C")  # none, lost, stolen, fraud, closed by the bank
LOST = "L"
TOKENS_LATER = 400_000_000  # tokens from here on are those of cards issued in the place of others


@dataclass
class Cards:
    """One entry per card: what the file says of it, and what spending needs to know."""

    columns: Columns
    owner: Ints
    opened: Days
    is_live: Flags


def open_cards(
    bank: Bank, streams: Streams, members: Members, holders: Columns, core_account: pa.Array, first: int
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
    columns = {
        "pan_masked": join("622588******", number(stream.integers(0, 10_000, count), 4)),
        "pan_token": tokens(first * 2 + np.arange(count)),
        "card_cust": pick(holders["card_cust"], owner),
        "core_acct": choose(chance(stream, count, bank.links.card), linked, None),
        "main_flg": choose(np.arange(count) < held, "M", constant("S", count)),
        "replaced_token": empty(count),
        "product": pick(PRODUCTS, draw(stream, (40, 30, 15, 12, 3), count)),
        "block_cd": pick(BLOCK_CODES, block),
        "open_dt": day_text(opened),
        "exp_ym": number(202_601 + stream.integers(0, 5, count) * 100 + stream.integers(0, 12, count)),
        "bal": number(np.where(block == 0, stream.integers(0, 800_000, count), 0), 13),
        "mtn_ts": pick(holders["mtn_ts"], owner),
    }
    return Cards(columns, owner, opened, block == 0), columns


def replace_cards(bank: Bank, streams: Streams, cards: Cards, first: int, number_of_day: int, renamed: Ints) -> Columns:
    """Lost cards, and those of holders with a new name, are blocked and issued anew; rows for the old and the new."""
    stream = streams.of("replaced cards", first, number_of_day)
    lost = chance(stream, len(cards.owner), bank.delta.card_replaced) | np.isin(cards.owner, renamed)
    rows = np.flatnonzero(lost & cards.is_live)
    before = {name: pick(column, rows) for name, column in cards.columns.items()}
    blocked = before | {"block_cd": constant(LOST, len(rows)), "bal": number(0 * rows, 13)}
    index = TOKENS_LATER + number_of_day * (bank.customers // 10 + 10) + first // 10 + np.arange(len(rows))
    new = {"pan_masked": join("622588******", number(stream.integers(0, 10_000, len(rows)), 4))}
    new |= {"pan_token": tokens(index), "replaced_token": before["pan_token"]}
    for name, values in new.items():
        cards.columns[name] = put(cards.columns[name], rows, values)
    issued = before | new
    return {name: pa.concat_arrays([blocked[name], issued[name]]) for name in issued}


def tokens(index: Ints) -> pa.Array:
    """The token that stands for a card's number."""
    return join("tk", number(scattered(index, 123_456_789, 10**9), 9), number(scattered(index, 987_654_321, 10**9), 9))
