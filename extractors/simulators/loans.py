"""Loans: what people and companies owe, and who falls behind, instalment by instalment."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Credit
from extractors.simulators.hardship import Hardship
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw
from extractors.simulators.texts import Days, join, number

# code, name, months, yearly rate in hundredths of a percent, principal in yuan at the middle, weight among people,
# weight among companies, chance to miss an instalment in percent of the ordinary one
LOAN_PRODUCTS: tuple[tuple[str, str, int, int, int, int, int, int], ...] = (
    ("LN101", "个人消费贷款", 36, 545, 80_000, 55, 0, 110),
    ("LN202", "个人住房贷款", 240, 365, 900_000, 30, 0, 45),
    ("LN303", "个人经营贷款", 12, 435, 300_000, 15, 0, 150),
    ("LN404", "小微企业流动资金贷款", 12, 395, 1_200_000, 0, 100, 90),
)
MONTHS = np.array([kind[2] for kind in LOAN_PRODUCTS])
DAYS_A_TERM = 30
PERIODS_BACK = 24  # instalments lived through before the first business date
NEVER = np.datetime64("2262-01-01")
MISSES_BY_WEALTH = np.array((190, 150, 120, 95, 80, 65, 55, 45, 35, 30))  # percent of the ordinary chance
# percent who pay everything within the month, by instalments unpaid (none, one, two, ...), and in hard times
CATCHES_UP = np.array((0, 84, 45, 28, 9, 6, 4, 3, 2))
CATCHES_UP_IN_HARD_TIMES = np.array((0, 38, 15, 9, 3, 2, 1, 1, 1))
PAYS_ONE_PERCENT = 12  # of those behind pay one instalment when the next is due, and stay as late as they were
WRITTEN_OFF_TERMS = 12  # terms after the oldest unpaid instalment at which the bank gives a loan up


@dataclass
class Loans:
    """One entry per loan; amounts in cents. `oldest` is the number of the oldest unpaid instalment, 0 for none."""

    holder: pa.Array
    number: pa.Array
    product: Ints
    principal: Ints
    opened: Days
    misses: Ints  # chance to miss an instalment, per million, in ordinary times
    misses_when_hard: Ints
    hardship: Hardship  # of the holder
    oldest: Ints
    pays_on: Days  # day everything unpaid is paid
    written_off_on: Days
    cured_from: Ints  # instalments paid late, all on `cured_on`, the last time that happened
    cured_to: Ints
    cured_on: Days

    def __len__(self) -> int:
        return len(self.product)

    @property
    def months(self) -> Ints:
        """Instalments of each loan."""
        terms: Ints = MONTHS[self.product]
        return terms


@dataclass(frozen=True)
class Debtors:
    """Who may be granted a loan: customer numbers, means (0 to 9), hard times."""

    key: pa.Array
    wealth: Ints
    hardship: Hardship


def no_debtors() -> Debtors:
    """Nobody."""
    none = np.empty(0, "datetime64[D]")
    return Debtors(pa.array([], pa.string()), np.empty(0, np.int64), Hardship(none, none))


def grant_loans(
    credit: Credit, streams: Streams, debtors: Debtors, kind: str, first: int, today: np.datetime64
) -> Loans:
    """Loans of `kind` ("people" or "companies") as if just granted; the oldest are past their last instalment."""
    stream = streams.of("loans", kind, first)
    is_company = kind == "companies"
    percent = credit.company_loans if is_company else credit.loans
    rows = np.flatnonzero(chance(stream, len(debtors.key), percent))
    count, wealth = len(rows), debtors.wealth[rows]
    product = draw(stream, [each[6] if is_company else each[5] for each in LOAN_PRODUCTS], count)
    middle = np.array([each[4] for each in LOAN_PRODUCTS])[product]
    principal = middle * (20 + wealth * 14) // 100 * stream.integers(60, 180, count)  # yuan times percent are cents
    age = stream.integers(0, (MONTHS[product] + WRITTEN_OFF_TERMS + 1) * DAYS_A_TERM)
    number_of = join("LN8" if is_company else "LN0", number(first + np.arange(count), 9))
    chosen = Debtors(debtors.key.take(pa.array(rows)), wealth, debtors.hardship.of(rows))
    return granted(
        credit, chosen, number_of, product, principal - principal % 100_000, today - age.astype("timedelta64[D]")
    )


def granted(credit: Credit, debtors: Debtors, numbers: pa.Array, product: Ints, principal: Ints, opened: Days) -> Loans:
    """Loans as on the day they were opened, one a debtor; `principal` in cents."""
    count = len(numbers)
    prone = np.array([each[7] for each in LOAN_PRODUCTS])[product] * MISSES_BY_WEALTH[debtors.wealth]
    never, nothing = np.full(count, NEVER), np.zeros(count, np.int64)
    return Loans(
        holder=debtors.key,
        number=numbers,
        product=product,
        principal=principal,
        opened=opened,
        misses=prone * round(credit.missed * 100) // 100,
        misses_when_hard=np.minimum(prone * round(credit.missed_in_hardship * 100) // 100, 900_000),
        hardship=debtors.hardship,
        oldest=nothing,
        pays_on=never,
        written_off_on=never.copy(),
        cured_from=nothing.copy(),
        cured_to=nothing.copy(),
        cured_on=never.copy(),
    )


@dataclass(frozen=True)
class Past:
    """How each loan stood after each of its last instalments, oldest first: rows are instalments, columns loans."""

    oldest: Ints
    pays_on: Days


def live_through(loans: Loans, streams: Streams, first: int, today: np.datetime64) -> Past:
    """Let the instalments of the months up to today fall due; `loans` change."""
    oldest, pays_on = [], []
    for back in range(PERIODS_BACK - 1, -1, -1):
        term = terms_until(loans, today) - back
        rows = np.flatnonzero(term >= 1)
        _fall_due(loans, streams.of("loan payments", first, -back), rows, term[rows])
        oldest.append(loans.oldest.copy())
        pays_on.append(loans.pays_on.copy())
    return Past(np.stack(oldest), np.stack(pays_on))


def still_there(loans: Loans, past: Past, day: np.datetime64) -> tuple[Loans, Past]:
    """The loans without those repaid before a day, and their past."""
    owed = owed_of(loans, unpaid_of(loans, loans.oldest, loans.pays_on, day), day)
    rows = np.flatnonzero(owed > 0)

    def kept(values: Any) -> Any:
        if isinstance(values, Hardship):
            return values.of(rows)
        return values.take(pa.array(rows)) if isinstance(values, pa.Array) else values[rows]

    there = Loans(**{field.name: kept(getattr(loans, field.name)) for field in fields(Loans)})
    return there, Past(past.oldest[:, rows], past.pays_on[:, rows])


def pass_a_day(loans: Loans, streams: Streams, first: int, day: np.datetime64) -> tuple[Ints, Ints]:
    """One day goes by. Returns the loans that are not as they were, and those of them with other instalments."""
    age = (day - loans.opened).astype(np.int64)
    due = np.flatnonzero((age > 0) & (age % DAYS_A_TERM == 0) & _is_running(loans, day))
    _fall_due(loans, streams.of("loan payments", first, str(day)), due, age[due] // DAYS_A_TERM)
    pays = loans.pays_on == day
    is_due = np.zeros(len(loans), bool)
    is_due[due] = True
    return np.flatnonzero(is_due | pays | (days_past_due(loans, day) > 0)), np.flatnonzero(is_due | pays)


def terms_until(loans: Loans, day: np.datetime64 | Days) -> Ints:
    """Instalments that fell due until a day, without end."""
    terms: Ints = (day - loans.opened).astype(np.int64) // DAYS_A_TERM
    return terms


def days_past_due(loans: Loans, day: np.datetime64) -> Ints:
    """Days the oldest unpaid instalment is past due on the evening of a day; a loan given up stays as it was."""
    return past_due_of(loans, loans.oldest, loans.pays_on, day) * (loans.written_off_on > day)


def past_due_of(loans: Loans, oldest: Ints, pays_on: Days, day: np.datetime64) -> Ints:
    """The same for a state of the past."""
    due = loans.opened + (oldest * DAYS_A_TERM).astype("timedelta64[D]")
    return np.where((oldest > 0) & (pays_on > day), (day - due).astype(np.int64), 0)


def unpaid_of(loans: Loans, oldest: Ints, pays_on: Days, day: np.datetime64) -> Ints:
    """Instalments due and unpaid on the evening of a day."""
    due = np.minimum(terms_until(loans, day), loans.months)
    return np.where((oldest > 0) & (pays_on > day), due - oldest + 1, 0)


def owed_of(loans: Loans, unpaid: Ints, day: np.datetime64) -> Ints:
    """Principal still owed, in cents."""
    paid = np.minimum(terms_until(loans, day), loans.months) - unpaid
    return np.where(paid == loans.months, 0, loans.principal - loans.principal // loans.months * paid)


def _is_running(loans: Loans, day: np.datetime64) -> Flags:
    is_left = (loans.oldest > 0) & (loans.pays_on >= day)
    flags: Flags = (loans.written_off_on > day) & ((terms_until(loans, day) <= loans.months) | is_left)
    return flags


def _fall_due(loans: Loans, stream: np.random.Generator, rows: Ints, term: Ints) -> None:
    """Instalment `term` of `rows` falls due: paid, or missed and perhaps paid within the month."""
    count = len(rows)
    day = loans.opened[rows] + (term * DAYS_A_TERM).astype("timedelta64[D]")
    oldest, months = loans.oldest[rows], loans.months[rows]
    lives = loans.written_off_on[rows] > day
    settled = (oldest > 0) & (loans.pays_on[rows] <= day)
    _remember(loans, rows[settled], term[settled])
    oldest = np.where(settled, 0, oldest)
    hard = loans.hardship.of(rows).on(day)
    likely = np.where(hard, loans.misses_when_hard[rows], loans.misses[rows])
    misses = (oldest == 0) & (term <= months) & (stream.integers(0, 1_000_000, count) < likely)
    oldest = oldest + ((oldest > 0) & chance(stream, count, PAYS_ONE_PERCENT))
    oldest = np.where(misses, term, oldest)
    unpaid = np.where(oldest > 0, np.minimum(term, months) - oldest + 1, 0)
    percent = np.where(hard, CATCHES_UP_IN_HARD_TIMES[unpaid.clip(0, 8)], CATCHES_UP[unpaid.clip(0, 8)])
    pays = stream.integers(0, 100, count) < percent
    later = day + stream.integers(1, DAYS_A_TERM, count).astype("timedelta64[D]")
    given_up = lives & (oldest > 0) & (term - oldest >= WRITTEN_OFF_TERMS)
    loans.oldest[rows] = np.where(lives, oldest, loans.oldest[rows])
    loans.pays_on[rows] = np.where(lives & pays & ~given_up & (oldest > 0), later, NEVER)
    loans.written_off_on[rows] = np.where(given_up, day, loans.written_off_on[rows])


def _remember(loans: Loans, rows: Ints, term: Ints) -> None:
    loans.cured_from[rows], loans.cured_to[rows] = loans.oldest[rows], term - 1
    loans.cured_on[rows] = loans.pays_on[rows]
