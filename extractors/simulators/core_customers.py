"""How core banking writes its customers down: cust, cert, contact and addr."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.bank import Bank
from extractors.simulators.damage import Recording
from extractors.simulators.families import HONG_KONG, MACAU, MINORITY, TAIWAN
from extractors.simulators.foreign_names import NATIONS
from extractors.simulators.membership import Members
from extractors.simulators.people import People
from extractors.simulators.recording import record_people
from extractors.simulators.regions import regions
from extractors.simulators.standing import CLERK, EDUCATION_CODES, ETHNIC_GROUPS, income_bands
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw
from extractors.simulators.texts import Days, choose, constant, day_text, empty, join, moment_text, number, pick
from extractors.simulators.validity import ENDLESS, find_validity
from extractors.simulators.words import pairs

CERT_TYPES = ("01", "02", "03", "05", "06", "07", "99")  # by kind of document
OUTDATED_PERCENT = 9  # of documents that end: the bank holds the one before
NORMAL, DORMANT, DECEASED, MERGED, CLOSED = "0", "1", "2", "8", "9"
RISK_TOLERANCES = ("C1", "C2", "C3", "C4", "C5")
OCCUPATIONS = ("1", "2", "3", "4", "5", "6", "7", "8")
INCOME_BANDS = ("1", "2", "3", "4", "5")
NATIONALITIES = ("CN", "HK", "MO", "TW", *NATIONS)
REVIEW_DAYS = (1825, 730, 182)  # between reviews by risk
LATE_REVIEW_PERCENT = 3.5
CLOSED_CUSTOMERS_PERCENT = 1  # besides those whose accounts are still open
BRANCHES = 60
MANAGED_FROM = 6  # wealth at which a customer has a manager
DAY_SECONDS = 86_400
LANDLINE_PERCENT = {"HOME": 12, "OFF": 8}


@dataclass(frozen=True)
class CoreCustomers:
    """Customers of one intake (the first day's, or one later day's arrivals) as core banking holds them."""

    members: Members
    recording: Recording
    key: pa.Array
    branch: Ints
    status: pa.Array
    tables: dict[str, pa.Table]


def core_customers(
    bank: Bank, streams: Streams, people: People, members: Members, first: int, reused: pa.Array | None = None
) -> CoreCustomers:
    """Every customer table of core banking for one intake; the first get the numbers of `reused`."""
    who = members.who
    recording, kind = record_people("core_banking", streams, first, people, who, bank.defects["core_banking"])
    key = join("10", number(members.number, 9))
    if reused is not None:
        key = pa.concat_arrays([reused.slice(0, len(key)), key.slice(min(len(reused), len(key)))])
    stream = recording.stream("attributes")
    updated = _updated(stream, bank, members)
    branch = draw(stream, np.arange(BRANCHES, 0, -1), len(who))
    status = _statuses(stream, bank, people, who, members.opened < np.datetime64(bank.first_date))
    tables = {
        "cust": _cust(people, members, recording, key, branch, status, updated),
        "cert": _cert(people, members, recording, key, kind, updated),
        "contact": _contact(stream, recording, key, people.home.county[who], updated),
        "addr": _addr(recording, people, who, key, updated),
    }
    return CoreCustomers(members, recording, key, branch, status, tables)


def branch_codes(branch: Ints) -> pa.Array:
    """Branch numbers as core banking writes them."""
    return join("10", number(branch, 3))


def _updated(stream: np.random.Generator, bank: Bank, members: Members) -> pa.Array:
    """When each record was last touched: between its opening and the first day (arrivals: their day)."""
    last = np.maximum(members.opened, np.datetime64(bank.first_date))
    span = (last - members.opened).astype(np.int64)
    days = members.opened + (span * stream.integers(0, 1001, len(members)) // 1000).astype("timedelta64[D]")
    return moment_text(days, stream.integers(8 * 3600, 20 * 3600, len(members)))


def _statuses(stream: np.random.Generator, bank: Bank, people: People, who: Ints, is_old: Flags) -> pa.Array:
    count = len(who)
    percent = bank.defects["core_banking"].closed_with_open_account + CLOSED_CUSTOMERS_PERCENT
    died = ~np.isnat(people.died_on[who]) & chance(stream, count, 70)
    status = choose(chance(stream, count, 4) & is_old, DORMANT, constant(NORMAL, count))
    status = choose(chance(stream, count, percent) & is_old, CLOSED, status)
    return choose(died, DECEASED, status)


def _cust(
    people: People,
    members: Members,
    recording: Recording,
    key: pa.Array,
    branch: Ints,
    status: pa.Array,
    updated: pa.Array,
) -> pa.Table:
    count, who = len(members), members.who
    stream, columns, standing = recording.stream("attributes of customers"), recording.columns, people.standing
    verified, minor = chance(stream, count, 92), people.is_minor[who]
    return pa.table(
        {
            "cif_no": key,
            "cust_typ": constant("1", count),
            "cust_nm": columns["name"],
            "former_nm": choose(people.names.is_renamed[who], pick(people.names.former, who), None),
            "eng_nm": choose(chance(stream, count, 15), pick(people.names.pinyin, who), None),
            "sex_cd": columns["sex"],
            "birth_dt": columns["birth"],
            "natl": pick(NATIONALITIES, _nationality(people, who)),
            "ethnic": choose(people.families.origin[who] <= MINORITY, pick(ETHNIC_GROUPS, standing.ethnic[who]), None),
            "marital": _told(stream, ("1", "2", "3", "4"), standing.marital[who], 4),
            "edu": _told(stream, EDUCATION_CODES, standing.education[who], 5),
            "occ": _told(stream, OCCUPATIONS, standing.work[who], 5),
            "income_band": _told(stream, INCOME_BANDS, _declared(stream, standing.income[who]), 8),
            "staff_flg": choose(chance(stream, count, 0.5) & (standing.work[who] == CLERK), "Y", "N"),
            "verify_sts": choose(verified, "1", "0"),
            "verify_dt": choose(verified, day_text(members.opened), None),
            "cust_sts": status,
            "risk_tolerance": choose(minor, None, _risk_tolerances(stream, people.wealth[who])),
            **_due_diligence(stream, people.as_of, members.opened),
            "home_br": branch_codes(branch),
            "mgr_id": choose(people.wealth[who] >= MANAGED_FROM, join("M", number(branch * 7 + who % 7, 4)), None),
            "open_dt": day_text(members.opened),
            "upd_ts": updated,
            "mnt_flg": constant("N", count),
            "etl_f": constant("I", count),
        }
    )


def _nationality(people: People, who: Ints) -> Ints:
    origin, nation = people.families.origin[who], people.names.origins.nation[who]
    return np.select([origin == HONG_KONG, origin == MACAU, origin == TAIWAN, nation >= 0], [1, 2, 3, nation + 4], 0)


def _told(stream: np.random.Generator, codes: tuple[str, ...], place: Ints, silent_percent: float) -> pa.Array:
    """Codes by place; null where there is none (below 0) or the customer did not say."""
    told = (place >= 0) & ~chance(stream, len(place), silent_percent)
    return choose(told, pick(codes, np.maximum(place, 0)), None)


def _declared(stream: np.random.Generator, income: Ints) -> Ints:
    """Bands of income as customers tell it: now and then a band too low or too high."""
    band = income_bands(income)
    slip = np.where(chance(stream, len(income), 12), stream.integers(-1, 2, len(income)), 0)
    return np.where(band >= 0, np.clip(band + slip, 0, len(INCOME_BANDS) - 1), band)


def _risk_tolerances(stream: np.random.Generator, wealth: Ints) -> pa.Array:
    """Answers to the questionnaire, bolder with means; null for every fourth, who never answered."""
    rich = wealth >= MANAGED_FROM
    usual = draw(stream, (24, 32, 28, 12, 4), len(wealth))
    answer = np.where(rich, draw(stream, (6, 20, 38, 26, 10), len(wealth)), usual)
    return choose(chance(stream, len(wealth), 24), None, pick(RISK_TOLERANCES, answer))


def _due_diligence(stream: np.random.Generator, as_of: np.datetime64, opened: Days) -> dict[str, pa.Array]:
    """Class of money-laundering risk and the next review, within years that depend on it; few are late."""
    count = len(opened)
    risk = draw(stream, (90, 8, 2), count)
    ahead = stream.integers(0, 10_000, count) * np.array(REVIEW_DAYS)[risk] // 10_000
    late = chance(stream, count, LATE_REVIEW_PERCENT)
    review = np.maximum(as_of, opened) + np.where(late, -stream.integers(1, 200, count), ahead).astype("timedelta64[D]")
    return {"cdd_risk": pick(("L", "M", "H"), risk), "cdd_next_dt": day_text(review)}


def _cert(
    people: People, members: Members, recording: Recording, key: pa.Array, kind: Ints, updated: pa.Array
) -> pa.Table:
    document = recording.columns["document"]
    issued, expires = _validity(people, members, recording, kind)
    told = moment_text(issued + 7, np.full(len(key), 10 * 3600))
    table = pa.table(
        {
            "cif_no": key,
            "cert_typ": pick(CERT_TYPES, kind),
            "cert_no": document,
            "issue_dt": day_text(issued),
            "exp_dt": day_text(expires),
            "primary_flg": constant("Y", len(key)),
            "upd_ts": pc.max_element_wise(updated, pc.min_element_wise(told, pc.max(updated))),
        }
    )
    return table.filter(document.is_valid())


def _validity(people: People, members: Members, recording: Recording, kind: Ints) -> tuple[Days, Days]:
    """First and last day of the document of every record; some records still hold the one that ended."""
    who, held = members.who, people.documents.validity
    stream = recording.stream("validity")
    birth, another = people.families.birth[who], np.flatnonzero(kind != people.documents.kind[who])
    issued, expires = held.issued[who], held.expires[who]
    other = find_validity(stream, birth[another], np.zeros(len(another), dtype=bool), people.as_of)
    issued[another], expires[another] = other.issued, other.expires
    outdated = chance(stream, len(who), OUTDATED_PERCENT) & ~np.isnat(held.former_issued[who])
    outdated &= (expires != ENDLESS) & (kind == people.documents.kind[who])
    return np.where(outdated, held.former_issued[who], issued), np.where(outdated, held.former_expires[who], expires)


def _contact(
    stream: np.random.Generator, recording: Recording, key: pa.Array, county: Ints, updated: pa.Array
) -> pa.Table:
    count = len(key)
    verified = choose(chance(stream, count, 70), "Y", "N")
    area = pick([pairs("area_codes")[name] for name in regions().province.to_pylist()], county)
    kinds: dict[str, tuple[pa.Array, pa.Array]] = {
        "MOB": (recording.columns["mobile"], empty(count)),
        "EMAIL": (empty(count), recording.columns["email"]),
    }
    for kind, percent in LANDLINE_PERCENT.items():
        line = join(area, "-", number(stream.integers(20_000_000, 89_999_999, count)))
        kinds[kind] = (choose(chance(stream, count, percent), line, None), empty(count))
    parts = []
    for kind, (telephone, mail) in kinds.items():
        held = choose(np.asarray(telephone.is_valid()), telephone, mail).is_valid()
        columns = {"cif_no": key, "cont_typ": constant(kind, count), "seq": constant("1", count)}
        columns |= {"tel_no": telephone, "email": mail, "verified": verified, "upd_ts": updated}
        parts.append(pa.table(columns).filter(held))
    return pa.concat_tables(parts)


def _addr(recording: Recording, people: People, who: Ints, key: pa.Array, updated: pa.Array) -> pa.Table:
    home, count = people.home, len(key)
    return pa.table(
        {
            "cif_no": key,
            "addr_typ": constant("HOME", count),
            "seq": constant("1", count),
            "prov": pick(regions().province, home.county[who]),
            "city": home.city(who),
            "dist": home.district(who),
            "full_addr": recording.columns["address"],
            "zip": number(regions().code[home.county[who]] // 10 % 100_000 * 10, 6),
            "upd_ts": updated,
        }
    )
