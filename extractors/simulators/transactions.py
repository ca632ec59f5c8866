"""What people do with their accounts: salaries, bills, spending by season, transfers, interest, reversals."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from extractors.simulators.accounts import DEMAND, Accounts, currencies
from extractors.simulators.bank import Behaviour
from extractors.simulators.devices import device_ids, phones
from extractors.simulators.digits import DAY_SECONDS
from extractors.simulators.farewells import first_withdrawals
from extractors.simulators.grievances import still_does
from extractors.simulators.movement_kinds import (
    BILL,
    CASH_OUT,
    CLOSING,
    PENSION,
    PURCHASE,
    SALARY,
    SENT,
    SIGNS,
    TO_WALLET,
    TRANSFERS,
    WEALTH,
    WEIGHTS,
    other_side,
    usual_cents,
    wording,
)
from extractors.simulators.ordering import stable_order
from extractors.simulators.people import People
from extractors.simulators.regular_money import Batch, interest, monthly, moved_on, natural, of_kind, together
from extractors.simulators.schemes import OWN, Oddities
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw
from extractors.simulators.texts import Days, amount, choose, constant, day_text, hms, number, pick

BY_PHONE = (PURCHASE, SENT, WEALTH, TO_WALLET)  # kinds that leave the phone they came from
FROM_WORK = (SALARY, TO_WALLET)
WEEKDAY_WEIGHTS = np.array([10, 10, 10, 10, 12, 13, 11])  # Monday first
REVERSED_PERCENT = 0.05
LAST_SECOND, END_OF_DAY = 86_399, 23 * 3600


@dataclass(frozen=True)
class Holders:
    """The people, numbered from `first`, and the companies movements are between."""

    people: People
    first: int
    employers: pa.Array  # names


@dataclass(frozen=True)
class Movements:
    """Transactions in time order, amounts in signed cents; a reversed one is followed by what takes it back."""

    account: Ints
    day: Days
    second: Ints
    cents: Ints
    kind: Ints
    is_reversed: Flags
    balance: Ints
    phone: Ints  # OWN or the number of a phone
    other: Ints  # OWN or the account on the other side

    def __len__(self) -> int:
        return len(self.account)


def day_weights(days: Days, behaviour: Behaviour) -> Ints:
    """How much of a year's spending falls on each day."""
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    weekday = (days.astype(np.int64) + 3) % 7
    weights: Ints = np.array(behaviour.month_weights)[month] * WEEKDAY_WEIGHTS[weekday]
    return weights


def move_money(
    behaviour: Behaviour, streams: Streams, purpose: str, accounts: Accounts, days: Days, odd: Oddities
) -> Movements:
    """Every movement on `days` (ascending), odd ones too; balances, last use and closings of `accounts` move along."""
    stream, income = streams.of("transactions", purpose), accounts.income
    paid = [
        monthly(stream, income.salary, SALARY, income.payday, days),
        monthly(stream, income.pension, PENSION, income.payday, days),
    ]
    parts = [
        *paid,
        *(moved_on(stream, batch, income.moves_on, days) for batch in paid),
        monthly(stream, income.bill, BILL, income.payday % 20 + 3, days),
        _others(stream, behaviour, accounts, days),
        interest(accounts, days),
        _odd(odd, days),
    ]
    batch = together(parts)
    comes = still_does(streams.of("fading", purpose), days[batch.day], accounts.left_on[batch.account])
    batch = batch.only(_happens(accounts, batch, days) & comes)
    farewells = first_withdrawals(accounts, days)
    if len(days) == 1:
        batch = batch.only(can_be_paid(accounts, batch, farewells.account))
    batch = together([batch, farewells])
    batch = together([batch, _taken_back(stream, batch)])
    return in_order(accounts, together([batch, _closings(accounts, batch, days)]), days)


def in_order(accounts: Accounts, batch: Batch, days: Days) -> Movements:
    """Movements in time order; balances and last use of `accounts` move along."""
    moment = batch.day * DAY_SECONDS + batch.second
    batch = batch.only(stable_order(moment * len(accounts) + batch.account))
    balance = _settle(accounts, batch.account, batch.cents, open_first=len(days) > 1)
    accounts.last_used[batch.account] = days[batch.day]
    return Movements(
        batch.account,
        days[batch.day],
        batch.second,
        batch.cents,
        batch.kind,
        batch.is_reversed,
        balance,
        batch.phone,
        batch.other,
    )


def _odd(odd: Oddities, days: Days) -> Batch:
    day = (odd.day - days[0]).astype(np.int64)
    return Batch(
        odd.account, day, odd.second, odd.cents, odd.kind, np.zeros(len(odd), dtype=bool), odd.phone, odd.other
    )


def _happens(accounts: Accounts, batch: Batch, days: Days) -> Flags:
    """What moves while the account is there and the person too; in hard times no salary comes."""
    day, account = days[batch.day], batch.account
    away = (day > accounts.left_on[account]) & ~(day >= accounts.returned_on[account])
    paid_nothing = np.isin(batch.kind, FROM_WORK) & accounts.hardship.of(account).on(day)
    return (day >= accounts.opened[account]) & ~away & ~paid_nothing


def can_be_paid(accounts: Accounts, batch: Batch, emptied: Ints) -> Flags:
    """What one day's balances allow for without what comes in on it; nothing more goes out of `emptied` accounts."""
    order = np.lexsort((batch.second, batch.account))
    account, out = batch.account[order], np.maximum(-batch.cents[order], 0)
    total = np.cumsum(out)
    before = (total - out)[np.searchsorted(account, account)]  # of the accounts before
    paid: Flags = np.empty(len(order), dtype=bool)
    paid[order] = (out == 0) | ((total - before <= accounts.balance[account]) & ~np.isin(account, emptied))
    return paid


def _others(stream: np.random.Generator, behaviour: Behaviour, accounts: Accounts, days: Days) -> Batch:
    able = np.flatnonzero((accounts.product == DEMAND) & (accounts.currency == 0) & accounts.is_open)
    able = able[stable_order(able * 2_654_435_761 % 4_294_967_296)]
    weights = day_weights(days, behaviour)
    usual = np.array(behaviour.month_weights).mean() * WEEKDAY_WEIGHTS.mean()
    count = int(len(able) * behaviour.other_transactions * weights.sum() / (usual * 365))
    rank = stream.integers(0, 1 << 16, count) * stream.integers(0, 1 << 16, count) >> 16  # a few do most
    account = able[rank * len(able) >> 16]
    kind = draw(stream, WEIGHTS, count)
    second = stream.integers(7 * 3600, 23 * 3600, count)
    cents = usual_cents(stream, kind, accounts.wealth[account])
    return natural(account, draw(stream, weights, count), second, cents, kind)


def _taken_back(stream: np.random.Generator, batch: Batch) -> Batch:
    """A few are booked back within the hour; both bookings are marked."""
    can_be = (batch.kind >= PURCHASE) & (batch.kind <= CASH_OUT) & (batch.phone == OWN) & (batch.other == OWN)
    rows = np.flatnonzero(chance(stream, len(batch.account), REVERSED_PERCENT) & can_be)
    batch.is_reversed[rows] = True
    back = batch.only(rows)
    second = np.minimum(back.second + stream.integers(60, 3600, len(rows)), LAST_SECOND)
    return replace(back, second=second, cents=-back.cents)


def _closings(accounts: Accounts, batch: Batch, days: Days) -> Batch:
    """Who leaves takes what is left and closes the account; its opening balance covers all it paid."""
    leaves = (
        accounts.closes
        & accounts.is_free
        & np.isnat(accounts.returned_on)
        & (accounts.left_on >= days[0])
        & (accounts.left_on <= days[-1])
    )
    rows = np.flatnonzero(leaves & (accounts.left_on >= accounts.opened))
    spent = np.bincount(batch.account, np.minimum(batch.cents, 0), len(accounts)).astype(np.int64)[rows]
    moved = np.bincount(batch.account, batch.cents, len(accounts)).astype(np.int64)[rows]
    if len(days) > 1:
        accounts.balance[rows] -= spent
    rest = accounts.balance[rows] + moved
    accounts.is_open[rows], accounts.closed[rows] = False, accounts.left_on[rows]
    some = rest != 0
    day = np.searchsorted(days, accounts.left_on[rows])[some]
    return of_kind(rows[some], day, np.full(int(some.sum()), END_OF_DAY + 1800), -rest[some], CLOSING)


def _settle(accounts: Accounts, account: Ints, cents: Ints, *, open_first: bool) -> Ints:
    """Balance after each movement; `open_first` raises opening balances so that none goes negative."""
    order = stable_order(account)
    total = np.cumsum(cents[order])
    is_first = np.concatenate([[True], np.diff(account[order]) != 0])[: len(order)]
    starts = np.flatnonzero(is_first)
    before = np.repeat(np.where(starts > 0, total[starts - 1], 0), np.diff([*starts, len(order)]))
    running = total - before
    owners = account[order][starts]
    if open_first and len(starts):
        accounts.balance[owners] += np.maximum(0, -np.minimum.reduceat(running, starts) - accounts.balance[owners])
    running += np.repeat(accounts.balance[owners], np.diff([*starts, len(order)]))
    balance: Ints = np.empty_like(running)
    balance[order] = running
    accounts.balance[account] = balance
    return balance


def movement_rows(
    movements: Movements, accounts: Accounts, holders: Holders, rows: slice, first_sequence: Ints
) -> pa.Table:
    """Table `txn` for a slice of movements; `first_sequence` numbers them within their day."""
    people = holders.people
    account, kind, cents = movements.account[rows], movements.kind[rows], movements.cents[rows]
    count, is_reversed = len(account), movements.is_reversed[rows]
    other = np.where(movements.other[rows] == OWN, (account * 7919 + 13) % len(accounts), movements.other[rows])
    own = phones(people, holders.first, accounts.person[account], movements.day[rows])
    phone = np.where(movements.phone[rows] == OWN, own, movements.phone[rows])
    is_transfer = np.isin(kind, TRANSFERS)
    names, said = other_side(kind, account, holders.employers, accounts.income.employer[account]), wording(kind)
    takes_back = is_reversed & (np.sign(cents) != SIGNS[kind])
    return pa.table(
        {
            "biz_dt": day_text(movements.day[rows]),
            "txn_seq": number(first_sequence[rows], 10),
            "acct_no": pick(accounts.number, account),
            "dc": choose(cents < 0, "D", constant("C", count)),
            "amt": amount(np.abs(cents)),
            "bal": amount(movements.balance[rows]),
            "ccy": currencies(accounts, account),
            "txn_tm": number(hms(movements.second[rows]), 6),
            "chnl": said.channel,
            "txn_cd": said.code,
            "opp_acct": choose(is_transfer, pick(accounts.number, other), None),
            "opp_nm": choose(is_transfer, pick(people.names.plain, accounts.person[other]), names),
            "memo": choose(takes_back, "冲正", said.memo),
            "dev_id": choose(np.isin(kind, BY_PHONE), device_ids(phone), None),
            "rev_flg": choose(is_reversed, "Y", constant("N", count)),
        }
    )  # fmt: skip
