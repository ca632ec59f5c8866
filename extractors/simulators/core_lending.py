"""The loans of core banking over the days: with their past on the first, granted and paid back on the others."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.bank import Bank
from extractors.simulators.core_customers import CoreCustomers
from extractors.simulators.database import Database
from extractors.simulators.loan_rows import arrears_rows, guarantor_rows, loan_rows, past_arrears, schedule_rows
from extractors.simulators.loans import Debtors, Loans, grant_loans, live_through, pass_a_day, still_there
from extractors.simulators.loans_bought import loans_bought
from extractors.simulators.people import People
from extractors.simulators.stacking import stacked
from extractors.simulators.streams import Streams
from extractors.simulators.texts import day_text, pick


@dataclass(frozen=True)
class Borrowers:
    """Who may borrow: people simulated together as core banking knows them, and their companies."""

    people: People
    customers: CoreCustomers
    companies: Debtors

    def grown_up(self) -> Debtors:
        """The customers who are of age."""
        grown = np.flatnonzero(~self.people.is_minor[self.customers.members.who])
        who = self.customers.members.who[grown]
        return Debtors(pick(self.customers.key, grown), self.people.wealth[who], self.people.hardship.of(who))


def lend(bank: Bank, streams: Streams, borrowers: Borrowers, first: int, database: Database) -> Loans:
    """The loans of the first business date, with their past, and who stands for them."""
    day, persons, credit = np.datetime64(bank.first_date), borrowers.grown_up(), bank.credit
    loans = stacked(
        grant_loans(credit, streams, persons, "people", first, day),
        grant_loans(credit, streams, borrowers.companies, "companies", first, day),
    )
    bought = borrowers.people.dealings.bought_until(day)
    loans = stacked(loans, loans_bought(credit, borrowers.people, borrowers.customers, bought, first, 0))
    loans, past = still_there(loans, live_through(loans, streams, first, day), day)
    everything = np.arange(len(loans))
    database.add("loan", loan_rows(loans, everything, day))
    database.add("loan_sched", schedule_rows(loans, day, everything))
    database.add("arrears", past_arrears(loans, past, day))
    text = str(day_text(np.array([day]))[0])
    database.add("cust_rel", guarantor_rows(streams, first, loans, persons.key, text))
    return loans


def lend_on(
    bank: Bank, streams: Streams, borrowers: Borrowers, first: int, number: int, loans: Loans, database: Database
) -> Loans:
    """The loans after business date `number`: some are granted, some are not as they were."""
    day, before = np.datetime64(bank.first_date) + number, len(loans)
    bought = borrowers.people.dealings.bought_on(day)
    loans = stacked(loans, loans_bought(bank.credit, borrowers.people, borrowers.customers, bought, first, number))
    changed, repaid = pass_a_day(loans, streams, first, day)
    new = np.arange(before, len(loans))
    changed, repaid = np.union1d(changed, new), np.union1d(repaid, new)
    database.add("loan", loan_rows(loans, changed, day))
    database.add("loan_sched", schedule_rows(loans, day, repaid))
    database.add("arrears", arrears_rows(loans, changed, day))
    return loans
