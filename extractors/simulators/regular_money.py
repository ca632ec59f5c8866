"""Money that moves by the calendar: salaries, pensions, bills, what leaves again after payday, interest."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.accounts import DEMAND, Accounts
from extractors.simulators.movement_kinds import BILL, INTEREST, PENSION, SALARY, SIGNS, TO_WALLET
from extractors.simulators.schemes import OWN
from extractors.simulators.streams import Flags, Ints
from extractors.simulators.texts import Days

NEW_YEAR_BONUS_MONTH = 1
NOON = 12 * 3600
INTEREST_DAY, INTEREST_MONTHS = 21, (2, 5, 8, 11)
INTEREST_FROM_CENTS, YEARLY_INTEREST = 2_000_000, 2000  # one in so many of the balance a year
BILL_SEASON = np.array([130, 120, 100, 85, 85, 100, 125, 130, 105, 85, 95, 120])  # percent by month


@dataclass(frozen=True)
class Batch:
    """Movements on their way: rows of accounts, places among the days."""

    account: Ints
    day: Ints
    second: Ints
    cents: Ints
    kind: Ints
    is_reversed: Flags
    phone: Ints  # OWN or the number of a phone
    other: Ints  # OWN or the account on the other side

    def only(self, rows: Ints | Flags) -> "Batch":
        """Some of the movements."""
        return Batch(*(column[rows] for column in vars(self).values()))


def together(parts: list[Batch]) -> Batch:
    """All movements of some batches."""
    return Batch(*(np.concatenate(column) for column in zip(*(vars(part).values() for part in parts), strict=True)))


def of_kind(account: Ints, day: Ints, second: Ints, cents: Ints, kind: int) -> Batch:
    """Movements of one kind."""
    return natural(account, day, second, cents, np.full(len(account), kind))


def natural(account: Ints, day: Ints, second: Ints, cents: Ints, kind: Ints) -> Batch:
    """Movements from people's own phones, with whom they usually deal."""
    own = np.full(len(account), OWN)
    return Batch(account, day, second, cents, kind, np.zeros(len(account), dtype=bool), own, own)


def monthly(stream: np.random.Generator, cents: Ints, kind: int, day_of_month: Ints, days: Days) -> Batch:
    """One movement on the account's own day of every month, a little different each time."""
    paid = np.flatnonzero(cents)
    this_day = (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    order = np.argsort(this_day, kind="stable")
    starts = np.searchsorted(this_day[order], day_of_month[paid], side="left")
    times = np.searchsorted(this_day[order], day_of_month[paid], side="right") - starts
    account = np.repeat(paid, times)
    within = np.arange(len(account)) - np.repeat(np.cumsum(times) - times, times)
    day = order[np.repeat(starts, times) + within]
    month = days[day].astype("datetime64[M]").astype(np.int64) % 12
    has_bonus = (kind == SALARY) & (month == NEW_YEAR_BONUS_MONTH)
    factor = stream.integers(985, 1016, len(account)) * np.where(has_bonus, 2, 1)
    if kind == BILL:
        factor = stream.integers(700, 1300, len(account)) * BILL_SEASON[month] // 100
    if kind == PENSION:
        factor = np.full(len(account), 1000)
    moved = cents[account] * factor // 1000 * SIGNS[kind]
    return of_kind(account, day, stream.integers(6 * 3600, 11 * 3600, len(account)), moved, kind)


def moved_on(stream: np.random.Generator, paid: Batch, percent: Ints, days: Days) -> Batch:
    """Most of an income leaves again within days, for what is paid elsewhere."""
    rows = np.flatnonzero(percent[paid.account])
    account = paid.account[rows]
    later = np.minimum(paid.day[rows] + stream.integers(0, 4, len(rows)), len(days) - 1)
    share = np.maximum(percent[account] + stream.integers(-8, 9, len(rows)), 10)
    cents = paid.cents[rows] * share // 100 // 100 * -100
    return of_kind(account, later, stream.integers(NOON, 22 * 3600, len(rows)), cents, TO_WALLET)


def interest(accounts: Accounts, days: Days) -> Batch:
    """Interest of a quarter on the 21st of its last month, where it comes to a yuan or so."""
    this_day = (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    due = np.flatnonzero((this_day == INTEREST_DAY) & np.isin(month, INTEREST_MONTHS))
    bears = (accounts.product == DEMAND) & accounts.is_open & (accounts.balance >= INTEREST_FROM_CENTS)
    rows = np.flatnonzero(bears)
    account = np.tile(rows, len(due))
    cents = accounts.balance[account] // (YEARLY_INTEREST * len(INTEREST_MONTHS))
    return of_kind(account, np.repeat(due, len(rows)), np.full(len(account), 3600), cents, INTEREST)
