"""What people do with their accounts: salaries, bills, spending by season, transfers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.accounts import Accounts, currencies
from extractors.simulators.bank import Behaviour
from extractors.simulators.devices import device_ids, phones
from extractors.simulators.people import People
from extractors.simulators.schemes import OWN, Oddities
from extractors.simulators.streams import Ints, Streams, draw
from extractors.simulators.texts import Days, amount, choose, constant, day_text, hms, number, pick

# code, memo, sign, channel, weight among the other transactions
KINDS = (
    ("SAL", "代发工资", 1, "SYS", 0), ("BIL", "水电燃气费", -1, "SYS", 0), ("CSM", "快捷支付消费", -1, "APP", 45),
    ("TRO", "转账汇出", -1, "APP", 18), ("TRI", "转账汇入", 1, "APP", 16), ("ATM", "ATM取款", -1, "ATM", 9),
    ("CSI", "现金存入", 1, "BRH", 5), ("CSO", "柜面取现", -1, "BRH", 3), ("WMB", "购买理财", -1, "APP", 2),
    ("FEE", "账户管理费", -1, "SYS", 2),
)  # fmt: skip
SALARY, BILL, FEE = 0, 1, 9
TRANSFERS = (3, 4)
BY_PHONE = (2, 3, 8)  # kinds that leave the phone they came from
SPENDING = np.array([500, 1200, 1990, 2500, 3800, 5600, 8800, 12000, 19900, 35000, 68000, 150000, 420000])
SPENDING_WEIGHTS = (6, 9, 12, 12, 12, 11, 10, 9, 7, 5, 4, 2, 1)
WEEKDAY_WEIGHTS = np.array([10, 10, 10, 10, 12, 13, 11])  # Monday first
NEW_YEAR_BONUS_MONTH = 1
REVERSED_EVERY = 1999
EMPLOYERS = (
    "光明纺织有限公司",
    "红星机械厂",
    "市第一中学",
    "远大物流股份有限公司",
    "新世纪软件有限公司",
    "人民医院",
    "惠民超市有限公司",
    "区财政局",
)


@dataclass(frozen=True)
class Movements:
    """Transactions in time order, amounts in signed cents."""

    account: Ints
    day: Days
    second: Ints
    cents: Ints
    kind: Ints
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
    """Every movement on `days` (ascending), odd ones too; balances and days of last use of `accounts` move along."""
    stream = streams.of("transactions", purpose)
    parts = [
        _monthly(stream, accounts.salary, SALARY, accounts.payday, days),
        _monthly(stream, accounts.bill, BILL, accounts.payday % 20 + 3, days),
        _others(stream, behaviour, accounts, days),
    ]
    parts.append((odd.account, (odd.day - days[0]).astype(np.int64), odd.second, odd.cents, odd.kind))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    natural = np.full(len(columns[0]) - len(odd), OWN)
    columns += [np.append(natural, odd.phone), np.append(natural, odd.other)]
    account, day, kind = columns[0], columns[1], columns[4]
    away = (days[day] > accounts.left_on[account]) & ~(days[day] >= accounts.returned_on[account])
    alive = (days[day] >= accounts.opened[account]) & ~away
    alive &= ~((kind == SALARY) & accounts.hardship.of(account).on(days[day]))
    columns = [column[alive] for column in columns]
    order = np.lexsort((columns[4], columns[0], columns[2], columns[1]))
    account, day, second, cents, kind, phone, other = (column[order] for column in columns)
    balance = _settle(accounts, account, cents, open_first=len(days) > 1)
    accounts.last_used[account] = days[day]
    return Movements(account, days[day], second, cents, kind, balance, phone, other)


def _monthly(stream: np.random.Generator, cents: Ints, kind: int, day_of_month: Ints, days: Days) -> tuple[Ints, ...]:
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
    factor = stream.integers(970, 1031, len(account)) * np.where(
        (kind == SALARY) & (month == NEW_YEAR_BONUS_MONTH), 2, 1
    )
    moved = cents[account] * factor // 1000 * KINDS[kind][2]
    return account, day, stream.integers(6 * 3600, 11 * 3600, len(account)), moved, np.full(len(account), kind)


def _others(stream: np.random.Generator, behaviour: Behaviour, accounts: Accounts, days: Days) -> tuple[Ints, ...]:
    able = np.flatnonzero((accounts.product == 0) & accounts.is_open)
    weights = day_weights(days, behaviour)
    usual = np.array(behaviour.month_weights).mean() * WEEKDAY_WEIGHTS.mean()
    count = int(len(able) * behaviour.other_transactions * weights.sum() / (usual * 365))
    rank = stream.integers(0, 1 << 16, count) * stream.integers(0, 1 << 16, count) >> 16  # a few do most
    account = able[rank * len(able) >> 16]
    kind = draw(stream, [kind[-1] for kind in KINDS], count)
    size = SPENDING[draw(stream, SPENDING_WEIGHTS, count)] * stream.integers(700, 1400, count) // 1000
    sign = np.array([kind[2] for kind in KINDS])[kind]
    return account, draw(stream, weights, count), stream.integers(7 * 3600, 23 * 3600, count), size * sign, kind


def _settle(accounts: Accounts, account: Ints, cents: Ints, *, open_first: bool) -> Ints:
    """Balance after each movement; `open_first` raises opening balances so that none goes negative."""
    order = np.argsort(account, kind="stable")
    total = np.cumsum(cents[order])
    is_first = np.concatenate([[True], np.diff(account[order]) != 0])[: len(order)]
    starts = np.flatnonzero(is_first)
    before = np.repeat(np.where(starts > 0, total[starts - 1], 0), np.diff([*starts, len(order)]))
    running = total - before
    owners = account[order][starts]
    if open_first and len(starts):
        accounts.balance[owners] += np.maximum(0, -np.minimum.reduceat(running, starts))
    running += np.repeat(accounts.balance[owners], np.diff([*starts, len(order)]))
    balance: Ints = np.empty_like(running)
    balance[order] = running
    accounts.balance[account] = balance
    return balance


def movement_rows(
    movements: Movements, accounts: Accounts, people: People, rows: slice, first_sequence: Ints, first: int
) -> pa.Table:
    """Table `txn` for a slice of movements of people numbered from `first`, numbered within their day."""
    account, kind, cents = movements.account[rows], movements.kind[rows], movements.cents[rows]
    count = len(account)
    other = np.where(movements.other[rows] == OWN, (account * 7919 + 13) % len(accounts), movements.other[rows])
    own = phones(people, first, accounts.person[account], movements.day[rows])
    phone = np.where(movements.phone[rows] == OWN, own, movements.phone[rows])
    is_transfer = np.isin(kind, TRANSFERS)
    names = choose(is_transfer, pick(people.names.plain, accounts.person[other]), None)
    return pa.table(
        {
            "biz_dt": day_text(movements.day[rows]),
            "txn_seq": number(first_sequence[rows], 10),
            "acct_no": pick(accounts.number, account),
            "dc": choose(cents < 0, "D", constant("C", count)),
            "amt": amount(np.abs(cents)),
            "bal": amount(movements.balance[rows]),
            "ccy": currencies(account),
            "txn_tm": number(hms(movements.second[rows]), 6),
            "chnl": pick([k[3] for k in KINDS], kind),
            "txn_cd": pick([k[0] for k in KINDS], kind),
            "opp_acct": choose(is_transfer, pick(accounts.number, other), None),
            "opp_nm": choose(kind == SALARY, pick(EMPLOYERS, account % len(EMPLOYERS)), names),
            "memo": pick([k[1] for k in KINDS], kind),
            "dev_id": choose(np.isin(kind, BY_PHONE), device_ids(phone), None),
            "rev_flg": choose(movements.second[rows] % REVERSED_EVERY == 0, "Y", constant("N", count)),
        }
    )  # fmt: skip


def sequences(days: Days) -> Ints:
    """Number of each movement within its day, from 1."""
    starts = np.flatnonzero(np.concatenate([[True], np.diff(days).astype(np.int64) != 0]))[: len(days)]
    return np.arange(len(days)) - np.repeat(starts, np.diff([*starts, len(days)])) + 1
