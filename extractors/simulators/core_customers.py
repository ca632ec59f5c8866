"""How core banking writes its customers down: cust, cert, contact and addr."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Bank
from extractors.simulators.damage import Recording
from extractors.simulators.families import FOREIGN, HONG_KONG, MACAU, MINORITY, TAIWAN
from extractors.simulators.membership import Members
from extractors.simulators.people import People
from extractors.simulators.recording import record_people
from extractors.simulators.regions import regions
from extractors.simulators.streams import Ints, Streams, chance, draw
from extractors.simulators.texts import choose, constant, day_text, empty, join, moment_text, number, pick
from extractors.simulators.words import pairs

CERT_TYPES = ("01", "02", "03", "05", "06", "07")  # by kind of document
NORMAL, DORMANT, DECEASED, MERGED, CLOSED = "0", "1", "2", "8", "9"
RISK_TOLERANCES = ("C1", "C2", "C3", "C4", "C5", None)
OCCUPATIONS = ("1", "2", "3", "4", "5", "6", "7", "8", None)
INCOME_BANDS = ("1", "2", "3", "4", "5", None)
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
    status = _statuses(stream, bank, people, who)
    tables = {
        "cust": _cust(stream, people, members, recording, key, branch, status, updated),
        "cert": _cert(stream, members, recording, key, kind, updated),
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


def _statuses(stream: np.random.Generator, bank: Bank, people: People, who: Ints) -> pa.Array:
    count = len(who)
    died = ~np.isnat(people.died_on[who]) & chance(stream, count, 70)
    status = choose(chance(stream, count, 4), DORMANT, constant(NORMAL, count))
    status = choose(chance(stream, count, bank.defects["core_banking"].closed_with_open_account + 1), CLOSED, status)
    return choose(died, DECEASED, status)


def _cust(
    stream: np.random.Generator,
    people: People,
    members: Members,
    recording: Recording,
    key: pa.Array,
    branch: Ints,
    status: pa.Array,
    updated: pa.Array,
) -> pa.Table:
    count, who = len(members), members.who
    columns, origin, minor = recording.columns, people.families.origin[who], people.is_minor[who]
    verified = chance(stream, count, 92)
    review = np.datetime64("2026-02-01") + stream.integers(-60, 700, count).astype("timedelta64[D]")
    abroad = [origin == FOREIGN, origin == HONG_KONG, origin == MACAU, origin == TAIWAN]
    return pa.table(
        {
            "cif_no": key,
            "cust_typ": constant("1", count),
            "cust_nm": columns["name"],
            "former_nm": choose(people.names.is_renamed[who], pick(people.names.former, who), None),
            "eng_nm": choose(chance(stream, count, 15), pick(people.names.pinyin, who), None),
            "sex_cd": columns["sex"],
            "birth_dt": columns["birth"],
            "natl": pick(("CN", "US", "HK", "MO", "TW"), np.select(abroad, [1, 2, 3, 4], 0)),
            "ethnic": pick(("01", "05"), (origin == MINORITY).astype(np.int64)),
            "marital": choose(minor, "1", pick(("1", "2", "3", "4", None), draw(stream, (30, 58, 5, 3, 4), count))),
            "edu": pick(("10", "20", "30", "40", "60", "70", None), draw(stream, (3, 30, 22, 20, 15, 5, 5), count)),
            "occ": pick(OCCUPATIONS, draw(stream, (8, 12, 20, 25, 8, 6, 10, 6, 5), count)),
            "income_band": pick(INCOME_BANDS, np.minimum(people.wealth[who] // 2 + stream.integers(0, 2, count), 5)),
            "staff_flg": choose(chance(stream, count, 0.4), "Y", "N"),
            "verify_sts": choose(verified, "1", "0"),
            "verify_dt": choose(verified, day_text(members.opened), None),
            "cust_sts": status,
            "risk_tolerance": pick(RISK_TOLERANCES, draw(stream, (18, 24, 22, 9, 3, 24), count)),
            "cdd_risk": pick(("L", "M", "H"), draw(stream, (90, 8, 2), count)),
            "cdd_next_dt": day_text(review),
            "home_br": branch_codes(branch),
            "mgr_id": choose(people.wealth[who] >= MANAGED_FROM, join("M", number(branch * 7 + who % 7, 4)), None),
            "open_dt": day_text(members.opened),
            "upd_ts": updated,
            "mnt_flg": constant("N", count),
            "etl_f": constant("I", count),
        }
    )


def _cert(
    stream: np.random.Generator, members: Members, recording: Recording, key: pa.Array, kind: Ints, updated: pa.Array
) -> pa.Table:
    document = recording.columns["document"]
    years = pick(("10", "20", "5"), draw(stream, (40, 50, 10), len(key))).cast(pa.int64()).to_numpy()
    issued = members.opened - stream.integers(0, 8 * 365, len(key)).astype("timedelta64[D]")
    endless = chance(stream, len(key), 8)
    table = pa.table(
        {
            "cif_no": key,
            "cert_typ": pick(CERT_TYPES, kind),
            "cert_no": document,
            "issue_dt": day_text(issued),
            "exp_dt": choose(endless, "99991231", day_text(issued + (years * 365).astype("timedelta64[D]"))),
            "primary_flg": constant("Y", len(key)),
            "upd_ts": updated,
        }
    )
    return table.filter(document.is_valid())


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
