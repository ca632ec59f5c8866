"""What core banking derives from movements: balances at the end of days, fees; and old account numbers."""

import numpy as np
import pyarrow as pa

from extractors.simulators.accounts import Accounts, currencies
from extractors.simulators.movement_kinds import FEE
from extractors.simulators.ordering import stable_order
from extractors.simulators.streams import Ints
from extractors.simulators.texts import Days, amount, choose, constant, day_text, join, moment_text, number, pick
from extractors.simulators.transactions import Movements

DAYS_IN_FULL = 30  # before the first business date; of older days the last balance of a month is kept
RENUMBERED_EVERY = 53  # one account in so many had another number before the migration
NIGHT = 22 * 3600


def balance_rows(movements: Movements, accounts: Accounts, today: np.datetime64) -> pa.Table:
    """Table `bal_daily`: the balance of an account on the evening of a day it changed, of older days once a month."""
    month_end = (movements.day.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    is_recent = movements.day > today - DAYS_IN_FULL
    evening = np.where(is_recent, movements.day, np.minimum(month_end, today - DAYS_IN_FULL))
    key = movements.account * 100_000 + (evening - np.datetime64("2000-01-01")).astype(np.int64)
    order = stable_order(key)
    rows = order[np.flatnonzero(np.diff(key[order], append=-1))]
    account = movements.account[rows]
    return pa.table(
        {
            "acct_no": pick(accounts.number, account),
            "bal_dt": day_text(evening[rows]),
            "ccy": currencies(accounts, account),
            "bal": amount(movements.balance[rows]),
            "upd_ts": _nights(np.maximum(evening[rows], movements.day[rows])),
        }
    )


def fee_rows(movements: Movements, sequence: Ints, accounts: Accounts) -> pa.Table:
    """Table `fee`: what the account-keeping charges among the movements were for."""
    rows = np.flatnonzero(movements.kind == FEE)
    account = movements.account[rows]
    waived = rows % 17 == 0
    return pa.table(
        {
            "fee_no": join("F", day_text(movements.day[rows]), number(sequence[rows], 10)),
            "acct_no": pick(accounts.number, account),
            "fee_cd": pick(("ACM", "SMS", "TRF"), rows % 3),
            "fee_dt": day_text(movements.day[rows]),
            "ccy": currencies(accounts, account),
            "amt": amount(np.abs(movements.cents[rows])),
            "waived": choose(waived, "Y", constant("N", len(rows))),
            "upd_ts": _nights(movements.day[rows]),
        }
    )


def old_number_rows(accounts: Accounts, first_day: np.datetime64) -> pa.Table:
    """Table `acct_xref`: numbers that some accounts had before the last migration."""
    rows = np.arange(0, len(accounts), RENUMBERED_EVERY)
    return pa.table(
        {
            "old_acct": join("0", pick(accounts.number, rows)),
            "acct_no": pick(accounts.number, rows),
            "xref_dt": constant("20150501", len(rows)),
            "upd_ts": _nights(np.full(len(rows), first_day)),
        }
    )


def _nights(days: Days) -> pa.Array:
    return moment_text(days, np.full(len(days), NIGHT))
