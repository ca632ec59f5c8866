"""Accounts that are opened because something was sold."""

import numpy as np

from extractors.simulators.accounts import PRODUCTS, Accounts
from extractors.simulators.core_customers import CoreCustomers
from extractors.simulators.dealings import Bought
from extractors.simulators.income import no_income
from extractors.simulators.people import People
from extractors.simulators.texts import join, number, pick
from extractors.simulators.wishes import WANTED

BOUGHT_FROM, BOUGHT_A_DAY = 50_000_000, 10_000  # numbers of accounts opened because of a sale


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
        currency=np.zeros(count, np.int64),
        branch=customers.branch[owner],
        opened=bought.day,
        is_open=np.ones(count, dtype=bool),
        is_blocked=np.zeros(count, dtype=bool),
        closed=np.full(count, np.datetime64("NaT")),
        balance=bought.cents,
        last_used=bought.day.copy(),
        wealth=people.wealth[bought.person],
        income=no_income(count),
        left_on=people.grievances.left_on[bought.person],
        closes=np.zeros(count, dtype=bool),
        returned_on=people.grievances.returned_on[bought.person],
        hardship=people.hardship.of(bought.person),
    )
