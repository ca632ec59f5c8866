"""Accounts: who holds them, which product, how much is on them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.bank import Bank
from extractors.simulators.core_customers import (
    CLOSED,
    CLOSED_CUSTOMERS_PERCENT,
    DECEASED,
    CoreCustomers,
    branch_codes,
)
from extractors.simulators.families import FOREIGN, SPOUSE
from extractors.simulators.hardship import Hardship
from extractors.simulators.income import Income, find_income
from extractors.simulators.people import People
from extractors.simulators.stacking import CustomerRows, PersonRows
from extractors.simulators.streams import MILLION, Flags, Ints, Streams, chance, draw
from extractors.simulators.texts import Days, amount, choose, constant, day_text, empty, join, moment_text, number, pick

# code, name, kind, risk, yearly rate in percent, weight among second accounts
PRODUCTS = (
    ("DEM01", "活期储蓄", "D", "R1", "0.05", 20), ("TD003", "整存整取三个月", "T", "R1", "0.65", 10),
    ("TD012", "整存整取一年", "T", "R1", "0.95", 24), ("TD036", "整存整取三年", "T", "R1", "1.25", 12),
    ("WM101", "稳健理财日开", "W", "R1", "1.60", 12), ("WM202", "固收增强理财", "W", "R2", "2.40", 10),
    ("WM303", "混合理财", "W", "R3", "3.20", 5), ("FD404", "股票型基金", "F", "R4", "0.00", 5),
    ("FD505", "商品型基金", "F", "R5", "0.00", 2),
)  # fmt: skip
DEMAND, LAST_DEPOSIT = 0, 3
TERM_DAYS = np.array([0, 91, 365, 1095, 0, 0, 0, 0, 0])  # by product; they are renewed when they end
IN_THOUSANDS = np.array([0, 1, 1, 1, 1, 1, 1, 0, 0], dtype=bool)  # by product: sold in round amounts
CURRENCIES = ("CNY", "USD", "HKD", "EUR", "JPY", "GBP")
CNY_FOR_A_HUNDRED = np.array([100, 710, 92, 820, 5, 950])  # about, for the size of balances
CURRENCY_WEIGHTS = (0, 52, 24, 10, 8, 6)
FOREIGN_PERCENT, FOREIGN_OF_FOREIGNERS_PERCENT = 11, 60  # of deposits beside the current account
BALANCES = np.array([3e4, 12e4, 40e4, 100e4, 250e4, 600e4, 1500e4, 3500e4, 9000e4, 40000e4]).astype(np.int64)
FURTHER_BY_WEALTH = np.array([2, 5, 9, 13, 17, 22, 28, 36, 45, 55])  # how many further products, in proportion
SECOND_FACTOR = 3
HELD_EVERY = 997  # one account in so many is partly blocked
SEIZED_EVERY = 193  # one term deposit in so many is blocked by a court
CLOSED_PERCENT, CLOSES_ON_LEAVING_PERCENT = 3, 75
JOINT_PERCENT, ATTORNEY_PERCENT = 22, 1  # of the accounts of spouses; of other people who are not head of their family
RECENT_DAYS = 1095  # within which the closed accounts of the hand-over were closed


@dataclass
class Accounts:
    """One entry per account, columns aligned; balances in cents move with the days."""

    owner: CustomerRows  # row of the customer who holds it
    person: PersonRows
    holder: pa.Array  # customer number it is tied to, sometimes the wrong one
    number: pa.Array
    product: Ints
    currency: Ints
    branch: Ints
    opened: Days
    is_open: Flags
    is_blocked: Flags  # wholly: by a court, or since the bank knows of the holder's death
    closed: Days
    balance: Ints
    last_used: Days
    wealth: Ints
    income: Income
    left_on: Days  # day after which the person does nothing any more
    hardship: Hardship  # while it lasts no salary comes
    returned_on: Days  # day from which the person is back
    closes: Flags  # whether the person closes it on leaving

    def __len__(self) -> int:
        return len(self.owner)

    @property
    def is_free(self) -> Flags:
        """Open, and nothing forbids to use them."""
        free: Flags = self.is_open & ~self.is_blocked
        return free


def open_accounts(
    bank: Bank, streams: Streams, people: People, customers: CoreCustomers, first: int, employers: int
) -> Accounts:
    """Accounts of one intake of customers: a current account each, and further products, more for those of means.

    Some are paid their salary by one of `employers` companies of the same intake.
    """
    stream = streams.of("accounts", first)
    held, wealth_of = len(customers.members), people.wealth[customers.members.who]
    owner = np.concatenate([np.arange(held), _further(stream, bank, wealth_of)])
    count, person = len(owner), customers.members.who[owner]
    wealth, is_first = people.wealth[person], np.arange(count) < held
    product = np.where(is_first, DEMAND, draw(stream, [product[-1] for product in PRODUCTS], count))
    currency = _currency(stream, people.families.origin[person], ~is_first & (product <= LAST_DEPOSIT))
    opened = _openings(stream, bank, customers.members.opened[owner], product, is_first)
    status = pick(customers.status, owner)
    closed = _closings(stream, bank, opened, _must_close(stream, bank, status))
    is_open = np.isnat(closed)
    left_on = np.fmin(people.grievances.left_on[person], people.died_on[person])
    is_seized = (TERM_DAYS[product] > 0) & np.isnat(left_on) & (np.arange(count) % SEIZED_EVERY == 0)
    wrong = chance(stream, count, bank.defects["core_banking"].wrong_person)
    is_used = is_first & is_open & ~people.is_minor[person]
    return Accounts(
        owner=owner,
        person=person,
        holder=pick(customers.key, np.where(wrong, np.roll(owner, 1), owner)),
        number=join(f"6228{first:07d}", number(np.arange(count), 8)),
        product=product,
        currency=currency,
        branch=customers.branch[owner],
        opened=opened,
        is_open=is_open,
        is_blocked=is_open & (is_seized | np.asarray(pc.equal(status, DECEASED))),
        closed=closed,
        balance=np.where(is_open, _balances(stream, wealth, product, currency), 0),
        last_used=opened.copy(),
        wealth=wealth,
        income=find_income(bank.behaviour, streams.of("income", first), people, person, is_used, employers),
        left_on=left_on,
        closes=chance(stream, count, CLOSES_ON_LEAVING_PERCENT) & np.isnat(people.died_on[person]),
        hardship=people.hardship.of(person),
        returned_on=people.grievances.returned_on[person],
    )


def currencies(accounts: Accounts, rows: Ints) -> pa.Array:
    """Currency of some accounts."""
    return pick(CURRENCIES, accounts.currency[rows])


def _further(stream: np.random.Generator, bank: Bank, wealth: Ints) -> Ints:
    """Customers, each as often as further products are held."""
    share = FURTHER_BY_WEALTH[wealth] * (bank.behaviour.accounts - 1) / max(1.0, FURTHER_BY_WEALTH[wealth].mean())
    thousandths = np.round(share * 1000).astype(np.int64)
    return np.repeat(np.arange(len(wealth)), (thousandths + stream.integers(0, 1000, len(wealth))) // 1000)


def _currency(stream: np.random.Generator, origin: Ints, may_differ: Flags) -> Ints:
    percent = np.where(origin >= FOREIGN, FOREIGN_OF_FOREIGNERS_PERCENT, FOREIGN_PERCENT)
    differs = may_differ & (stream.integers(0, 100, len(origin)) < percent)
    return np.where(differs, draw(stream, CURRENCY_WEIGHTS, len(origin)), 0)


def _openings(stream: np.random.Generator, bank: Bank, joined: Days, product: Ints, is_first: Flags) -> Days:
    """Current accounts open with the customer; others later, term deposits within their last term."""
    last = np.maximum(joined, np.datetime64(bank.first_date))
    span = (last - joined).astype(np.int64)
    span = np.where(TERM_DAYS[product] > 0, np.minimum(span, TERM_DAYS[product]), span)
    ago = (stream.integers(0, MILLION, len(joined)) * (span + 1) // MILLION).astype("timedelta64[D]")
    return np.where(is_first, joined, last - ago)


def _must_close(stream: np.random.Generator, bank: Bank, status: pa.Array) -> Flags:
    """Accounts of customers that are closed, but for those that core banking forgot."""
    forgotten = bank.defects["core_banking"].closed_with_open_account
    forgets = chance(stream, len(status), 100 * forgotten / (forgotten + CLOSED_CUSTOMERS_PERCENT))
    return np.asarray(pc.equal(status, CLOSED)) & ~forgets


def _closings(stream: np.random.Generator, bank: Bank, opened: Days, must_close: Flags) -> Days:
    """When an account was closed before the first day; NaT for those that are open."""
    age = (np.datetime64(bank.first_date) - opened).astype(np.int64)
    ago = 1 + stream.integers(0, MILLION, len(opened)) * np.clip(age - 1, 1, RECENT_DAYS) // MILLION
    is_closed = (chance(stream, len(opened), CLOSED_PERCENT) | must_close) & (age > 1)
    return np.where(is_closed, np.datetime64(bank.first_date) - ago.astype("timedelta64[D]"), np.datetime64("NaT"))


def _balances(stream: np.random.Generator, wealth: Ints, product: Ints, currency: Ints) -> Ints:
    """Cents of the account's own currency; what is sold in round amounts is round, and a thousand at least."""
    factor = np.where(product == DEMAND, 1, SECOND_FACTOR)
    cents = BALANCES[wealth] * stream.integers(200, 1800, len(wealth)) // 1000 * factor
    cents = cents * 100 // CNY_FOR_A_HUNDRED[currency]
    round_cents = np.maximum(cents // 100_000, 1) * 100_000
    balance: Ints = np.where(IN_THOUSANDS[product], round_cents, cents + stream.integers(0, 100, len(wealth)))
    return balance


def account_rows(accounts: Accounts, rows: Ints, updated: pa.Array) -> pa.Table:
    """Table `acct` for some accounts as they are now."""
    balance = accounts.balance[rows]
    is_blocked = accounts.is_blocked[rows]
    is_partly_held = (rows % HELD_EVERY == 0) & accounts.is_open[rows]
    return pa.table(
        {
            "acct_no": pick(accounts.number, rows),
            "prod_cd": pick([product[0] for product in PRODUCTS], accounts.product[rows]),
            "ccy": currencies(accounts, rows),
            "br": branch_codes(accounts.branch[rows]),
            "sts": choose(is_blocked, "1", choose(accounts.is_open[rows], "0", constant("9", len(rows)))),
            "open_dt": day_text(accounts.opened[rows]),
            "close_dt": day_text(accounts.closed[rows]),
            "bal": amount(balance),
            "avg_bal": amount(balance * 9 // 10),
            "hold_amt": amount(np.where(is_blocked, balance, np.where(is_partly_held, balance // 10, 0))),
            "last_txn_dt": day_text(accounts.last_used[rows]),
            "upd_ts": updated,
        }
    )


def holder_rows(accounts: Accounts, people: People, core_key: pa.Array, updated: pa.Array) -> pa.Table:
    """Table `acct_cust`: who holds each account, with the head of the family as guardian, joint holder or attorney."""
    count = len(accounts)
    columns = {
        "acct_no": accounts.number,
        "cif_no": accounts.holder,
        "rel": constant("P", count),
        "from_dt": day_text(accounts.opened),
        "to_dt": empty(count),
        "upd_ts": updated,
    }
    primary = pa.table(columns)
    head = pick(core_key, people.families.head[accounts.person])
    is_other = np.asarray(pc.fill_null(pc.not_equal(head, accounts.holder), False))  # noqa: FBT003 (its only spelling)
    draws = np.arange(count) * 7919 % 100
    is_minor = people.is_minor[accounts.person]
    is_spouse = people.families.role[accounts.person] == SPOUSE
    is_tied = draws < np.where(is_spouse, JOINT_PERCENT, ATTORNEY_PERCENT)
    second = np.flatnonzero(is_other & (is_minor | is_tied))
    kind = np.where(is_minor, 0, np.where(is_spouse, 1, 2))
    columns |= {"cif_no": head, "rel": pick(("G", "J", "A"), kind)}
    return pa.concat_tables([primary, pa.table(columns).take(pa.array(second))])


def touched_at(days: Days) -> pa.Array:
    """When an account row last changed: the evening of a day."""
    return moment_text(days, np.full(len(days), 21 * 3600))
