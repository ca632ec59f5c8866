"""Customers core banking makes one, and those it parts again because they were two people."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.accounts import Accounts
from extractors.simulators.bank import Bank
from extractors.simulators.core_changes import Customers, stamped, tonight
from extractors.simulators.core_customers import MERGED, NORMAL
from extractors.simulators.streams import Ints, chance
from extractors.simulators.texts import Days, constant, day_text, empty, join, number, pick, put

DAYS_A_YEAR = 365
DAYS_TO_NOTICE = 10  # until a wrong merge is taken back
CLERKS = 40


@dataclass
class Merges:
    """Wrong merges that will be taken back, by day: rows of the customer that vanished and of the one that stayed."""

    to_take_back: dict[int, tuple[Ints, Ints, Days]] = field(default_factory=dict)


def merge_some(
    bank: Bank, stream: np.random.Generator, merges: Merges, customers: Customers, accounts: Accounts, days: int
) -> dict[str, pa.Table]:
    """Merges and partings of business date `days` (0 is the first, with the year before); rows by table."""
    today = np.datetime64(bank.first_date) + days
    old, new, is_wrong = _pairs(bank, stream, customers, bank.history_days if days == 0 else 1)
    merged_on = today - (stream.integers(0, bank.history_days, len(old)) if days == 0 else 0 * old)
    back = days == 0
    stays = ~is_wrong if back else np.ones(len(old), dtype=bool)
    parts = [_merge_rows(customers, old, new, merged_on, np.where(stays, np.datetime64("NaT"), today), today)]
    changed = [_join(customers, accounts, old[stays], new[stays], today)]
    if not back and is_wrong.any():
        merges.to_take_back[days + DAYS_TO_NOTICE] = (old[is_wrong], new[is_wrong], merged_on[is_wrong])
    if days in merges.to_take_back:
        gone, kept, since = merges.to_take_back.pop(days)
        parts.append(_merge_rows(customers, gone, kept, since, np.full(len(gone), today), today))
        changed.append(_part(customers, accounts, gone, kept, today))
    tables = {name: pa.concat_tables([tables[name] for tables in changed]) for name in changed[0]}
    return tables | {"cust_merge": pa.concat_tables(parts)}


def _pairs(bank: Bank, stream: np.random.Generator, customers: Customers, days: int) -> tuple[Ints, Ints, np.ndarray]:
    """Rows of customers to merge and to keep: the same person twice, now and then two people."""
    members, count = customers.known.members, len(customers.known.members)
    percent = bank.delta.merge * days / DAYS_A_YEAR
    wrong = np.flatnonzero(chance(stream, count, percent * bank.delta.wrong_merge / 100) & ~customers.is_gone)
    twice = np.flatnonzero(members.is_duplicate & ~customers.is_gone)
    share = min(100.0, percent * (100 - bank.delta.wrong_merge) / 100 * count / max(1, len(twice)))
    twice = twice[chance(stream, len(twice), share)]
    first_row = np.full(int(members.who.max(initial=0)) + 1, -1)
    originals = np.flatnonzero(~members.is_duplicate)
    first_row[members.who[originals]] = originals
    old = np.concatenate([twice, wrong])
    new = np.concatenate([first_row[members.who[twice]], (wrong + 1) % max(count, 1)])
    status = customers.rows["cust_sts"].combine_chunks()
    free = np.asarray(pick(status, old).to_numpy(zero_copy_only=False) != MERGED) & ~customers.is_gone[new]
    free &= ~np.isin(new, old) & (old != new)
    return old[free], new[free], (np.arange(len(old)) >= len(twice))[free]


def _merge_rows(
    customers: Customers, old: Ints, new: Ints, merged_on: Days, parted_on: Days, today: np.datetime64
) -> pa.Table:
    """Table `cust_merge`."""
    key, count = customers.known.key, len(old)
    return pa.table(
        {
            "old_cif": pick(key, old),
            "new_cif": pick(key, new),
            "merge_dt": day_text(merged_on),
            "user_id": join("M", number(old % CLERKS, 4)),
            "reversed": pick(("Y", "N"), np.isnat(parted_on).astype(np.int64)),
            "reversed_dt": day_text(parted_on),
            "upd_ts": tonight(today, count),
        }
    )


def _join(customers: Customers, accounts: Accounts, old: Ints, new: Ints, today: np.datetime64) -> dict[str, pa.Table]:
    """The old customers are merged; their accounts pass to the new."""
    order = np.argsort(old)
    customers.put("cust_sts", old[order], constant(MERGED, len(old)))
    return _changed(customers, accounts, old, new, today)


def _part(customers: Customers, accounts: Accounts, old: Ints, new: Ints, today: np.datetime64) -> dict[str, pa.Table]:
    """The old customers stand by themselves again, with the accounts that were theirs."""
    order = np.argsort(old)
    customers.put("cust_sts", old[order], constant(NORMAL, len(old)))
    return _changed(customers, accounts, old, old, today, ended=new)


def _changed(
    customers: Customers, accounts: Accounts, old: Ints, holder: Ints, today: np.datetime64, ended: Ints | None = None
) -> dict[str, pa.Table]:
    """Rows of `cust` and `acct_cust` after the accounts of `old` went from `ended` (by default `old`) to `holder`."""
    key, taken_from = customers.known.key, old if ended is None else ended
    place = pc.index_in(accounts.holder, pick(key, taken_from)).fill_null(-1).to_numpy()
    theirs = place >= 0 if ended is None else (place >= 0) & np.isin(accounts.owner, old)
    rows = np.flatnonzero(theirs)
    before, after = pick(accounts.holder, rows), pick(key, holder[place[rows]])
    accounts.holder = put(accounts.holder, rows, after)
    count, moment = len(rows), tonight(today, len(rows))
    since, none = day_text(accounts.opened[rows]), empty(count)
    held = {"acct_no": pick(accounts.number, rows), "rel": constant("P", count), "upd_ts": moment}
    ended_rows = pa.table(held | {"cif_no": before, "from_dt": since, "to_dt": day_text(np.full(count, today))})
    begun_rows = pa.table(held | {"cif_no": after, "from_dt": day_text(np.full(count, today)), "to_dt": none})
    cust = stamped(customers.rows.take(pa.array(np.sort(old))), today, etl_f=constant("U", len(old)))
    return {"cust": cust, "acct_cust": pa.concat_tables([ended_rows, begun_rows])}
