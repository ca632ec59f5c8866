"""What people buy with their cards: by season and merchant category, with repayments, reversals and disputes."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Behaviour
from extractors.simulators.grievances import still_does
from extractors.simulators.movement_kinds import BY_WEALTH, SPENDING, SPENDING_WEIGHTS
from extractors.simulators.ordering import sequences
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw
from extractors.simulators.texts import Days, choose, constant, day_text, empty, join, number, pick, put
from extractors.simulators.transactions import day_weights

# merchant category, merchant, weight, percent of SPENDING that is usual, percent of the weight by month
MERCHANTS = (
    ("5411", "惠万家超市", 24, 90, (150, 105, 95, 95, 95, 95, 95, 95, 100, 95, 100, 115)),
    ("5812", "川湘人家餐饮", 20, 130, (125, 110, 95, 95, 105, 95, 100, 105, 95, 110, 95, 110)),
    ("5814", "快乐汉堡", 10, 45, (100, 90, 95, 95, 105, 110, 115, 115, 95, 100, 90, 95)),
    ("5541", "中原加油站", 8, 260, (125, 120, 95, 95, 105, 90, 100, 100, 95, 120, 85, 90)),
    ("4121", "畅行网约车", 9, 35, (110, 95, 95, 95, 100, 105, 110, 105, 95, 100, 95, 105)),
    ("5311", "东方百货", 7, 420, (130, 80, 90, 90, 105, 120, 85, 85, 100, 95, 160, 130)),
    ("5732", "星球数码", 4, 1500, (95, 75, 90, 85, 95, 160, 85, 95, 125, 95, 190, 110)),
    ("4511", "蓝天航空", 2, 900, (150, 120, 75, 90, 105, 95, 150, 140, 80, 130, 65, 80)),
    ("7011", "云途酒店", 3, 600, (110, 115, 80, 95, 125, 95, 150, 145, 80, 140, 65, 75)),
    ("8062", "仁和医院", 3, 500, (110, 85, 105, 100, 95, 95, 95, 95, 95, 95, 105, 120)),
    ("5912", "百草堂药房", 4, 120, (125, 100, 110, 105, 95, 85, 80, 80, 90, 100, 110, 120)),
    ("5651", "锦衣坊服饰", 6, 330, (135, 70, 105, 105, 100, 95, 70, 75, 105, 115, 165, 120)),
)  # fmt: skip
ABROAD_PERCENT = 12  # of what is spent on flights and hotels is in dollars
DOLLAR = 7  # yuan, about
TRAVEL = (7, 8)
SMALLEST_CENTS, LARGEST_CENTS = 200, 5_000_000
REPAYMENT = ("6012", "信用卡还款")
REPAYMENT_PERCENT = 9
REVERSAL_PERCENT = 0.5
DISPUTE_PERCENT = 0.1


@dataclass(frozen=True)
class PostingDay:
    """Cards that may spend and the days on which they do."""

    token: pa.Array
    opened: Days
    left_on: Days  # nothing is bought after it
    is_live: Flags
    wealth: Ints  # of the holder
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
    day = cards.days[np.sort(draw(stream, weights, count))]
    spends = (day >= cards.opened[card]) & ~(day > cards.left_on[card])
    spends &= still_does(streams.of("fading postings", purpose), day, cards.left_on[card])
    return _posted(stream, cards, card[spends], day[spends])


def _merchants(stream: np.random.Generator, day: Days) -> Ints:
    """Merchants by season; `day` ascends."""
    month = day.astype("datetime64[M]").astype(np.int64)
    chosen = np.empty(len(day), np.int64)
    for this in np.unique(month):
        rows = slice(*np.searchsorted(month, (this, this + 1)))
        weights = [weight * season[this % 12] for _, _, weight, _, season in MERCHANTS]
        chosen[rows] = draw(stream, weights, rows.stop - rows.start)
    return chosen


def _posted(stream: np.random.Generator, cards: PostingDay, card: Ints, day: Days) -> dict[str, pa.Array]:
    count = len(card)
    merchant = _merchants(stream, day)
    cents = SPENDING[draw(stream, SPENDING_WEIGHTS, count)] * stream.integers(700, 1400, count) // 1000
    usual = np.array([percent for _, _, _, percent, _ in MERCHANTS])[merchant] * BY_WEALTH[cards.wealth[card]]
    cents = np.clip(cents * usual // 10_000, SMALLEST_CENTS, LARGEST_CENTS)
    abroad = np.isin(merchant, TRAVEL) & chance(stream, count, ABROAD_PERCENT)
    cents = np.where(abroad, np.maximum(cents // DOLLAR, SMALLEST_CENTS), cents)
    repays = chance(stream, count, REPAYMENT_PERCENT)
    reverses = np.flatnonzero(chance(stream, count, REVERSAL_PERCENT) & (np.arange(count) > 0) & ~repays)
    reverses = reverses[(np.diff(reverses, prepend=-2) > 1) & ~repays[reverses - 1]]
    for column in (card, cents, merchant, abroad):
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
        "ccy": choose(abroad & ~repays, "USD", constant("CNY", count)),
        "sign": choose(is_credit, "-", constant("+", count)),
        "amt": number(cents, 13),
        "mcc": choose(repays, REPAYMENT[0], pick([kind[0] for kind in MERCHANTS], merchant)),
        "merchant": choose(repays, REPAYMENT[1], pick([kind[1] for kind in MERCHANTS], merchant)),
        "approval": number(stream.integers(0, 1_000_000, count), 6),
        "orig_seq": original,
        "dispute_dt": choose(chance(stream, count, DISPUTE_PERCENT), day_text(day), None),
    }
