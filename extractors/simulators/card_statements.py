"""Monthly card statements: balance, minimum due, what was paid, cycles late, points."""

from datetime import date

import numpy as np
import pyarrow as pa

from extractors.simulators.people import People
from extractors.simulators.streams import Ints, Streams, chance
from extractors.simulators.texts import Days, constant, day_text, number, pick, ymd

STATEMENT_DAY = 5  # of the month
MONTHS_BACK = 3  # statements the first day hands over
LATE_PERCENT = (8, 6, 4, 3, 2, 2, 1, 1, 1, 1)  # by wealth


def statements(
    streams: Streams, first: int, people: People, who: Ints, holder: pa.Array, days: Days
) -> dict[str, pa.Array]:
    """Columns of the statement file: one row for every holder and day of `days`."""
    count, months = len(who), len(days)
    stream = streams.of("statements", first, *days.astype(str))
    every = np.tile(np.arange(count), months)
    day = np.repeat(days, count)
    wealth = people.wealth[who[every]]
    owed = (wealth + 1) * stream.integers(0, 200_000, len(every))
    late = stream.integers(0, 100, len(every)) < np.array(LATE_PERCENT)[wealth]
    full = chance(stream, len(every), 70)
    least = owed // 10
    return {
        "card_cust": pick(holder, every),
        "stmt_ym": number(ymd(day) // 100, 6) if len(every) else constant("", 0),
        "stmt_dt": day_text(day),
        "due_dt": day_text(day + 20),
        "bal": number(owed, 13),
        "min_due": number(least, 13),
        "paid": number(np.where(late, 0, np.where(full, owed, least)), 13),
        "late_cycles": number(np.where(late, stream.integers(1, 5, len(every)), 0), 2),
        "points": number(owed // 100, 9),
    }


def statement_days(first: date, number_of_day: int) -> Days:
    """Days whose statements are handed over: the last months' on the first day, afterwards the day itself or none."""
    today = np.datetime64(first) + number_of_day
    since = today if number_of_day else today - 31 * MONTHS_BACK
    days = np.arange(since, today + 1)
    chosen: Days = days[(days - days.astype("datetime64[M]")).astype(np.int64) + 1 == STATEMENT_DAY]
    return chosen
