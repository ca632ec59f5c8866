"""What a branch costs a month: salaries, rent, computers and the rest, in proportion to the customers there are."""

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Bank
from extractors.simulators.core_customers import BRANCHES, branch_codes
from extractors.simulators.streams import Ints, Streams
from extractors.simulators.texts import amount, day_text, moment_text, number, pick, ymd

COSTS = (("SAL", 52), ("RNT", 14), ("ITC", 12), ("MKT", 8), ("OTH", 14))  # kind of cost, percent of all
MONTHS_BACK = 12  # handed over on the first business date
NIGHT = 22 * 3600


def branch_cost_rows(bank: Bank, streams: Streams, months: np.ndarray) -> pa.Table:
    """Table `br_cost`: each branch, month and kind of cost, booked on the last day of the month."""
    kinds = len(COSTS)
    parts = [_of_month(bank, streams, month) for month in months]
    cents = np.concatenate([np.empty(0, np.int64), *parts])
    month = np.repeat(months, BRANCHES * kinds)
    ends = (month + 1).astype("datetime64[D]") - 1
    row = np.tile(np.arange(BRANCHES * kinds), len(months))
    return pa.table(
        {
            "br_cd": branch_codes(row // kinds),
            "cost_ym": number(ymd(month.astype("datetime64[D]")) // 100, 6),
            "cost_cd": pick([code for code, _ in COSTS], row % kinds),
            "cost_amt": amount(cents),
            "book_dt": day_text(ends),
            "upd_ts": moment_text(ends, np.full(len(row), NIGHT)),
        }
    )


def months_until(first_date: np.datetime64, number_of_day: int) -> np.ndarray:
    """Months whose costs are booked on a day: a year's on the first, later the one that ends that day, or none."""
    today = first_date + number_of_day
    ended = (today + 1).astype("datetime64[M]")
    if not number_of_day:
        return np.arange(ended - MONTHS_BACK, ended)
    is_end = ended.astype("datetime64[D]") == today + 1
    return np.arange(ended - 1, ended) if is_end else np.arange(ended, ended)


def _of_month(bank: Bank, streams: Streams, month: np.datetime64) -> Ints:
    """Cents by branch and kind: the customers of a branch, give or take a tenth."""
    stream = streams.of("branch costs", str(month))
    shares = np.arange(BRANCHES, 0, -1)
    a_month = bank.customers * bank.branch_cost_per_customer * 100 // 12
    of_branch = a_month * shares // shares.sum() * stream.integers(90, 111, BRANCHES) // 100
    percent = np.array([share for _, share in COSTS])
    cents: Ints = (of_branch[:, None] * percent // 100).ravel()
    return cents
