"""The core-banking system over the days: its full state on the first, changed rows and movements on the others."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.accounts import (
    Accounts,
    account_rows,
    holder_rows,
    open_accounts,
    product_rows,
    touched_at,
)
from extractors.simulators.bank import Bank
from extractors.simulators.core_customers import BRANCHES, CoreCustomers, branch_codes, core_customers
from extractors.simulators.core_organisations import organisation_tables, relation_rows
from extractors.simulators.database import ROWS_AT_ONCE, Database
from extractors.simulators.loans import Loans, grant_loans, loan_product_rows, loan_rows, pass_a_day
from extractors.simulators.membership import changed_today, enrol
from extractors.simulators.organisations import found_organisations
from extractors.simulators.people import People, mobile_numbers
from extractors.simulators.streams import Ints, Streams
from extractors.simulators.texts import Days, constant, day_text, first_of, moment_text, pick
from extractors.simulators.transactions import Movements, move_money, movement_rows, sequences
from extractors.simulators.truth import Truth

NIGHT = 22 * 3600
SOURCE = "core_banking"


@dataclass
class CoreBank:
    """State that later days start from."""

    bank: Bank
    streams: Streams
    people: People
    customers: CoreCustomers
    accounts: Accounts
    loans: Loans
    database: Database
    truth: Truth


def open_core_bank(bank: Bank, streams: Streams, people: People, database: Database, truth: Truth) -> CoreBank:
    """First business date: every customer, account and the movements of the year before."""
    members = enrol(bank, streams, SOURCE, people, 0)
    customers = core_customers(bank, streams, people, members, 0)
    accounts = open_accounts(bank, streams, people, customers, 0)
    key_of_person = first_of(len(people), members.who, customers.key)
    loans = grant_loans(bank, streams, people, customers)
    core = CoreBank(bank, streams, people, customers, accounts, loans, database, truth)
    first = np.datetime64(bank.first_date)
    day = str(day_text(np.array([first]))[0])
    truth.add_records(SOURCE, "cust", day, people, members.who, customers.key, customers.recording)
    for table, rows in customers.tables.items():
        database.add(table, rows)
    database.add("prod", product_rows(day))
    database.add_some_columns("prod", loan_product_rows(day))
    database.add("branch", branch_rows(day))
    days = np.arange(first - bank.history_days + 1, first + 1)
    movements = move_money(bank.behaviour, streams, "history", accounts, days)
    database.add("acct", account_rows(accounts, np.arange(len(accounts)), touched_at(accounts.last_used)))
    database.add("acct_cust", holder_rows(accounts, people, key_of_person, touched_at(accounts.opened)))
    _add_movements(core, movements)
    _add_organisations(core, day)
    database.add("loan", loan_rows(core.loans, np.arange(len(core.loans)), first))
    return core


def _add_organisations(core: CoreBank, day: str) -> None:
    organisations = found_organisations(core.bank, core.streams, core.people)
    core.truth.add_organisations(organisations, core.people)
    tables = organisation_tables(core.bank, core.streams, organisations, core.people, core.truth)
    for table, columns in tables.items():
        core.database.add_some_columns(table, columns)
    relations = relation_rows(core.customers, core.people, organisations, tables["cust"]["cif_no"], day)
    core.database.add("cust_rel", relations)


def next_day(core: CoreBank, number: int) -> None:
    """Changed customers, movements and touched accounts of business date `number` (0 is the first)."""
    day = np.datetime64(core.bank.first_date) + number
    _change_customers(core, number, day)
    movements = move_money(core.bank.behaviour, core.streams, f"day {number}", core.accounts, np.array([day]))
    _add_movements(core, movements)
    core.database.add("loan", loan_rows(core.loans, pass_a_day(core.loans, core.streams, number), day))
    touched = np.unique(movements.account)
    days = np.full(len(touched), day)
    core.database.add("acct", account_rows(core.accounts, touched, touched_at(days)))


def add_arrivals(core: CoreBank, people: People, first: int, number: int) -> tuple[CoreCustomers, Accounts]:
    """New customers of one day, with their accounts."""
    day = np.datetime64(core.bank.first_date) + number
    members = enrol(core.bank, core.streams, SOURCE, people, first, day)
    customers = core_customers(core.bank, core.streams, people, members, first)
    accounts = open_accounts(core.bank, core.streams, people, customers, first)
    key_of_person = first_of(len(people), members.who, customers.key)
    text = str(day_text(np.array([day]))[0])
    core.truth.add_records(SOURCE, "cust", text, people, members.who, customers.key, customers.recording)
    for table, rows in customers.tables.items():
        core.database.add(table, _replaced(rows, upd_ts=_tonight(day, rows.num_rows)))
    days = np.full(len(accounts), day)
    core.database.add("acct", account_rows(accounts, np.arange(len(accounts)), touched_at(days)))
    core.database.add("acct_cust", holder_rows(accounts, people, key_of_person, touched_at(days)))
    return customers, accounts


def _change_customers(core: CoreBank, number: int, day: np.datetime64) -> None:
    count = len(core.customers.members)
    changed, touched, deleted = changed_today(core.bank, core.streams, SOURCE, count, number)
    for rows, kind in ((np.sort(np.concatenate([changed, touched])), "U"), (deleted, "D")):
        columns = core.customers.tables["cust"].take(pa.array(rows))
        columns = _replaced(columns, etl_f=constant(kind, len(rows)), upd_ts=_tonight(day, len(rows)))
        core.database.add("cust", columns)
    _renumber(core, changed, number, day)


def _renumber(core: CoreBank, changed: Ints, number: int, day: np.datetime64) -> None:
    """Customers who really changed have a new mobile."""
    index = core.customers.members.who[changed] + 40_000_000 + number * len(core.people)
    mobiles = mobile_numbers(core.streams.of("new mobiles", number), index)
    contact = pa.table(
        {
            "cif_no": pick(core.customers.key, changed),
            "cont_typ": constant("MOB", len(changed)),
            "seq": constant("1", len(changed)),
            "tel_no": mobiles,
            "email": pa.nulls(len(changed), pa.string()),
            "verified": constant("Y", len(changed)),
            "upd_ts": _tonight(day, len(changed)),
        }
    )
    core.database.add("contact", contact)
    events = {"person_id": pick(core.people.person_id, core.customers.members.who[changed])}
    events |= {"business_date": day_text(np.full(len(changed), day)), "event": constant("new mobile", len(changed))}
    core.truth.add("truth_event", pa.table(events))


def _add_movements(core: CoreBank, movements: Movements) -> None:
    numbers = sequences(movements.day)
    for start in range(0, len(movements), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        core.database.add("txn", movement_rows(movements, core.accounts, core.people, rows, numbers))


def _tonight(day: np.datetime64, count: int) -> pa.Array:
    days: Days = np.full(count, day)
    return moment_text(days, np.full(count, NIGHT))


def _replaced(table: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def branch_rows(first_day: str) -> pa.Table:
    """Table `branch`: a head office and its branches."""
    codes = ["10999", *branch_codes(np.arange(BRANCHES)).to_pylist()]
    names = ["总行", *(f"第{number}支行" for number in range(1, BRANCHES + 1))]
    parents = [None, *["10999"] * BRANCHES]
    columns = {"br_cd": codes, "br_nm": names, "parent_br": pa.array(parents, pa.string())}
    return pa.table(columns | {"upd_ts": [f"{first_day}000000"] * len(codes)})
