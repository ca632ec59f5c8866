"""Accounts: who holds them, which product, how much is on them."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.bank import Bank
from extractors.simulators.core_customers import CoreCustomers, branch_codes
from extractors.simulators.dealings import Bought
from extractors.simulators.hardship import Hardship
from extractors.simulators.people import People
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw
from extractors.simulators.texts import Days, amount, choose, constant, day_text, empty, join, moment_text, number, pick
from extractors.simulators.wishes import WANTED

# code, name, kind, risk, yearly rate in percent, weight among second accounts
PRODUCTS = (
    ("DEM01", "活期储蓄", "D", "R1", "0.05", 20), ("TD003", "整存整取三个月", "T", "R1", "0.65", 10),
    ("TD012", "整存整取一年", "T", "R1", "0.95", 24), ("TD036", "整存整取三年", "T", "R1", "1.25", 12),
    ("WM101", "稳健理财日开", "W", "R1", "1.60", 12), ("WM202", "固收增强理财", "W", "R2", "2.40", 10),
    ("WM303", "混合理财", "W", "R3", "3.20", 5), ("FD404", "股票型基金", "F", "R4", "0.00", 5),
    ("FD505", "商品型基金", "F", "R5", "0.00", 2),
)  # fmt: skip
DEMAND = 0
BALANCES = np.array([3e4, 12e4, 40e4, 100e4, 250e4, 600e4, 1500e4, 3500e4, 9000e4, 40000e4]).astype(np.int64)
SECOND_FACTOR = 3
BOUGHT_FROM, BOUGHT_A_DAY = 50_000_000, 10_000  # numbers of accounts opened because of a sale
FOREIGN_EVERY, HELD_EVERY = 61, 997  # one account in so many: in dollars, partly blocked
JOINT_PERCENT, ATTORNEY_PERCENT = 8, 1  # of the accounts of people who are not the head of their family


@dataclass
class Accounts:
    """One entry per account, columns aligned; balances in cents move with the days."""

    owner: Ints  # row of the customer who holds it
    person: Ints
    holder: pa.Array  # customer number it is tied to, sometimes the wrong one
    number: pa.Array
    product: Ints
    branch: Ints
    opened: Days
    is_open: Flags
    closed: Days
    balance: Ints
    last_used: Days
    salary: Ints  # cents a month, 0 for none
    payday: Ints
    bill: Ints  # cents a month, 0 for none
    left_on: Days  # day after which the person does nothing any more
    hardship: Hardship  # while it lasts no salary comes
    returned_on: Days  # day from which the person is back

    def __len__(self) -> int:
        return len(self.owner)


def open_accounts(bank: Bank, streams: Streams, people: People, customers: CoreCustomers, first: int) -> Accounts:
    """Accounts of one intake of customers: a current account each, and further products for some."""
    stream = streams.of("accounts", first)
    held, defects = len(customers.members), bank.defects["core_banking"]
    further = np.flatnonzero(chance(stream, held, 100 * (bank.behaviour.accounts - 1)))
    owner = np.concatenate([np.arange(held), further])
    count, person = len(owner), customers.members.who[owner]
    weights = [product[-1] for product in PRODUCTS]
    product = np.where(np.arange(count) < held, DEMAND, draw(stream, weights, count))
    wealth, adult = people.wealth[person], ~people.is_minor[person]
    balance = (
        BALANCES[wealth] * stream.integers(200, 1800, count) // 1000 * np.where(product == DEMAND, 1, SECOND_FACTOR)
    )
    opened = customers.members.opened[owner]
    is_open = ~chance(stream, count, 3)
    is_used = (product == DEMAND) & is_open & adult
    wrong = chance(stream, count, defects.wrong_person)
    return Accounts(
        owner=owner,
        person=person,
        holder=pick(customers.key, np.where(wrong, np.roll(owner, 1), owner)),
        number=join(f"6228{first:07d}", number(np.arange(count), 8)),
        product=product,
        branch=customers.branch[owner],
        opened=opened,
        is_open=is_open,
        closed=np.where(
            is_open,
            np.datetime64("NaT"),
            np.datetime64(bank.first_date) - stream.integers(1, 300, count).astype("timedelta64[D]"),
        ),
        balance=np.where(is_open, balance, 0),
        last_used=opened.copy(),
        salary=np.where(
            is_used & chance(stream, count, bank.behaviour.salaried),
            (wealth + 2) * stream.integers(150, 450, count) * 1000,
            0,
        ),
        payday=stream.integers(5, 26, count),
        bill=np.where(is_used & chance(stream, count, bank.behaviour.billed), stream.integers(3000, 60000, count), 0),
        left_on=people.grievances.left_on[person],
        hardship=people.hardship.of(person),
        returned_on=people.grievances.returned_on[person],
    )


def accounts_bought(people: People, customers: CoreCustomers, bought: Bought, first: int, day_number: int) -> Accounts:
    """Accounts of some customers for the deposits, funds and wealth products among what they bought."""
    codes = [product[0] for product in PRODUCTS]
    product_of = np.array([codes.index(code) if code in codes else -1 for code in WANTED])
    row_of = np.full(len(people), -1)
    row_of[customers.members.who[::-1]] = np.arange(len(customers.members))[::-1]
    bought = bought.some((product_of[bought.product] >= 0) & (row_of[bought.person] >= 0))
    owner, count = row_of[bought.person], len(bought.person)
    index = BOUGHT_FROM + day_number * BOUGHT_A_DAY + np.arange(count)
    return Accounts(
        owner=owner,
        person=bought.person,
        holder=pick(customers.key, owner),
        number=join(f"6228{first:07d}", number(index, 8)),
        product=product_of[bought.product],
        branch=customers.branch[owner],
        opened=bought.day,
        is_open=np.ones(count, dtype=bool),
        closed=np.full(count, np.datetime64("NaT")),
        balance=bought.cents,
        last_used=bought.day.copy(),
        salary=np.zeros(count, np.int64),
        payday=np.full(count, 5),
        bill=np.zeros(count, np.int64),
        left_on=people.grievances.left_on[bought.person],
        returned_on=people.grievances.returned_on[bought.person],
        hardship=people.hardship.of(bought.person),
    )


def joined(accounts: Accounts, more: Accounts) -> Accounts:
    """Some accounts and others after them."""

    def both(mine: Any, theirs: Any) -> Any:
        if isinstance(mine, Hardship):
            return mine.and_of(theirs)
        return pa.concat_arrays([mine, theirs]) if isinstance(mine, pa.Array) else np.append(mine, theirs)

    return Accounts(
        **{one.name: both(getattr(accounts, one.name), getattr(more, one.name)) for one in fields(Accounts)}
    )


def currencies(account: Ints) -> pa.Array:
    """Currency of each account."""
    return choose(account % FOREIGN_EVERY == FOREIGN_EVERY // 2, "USD", constant("CNY", len(account)))


def account_rows(accounts: Accounts, rows: Ints, updated: pa.Array) -> pa.Table:
    """Table `acct` for some accounts as they are now."""
    balance = accounts.balance[rows]
    is_held = (rows % HELD_EVERY == 0) & accounts.is_open[rows]
    return pa.table(
        {
            "acct_no": pick(accounts.number, rows),
            "prod_cd": pick([product[0] for product in PRODUCTS], accounts.product[rows]),
            "ccy": currencies(rows),
            "br": branch_codes(accounts.branch[rows]),
            "sts": choose(accounts.is_open[rows], "0", constant("9", len(rows))),
            "open_dt": day_text(accounts.opened[rows]),
            "close_dt": day_text(accounts.closed[rows]),
            "bal": amount(balance),
            "avg_bal": amount(balance * 9 // 10),
            "hold_amt": amount(np.where(is_held, balance // 10, 0)),
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
    second = np.flatnonzero(is_other & (is_minor | (draws < JOINT_PERCENT + ATTORNEY_PERCENT)))
    kind = np.where(is_minor, 0, np.where(draws < JOINT_PERCENT, 1, 2))
    columns |= {"cif_no": head, "rel": pick(("G", "J", "A"), kind)}
    return pa.concat_tables([primary, pa.table(columns).take(pa.array(second))])


def touched_at(days: Days) -> pa.Array:
    """When an account row last changed: the evening of a day."""
    return moment_text(days, np.full(len(days), 21 * 3600))
