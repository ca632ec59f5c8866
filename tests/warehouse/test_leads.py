"""Leads are ranked by what made earlier ones convert, where that is better than the score their source sends."""

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from warehouse.models import leads

DAY = date(2026, 1, 31)


def lead_rows(count: int, *, by: str) -> pa.Table:
    """Leads of a year, three of four of them over, which convert by one of their features."""
    stream = np.random.default_rng(2)
    columns = {name: stream.normal(size=count) for name in leads.FEATURES}
    columns["score_sent"] = stream.integers(0, 101, count).astype(float)
    drives = columns[by] / 25 - 2 if by == "score_sent" else columns[by]
    converted = stream.random(count) < 0.3 / (1 + np.exp(-2 * drives))
    told = {name: pa.nulls(count, pa.string()) for name in leads.TOLD}
    came = [datetime(2025, 2, 1) + timedelta(hours=8 * number) for number in range(count)]  # noqa: DTZ001
    return pa.table(
        told
        | columns
        | {
            "created_at": pa.array(came, pa.timestamp("us")),
            "status": pa.array(np.where(converted, "converted", "lost"), pa.string()),
            "is_over": pa.array(np.arange(count) < count * 3 // 4),
        }
    )


def test_what_the_score_does_not_know_ranks_leads_better():
    made = leads.make(lead_rows(2000, by="money"), DAY)
    (card,) = made.cards
    assert not card.is_fallback
    assert card.metric_value > 0.65 > card.baseline_value
    assert card.training_rows == 1500
    likely = np.array(made.rows["conversion_probability"].to_pylist())
    converted = np.array([status == "converted" for status in made.rows["status"].to_pylist()])
    assert likely[1500:][converted[1500:]].mean() > likely[1500:][~converted[1500:]].mean()
    assert likely.mean() == pytest.approx(converted[:1500].mean(), abs=0.02)


@pytest.mark.parametrize(("count", "by"), [(2000, "score_sent"), (40, "money"), (0, "money")])
def test_where_the_score_ranks_as_well_or_leads_are_few_it_answers(count: int, by: str):
    made = leads.make(lead_rows(count, by=by), DAY)
    (card,) = made.cards
    assert card.is_fallback
    assert card.note
    assert made.rows["conversion_probability"].null_count == count
