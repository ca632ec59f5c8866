"""Money that moves in core banking, and the rows that tell of it: transactions, balances, fees."""

from typing import TYPE_CHECKING

import numpy as np

from extractors.simulators.accounts import Accounts, account_rows, touched_at
from extractors.simulators.business_money import do_business
from extractors.simulators.core_money import balance_rows, fee_rows
from extractors.simulators.database import ROWS_AT_ONCE
from extractors.simulators.ordering import sequences
from extractors.simulators.schemes import Oddities, episode_events, odd_movements
from extractors.simulators.texts import Days, pick
from extractors.simulators.transactions import Holders, Movements, move_money, movement_rows

if TYPE_CHECKING:
    from extractors.simulators.core_bank import CoreBank

OF_BUSINESS = 500_000  # transaction numbers from here on are those of organisations
SEQUENCES_AT_ONCE = 10**6  # transaction numbers a day for people simulated together


def movements_of(core: "CoreBank", purpose: str, days: Days) -> Movements:
    """Everything that moves on `days`; the crooked part is told to the truth."""
    odd = odd_movements(core.bank.crime, core.streams, core.first, core.accounts, days)
    _tell_crimes(core, odd)
    return move_money(core.bank.behaviour, core.streams, purpose, core.accounts, days, odd)


def _tell_crimes(core: "CoreBank", odd: Oddities) -> None:
    persons = pick(core.people.person_id, core.accounts.person[odd.account])
    numbers = pick(core.accounts.number, odd.account)
    core.truth.add("truth_event", episode_events(odd, persons, numbers))


def add_business(core: "CoreBank", purpose: str, days: Days) -> None:
    """What organisations do with their accounts on `days`, and their accounts afterwards."""
    accounts = core.business
    movements = do_business(core.streams, purpose, accounts, days)
    add_movements(core, accounts, movements, days[-1], OF_BUSINESS)
    touched = np.unique(movements.account) if len(days) == 1 else np.arange(len(accounts))
    core.database.add("acct", account_rows(accounts, touched, touched_at(accounts.last_used[touched])))


def add_movements(
    core: "CoreBank", accounts: Accounts, movements: Movements, today: np.datetime64, first_number: int = 0
) -> None:
    """Add rows of `txn`, `bal_daily` and `fee`; numbers of transactions begin at `first_number`."""
    numbers = sequences(movements.day) + core.bank.neighbourhood(core.first) * SEQUENCES_AT_ONCE + first_number
    holders = Holders(core.people, core.first, core.organisations.name)
    for start in range(0, len(movements), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        core.database.add("txn", movement_rows(movements, accounts, holders, rows, numbers))
    core.database.add("bal_daily", balance_rows(movements, accounts, today))
    core.database.add("fee", fee_rows(movements, numbers, accounts))
