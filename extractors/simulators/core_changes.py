"""What changes about core-banking customers on one day: news of their lives, data cared for, deletions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.bank import Bank
from extractors.simulators.core_customers import DECEASED, OCCUPATIONS, RISK_TOLERANCES, CoreCustomers
from extractors.simulators.core_tables import KEYS
from extractors.simulators.lives import DIED, MOVED, NEW_MOBILE, RENAMED, News
from extractors.simulators.membership import changed_today, records_of
from extractors.simulators.people import People
from extractors.simulators.regions import regions
from extractors.simulators.streams import Flags, Ints, Streams
from extractors.simulators.texts import constant, empty, moment_text, number, pick, put

NIGHT = 22 * 3600
Tables = dict[str, pa.Table]


@dataclass
class Customers:
    """Customers of one intake as they stand: `rows` of `cust` with every change so far, and which are deleted."""

    known: CoreCustomers
    rows: pa.Table
    is_gone: Flags

    @classmethod
    def as_opened(cls, known: CoreCustomers) -> "Customers":
        """Customers nothing has happened to yet."""
        return cls(known, known.tables["cust"], np.zeros(len(known.members), dtype=bool))

    def put(self, column: str, rows: Ints, values: pa.Array) -> None:
        """Change a column of `cust` for some ascending rows."""
        place = self.rows.schema.get_field_index(column)
        changed = put(self.rows[column].combine_chunks(), rows, values)
        self.rows = self.rows.set_column(place, column, changed)


def customers_of_a_day(
    bank: Bank, streams: Streams, customers: Customers, people: People, news: News, first: int, number_of_day: int
) -> tuple[Tables, Ints]:
    """Changed rows of `cust`, `contact` and `addr`, and which customers were deleted today."""
    day, members = np.datetime64(bank.first_date) + number_of_day, customers.known.members
    changed, touched, deleted = changed_today(bank, streams, "core_banking", first, len(members), number_of_day)
    heard = {kind: records_of(members, who) for kind, who in news.items()}
    heard = {kind: rows[~customers.is_gone[rows]] for kind, rows in heard.items()}
    deleted = deleted[~customers.is_gone[deleted]]
    customers.is_gone[deleted] = True
    _care_for(customers, people, streams.of("care", first, number_of_day), changed)
    _hear(customers, people, heard)
    every = np.unique(np.concatenate([changed, touched, *heard.values()]))
    every = every[~customers.is_gone[every]]
    tables = {
        "cust": pa.concat_tables([_rows(customers, every, "U", day), _rows(customers, deleted, "D", day)]),
        "contact": _mobiles(customers, people, heard[NEW_MOBILE], day),
        "addr": _homes(customers, people, heard[MOVED], day),
    }
    return tables, deleted


def tonight(day: np.datetime64, count: int) -> pa.Array:
    """The moment of the nightly change of a business date."""
    return moment_text(np.full(count, day), np.full(count, NIGHT))


def _care_for(customers: Customers, people: People, stream: np.random.Generator, rows: Ints) -> None:
    """A branch asked grown-ups again: occupation and risk tolerance."""
    rows = rows[~people.is_minor[customers.known.members.who[rows]]]
    customers.put("occ", rows, pick(OCCUPATIONS, stream.integers(0, len(OCCUPATIONS), len(rows))))
    customers.put("risk_tolerance", rows, pick(RISK_TOLERANCES, stream.integers(0, len(RISK_TOLERANCES), len(rows))))


def _hear(customers: Customers, people: People, heard: News) -> None:
    who = customers.known.members.who
    renamed, died = heard[RENAMED], heard[DIED]
    customers.put("former_nm", renamed, pick(people.names.former, who[renamed]))
    customers.put("cust_nm", renamed, pick(people.names.plain, who[renamed]))
    latin = renamed[np.asarray(customers.rows["eng_nm"].combine_chunks().is_valid())[renamed]]
    customers.put("eng_nm", latin, pick(people.names.pinyin, who[latin]))
    customers.put("cust_sts", died, constant(DECEASED, len(died)))


def _rows(customers: Customers, rows: Ints, kind: str, day: np.datetime64) -> pa.Table:
    """Rows of `cust` as they stand, changed tonight in the way of `kind`."""
    return stamped(customers.rows.take(pa.array(rows)), day, etl_f=constant(kind, len(rows)))


def stamped(table: pa.Table, day: np.datetime64, **columns: pa.Array) -> pa.Table:
    """Rows with some columns replaced, changed tonight."""
    for name, values in (columns | {"upd_ts": tonight(day, table.num_rows)}).items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def latest(table: str, rows: pa.Table) -> pa.Table:
    """The last row of every key, in the order given."""
    place = "place"
    numbered = rows.select(KEYS[table]).append_column(place, pa.array(np.arange(rows.num_rows)))
    kept = numbered.group_by(list(KEYS[table])).aggregate([(place, "max")])[f"{place}_max"]
    return rows.take(pa.array(np.sort(kept.to_numpy())))


def _mobiles(customers: Customers, people: People, rows: Ints, day: np.datetime64) -> pa.Table:
    count, who = len(rows), customers.known.members.who[rows]
    columns = {"cif_no": pick(customers.known.key, rows), "cont_typ": constant("MOB", count)}
    columns |= {"seq": constant("1", count), "tel_no": pick(people.mobile, who), "email": empty(count)}
    return pa.table(columns | {"verified": constant("Y", count), "upd_ts": tonight(day, count)})


def _homes(customers: Customers, people: People, rows: Ints, day: np.datetime64) -> pa.Table:
    count, who, home = len(rows), customers.known.members.who[rows], people.home
    county = home.county[who]
    return pa.table(
        {
            "cif_no": pick(customers.known.key, rows),
            "addr_typ": constant("HOME", count),
            "seq": constant("1", count),
            "prov": pick(regions().province, county),
            "city": home.city(who),
            "dist": home.district(who),
            "full_addr": home.full(who),
            "zip": number(regions().code[county] // 10 % 100_000 * 10, 6),
            "upd_ts": tonight(day, count),
        }
    )


def emptied(keys: pa.Array, known: Sequence[Tables], day: np.datetime64) -> Tables:
    """Contacts and documents of numbers that pass to somebody else, without their values, out of all `known`."""
    nothing = {"contact": ("tel_no", "email"), "cert": ("cert_no", "issue_dt", "exp_dt")}
    tables = {}
    for name, columns in nothing.items():
        theirs = [each[name].filter(pc.is_in(each[name]["cif_no"], keys)) for each in known]
        tables[name] = stamped(pa.concat_tables(theirs), day)
        for column in columns:
            place = tables[name].schema.get_field_index(column)
            tables[name] = tables[name].set_column(place, column, empty(tables[name].num_rows))
    return tables
