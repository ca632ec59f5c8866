"""Leads, and the opportunities relationship managers make of them: each goes through its stages, some to an account."""

from dataclasses import dataclass

import numpy as np

from extractors.simulators.commerce import Sales
from extractors.simulators.dealings import Bought
from extractors.simulators.people import People
from extractors.simulators.streams import Ints, chance
from extractors.simulators.texts import Days
from extractors.simulators.wishes import amounts, appetite, drawn_product, is_reachable

CONTACTED, QUALIFIED, PROPOSAL, WON, LOST = range(5)
NO_LEAD = -1
DAYS_TO_WORK = (0, 0, 0, 0, 1, 1, 2, 4)  # from a lead to the first contact
DAYS_IN_STAGE = ((2, 14), (4, 22), (5, 30))  # contacted, qualified, proposal
LIKELY_PERCENT = (15, 35, 60, 100, 0)  # managers' guess by stage
SLIP_DAYS = 30
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Leads:
    """One entry per lead."""

    person: Ints
    product: Ints
    day: Days
    score: Ints


@dataclass(frozen=True)
class Steps:
    """One entry per stage an opportunity reaches; `pursuit` numbers the opportunities."""

    pursuit: Ints
    person: Ints
    product: Ints
    lead: Ints  # entry of the leads, NO_LEAD for none
    stage: Ints
    day: Days
    cents: Ints
    percent: Ints
    expected_on: Days


def find_leads(sales: Sales, stream: np.random.Generator, people: People, customers: Ints, days: Days) -> Leads:
    """People who ask about a product on `days`; the score knows a little of how much they want it."""
    person = customers[chance(stream, len(customers), sales.leads * len(days) / 365)]
    day = days[stream.integers(0, len(days), len(person))]
    kept = is_reachable(people, person, day)
    person, day = person[kept], day[kept]
    pulls = appetite(people, person, day)
    product = drawn_product(stream, pulls)
    strength = pulls[np.arange(len(person)), product] * 100 // np.maximum(pulls.sum(axis=1), 1)
    score = np.clip(strength + stream.integers(0, 70, len(person)), 0, 100)
    return Leads(person, product, day, score)


def pursue(
    sales: Sales, stream: np.random.Generator, people: People, customers: Ints, leads: Leads, days: Days
) -> tuple[Steps, Bought]:
    """Opportunities out of leads and out of nothing, stage by stage, and what is bought in the end."""
    worked = np.flatnonzero(chance(stream, len(leads.person), sales.worked))
    direct = customers[chance(stream, len(customers), sales.direct_opportunities * len(days) / 365)]
    met = days[stream.integers(0, len(days), len(direct))]
    able = is_reachable(people, direct, met)
    direct, met = direct[able], met[able]
    wait = np.array(DAYS_TO_WORK)[stream.integers(0, len(DAYS_TO_WORK), len(worked))]
    product = drawn_product(stream, appetite(people, direct, met))
    person = np.concatenate([leads.person[worked], direct])
    started = np.concatenate([leads.day[worked] + wait * DAY, met])
    wanted = np.concatenate([leads.product[worked], product])
    lead = np.concatenate([worked, np.full(len(direct), NO_LEAD)])
    score = np.concatenate([leads.score[worked], np.full(len(direct), 55)])
    steps = _stages(sales, stream, people, (person, wanted, lead, score), started)
    won = np.flatnonzero(steps.stage == WON)
    settled = steps.day[won] + stream.integers(0, 4, len(won)) * DAY
    alive = is_reachable(people, steps.person[won], settled)
    return steps, Bought(steps.person[won], steps.product[won], settled, steps.cents[won]).some(alive)


def _stages(
    sales: Sales, stream: np.random.Generator, people: People, pursuits: tuple[Ints, ...], started: Days
) -> Steps:
    """The way of each opportunity, ordered by opportunity and day."""
    person, _, _, score = pursuits
    count = len(person)
    stage, day, cents = np.full(count, CONTACTED), started.copy(), amounts(stream, people, person)
    expected = started + stream.integers(25, 75, count) * DAY
    is_going = np.ones(count, dtype=bool)
    parts = [_entries(stream, pursuits, (stage, day, cents, expected), np.arange(count))]
    chances = (sales.qualified * (25 + score) / 85, np.full(count, sales.proposed), np.full(count, sales.won))
    for at, percent in enumerate(chances):
        day = day + stream.integers(*DAYS_IN_STAGE[at], count) * DAY
        is_better = stream.integers(0, 10_000, count) < np.round(percent * 100)
        is_silent = chance(stream, count, sales.abandoned)
        stage = np.where(is_better, at + 1, LOST)
        cents = np.where(at == QUALIFIED, cents * stream.integers(80, 121, count) // 100, cents)
        expected = np.where(expected < day + 7 * DAY, day + SLIP_DAYS * DAY, expected)
        told = np.flatnonzero(is_going & (is_better | ~is_silent))
        parts.append(_entries(stream, pursuits, (stage, day, cents, expected), told))
        is_going &= is_better
    return _ordered(parts)


def _entries(
    stream: np.random.Generator, pursuits: tuple[Ints, ...], now: tuple[Ints, Days, Ints, Days], rows: Ints
) -> Steps:
    person, product, lead, _ = pursuits
    stage, day, cents, expected = now
    guess = np.array(LIKELY_PERCENT)[stage[rows]]
    is_open = stage[rows] < WON
    percent = np.where(is_open, guess + stream.integers(-10, 11, len(rows)), guess)
    closes = np.where(is_open, expected[rows], day[rows])
    return Steps(rows, person[rows], product[rows], lead[rows], stage[rows], day[rows], cents[rows], percent, closes)


def _ordered(parts: list[Steps]) -> Steps:
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in Steps.__dataclass_fields__]
    order = np.lexsort((columns[4], columns[5], columns[0]))
    return Steps(*(column[order] for column in columns))
