"""Money that comes and goes every month: salaries and pensions, bills, and what is spent elsewhere."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.bank import Behaviour
from extractors.simulators.people import People
from extractors.simulators.stacking import OrganisationRows
from extractors.simulators.standing import FARMER, OTHER
from extractors.simulators.streams import Flags, Ints, chance

MONTHS_PAID = 13  # twelve and the bonus of the new year
PENSION_DAY = 15
OWN_COMPANIES_PERCENT = 30  # of salaries are paid by companies that bank here too
SPENDS_ELSEWHERE_PERCENT = 60  # of those with an income move most of it to a wallet or another bank


@dataclass
class Income:
    """One entry per account, amounts in cents a month, 0 for none."""

    salary: Ints
    pension: Ints
    payday: Ints
    employer: OrganisationRows  # place among the companies of the intake, -1 for one of elsewhere
    bill: Ints
    moves_on: Ints  # percent of the income that leaves again


def no_income(count: int) -> Income:
    """Accounts that are used for nothing monthly."""
    nothing = np.zeros(count, np.int64)
    return Income(nothing, nothing, nothing + 5, nothing - 1, nothing, nothing)


def find_income(
    behaviour: Behaviour, stream: np.random.Generator, people: People, person: Ints, is_used: Flags, employers: int
) -> Income:
    """Who of the holders `person` is paid, and pays, through the accounts that are used for it."""
    count, standing = len(person), people.standing
    is_retired, work = standing.is_retired[person], standing.work[person]
    monthly = standing.income[person] * 100 // MONTHS_PAID // 1000 * 1000
    earns = is_used & (monthly > 0) & ~is_retired & (work != FARMER) & (work != OTHER)
    is_paid = earns & chance(stream, count, behaviour.salaried)
    is_pensioner = is_used & is_retired & (monthly > 0) & chance(stream, count, behaviour.pensioned)
    known = is_paid & chance(stream, count, OWN_COMPANIES_PERCENT) & (employers > 0)
    moves_on = np.where(chance(stream, count, SPENDS_ELSEWHERE_PERCENT), stream.integers(45, 98, count), 0)
    bill = stream.integers(3000, 45_000, count)
    return Income(
        salary=np.where(is_paid, monthly, 0),
        pension=np.where(is_pensioner, monthly, 0),
        payday=np.where(is_pensioner, PENSION_DAY, stream.integers(5, 26, count)),
        employer=np.where(known, stream.integers(0, max(employers, 1), count), -1),
        bill=np.where(is_used & chance(stream, count, behaviour.billed), bill, 0),
        moves_on=np.where(is_paid | is_pensioner, moves_on, 0),
    )
