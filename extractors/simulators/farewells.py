"""What can be seen of people before they leave: they come less often, and part of their money goes first."""

import numpy as np

from extractors.simulators.accounts import Accounts
from extractors.simulators.movement_kinds import SENT
from extractors.simulators.regular_money import Batch, of_kind
from extractors.simulators.streams import Flags, Streams
from extractors.simulators.texts import Days

FADES_FOR_DAYS = 75
FADES_TO_PERCENT = 70  # of what they did before, left out on the last days
FIRST_PERCENT = (30, 60)  # of the money of an account that is closed in the end
LAST_PERCENT = (85, 99)  # of the money of one that stays open
DAYS_BEFORE = (3, 45)


def still_comes(streams: Streams, purpose: str, accounts: Accounts, batch: Batch, days: Days) -> Flags:
    """Which of somebody's movements happen, the closer to leaving the fewer."""
    day, left_on = days[batch.day], accounts.left_on[batch.account]
    days_left = np.where(np.isnat(left_on) | (day > left_on), FADES_FOR_DAYS, (left_on - day).astype(np.int64))
    faded = np.clip(FADES_FOR_DAYS - days_left, 0, FADES_FOR_DAYS) * FADES_TO_PERCENT // FADES_FOR_DAYS
    comes: Flags = streams.of("fading", purpose).integers(0, 100, len(day)) >= faded
    return comes


def first_withdrawals(streams: Streams, purpose: str, accounts: Accounts, days: Days) -> Batch:
    """Money that people who leave for good on `days` move elsewhere before.

    Of an account that stays open the opening balance is lowered to what stays: it is raised by what moves.
    """
    stream = streams.of("farewells", purpose)
    leave = accounts.is_open & (accounts.left_on > days[0]) & (accounts.left_on <= days[-1])
    rows = np.flatnonzero(leave & np.isnat(accounts.returned_on) & (accounts.left_on > accounts.opened))
    count, closes = len(rows), accounts.closes[rows]
    percent = np.where(closes, stream.integers(*FIRST_PERCENT, count), stream.integers(*LAST_PERCENT, count))
    cents = accounts.balance[rows] * percent // 100
    accounts.balance[rows] -= np.where(closes, 0, cents)
    day = (accounts.left_on[rows] - days[0]).astype(np.int64) - stream.integers(*DAYS_BEFORE, count)
    earliest = np.maximum((accounts.opened[rows] - days[0]).astype(np.int64), 0)
    return of_kind(rows, np.maximum(day, earliest), stream.integers(9 * 3600, 17 * 3600, count), -cents, SENT)
