"""Points earned with statements and spent again, and what people had asked for before they got a card."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.card_drop import Columns
from extractors.simulators.streams import Streams, chance, draw
from extractors.simulators.texts import Days, choose, constant, day_text, empty, join, number, pick

REDEEMED_PERCENT = 6
APPLIED_PERCENT = 20  # of holders whose application the hand-over still names
REFUSED_PERCENT = 18
REASONS = ("01", "02", "03", "09")  # score, income, documents, other
ENTRY = ("01", "02", "03", "04")  # branch, app, telephone, staff
AMOUNT = 13


def points_of(streams: Streams, first: int, billed: Columns) -> Columns:
    """Points ledger: an entry for every statement that earned points, and redemptions of some holders."""
    count = len(billed["card_cust"])
    earned = billed["points"].cast(pa.int64()).to_numpy()
    stream = streams.of("points", first, billed["stmt_ym"][0].as_py() if count else "")
    gets = np.flatnonzero(earned)
    spends = np.flatnonzero(chance(stream, count, REDEEMED_PERCENT) & (earned > 0))
    rows = np.concatenate([gets, spends])
    is_earning = np.arange(len(rows)) < len(gets)
    kind = choose(is_earning, "E", constant("R", len(rows)))
    return {
        "card_cust": pick(billed["card_cust"], rows),
        "pts_seq": join(pick(billed["stmt_ym"], rows), kind),
        "pts_dt": pick(billed["stmt_dt"], rows),
        "kind": kind,
        "sign": choose(is_earning, "+", constant("-", len(rows))),
        "points": number(np.where(is_earning, earned[rows], earned[rows] // 2), AMOUNT),
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
