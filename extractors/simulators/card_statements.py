"""Monthly card statements: balance against the limit, minimum due, what was paid, cycles late, points."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from extractors.simulators.hardship import Hardship
from extractors.simulators.streams import Ints, Streams, chance, draw
from extractors.simulators.texts import Days, constant, day_text, number, ymd

STATEMENT_DAY = 5  # of the month
MONTHS_BACK = 3  # statements the first day hands over
DAYS_TO_PAY = 20
USUAL_USE, USE_WEIGHTS = np.array((0, 2, 6, 12, 22, 35, 50, 70, 88)), (18, 18, 18, 15, 12, 8, 5, 4, 2)
USE_IN_HARDSHIP = 75  # percent of the limit at least, and more by the month
LATE_PER_MILLE = (22, 17, 13, 10, 8, 6, 5, 4, 3, 3)  # by wealth, of those who paid the last statement
LATE_IN_HARDSHIP_PERCENT = 25
STAYS_LATE_PERCENT, STAYS_LATE_IN_HARDSHIP_PERCENT = 38, 75  # of those who have not paid the last statement
PAYS_ALL_PERCENT, PAYS_ALL_IN_HARDSHIP_PERCENT = 72, 8  # of those who pay; the others pay the least they must
MOST_CYCLES = 7
FULL_USE = 100


@dataclass
class Borrowing:
    """How the holders of one intake use their limit; cycles late move with the statements."""

    usual_use: Ints  # percent of the limit
    late_cycles: Ints


def begin_borrowing(streams: Streams, first: int, count: int) -> Borrowing:
    """Habits of `count` holders, none of them late yet."""
    stream = streams.of("card habits", first)
    return Borrowing(USUAL_USE[draw(stream, USE_WEIGHTS, count)], np.zeros(count, np.int64))


@dataclass(frozen=True)
class Holders:
    """Who gets a statement: customer number, limit in cents, means, hard times."""

    key: pa.Array
    limit: Ints
    wealth: Ints
    hardship: Hardship


def statement(
    streams: Streams, first: int, holders: Holders, borrowing: Borrowing, day: np.datetime64
) -> dict[str, pa.Array]:
    """Columns of the statement file for one statement day; the cycles late of `borrowing` move on."""
    count = len(holders.limit)
    stream = streams.of("statements", first, str(day))
    hard = holders.hardship.on(day)
    use = borrowing.usual_use * stream.integers(60, 141, count) // 100
    use = np.where(hard, np.maximum(use, USE_IN_HARDSHIP + stream.integers(0, 30, count)), use).clip(0, FULL_USE)
    owed = holders.limit * use // 100 + stream.integers(0, 10_000, count) * (use > 0)
    borrowing.late_cycles = _late_cycles(stream, holders, borrowing, hard) * (owed > 0)
    all_paid = chance(stream, count, PAYS_ALL_PERCENT) & (~hard | chance(stream, count, PAYS_ALL_IN_HARDSHIP_PERCENT))
    least = owed // 10
    paid = np.where(borrowing.late_cycles > 0, 0, np.where(all_paid, owed, least))
    days = np.full(count, day)
    return {
        "card_cust": holders.key,
        "stmt_ym": number(ymd(days) // 100, 6) if count else constant("", 0),
        "stmt_dt": day_text(days),
        "due_dt": day_text(days + DAYS_TO_PAY),
        "bal": number(owed, 13),
        "min_due": number(least, 13),
        "paid": number(paid, 13),
        "late_cycles": number(borrowing.late_cycles, 2),
        "points": number(owed // 100, 9),
    }


def _late_cycles(stream: np.random.Generator, holders: Holders, borrowing: Borrowing, hard: np.ndarray) -> Ints:
    count, before = len(holders.limit), borrowing.late_cycles
    starts = stream.integers(0, 1000, count) < np.array(LATE_PER_MILLE)[holders.wealth]
    starts |= hard & chance(stream, count, LATE_IN_HARDSHIP_PERCENT)
    stays = chance(stream, count, STAYS_LATE_PERCENT) | (hard & chance(stream, count, STAYS_LATE_IN_HARDSHIP_PERCENT))
    return np.minimum(np.where(np.where(before > 0, stays, starts), before + 1, 0), MOST_CYCLES)


def statement_days(first: date, number_of_day: int) -> Days:
    """Days whose statements are handed over: the last months' on the first day, afterwards the day itself or none."""
    today = np.datetime64(first) + number_of_day
    since = today if number_of_day else today - 31 * MONTHS_BACK
    days = np.arange(since, today + 1)
    chosen: Days = days[(days - days.astype("datetime64[M]")).astype(np.int64) + 1 == STATEMENT_DAY]
    return chosen
