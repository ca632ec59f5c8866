"""Points earned with statements and spent again, and what people had asked for before they got a card."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.card_drop import Columns
from extractors.simulators.streams import Ints, Streams, chance, draw
from extractors.simulators.texts import Days, choose, constant, day_text, empty, join, number, pick

REDEEMED_PERCENT, EXPIRES_PERCENT = 7, 30
EXPIRY_MONTH = "01"
SPENT = ("X", "R")  # kinds of entries that take points away
APPLIED_PERCENT = 20  # of holders whose application the hand-over still names
REFUSED_PERCENT = 18
REASONS = ("01", "02", "03", "09")  # score, income, documents, other
ENTRY = ("01", "02", "03", "04")  # branch, app, telephone, staff
AMOUNT = 13


def open_ledger(streams: Streams, first: int, count: int) -> Ints:
    """Points `count` holders have before the first statement that is handed over."""
    stream = streams.of("points before", first)
    had: Ints = stream.integers(0, 20_000, count) * stream.integers(0, 3, count)
    return had


def points_of(streams: Streams, first: int, billed: Columns, has: Ints, *, opens: bool) -> Columns:
    """Points ledger of one statement day; what each holder `has` moves along and never falls below nothing.

    Entries are the balance carried forward (once, where the ledger `opens`), points earned with the statement, points
    of years past that expire with that of January, points redeemed.
    """
    count = len(has)
    stream = streams.of("points", first, billed["stmt_dt"][0].as_py() if count else "")
    earned = billed["points"].cast(pa.int64()).to_numpy()
    carried = has.copy() if opens else np.zeros(count, np.int64)
    ends_year = count > 0 and billed["stmt_ym"][0].as_py().endswith(EXPIRY_MONTH)
    expired = np.where(ends_year & chance(stream, count, EXPIRES_PERCENT), has // 3, 0)
    left = has + earned - expired
    share = stream.integers(20, 101, count)
    redeemed = np.where(chance(stream, count, REDEEMED_PERCENT), left * share // 100 // 100 * 100, 0)
    has += earned - expired - redeemed
    moves = {"O": carried, "E": earned, "X": expired, "R": redeemed}
    parts = [_entries(billed, kind, points) for kind, points in moves.items()]
    return {name: pa.concat_arrays([part[name] for part in parts]) for name in parts[0]}


def _entries(billed: Columns, kind: str, points: Ints) -> Columns:
    rows = np.flatnonzero(points)
    return {
        "card_cust": pick(billed["card_cust"], rows),
        "pts_seq": join(pick(billed["stmt_ym"], rows), constant(kind, len(rows))),
        "pts_dt": pick(billed["stmt_dt"], rows),
        "kind": constant(kind, len(rows)),
        "sign": constant("-" if kind in SPENT else "+", len(rows)),
        "points": number(points[rows], AMOUNT),
    }


def applications(streams: Streams, first: int, holders: Columns, days: Days) -> Columns:
    """Applications of some holders, and of the same people for cards they did not get."""
    count = len(holders["card_cust"])
    stream = streams.of("applications", first, str(days[-1]))
    rows = np.flatnonzero(chance(stream, count, APPLIED_PERCENT))
    refused = chance(stream, len(rows), REFUSED_PERCENT)
    asked = days[stream.integers(0, len(days), len(rows))]
    named = {name: pick(holders[name], rows) for name in ("name", "id_typ", "id_no", "mobile")}
    limit = pc.cast(pick(holders["crd_limit"], rows), pa.int64()).to_numpy()
    return named | {
        "app_no": join("AP", number(first * 2 + rows, 10)),
        "app_dt": day_text(asked),
        "entry": pick(ENTRY, draw(stream, (30, 45, 10, 15), len(rows))),
        "product": pick(("GOLD01", "CLAS01", "PLAT01"), draw(stream, (40, 40, 20), len(rows))),
        "ask_limit": number(limit * 5 // 4, AMOUNT),
        "status": choose(refused, "R", constant("A", len(rows))),
        "reason": choose(refused, pick(REASONS, rows % len(REASONS)), None) if len(rows) else empty(0),
        "card_cust": choose(refused, None, pick(holders["card_cust"], rows)),
        "decide_dt": day_text(np.minimum(asked + 3, days[-1])),
    }
