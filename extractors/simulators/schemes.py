"""Money that moves oddly: accounts taken over, cash split below a limit, mules; and honest people who look alike.

An episode begins on one day and may last several. Every day of a bank draws the episodes of its month, and of the month
before while those may last, anew from the streams of these months, so nothing has to be remembered. Only crooked
movements have a label.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.accounts import Accounts
from extractors.simulators.bank import Crime
from extractors.simulators.devices import CROOKS
from extractors.simulators.streams import Ints, Streams
from extractors.simulators.texts import Days, day_text, pick

TRANSFER_OUT, TRANSFER_IN, CASH_IN = 3, 4, 6  # kinds of movements
LABELS = ("honest", "account takeover", "structuring", "mule account")
HONEST, TAKEOVER, STRUCTURING, MULE = range(4)
LONGEST_DAYS = 6
OWN = -1  # the holder's own phone, a counterparty like any
DAY_SECONDS, YUAN, DAYS_A_YEAR = 86_400, 100, 365
RINGS = CROOKS + 300_000_000
CREW_DAYS = 20  # a crew of crooks uses one phone and one account to collect on for so long
RING = 5  # mules that share a phone


@dataclass(frozen=True)
class Oddities:
    """Movements of episodes, columns aligned; amounts in cents, signed."""

    account: Ints
    day: Days
    second: Ints
    cents: Ints
    kind: Ints
    phone: Ints  # OWN or a number
    other: Ints  # OWN or the account on the other side
    label: Ints

    def __len__(self) -> int:
        return len(self.account)


def odd_movements(crime: Crime, streams: Streams, first: int, accounts: Accounts, days: Days) -> Oddities:
    """The odd movements on `days` (ascending, without gaps) of people simulated together."""
    months = range(_month(days[0] - LONGEST_DAYS + 1), _month(days[-1]) + 1)
    parts = [Episodes(crime, streams.of("schemes", first, str(month)), first, accounts, month) for month in months]
    made = [part for episodes in parts for part in episodes.all()]
    empty = np.zeros((8, 0), np.int64)
    columns = np.concatenate([empty, *made], axis=1)
    account, day, second, cents, kind, phone, other, label = columns
    kept = (day >= days[0].astype(np.int64)) & (day <= days[-1].astype(np.int64))
    kept &= (cents != 0) & (day.astype("datetime64[D]") >= accounts.opened[account]) & accounts.is_free[account]
    account, day, second, cents, kind, phone, other, label = columns[:, kept]
    return Oddities(account, day.astype("datetime64[D]"), second, cents, kind, phone, other, label)


def _month(day: np.datetime64) -> int:
    """Number of the month a day is in, since 1970."""
    return int(day.astype("datetime64[M]").astype(np.int64))


def _first_day(month: int) -> int:
    """Number of the first day of a month, since 1970."""
    return int(np.datetime64(month, "M").astype("datetime64[D]").astype(np.int64))


def episode_events(odd: Oddities, persons: pa.Array, accounts: pa.Array) -> pa.Table:
    """Table `truth_event` for crooked movements: each day of each account with its number; honest ones have none."""
    crooked = np.flatnonzero(odd.label != HONEST)
    table = pa.table(
        {
            "person_id": pick(persons, crooked),
            "business_date": day_text(odd.day[crooked]),
            "event": pick(LABELS, odd.label[crooked]),
            "value": pick(accounts, crooked),
        }
    )
    return table.group_by(table.column_names, use_threads=False).aggregate([])


class Episodes:
    """The episodes that begin in one month, each as columns of rows in the order of `Oddities`."""

    def __init__(self, crime: Crime, stream: np.random.Generator, first: int, accounts: Accounts, month: int) -> None:
        self.crime, self.stream, self.first = crime, stream, first
        self.begin, self.end = _first_day(month), _first_day(month + 1)
        # Whatever else becomes of accounts, those drawn from stay the same, or an episode would move to other ones.
        stays = (accounts.product == 0) & (accounts.currency == 0)
        self.able = np.flatnonzero(stays & (accounts.opened.astype(np.int64) < self.begin))

    def all(self) -> list[Ints]:
        """Every episode of the month."""
        if not len(self.able):
            return []
        crimes = (
            (self.crime.takeovers, self.takeover), (self.crime.structuring, self.structuring),
            (self.crime.mule_rings, self.mule_ring),
        )  # fmt: skip
        honest = (
            (self.crime.large_transfers, self.large_transfers), (self.crime.large_deposits, self.large_deposits),
            (self.crime.passing_through, self.passing_through),
        )  # fmt: skip
        crooked = [make(*chosen) for percent, make in crimes for chosen in zip(*self._chosen(percent), strict=True)]
        return crooked + [make(*self._chosen(percent)) for percent, make in honest]

    def _chosen(self, percent_a_year: float) -> tuple[Ints, Ints]:
        """Accounts, and the day an episode begins with each."""
        expected = round(len(self.able) * percent_a_year * 10_000 * (self.end - self.begin) / DAYS_A_YEAR)
        count = expected // 1_000_000 + int(self.stream.integers(0, 1_000_000) < expected % 1_000_000)
        account = self.able[self.stream.integers(0, len(self.able), count)]
        return account, self.stream.integers(self.begin, self.end, count)

    def _happens(self, percent: int) -> bool:
        return int(self.stream.integers(0, 100)) < percent

    def _rows(
        self, account: int | Ints, day: int | Ints, cents: Ints, kind: int, second: Ints, **known: int | Ints
    ) -> Ints:
        count = len(cents)
        parts = (
            account, day + second // DAY_SECONDS, second % DAY_SECONDS, cents, kind, known.get("phone", OWN),
            known.get("other", OWN), known.get("label", HONEST),
        )  # fmt: skip
        rows = np.empty((len(parts), count), np.int64)
        for at, part in enumerate(parts):
            rows[at] = part
        return rows

    def _moments(self, count: int, low: int, high: int) -> Ints:
        """Seconds one after the other, the first between `low` and `high` hours, the rest within minutes."""
        steps = self.stream.integers(40, 900, count)
        steps[0] = self.stream.integers(low * 3600, high * 3600)
        moments: Ints = np.cumsum(steps)
        return moments

    def _yuan(self, low: int, high: int, count: int) -> Ints:
        cents: Ints = self.stream.integers(low, high, count) * YUAN
        return cents

    def takeover(self, account: int, day: int) -> Ints:
        """A crook's phone empties an account in a few transfers, mostly at night, often after a small trial."""
        count = int(self.stream.integers(2, 7))
        at_night = self._happens(60)
        second = self._moments(count, *((24, 29) if at_night else (8, 23)))
        cents = self._yuan(1_500, 50_000, count)
        cents[0] = int(self.stream.integers(1, 20)) * YUAN if self._happens(40) else cents[0]
        crew = day // CREW_DAYS
        collector = int(self.able[crew * 7919 % len(self.able)])
        crook = CROOKS + self.first + crew % 1000
        return self._rows(account, day, -cents, TRANSFER_OUT, second, phone=crook, other=collector, label=TAKEOVER)

    def structuring(self, account: int, day: int) -> Ints:
        """Cash just below the limit over several days, sent on at the end."""
        days = int(self.stream.integers(3, LONGEST_DAYS))
        count = days * int(self.stream.integers(1, 3))
        cents = self._yuan(41_000, 50_000, count)
        paid_on = day + np.sort(self.stream.integers(0, days, count))
        second = self.stream.integers(9 * 3600, 17 * 3600, count)
        paid_in = self._rows(account, paid_on, cents, CASH_IN, second, label=STRUCTURING)
        total = int(cents.sum()) * 9 // 10 // YUAN * YUAN
        at = self._moments(1, 9, 17)
        sent_on = self._rows(account, day + days, np.array([-total]), TRANSFER_OUT, at, label=STRUCTURING)
        return np.concatenate([paid_in, sent_on], axis=1)

    def mule_ring(self, account: int, day: int) -> Ints:
        """Several accounts worked from one phone take money from many and send nearly all of it on the same day."""
        phone = RINGS + self.first * 2 + account
        mules = [account, *self.able[self.stream.integers(0, len(self.able), RING - 1)]]
        parts = []
        for mule in mules:
            count = int(self.stream.integers(3, 8))
            cents, second = self._yuan(4_000, 40_000, count), self._moments(count, 9, 18)
            works_on = day + int(self.stream.integers(0, 3))
            payers = self.able[self.stream.integers(0, len(self.able), count)]
            parts.append(self._rows(mule, works_on, cents, TRANSFER_IN, second, other=payers, label=MULE))
            sent = -(int(cents.sum()) * int(self.stream.integers(92, 99)) // 100 // YUAN * YUAN)
            half = np.array([sent // 2, sent - sent // 2])
            moments = second[-1] + np.cumsum(self.stream.integers(300, 5_000, 2))
            parts.append(self._rows(mule, works_on, half, TRANSFER_OUT, moments, phone=phone, label=MULE))
        return np.concatenate(parts, axis=1)

    def large_transfers(self, accounts: Ints, days: Ints) -> Ints:
        """Families' rents, tuitions or loans: one large transfer each, now and then two, from their own phones."""
        times = self.stream.integers(1, 5, len(accounts)) // 4 + 1
        begin = np.repeat(self._office_seconds(8, 22, len(accounts)), times)
        place = np.arange(len(begin)) - np.repeat(np.cumsum(times) - times, times)  # 0, of a second one 1
        second = begin + place * self.stream.integers(40, 900, len(begin))
        cents = -self._yuan(3_000, 120_000, len(begin))
        return self._rows(np.repeat(accounts, times), np.repeat(days, times), cents, TRANSFER_OUT, second)

    def large_deposits(self, accounts: Ints, days: Ints) -> Ints:
        """Shopkeepers' takings, some of them above the limit."""
        count = len(accounts)
        seconds = self._office_seconds(9, 17, count)
        return self._rows(accounts, days, self._yuan(8_000, 80_000, count), CASH_IN, seconds)

    def passing_through(self, accounts: Ints, days: Ints) -> Ints:
        """The price of a flat comes in and goes out again the next day."""
        count = len(accounts)
        cents = self._yuan(60_000, 600_000, count)
        came = self._rows(accounts, days, cents, TRANSFER_IN, self._office_seconds(9, 17, count))
        out = -(cents * 19 // 20)
        went = self._rows(accounts, days + 1, out, TRANSFER_OUT, self._office_seconds(9, 17, count))
        return np.concatenate([came, went], axis=1)

    def _office_seconds(self, low: int, high: int, count: int) -> Ints:
        seconds: Ints = self.stream.integers(low * 3600, high * 3600, count)
        return seconds
