"""What people buy with their cards: by season and merchant category, with repayments, reversals and disputes."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Behaviour
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw
from extractors.simulators.texts import Days, choose, constant, day_text, empty, join, number, pick, put
from extractors.simulators.transactions import SPENDING, SPENDING_WEIGHTS, day_weights, sequences

# merchant category, merchant, weight
MERCHANTS = (
    ("5411", "惠万家超市", 24), ("5812", "川湘人家餐饮", 20), ("5814", "快乐汉堡", 10), ("5541", "中原加油站", 8),
    ("4121", "畅行网约车", 9), ("5311", "东方百货", 7), ("5732", "星球数码", 4), ("4511", "蓝天航空", 2),
    ("7011", "云途酒店", 3), ("8062", "仁和医院", 3), ("5912", "百草堂药房", 4), ("5651", "锦衣坊服饰", 6),
)  # fmt: skip
AIRLINE = 7  # paid in dollars
REPAYMENT = ("6012", "信用卡还款")
REPAYMENT_PERCENT = 9
REVERSAL_PERCENT = 0.5
DISPUTE_PERCENT = 0.1


@dataclass(frozen=True)
class PostingDay:
    """Cards that may spend and the days on which they do."""

    token: pa.Array
    opened: Days
    is_live: Flags
    days: Days
    batch: int  # of postings handed over together


def post_spending(behaviour: Behaviour, streams: Streams, purpose: str, cards: PostingDay) -> dict[str, pa.Array]:
    """Columns of the posting file, in posting order."""
    stream = streams.of("postings", purpose)
    able = np.flatnonzero(cards.is_live)
    weights = day_weights(cards.days, behaviour)
    usual = np.array(behaviour.month_weights).mean() * 76 / 7
    count = int(len(able) * behaviour.postings * 1.5 * weights.sum() / (usual * 365))
    rank = stream.integers(0, 1 << 16, count) * stream.integers(0, 1 << 16, count) >> 16
    card = able[rank * len(able) >> 16]
    day = np.sort(draw(stream, weights, count))
    card = card[cards.days[day] >= cards.opened[card]]
    day = day[: len(card)]
    return _posted(stream, cards, card, cards.days[day])


def _posted(stream: np.random.Generator, cards: PostingDay, card: Ints, day: Days) -> dict[str, pa.Array]:
    count = len(card)
    merchant = draw(stream, [weight for _, _, weight in MERCHANTS], count)
    cents = SPENDING[draw(stream, SPENDING_WEIGHTS, count)] * stream.integers(700, 1400, count) // 1000
    repays = chance(stream, count, REPAYMENT_PERCENT)
    reverses = np.flatnonzero(chance(stream, count, REVERSAL_PERCENT) & (np.arange(count) > 0) & ~repays)
    reverses = reverses[(np.diff(reverses, prepend=-2) > 1) & ~repays[reverses - 1]]
    for column in (card, cents, merchant):
        column[reverses] = column[reverses - 1]
    cents = np.where(repays, cents * 12, cents)
    is_credit = repays.copy()
    is_credit[reverses] = True
    sequence = sequences(day)
    year_day = day.astype("datetime64[Y]").astype(np.int64) + 1970
    year_day = year_day * 1000 + (day - day.astype("datetime64[Y]")).astype(np.int64) + 1
    key = join(number(year_day, 7), "PS", f"{cards.batch:04d}", number(sequence, 7))
    original = empty(count) if not len(reverses) else put(empty(count), reverses, pick(key, reverses - 1))
    return {
        "batch_dt": number(year_day, 7),
        "batch_src": constant("PS", count),
        "batch_no": constant(f"{cards.batch:04d}", count),
        "batch_seq": number(sequence, 7),
        "pan_token": pick(cards.token, card),
        "txn_dt": day_text(day - (sequence % 3 == 0)),
        "post_dt": day_text(day),
        "ccy": choose(merchant == AIRLINE, "USD", constant("CNY", count)),
        "sign": choose(is_credit, "-", constant("+", count)),
        "amt": number(cents, 13),
        "mcc": choose(repays, REPAYMENT[0], pick([code for code, _, _ in MERCHANTS], merchant)),
        "merchant": choose(repays, REPAYMENT[1], pick([name for _, name, _ in MERCHANTS], merchant)),
        "approval": number(stream.integers(0, 1_000_000, count), 6),
        "orig_seq": original,
        "dispute_dt": choose(chance(stream, count, DISPUTE_PERCENT), day_text(day), None),
    }
