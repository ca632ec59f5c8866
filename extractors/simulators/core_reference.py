"""Tables of core banking that are about the bank and not its customers: products, branches, staff, rates."""

import numpy as np
import pyarrow as pa

from extractors.simulators.accounts import PRODUCTS
from extractors.simulators.bank import Bank
from extractors.simulators.branch_costs import branch_cost_rows, months_until
from extractors.simulators.core_customers import BRANCHES, branch_codes
from extractors.simulators.database import Database
from extractors.simulators.loans import LOAN_PRODUCTS
from extractors.simulators.streams import Ints, Streams, draw
from extractors.simulators.texts import Days, amount, choose, constant, day_text, join, number, pick
from extractors.simulators.words import letters

HEAD_OFFICE = "10999"
MANAGERS, AGENTS = 440, 80
# currency, CNY for a hundred at the first rate, how much it moves a day in hundredths of a permille
CURRENCIES = (("USD", 71_000, 25), ("HKD", 9_100, 25), ("EUR", 82_000, 40), ("JPY", 460, 50), ("GBP", 95_000, 40))
# months, yearly rate of the internal curve in hundredths of a percent
TENORS = ((1, 120), (3, 135), (6, 145), (12, 160), (24, 178), (36, 195), (60, 215))
RATES_SINCE = np.datetime64("2024-12-31")


def reference_tables(database: Database, streams: Streams, bank: Bank) -> None:
    """Everything about the bank as of its first business date."""
    first_date = np.datetime64(bank.first_date)
    day = str(day_text(np.array([first_date]))[0])
    database.add("prod", _products(day))
    database.add_some_columns("prod", _loan_products(day))
    database.add("branch", _branches(day))
    database.add("emp", _staff(streams, day))
    database.add("br_cost", branch_cost_rows(bank, streams, months_until(first_date, 0)))
    days = np.arange(first_date - 30, first_date + 1)
    months = np.arange(first_date.astype("datetime64[M]") - 11, first_date.astype("datetime64[M]") + 1)
    ends = months.astype("datetime64[D]") - 1
    add_rates(database, streams, np.unique(np.concatenate([ends, days])))


def add_rates(database: Database, streams: Streams, days: Days) -> None:
    """Exchange and transfer-pricing rates of some days."""
    database.add("fx_rate", _exchange_rates(streams, days))
    database.add("ftp_rate", _transfer_prices(streams, days))


def _products(first_day: str) -> pa.Table:
    code, name, kind, risk, rate, _ = (list(column) for column in zip(*PRODUCTS, strict=True))
    columns = {"prod_cd": code, "prod_nm": name, "prod_typ": kind, "risk_lvl": risk, "rate": rate}
    return pa.table(columns | {"upd_ts": [f"{first_day}000000"] * len(code)})


def _loan_products(first_day: str) -> dict[str, pa.Array]:
    count = len(LOAN_PRODUCTS)
    return {
        "prod_cd": pa.array([kind[0] for kind in LOAN_PRODUCTS]),
        "prod_nm": pa.array([kind[1] for kind in LOAN_PRODUCTS]),
        "prod_typ": constant("L", count),
        "rate": amount(np.array([kind[3] for kind in LOAN_PRODUCTS])),
        "upd_ts": constant(f"{first_day}000000", count),
    }


def _branches(first_day: str) -> pa.Table:
    """A head office and its branches."""
    codes = [HEAD_OFFICE, *branch_codes(np.arange(BRANCHES)).to_pylist()]
    names = ["总行", *(f"第{number}支行" for number in range(1, BRANCHES + 1))]
    parents = [None, *[HEAD_OFFICE] * BRANCHES]
    columns = {"br_cd": codes, "br_nm": names, "parent_br": pa.array(parents, pa.string())}
    return pa.table(columns | {"upd_ts": [f"{first_day}000000"] * len(codes)})


def _staff(streams: Streams, first_day: str) -> pa.Table:
    """Relationship managers of the branches and agents of the call centre."""
    stream, count = streams.of("staff"), MANAGERS + AGENTS
    rows = np.arange(count)
    is_manager = rows < MANAGERS
    surname = pick(list(letters("surnames")[:60]), stream.integers(0, 60, count))
    given = pick(list(letters("neutral")), stream.integers(0, len(letters("neutral")), count))
    hired = np.datetime64(f"{first_day[:4]}-01-01") - stream.integers(100, 7000, count).astype("timedelta64[D]")
    leaves = draw(stream, (95, 5), count) == 1
    return pa.table(
        {
            "emp_no": choose(is_manager, join("M", number(rows, 4)), join("A", number(rows - MANAGERS + 100))),
            "emp_nm": join(surname, given),
            "br": choose(is_manager, branch_codes(rows // 7 % BRANCHES), HEAD_OFFICE),
            "post": choose(is_manager, "RM", constant("CC", count)),
            "hire_dt": day_text(hired),
            "leave_dt": choose(leaves, f"{first_day[:4]}0115", None),
            "upd_ts": constant(f"{first_day}000000", count),
        }
    )


def _exchange_rates(streams: Streams, days: Days) -> pa.Table:
    parts = []
    for code, start, moves in CURRENCIES:
        rate = start * (100_000 + _walk(streams, code, days) * moves) // 1000
        parts.append({"rate_dt": day_text(days), "ccy": constant(code, len(days)), "rate": _decimal(rate, 6)})
    return pa.concat_tables([pa.table(part) for part in parts])


def _transfer_prices(streams: Streams, days: Days) -> pa.Table:
    parts = []
    for months, start in TENORS:
        rate = start * 100 + _walk(streams, f"ftp {months}", days) * 20
        columns = {"rate_dt": day_text(days), "ccy": constant("CNY", len(days))}
        parts.append(columns | {"tenor_m": constant(str(months), len(days)), "rate": _decimal(rate, 4)})
    return pa.concat_tables([pa.table(part) for part in parts])


def _walk(streams: Streams, what: str, days: Days) -> Ints:
    """Where a rate has gone by some days since rates began, the same whatever days are asked for."""
    steps = streams.of("rates", what).integers(-10, 11, 10_000)
    walked: Ints = np.cumsum(steps)[(days - RATES_SINCE).astype(np.int64).clip(0)] // 4
    return walked


def _decimal(values: Ints, places: int) -> pa.Array:
    """Whole numbers as decimals with so many places."""
    unit = 10**places
    return join(number(values // unit), ".", number(values % unit, places))
