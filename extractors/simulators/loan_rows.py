"""How core banking writes loans down: how they stand, instalments, days past due, who stands for them."""

import numpy as np
import pyarrow as pa

from extractors.simulators.loans import (
    DAYS_A_TERM,
    LOAN_PRODUCTS,
    MONTHS,
    NEVER,
    PERIODS_BACK,
    Loans,
    Past,
    days_past_due,
    owed_of,
    past_due_of,
    terms_until,
    unpaid_of,
)
from extractors.simulators.streams import Ints, Streams, chance
from extractors.simulators.texts import Days, amount, choose, constant, day_text, join, moment_text, number, pick

# days past due from which a loan is special mention, substandard, doubtful, loss (商业银行金融资产风险分类办法, 2023)
CLASS_BOUNDS = (1, 91, 271, 361)
LOSS = 5
NORMAL, PAST_DUE, WRITTEN_OFF, REPAID = "1", "2", "8", "9"
RATES = np.array([kind[3] for kind in LOAN_PRODUCTS])
CODES = [kind[0] for kind in LOAN_PRODUCTS]
DAYS_IN_FULL = 30  # before the first business date; of older days the month ends are kept
MONTHS_KEPT = 12
SCHEDULE_BACK, SCHEDULE_AHEAD = 12, 12  # months of instalments that are handed over
GUARANTEED = ("LN303", "LN404")
GUARANTEED_PERCENT = 40
GUARANTOR = "03"
PERCENT_PARTS, MONTHS_A_YEAR = 10_000, 12
NIGHT = 22 * 3600


def loan_rows(loans: Loans, rows: Ints, day: np.datetime64) -> pa.Table:
    """Table `loan`: some loans as they are on the evening of a day."""
    product, months = loans.product[rows], MONTHS[loans.product[rows]]
    unpaid = unpaid_of(loans, loans.oldest, loans.pays_on, day)[rows]
    owed = owed_of(loans, unpaid_of(loans, loans.oldest, loans.pays_on, day), day)[rows]
    given_up = loans.written_off_on[rows] <= day
    late = np.where(given_up, 0, days_past_due(loans, day)[rows])
    installment = loans.principal[rows] // months
    status = choose(late > 0, PAST_DUE, choose(owed == 0, REPAID, constant(NORMAL, len(rows))))
    return pa.table(
        {
            "loan_no": pick(loans.number, rows),
            "cif_no": pick(loans.holder, rows),
            "prod_cd": pick(CODES, product),
            "ccy": constant("CNY", len(rows)),
            "amt": amount(loans.principal[rows]),
            "bal": amount(np.where(given_up, 0, owed)),
            "rate": amount(RATES[product]),
            "term_months": number(months),
            "install_amt": amount(installment),
            "open_dt": day_text(loans.opened[rows]),
            "due_dt": day_text(loans.opened[rows] + (months * DAYS_A_TERM).astype("timedelta64[D]")),
            "five_cls": number(np.where(given_up, LOSS, five_class(late))),
            "dpd": number(late),
            "overdue_amt": amount(np.where(given_up, 0, installment * unpaid)),
            "woff_amt": amount(np.where(given_up, owed, 0)),
            "woff_dt": day_text(np.where(given_up, loans.written_off_on[rows], np.datetime64("NaT"))),
            "sts": choose(given_up, WRITTEN_OFF, status),
            "upd_ts": _nights(np.full(len(rows), day)),
        }
    )


def five_class(late: Ints) -> Ints:
    """Class 1 to 5 by days past due."""
    classes: Ints = np.searchsorted(CLASS_BOUNDS, late, side="right") + 1
    return classes


def arrears_rows(loans: Loans, rows: Ints, day: np.datetime64) -> pa.Table:
    """Table `arrears` for one day: loans past due, and those that came good today."""
    late = days_past_due(loans, day)
    told = rows[(late[rows] > 0) | (loans.pays_on[rows] == day)]
    unpaid = unpaid_of(loans, loans.oldest, loans.pays_on, day)
    return _arrears(loans, told, day, late[told], unpaid)


def past_arrears(loans: Loans, past: Past, today: np.datetime64) -> pa.Table:
    """Table `arrears` up to today: each of the last days, and the month ends before them."""
    month = today.astype("datetime64[M]")
    ends = np.arange(month - MONTHS_KEPT + 1, month + 1).astype("datetime64[D]") - 1
    recent = np.arange(today - DAYS_IN_FULL + 1, today + 1)
    parts = [_arrears_then(loans, past, today, end, every=False) for end in ends if end < recent[0]]
    parts += [_arrears_then(loans, past, today, day, every=True) for day in recent]
    return pa.concat_tables(parts)


def _arrears_then(loans: Loans, past: Past, today: np.datetime64, day: np.datetime64, *, every: bool) -> pa.Table:
    at = PERIODS_BACK - 1 - (terms_until(loans, today) - terms_until(loans, day))
    everyone = np.arange(len(loans))
    oldest, pays_on = past.oldest[at, everyone], past.pays_on[at, everyone]
    late = past_due_of(loans, oldest, pays_on, day)
    late = np.where((loans.written_off_on > day) & (loans.opened < day), late, 0)
    told = np.flatnonzero((late > 0) | (every & (oldest > 0) & (pays_on == day)))
    return _arrears(loans, told, day, late[told], unpaid_of(loans, oldest, pays_on, day))


def _arrears(loans: Loans, rows: Ints, day: np.datetime64, late: Ints, unpaid: Ints) -> pa.Table:
    installment = loans.principal[rows] // MONTHS[loans.product[rows]]
    days = np.full(len(rows), day)
    return pa.table(
        {
            "loan_no": pick(loans.number, rows),
            "arr_dt": day_text(days),
            "dpd": number(late),
            "unpaid_cnt": number(unpaid[rows]),
            "overdue_amt": amount(installment * unpaid[rows]),
            "bal": amount(owed_of(loans, unpaid, day)[rows]),
            "five_cls": number(five_class(late)),
            "upd_ts": _nights(days),
        }
    )


def schedule_rows(loans: Loans, today: np.datetime64, rows: Ints) -> pa.Table:
    """Table `loan_sched`: instalments of some loans due within a year before and after today, and all in arrears."""
    months = MONTHS[loans.product[rows]]
    passed, oldest = terms_until(loans, today)[rows], loans.oldest[rows]
    just_paid = np.where(oldest > 0, oldest - 1, passed)
    first = np.maximum(np.minimum(passed - SCHEDULE_BACK + 1, just_paid), 1)
    last = np.minimum(passed + SCHEDULE_AHEAD, months)
    times = np.maximum(last - first + 1, 0)
    each = np.repeat(np.arange(len(rows)), times)
    term = first[each] + np.arange(len(each)) - np.repeat(np.cumsum(times) - times, times)
    loan = rows[each]
    due = loans.opened[loan] + (term * DAYS_A_TERM).astype("timedelta64[D]")
    principal = loans.principal[loan] // months[each]
    left = loans.principal[loan] - principal * (term - 1)
    unpaid_from = np.where((loans.oldest[loan] > 0) & (loans.pays_on[loan] > today), loans.oldest[loan], NEVER_TERM)
    is_paid = (due <= today) & (term < unpaid_from)
    return pa.table(
        {
            "loan_no": pick(loans.number, loan),
            "term_no": number(term),
            "due_dt": day_text(due),
            "prin_amt": amount(principal),
            "int_amt": amount(left * RATES[loans.product[loan]] // PERCENT_PARTS // MONTHS_A_YEAR),
            "paid_dt": day_text(np.where(is_paid, _paid_on(loans, loan, term, due, today), np.datetime64("NaT"))),
            "sts": choose(is_paid, "P", choose(due <= today, "O", constant("N", len(each)))),
            "upd_ts": _nights(np.full(len(each), today)),
        }
    )


NEVER_TERM = 10_000


def _paid_on(loans: Loans, loan: Ints, term: Ints, due: Days, today: np.datetime64) -> Days:
    """The due day, unless the instalment was among those paid late the last time that happened."""
    now = (loans.oldest[loan] > 0) & (loans.pays_on[loan] <= today) & (term >= loans.oldest[loan])
    before = (loans.cured_on[loan] < NEVER) & (term >= loans.cured_from[loan]) & (term <= loans.cured_to[loan])
    days: Days = np.where(now, loans.pays_on[loan], np.where(before, loans.cured_on[loan], due))
    return days


def guarantor_rows(streams: Streams, first: int, loans: Loans, guarantors: pa.Array, day: str) -> pa.Table:
    """Table `cust_rel`: who stands for some business loans, drawn from the customer numbers of `guarantors`."""
    stream = streams.of("guarantors", first)
    is_business = np.isin(np.array(CODES)[loans.product], GUARANTEED)
    rows = np.flatnonzero(is_business & chance(stream, len(loans), GUARANTEED_PERCENT) & (len(guarantors) > 0))
    chosen = pick(guarantors, stream.integers(0, max(len(guarantors), 1), len(rows)))
    holder = pick(loans.holder, rows)
    columns = {"cif_no": holder, "rel_cif_no": chosen, "rel_typ": constant(GUARANTOR, len(rows))}
    columns |= {"share_pct": pa.nulls(len(rows), pa.string()), "upd_ts": join(day, constant("000000", len(rows)))}
    _, once = np.unique(holder.to_numpy(zero_copy_only=False).astype(str), return_index=True)
    is_other = np.asarray(pa.compute.not_equal(holder, chosen))[once]
    return pa.table(columns).take(pa.array(np.sort(once[is_other])))


def _nights(days: Days) -> pa.Array:
    return moment_text(days, np.full(len(days), NIGHT))
