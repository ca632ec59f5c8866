"""Loans that are granted because somebody was sold one."""

import numpy as np

from extractors.simulators.bank import Credit
from extractors.simulators.core_customers import CoreCustomers
from extractors.simulators.dealings import Bought
from extractors.simulators.loans import Debtors, Loans, granted
from extractors.simulators.people import People
from extractors.simulators.texts import join, number, pick
from extractors.simulators.wishes import LOAN

CONSUMER = 0  # place in LOAN_PRODUCTS
SMALLEST, LARGEST = 2_000_000, 30_000_000  # cents
LOANS_A_DAY, PEOPLE_A_LOAN = 100_000, 20  # numbers of a day, and people to one of them


def loans_bought(
    credit: Credit, people: People, customers: CoreCustomers, bought: Bought, first: int, day_number: int
) -> Loans:
    """Consumer loans of customers among what people bought, granted on the day they did."""
    row_of = np.full(len(people), -1)
    row_of[customers.members.who[::-1]] = np.arange(len(customers.members))[::-1]
    bought = bought.some((bought.product == LOAN) & (row_of[bought.person] >= 0))
    who, count = bought.person, len(bought.person)
    debtors = Debtors(pick(customers.key, row_of[who]), people.wealth[who], people.hardship.of(who))
    index = day_number * LOANS_A_DAY + first // PEOPLE_A_LOAN + np.arange(count)
    principal = np.clip(bought.cents, SMALLEST, LARGEST)
    return granted(credit, debtors, join("LN5", number(index, 9)), np.full(count, CONSUMER), principal, bought.day)
