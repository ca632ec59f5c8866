"""What can be seen of people before they leave: they come less often, and part of their money goes first."""

import numpy as np

from extractors.simulators.accounts import Accounts
from extractors.simulators.movement_kinds import SENT
from extractors.simulators.regular_money import Batch, of_kind
from extractors.simulators.texts import Days

FIRST_PERCENT = (30, 60)  # of the money of an account that is closed in the end
LAST_PERCENT = (85, 99)  # of the money of one that stays open
DAYS_BEFORE = (3, 45)


def first_withdrawals(accounts: Accounts, days: Days) -> Batch:
    """Money that people who leave for good move elsewhere on `days`, weeks before.

    Over a history the opening balance of an account that stays open is lowered to what stays: it is raised by what
    moves.
    """
    leave = accounts.is_free & (accounts.left_on > accounts.opened) & np.isnat(accounts.returned_on)
    rows = np.flatnonzero(leave)
    turn = rows * 7919 % 1009
    before = DAYS_BEFORE[0] + turn % (DAYS_BEFORE[1] - DAYS_BEFORE[0])
    day = np.maximum(accounts.left_on[rows] - before.astype("timedelta64[D]"), accounts.opened[rows])
    now = (day >= days[0]) & (day <= days[-1])
    rows, turn, day, closes = rows[now], turn[now], day[now], accounts.closes[rows[now]]
    low, high = np.where(closes[:, None], FIRST_PERCENT, LAST_PERCENT).T
    cents = accounts.balance[rows] * (low + turn % (high - low)) // 100
    if len(days) > 1:
        accounts.balance[rows] -= np.where(closes, 0, cents)
    at = (day - days[0]).astype(np.int64)
    return of_kind(rows, at, 9 * 3600 + turn * 28, -cents, SENT)
