"""The core-banking system over the days: its full state on the first, changed rows and movements on the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from extractors.simulators.accounts import (
    Accounts,
    account_rows,
    holder_rows,
    open_accounts,
    touched_at,
)
from extractors.simulators.accounts_bought import accounts_bought
from extractors.simulators.bank import Bank
from extractors.simulators.core_changes import Customers, customers_of_a_day, emptied, latest, stamped
from extractors.simulators.core_customers import CoreCustomers, core_customers
from extractors.simulators.core_lending import Borrowers, lend, lend_on
from extractors.simulators.core_merges import Merges, merge_some
from extractors.simulators.core_money import old_number_rows
from extractors.simulators.core_movements import add_business, add_movements, movements_of
from extractors.simulators.core_organisations import organisation_tables, relation_rows
from extractors.simulators.database import Database
from extractors.simulators.lives import DIED, News
from extractors.simulators.loans import Debtors, Loans, grant_loans, no_debtors
from extractors.simulators.membership import enrol
from extractors.simulators.organisations import Organisations, found_organisations
from extractors.simulators.people import People
from extractors.simulators.sales import Trade, open_trade, purchases, trade_a_day, welcome
from extractors.simulators.stacking import RowsOf, stacked
from extractors.simulators.streams import Ints, Streams
from extractors.simulators.texts import day_text, first_of, pick
from extractors.simulators.truth import Truth

SOURCE = "core_banking"
MANAGERS_A_BRANCH = 7


@dataclass
class CoreBank:
    """State of people numbered from `first`, simulated together, that later days start from."""

    bank: Bank
    streams: Streams
    first: int
    people: People
    customers: Customers
    accounts: Accounts
    organisations: Organisations
    database: Database
    truth: Truth
    trade: Trade  # of the last day lived, or of the year before the first, for the channels to tell
    loans: Loans = field(init=False)
    business: Accounts = field(init=False)  # of organisations
    merges: Merges = field(default_factory=Merges)


def open_core_bank(
    bank: Bank, streams: Streams, people: People, first: int, database: Database, truth: Truth
) -> CoreBank:
    """First business date: every customer, account and the movements of the year before."""
    members = enrol(bank, streams, SOURCE, people, first)
    known = core_customers(bank, streams, people, members, first)
    day = np.datetime64(bank.first_date)
    days = np.arange(day - bank.history_days + 1, day + 1)
    trade = open_trade(bank, streams, people, *_managed(known, people), first, days)
    sold = accounts_bought(people, known, people.dealings.bought_until(day), first, 0)
    organisations = found_organisations(bank, streams, people, first)
    opened = open_accounts(bank, streams, people, known, first, organisations.companies)
    accounts, standing = stacked(opened, sold), Customers.as_opened(known)
    core = CoreBank(bank, streams, first, people, standing, accounts, organisations, database, truth, trade)
    _add_customers(core, known, people, day, known.tables)
    _tell_wrong_holders(truth, known, opened, day)
    truth.add("truth_event", purchases(people, people.dealings.bought_until(day)))
    movements = movements_of(core, f"history {first}", days)
    database.add("acct", account_rows(accounts, np.arange(len(accounts)), touched_at(accounts.last_used)))
    key_of_person = first_of(len(people), members.who, known.key)
    database.add("acct_cust", holder_rows(accounts, people, key_of_person, touched_at(accounts.opened)))
    add_movements(core, accounts, movements, day)
    database.add("acct_xref", old_number_rows(accounts, day))
    companies = _add_organisations(core, known, people, accounts, organisations, first)
    borrowers = Borrowers(people, known, companies)
    core.loans = lend(bank, streams, borrowers, first, database)
    add_business(core, f"history {first}", days)
    _merge(core, 0)
    return core


def next_day(core: CoreBank, news: News, number: int) -> list[str]:
    """Changed customers, movements and touched accounts of business date `number`; numbers of deleted customers."""
    day = np.datetime64(core.bank.first_date) + number
    tables, deleted = customers_of_a_day(core.bank, core.streams, core.customers, core.people, news, core.first, number)
    merged = _merge_rows(core, number)
    tables["cust"] = latest("cust", pa.concat_tables([tables["cust"], merged.pop("cust")]))
    for table, rows in (tables | merged).items():
        core.database.add(table, rows)
    core.trade = trade_a_day(core.bank, core.streams, core.people, core.first, number)
    _leave(core.accounts, core.people)
    bereft = _block(core.accounts, news[DIED])
    purpose = f"day {number} {core.first}"
    movements = movements_of(core, purpose, np.array([day]))
    add_movements(core, core.accounts, movements, day)
    add_business(core, purpose, np.array([day]))
    borrowers = Borrowers(core.people, core.customers.known, no_debtors())
    core.loans = lend_on(core.bank, core.streams, borrowers, core.first, number, core.loans, core.database)
    _open_bought(core, number, day)
    touched = np.unique(np.concatenate([movements.account, np.flatnonzero(core.accounts.closed == day), bereft]))
    core.database.add("acct", account_rows(core.accounts, touched, touched_at(np.full(len(touched), day))))
    keys: list[str] = pick(core.customers.known.key, deleted).to_pylist()
    return keys


def _leave(accounts: Accounts, people: People) -> None:
    """Tell the accounts which of their holders leave, die or come back."""
    person, grievances = accounts.person, people.grievances
    accounts.left_on = np.fmin(grievances.left_on[person], people.died_on[person])
    accounts.returned_on = grievances.returned_on[person]


def _block(accounts: Accounts, died: Ints) -> Ints:
    """Block the open accounts of persons whose death the bank hears of today; which they are."""
    bereft = np.flatnonzero(np.isin(accounts.person, died) & accounts.is_open)
    accounts.is_blocked[bereft] = True
    return bereft


def add_arrivals(cores: Sequence[CoreBank], people: People, first: int, number: int, reused: list[str]) -> CoreBank:
    """New customers of one day with their accounts and companies; some get the numbers of deleted customers."""
    bank, streams, database, truth = cores[0].bank, cores[0].streams, cores[0].database, cores[0].truth
    day = np.datetime64(bank.first_date) + number
    members = enrol(bank, streams, SOURCE, people, first, day)
    keys = pa.array(reused[: len(members)], pa.string())
    known = core_customers(bank, streams, people, members, first, keys)
    trade = welcome(bank, streams, people, *_managed(known, people), first, day)
    organisations = found_organisations(bank, streams, people, first)
    accounts = open_accounts(bank, streams, people, known, first, organisations.companies)
    customers = Customers.as_opened(known)
    core = CoreBank(bank, streams, first, people, customers, accounts, organisations, database, truth, trade)
    tables = {name: stamped(rows, day) for name, rows in known.tables.items()}
    for name, rows in emptied(keys, [each.customers.known.tables for each in cores], day).items():
        tables[name] = latest(name, pa.concat_tables([rows, tables[name]]))
    _add_customers(core, known, people, day, tables)
    _tell_wrong_holders(truth, known, accounts, day)
    days = np.full(len(accounts), day)
    database.add("acct", account_rows(accounts, np.arange(len(accounts)), touched_at(days)))
    key_of_person = first_of(len(people), members.who, known.key)
    database.add("acct_cust", holder_rows(accounts, people, key_of_person, touched_at(days)))
    _add_organisations(core, known, people, accounts, organisations, first, day)
    database.add("acct", account_rows(core.business, np.arange(len(core.business)), touched_at(core.business.opened)))
    core.loans = grant_loans(bank.credit, streams, no_debtors(), "people", first, day)
    return core


def take_in(core: CoreBank, arrived: CoreBank, people: People, rows: Mapping[RowsOf, int]) -> None:
    """Let those who arrived live on with the others; `people` are all of them."""
    core.people = people
    core.customers = stacked(core.customers, arrived.customers, rows)
    core.accounts = stacked(core.accounts, arrived.accounts, rows)
    core.organisations = stacked(core.organisations, arrived.organisations, rows)
    core.business = stacked(core.business, arrived.business, rows)


def _add_customers(
    core: CoreBank, customers: CoreCustomers, people: People, day: np.datetime64, tables: dict[str, pa.Table]
) -> None:
    text, members = str(day_text(np.array([day]))[0]), customers.members
    core.truth.add_records(SOURCE, "cust", text, people, members.who, customers.key, customers.recording)
    for table, rows in tables.items():
        core.database.add(table, rows)


def _tell_wrong_holders(truth: Truth, customers: CoreCustomers, accounts: Accounts, day: np.datetime64) -> None:
    text, right = str(day_text(np.array([day]))[0]), pick(customers.key, accounts.owner)
    truth.add_wrong_links(SOURCE, text, "holder", accounts.number, accounts.holder, right)


def _add_organisations(
    core: CoreBank,
    customers: CoreCustomers,
    people: People,
    accounts: Accounts,
    organisations: Organisations,
    first: int,
    opened_on: np.datetime64 | None = None,
) -> Debtors:
    """Add the companies of some people; returns them as borrowers, with the means and hard times of their owners."""
    day = str(day_text(np.array([opened_on or np.datetime64(core.bank.first_date)]))[0])
    core.truth.add_organisations(organisations, people)
    tables, core.business = organisation_tables(
        core.bank, core.streams, organisations, people, core.truth, first, opened_on
    )
    for table, columns in tables.items():
        core.database.add_some_columns(table, columns)
    records = tables["cust"]["cif_no"]
    core.database.add("cust_rel", relation_rows(customers, people, organisations, records, accounts, day))
    owner = organisations.owner
    keys = records.slice(0, len(organisations))
    return Debtors(keys, people.wealth[owner], people.hardship.of(owner))


def _managed(known: CoreCustomers, people: People) -> tuple[Ints, Ints]:
    """Persons who are customers, and the number of everybody's relationship manager."""
    who = known.members.who
    manager = np.zeros(len(people), np.int64)
    manager[who[::-1]] = known.branch[::-1] * MANAGERS_A_BRANCH + who[::-1] % MANAGERS_A_BRANCH
    return np.unique(who), manager


def _open_bought(core: CoreBank, number: int, day: np.datetime64) -> None:
    """Accounts of those who buy a product today."""
    customers, before = core.customers.known, len(core.accounts)
    bought = accounts_bought(core.people, customers, core.people.dealings.bought_on(day), core.first, number)
    core.accounts = stacked(core.accounts, bought)
    core.truth.add("truth_event", purchases(core.people, core.people.dealings.bought_on(day)))
    updated = touched_at(bought.opened)
    core.database.add("acct", account_rows(core.accounts, np.arange(before, len(core.accounts)), updated))
    key_of_person = first_of(len(core.people), customers.members.who, customers.key)
    core.database.add("acct_cust", holder_rows(bought, core.people, key_of_person, updated))


def _merge(core: CoreBank, number: int) -> None:
    for table, rows in _merge_rows(core, number).items():
        core.database.add(table, rows)


def _merge_rows(core: CoreBank, number: int) -> dict[str, pa.Table]:
    stream = core.streams.of("merges", core.first, number)
    return merge_some(core.bank, stream, core.merges, core.customers, core.accounts, number)
