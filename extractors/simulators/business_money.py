"""What companies and sole traders do with their accounts: takings, suppliers, wages monthly, tax quarterly."""

import numpy as np
import pyarrow as pa

from extractors.simulators.accounts import DEMAND, Accounts
from extractors.simulators.income import no_income
from extractors.simulators.movement_kinds import SUPPLIES, TAKINGS, TAX, WAGES
from extractors.simulators.people import People
from extractors.simulators.regular_money import Batch, of_kind, together
from extractors.simulators.streams import Ints, Streams
from extractors.simulators.texts import Days
from extractors.simulators.transactions import Movements, can_be_paid, in_order

TURNOVER_PERCENT = 60  # of what an account holds, a month
ORDERS_A_YEAR, BILLS_A_YEAR = 30, 14
SHARE_OF_TAKINGS, SHARE_OF_SUPPLIES = (150, 700), (200, 1000)  # per mille of a month's turnover
WAGES_PERCENT, TAX_PERCENT = 12, 6  # of a month's turnover
WAGES_DAY, TAX_DAY, TAX_MONTHS = 10, 15, (0, 3, 6, 9)
OPENS, CLOSES = 9 * 3600, 18 * 3600
SMALLEST_TURNOVER = 3_000_000  # cents


def business_accounts(
    people: People, owner: Ints, holder: pa.Array, numbers: pa.Array, branch: Ints, opened: Days, balance: Ints
) -> Accounts:
    """A current account for each record of an organisation; `owner` are persons, `balance` cents."""
    count, never = len(owner), np.full(len(owner), np.datetime64("NaT", "D"))
    return Accounts(
        owner=np.full(count, -1),
        person=owner,
        holder=holder,
        number=numbers,
        product=np.full(count, DEMAND),
        currency=np.zeros(count, np.int64),
        branch=branch,
        opened=opened,
        is_open=np.ones(count, dtype=bool),
        is_blocked=np.zeros(count, dtype=bool),
        closed=never,
        balance=balance,
        last_used=opened.copy(),
        wealth=people.wealth[owner],
        income=no_income(count),
        left_on=never.copy(),
        closes=np.zeros(count, dtype=bool),
        hardship=people.hardship.of(owner),
        returned_on=never.copy(),
    )


def do_business(streams: Streams, purpose: str, accounts: Accounts, days: Days) -> Movements:
    """Every movement on `days` (ascending); balances and last use of `accounts` move along."""
    stream = streams.of("business", purpose)
    turnover = np.maximum(accounts.balance * TURNOVER_PERCENT // 100, SMALLEST_TURNOVER)
    batch = together(
        [
            _dealings(stream, turnover, days, TAKINGS, ORDERS_A_YEAR, SHARE_OF_TAKINGS),
            _dealings(stream, -turnover, days, SUPPLIES, BILLS_A_YEAR, SHARE_OF_SUPPLIES),
            _by_calendar(stream, -turnover * WAGES_PERCENT // 100, days, WAGES, WAGES_DAY, range(12)),
            _by_calendar(stream, -turnover * TAX_PERCENT // 100, days, TAX, TAX_DAY, TAX_MONTHS),
        ]
    )
    batch = batch.only(days[batch.day] >= accounts.opened[batch.account])
    if len(days) == 1:
        batch = batch.only(can_be_paid(accounts, batch, np.empty(0, np.int64)))
    return in_order(accounts, batch, days)


def _dealings(
    stream: np.random.Generator, turnover: Ints, days: Days, kind: int, a_year: int, share: tuple[int, int]
) -> Batch:
    """Takings or suppliers on any working day."""
    working = np.flatnonzero((days.astype(np.int64) + 3) % 7 < 5)  # noqa: PLR2004 (Monday is 0)
    expected = len(turnover) * a_year * len(working) * 7
    count = int(stream.integers(0, 365 * 5) + expected) // (365 * 5) if len(working) else 0
    account = stream.integers(0, max(len(turnover), 1), count)
    day = working[stream.integers(0, max(len(working), 1), count)]
    cents = turnover[account] * stream.integers(*share, count) // 1000 // 100 * 100
    return of_kind(account, day, stream.integers(OPENS, CLOSES, count), cents, kind)


def _by_calendar(
    stream: np.random.Generator, cents: Ints, days: Days, kind: int, day_of_month: int, months: range | tuple[int, ...]
) -> Batch:
    """What every account pays on one day of some months."""
    month = days.astype("datetime64[M]")
    due = (days - month).astype(np.int64) + 1 == day_of_month
    at = np.flatnonzero(due & np.isin(month.astype(np.int64) % 12, tuple(months)))
    account = np.tile(np.arange(len(cents)), len(at))
    paid = cents[account] * stream.integers(950, 1051, len(account)) // 1000
    return of_kind(account, np.repeat(at, len(cents)), stream.integers(OPENS, CLOSES, len(account)), paid, kind)
