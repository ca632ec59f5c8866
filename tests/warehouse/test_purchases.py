"""Purchases and their amount: published figures, and parameters found again in simulated customers."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from warehouse.models import card_value
from warehouse.models.purchases import Amount, Rhythm, fit_amount, fit_rhythm

DAY = date(2026, 1, 31)
CDNOW = Rhythm(r=0.243, alpha=4.414, a=0.793, b=2.426)  # Fader, Hardie and Lee (2005), table 2; weeks


def simulated(rhythm: Rhythm, customers: int, age: float, ahead: float, seed: int) -> tuple[np.ndarray, ...]:
    """Purchases after the first, time of the last, age, and purchases in the time ahead, customer by customer."""
    stream = np.random.default_rng(seed)
    rates = stream.gamma(rhythm.r, 1 / rhythm.alpha, customers)
    chances = stream.beta(rhythm.a, rhythm.b, customers)
    rows = []
    for rate, chance in zip(rates, chances, strict=True):
        at, repeats, last, later = 0.0, 0, 0.0, 0
        while True:
            at += stream.exponential(1 / rate)
            if at > age + ahead:
                break
            repeats, last, later = (repeats + 1, at, later) if at <= age else (repeats, last, later + 1)
            if stream.random() < chance:
                break
        rows.append((repeats, last, later))
    repeats, last, later = np.array(rows, dtype=float).T
    return repeats, last, np.full(customers, age), later


def test_the_published_customer_is_expected_to_buy_as_published():
    one = np.array([2.0]), np.array([30.43]), np.array([38.86])
    assert CDNOW.expected(*one, ahead=39)[0] == pytest.approx(1.226, abs=0.001)
    assert CDNOW.alive(*one)[0] == pytest.approx(0.7266, abs=0.001)
    assert CDNOW.alive(np.zeros(1), np.zeros(1), np.array([38.86]))[0] == 1.0


@pytest.mark.parametrize("rhythm", [CDNOW, Rhythm(r=2.0, alpha=8.0, a=1.0, b=6.0)])
def test_parameters_are_found_again_and_what_comes_is_foretold(rhythm: Rhythm):
    repeats, last, age, later = simulated(rhythm, 12_000, age=52, ahead=13, seed=3)
    found = fit_rhythm(repeats, last, age)
    assert found.r == pytest.approx(rhythm.r, rel=0.12)
    assert found.r / found.alpha == pytest.approx(rhythm.r / rhythm.alpha, rel=0.08)
    assert found.a / (found.a + found.b) == pytest.approx(rhythm.a / (rhythm.a + rhythm.b), rel=0.12)
    told = found.expected(repeats, last, age, ahead=13)
    assert told.sum() == pytest.approx(later.sum(), rel=0.05)
    tenth = np.argsort(told)[-1200:]
    assert told[tenth].sum() == pytest.approx(later[tenth].sum(), rel=0.08)


def test_many_purchases_do_not_overflow():
    repeats = np.array([0.0, 5.0, 400.0, 2000.0])
    told = CDNOW.expected(repeats, np.full(4, 52.0), np.full(4, 52.0), ahead=13)
    assert np.isfinite(told).all()
    assert (np.diff(told) > 0).all()
    assert told[-1] < 13 * (2000 + CDNOW.r) / (52 + CDNOW.alpha)


def test_amounts_are_found_again_and_few_purchases_lean_on_the_mean_of_all():
    stream = np.random.default_rng(5)
    truth = Amount(p=6.0, q=4.0, gamma=15.0)  # mean of all: p * gamma / (q - 1) = 30
    purchases = stream.integers(1, 12, 12_000).astype(float)
    scale = stream.gamma(truth.q, 1 / truth.gamma, len(purchases))
    mean = stream.gamma(truth.p * purchases, 1 / scale) / purchases
    found = fit_amount(purchases, mean)
    assert (found.p, found.q) == pytest.approx((truth.p, truth.q), rel=0.08)
    assert found.p * found.gamma / (found.q - 1) == pytest.approx(30, rel=0.03)
    once, often = found.expected(np.array([1.0, 200.0]), np.array([90.0, 90.0]))
    assert 30 < once < often < 90
    assert often == pytest.approx(90, rel=0.02)


def holder_rows(customers: int, *, carried: bool) -> pa.Table:
    """Holders who buy by the published rhythm, today and a window before; or exactly as in the window before."""
    repeats, last, age, later = simulated(CDNOW, customers, age=52, ahead=90 / 7, seed=7)
    before = later if carried else np.minimum(repeats + 1, 2)
    parts = [
        pa.table(
            {
                "customer_id": [f"C{number:012d}" for number in range(customers)],
                "as_of_date": pa.array([day] * customers, pa.date32()),
                "bucket": np.arange(customers),
                "window_days": np.full(customers, 90),
                "purchase_days": repeats.astype(int) + 1,
                "last_purchase_on": pa.array([day] * customers, pa.date32()),
                "last_day": (last * 7).round().astype(int),
                "age_days": (age * 7).astype(int),
                "mean_spend_cny": 20 + np.arange(customers) % 60.0,
                "purchase_days_before": before.astype(int),
                "purchase_days_after": later.astype(int),
                "spent_after_cny": later * 50,
            }
        )
        for day in (DAY - timedelta(days=90), DAY)
    ]
    return pa.concat_tables(parts)


def test_the_card_tells_what_both_ways_missed_in_the_window_held_out():
    made = card_value.make(holder_rows(3000, carried=False), DAY)
    (card,) = made.cards
    assert not card.is_fallback
    assert card.metric_value < card.baseline_value
    assert card.metrics["who_buys_again"]["auc"] > 0.7
    assert card.metrics["model"]["told_by_true"] == pytest.approx(1, abs=0.1)
    assert made.rows["scored_by"].unique().to_pylist() == ["bg_nbd"]
    assert made.rows.equals(card_value.make(holder_rows(3000, carried=False), DAY).rows)


def test_where_the_last_window_repeats_itself_it_answers():
    made = card_value.make(holder_rows(3000, carried=True), DAY)
    (card,) = made.cards
    assert card.is_fallback
    assert card.baseline_value == 0 < card.metric_value
    assert made.rows["scored_by"].unique().to_pylist() == ["carried_forward"]
    assert made.rows["alive_probability"].null_count == 3000
