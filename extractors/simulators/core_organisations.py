"""How core banking writes its organisations down, and who is tied to whom."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.accounts import Accounts
from extractors.simulators.bank import Bank
from extractors.simulators.business_money import business_accounts
from extractors.simulators.core_customers import BRANCHES, CoreCustomers, branch_codes
from extractors.simulators.damage import Recording
from extractors.simulators.families import SPOUSE
from extractors.simulators.organisations import Organisations
from extractors.simulators.people import People
from extractors.simulators.streams import Flags, Ints, Streams, chance, scattered
from extractors.simulators.texts import (
    choose,
    constant,
    day_text,
    empty,
    first_of,
    join,
    moment_text,
    number,
    pick,
)
from extractors.simulators.truth import Truth
from extractors.simulators.words import pairs

SPOUSE_OF, LEGAL_REPRESENTATIVE, BENEFICIAL_OWNER, OWNER = "01", "04", "05", "06"
EMPLOYER = "07"
Columns = dict[str, pa.Array]
FIRST_OPENING = np.datetime64("2008-01-01")


def organisation_tables(
    bank: Bank,
    streams: Streams,
    organisations: Organisations,
    people: People,
    truth: Truth,
    first: int,
    opened_on: np.datetime64 | None = None,
) -> tuple[dict[str, Columns], Accounts]:
    """Rows of `cust`, `cert`, `contact`, `addr` and `acct_cust` for companies and sole traders, and their accounts.

    They opened over the years before the first business date, or on the day given.
    """
    twice_percent = bank.organisations.duplicate
    twice = np.flatnonzero(chance(streams.of("organisations twice", first), len(organisations), twice_percent))
    who = np.concatenate([np.arange(len(organisations)), twice])
    recording = _record(bank, streams, organisations, who, first)
    index = organisations.number[who] * 2 + (np.arange(len(who)) >= len(organisations))
    key = join("20", number(scattered(index, 606_060_606, 10**9), 9))
    stream = recording.stream("attributes")
    span = int((np.datetime64(bank.first_date) - FIRST_OPENING).astype(np.int64))
    opened = FIRST_OPENING + stream.integers(0, span, len(who)).astype("timedelta64[D]")
    if opened_on is not None:
        opened = np.full(len(who), opened_on)
    updated = moment_text(opened, stream.integers(9 * 3600, 17 * 3600, len(who)))
    branch = stream.integers(0, BRANCHES, len(who))
    day = day_text(np.array([opened_on or np.datetime64(bank.first_date)]))[0].as_py()
    truth.add_party_records("core_banking", "cust", day, pick(organisations.party_id, who), key, recording)
    shared = {"cif_no": key, "upd_ts": updated}
    tables = {
        "cust": _cust(organisations, recording, who, day_text(opened), branch_codes(branch)) | shared,
        "cert": _cert(recording, day_text(opened)) | shared,
        "contact": _contact(stream, organisations, people, who) | shared,
        "addr": _addr(recording) | shared,
        "acct_cust": _acct_cust(index, day_text(opened)) | shared,
    }
    balance = _balances(stream, organisations.is_company[who])
    owner, numbers = organisations.owner[who], _account_numbers(index)
    return tables, business_accounts(people, owner, key, numbers, branch, opened, balance)


def relation_rows(
    customers: CoreCustomers,
    people: People,
    organisations: Organisations,
    keys_of_records: pa.Array,
    accounts: Accounts,
    day: str,
) -> pa.Table:
    """Table `cust_rel`: spouses, employers, legal representatives, owners and beneficial owners core banking knows."""
    keys = first_of(len(people), customers.members.who, customers.key)
    company_keys = keys_of_records.slice(0, len(organisations))
    owner, is_company = organisations.owner, organisations.is_company
    represented = pick((OWNER, LEGAL_REPRESENTATIVE), is_company.astype(np.int64))
    held = np.flatnonzero(is_company)
    rest = 100 - organisations.second_share_percent[held]
    parts = [
        _spouses(people, keys),
        _employers(customers, accounts, company_keys),
        _relations(company_keys, pick(keys, owner), represented, np.where(is_company, 0, 100)),
        _relations(pick(company_keys, held), pick(keys, owner[held]), constant(BENEFICIAL_OWNER, len(held)), rest),
        _second_owners(company_keys, keys, organisations),
    ]
    table = pa.concat_tables(parts)
    known = table.filter(pc.and_(table["cif_no"].is_valid(), table["rel_cif_no"].is_valid()))
    return known.append_column("upd_ts", constant(f"{day}000000", known.num_rows))


def _spouses(people: People, keys: pa.Array) -> pa.Table:
    """Every second couple told the bank that it is one."""
    spouses = np.flatnonzero((people.families.role == SPOUSE) & (people.families.household % 2 == 0))
    heads = pick(keys, people.families.head[spouses])
    return _relations(heads, pick(keys, spouses), constant(SPOUSE_OF, len(spouses)), 0 * spouses)


def _employers(customers: CoreCustomers, accounts: Accounts, company_keys: pa.Array) -> pa.Table:
    """Who is paid by a company that banks here too."""
    rows = np.flatnonzero((accounts.income.salary > 0) & (accounts.income.employer >= 0))
    paid, employer = pick(customers.key, accounts.owner[rows]), pick(company_keys, accounts.income.employer[rows])
    return _relations(paid, employer, constant(EMPLOYER, len(rows)), 0 * rows)


def _second_owners(company_keys: pa.Array, keys: pa.Array, organisations: Organisations) -> pa.Table:
    rows = np.flatnonzero(
        (organisations.second_share_percent > 0) & (organisations.second_owner != organisations.owner)
    )
    others = pick(keys, organisations.second_owner[rows])
    kind = constant(BENEFICIAL_OWNER, len(rows))
    return _relations(pick(company_keys, rows), others, kind, organisations.second_share_percent[rows])


def _relations(key: pa.Array, other: pa.Array, kind: pa.Array, share_percent: Ints) -> pa.Table:
    share = choose(share_percent > 0, number(share_percent), None)
    return pa.table({"cif_no": key, "rel_cif_no": other, "rel_typ": kind, "share_pct": share})


def _record(bank: Bank, streams: Streams, organisations: Organisations, who: Ints, first: int) -> Recording:
    clean = {
        "name": pick(organisations.name, who),
        "document": pick(organisations.code, who),
        "address": pick(organisations.address, who),
    }
    recording = Recording("core_organisations", streams, first, clean)
    rates = bank.organisations
    recording.spoil("name", "short form", rates.short_name, lambda rows: pick(organisations.short_name, who[rows]))
    recording.spoil("document", "missing", rates.code_missing, lambda rows: empty(len(rows)))
    return recording


def _cust(organisations: Organisations, recording: Recording, who: Ints, opened: pa.Array, branch: pa.Array) -> Columns:
    count = len(who)
    return {
        "cust_typ": choose(organisations.is_company[who], "2", constant("3", count)),
        "cust_nm": recording.columns["name"],
        "natl": constant("CN", count),
        "staff_flg": constant("N", count),
        "verify_sts": constant("1", count),
        "verify_dt": opened,
        "cust_sts": constant("0", count),
        "cdd_risk": pick(("L", "M", "H"), who % 17 // 7),
        "home_br": branch,
        "open_dt": opened,
        "mnt_flg": constant("N", count),
        "etl_f": constant("I", count),
    }


def _cert(recording: Recording, opened: pa.Array) -> Columns:
    count = len(recording)
    columns = {"cert_typ": constant("20", count), "cert_no": recording.columns["document"], "issue_dt": opened}
    return columns | {"exp_dt": constant("99991231", count), "primary_flg": constant("Y", count)}


def _contact(stream: np.random.Generator, organisations: Organisations, people: People, who: Ints) -> Columns:
    """A company's switchboard; a sole trader is reached on the owner's mobile."""
    count, is_company = len(who), organisations.is_company[who]
    area = pick(sorted(pairs("area_codes").values()), stream.integers(0, len(pairs("area_codes")), count))
    line = join(area, "-", number(stream.integers(60_000_000, 89_999_999, count)))
    mobile = pick(people.mobile, organisations.owner[who])
    columns = {"cont_typ": choose(is_company, "OFF", constant("MOB", count)), "seq": constant("1", count)}
    return columns | {"tel_no": choose(is_company, line, mobile), "verified": constant("Y", count)}


def _addr(recording: Recording) -> Columns:
    count = len(recording)
    columns = {"addr_typ": constant("REG", count), "seq": constant("1", count)}
    return columns | {"full_addr": recording.columns["address"]}


def _balances(stream: np.random.Generator, is_company: Flags) -> Ints:
    """Cents; sole traders are small."""
    balance = stream.integers(10**5, 2 * 10**8, len(is_company)) * stream.integers(1, 30, len(is_company)) // 10
    return np.where(is_company, balance, balance // 10)


def _acct_cust(index: Ints, opened: pa.Array) -> Columns:
    return {"acct_no": _account_numbers(index), "rel": constant("P", len(index)), "from_dt": opened}


def _account_numbers(index: Ints) -> pa.Array:
    return join("62290000000", number(index, 8))
