"""Loans: what people owe, and who falls behind; the poor more often than the rich."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Bank
from extractors.simulators.core_customers import CoreCustomers
from extractors.simulators.people import People
from extractors.simulators.streams import Ints, Streams, chance, draw
from extractors.simulators.texts import Days, amount, choose, constant, day_text, join, moment_text, number, pick

# code, name, months, yearly rate in hundredths of a percent, principal in yuan at the middle, weight
LOAN_PRODUCTS = (
    ("LN101", "个人消费贷款", 36, 545, 80_000, 55),
    ("LN202", "个人住房贷款", 240, 365, 900_000, 30),
    ("LN303", "个人经营贷款", 12, 435, 300_000, 15),
)
WITH_LOAN_PERCENT = 9
BEHIND_PERCENT = (9, 7, 5, 4, 3, 2, 2, 1, 1, 1)  # by wealth
CURES_PERCENT, FALLS_PERCENT = 2.0, 0.01  # of loans behind, of loans in order, a day
CLASS_BOUNDS = (1, 31, 91, 181)  # days past due from which a loan is special mention, substandard, doubtful, loss
NIGHT = 22 * 3600


@dataclass
class Loans:
    """One entry per loan; amounts in cents, days past due move with the days."""

    holder: pa.Array
    number: pa.Array
    product: Ints
    principal: Ints
    owed: Ints
    opened: Days
    due: Days
    past_due: Ints

    def __len__(self) -> int:
        return len(self.product)


def grant_loans(bank: Bank, streams: Streams, people: People, customers: CoreCustomers, first: int) -> Loans:
    """Loans of grown-up customers who are there on the first day, numbered from `first`."""
    stream = streams.of("loans", first)
    who = customers.members.who
    rows = np.flatnonzero(~people.is_minor[who] & chance(stream, len(who), WITH_LOAN_PERCENT))
    count, wealth = len(rows), people.wealth[who[rows]]
    product = draw(stream, [kind[-1] for kind in LOAN_PRODUCTS], count)
    months = np.array([kind[2] for kind in LOAN_PRODUCTS])[product]
    middle = np.array([kind[4] for kind in LOAN_PRODUCTS])[product]
    principal = middle * stream.integers(30, 250, count)  # yuan times percent are cents
    age = stream.integers(0, months * 30)
    opened = np.datetime64(bank.first_date) - age.astype("timedelta64[D]")
    behind = stream.integers(0, 10_000, count) < np.array(BEHIND_PERCENT)[wealth] * 100
    return Loans(
        holder=pick(customers.key, rows),
        number=join("LN", number(first + np.arange(count), 10)),
        product=product,
        principal=principal,
        owed=principal * (months * 30 - age) // (months * 30),
        opened=opened,
        due=opened + (months * 30).astype("timedelta64[D]"),
        past_due=np.where(behind, np.minimum(stream.integers(1, 240, count), np.maximum(age, 1)), 0),
    )


def pass_a_day(loans: Loans, streams: Streams, first: int, number_of_day: int) -> Ints:
    """One day goes by: some catch up, some fall behind. Returns the rows that changed."""
    stream = streams.of("loans", first, number_of_day)
    was_behind = loans.past_due > 0
    cured = was_behind & chance(stream, len(loans), CURES_PERCENT)
    fallen = ~was_behind & chance(stream, len(loans), FALLS_PERCENT)
    loans.past_due = np.where(cured, 0, loans.past_due + (was_behind | fallen))
    return np.flatnonzero(was_behind | fallen)


def due_today(loans: Loans, day: np.datetime64) -> Ints:
    """Rows of loans with an instalment due on a day."""
    age = (day - loans.opened).astype(np.int64)
    return np.flatnonzero((age > 0) & (age % 30 == 0) & (day <= loans.due))


def loan_rows(loans: Loans, rows: Ints, day: np.datetime64) -> pa.Table:
    """Table `loan`: some loans as they are on the evening of a day."""
    product = loans.product[rows]
    months = np.array([kind[2] for kind in LOAN_PRODUCTS])[product]
    rate = np.array([kind[3] for kind in LOAN_PRODUCTS])[product]
    installment = loans.principal[rows] // months
    return pa.table(
        {
            "loan_no": pick(loans.number, rows),
            "cif_no": pick(loans.holder, rows),
            "prod_cd": pick([kind[0] for kind in LOAN_PRODUCTS], product),
            "ccy": constant("CNY", len(rows)),
            "amt": amount(loans.principal[rows]),
            "bal": amount(loans.owed[rows]),
            "rate": amount(rate),
            "term_months": number(months),
            "install_amt": amount(installment),
            "open_dt": day_text(loans.opened[rows]),
            "due_dt": day_text(loans.due[rows]),
            "five_cls": number(np.searchsorted(CLASS_BOUNDS, loans.past_due[rows], side="right") + 1),
            "dpd": number(loans.past_due[rows]),
            "overdue_amt": amount(installment * ((loans.past_due[rows] + 29) // 30)),
            "sts": choose(loans.past_due[rows] > 0, "2", constant("1", len(rows))),
            "upd_ts": moment_text(np.full(len(rows), day), np.full(len(rows), NIGHT)),
        }
    )
