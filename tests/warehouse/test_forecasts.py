"""What forecasts promise: smoothing only where it beat the naive forecast, bounds around it, sparse series together."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from warehouse.models import sales, series, trend

DAY = date(2026, 1, 31)
MONTHS = [trend.later(date(2022, 2, 1), step) for step in range(48)]


def rows_of(values: dict[tuple[str, str, str], np.ndarray]) -> pa.Table:
    """Monthly rows of some series."""
    lines = [
        {"measure": key[0], "product_code": key[1], "region": key[2], "month": month, "value": float(value)}
        for key, monthly in values.items()
        for month, value in zip(MONTHS[-len(monthly) :], monthly, strict=True)
    ]
    return pa.Table.from_pylist(lines)


def test_a_steady_rise_is_forecast_by_smoothing_and_goes_on():
    rising = 100 + 5.0 * np.arange(12)
    told = series.foretell(rising)
    assert told.made_by == "holt"
    assert told.wape < told.wape_naive
    assert told.values[0] > rising[-1]


def test_a_season_is_seen():
    months = np.arange(48)
    seasonal = 100 + months + 40 * np.sin(2 * np.pi * months / 12)
    told = series.foretell(seasonal)
    expected = 100 + months[-1] + 1 + 40 * np.sin(2 * np.pi * 48 / 12)
    assert told.made_by == "holt_winters"
    assert told.values[0] == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(("months", "seasonal"), [(12, False), (30, False), (36, True), (41, True)])
def test_smoothing_goes_on_as_that_of_statsmodels_does(months: int, *, seasonal: bool):
    past = 100 + np.arange(months) + np.random.default_rng(1).normal(0, 9, months)
    learnt = series._learn(past[:-3], seasonal=seasonal)
    theirs = series._model(past, seasonal=seasonal).fit(optimized=False, **learnt.parameters).forecast(3)
    assert learnt.ahead(past, 3) == pytest.approx(theirs, abs=1e-5)


def test_where_the_naive_forecast_is_as_good_it_stays():
    told = series.foretell(np.tile(np.arange(12.0), 4))
    assert told.made_by == "seasonal_naive"
    assert told.wape == told.wape_naive == 0


@pytest.mark.parametrize("values", [[], [7.0], [3.0, 4.0], [0.0] * 12], ids=["none", "one", "two", "nothing"])
def test_a_short_or_empty_series_goes_on_as_it_was(values: list[float]):
    told = series.foretell(np.array(values))
    assert told.made_by in {"naive", "seasonal_naive"}
    assert list(told.values) == [values[-1] if values else 0.0] * 3
    assert (told.low <= told.values).all()
    assert (told.values <= told.high).all()


def test_eight_of_ten_months_fall_within_the_bounds():
    stream, inside = np.random.default_rng(3), []
    for _ in range(40):
        walk = 1000 + np.cumsum(stream.normal(0, 10, 15))
        told = series.foretell(walk[:12])
        inside += list((told.low <= walk[12:]) & (walk[12:] <= told.high))
    assert 0.7 <= np.mean(inside) <= 0.97


def test_sparse_regions_share_the_forecast_of_their_product():
    stream = np.random.default_rng(5)
    sparse = {("new_accounts", "P", region): stream.poisson(2, 48) for region in ("east", "north")}
    made = trend.make(rows_of(sparse | {("new_accounts", "P", "northwest"): stream.poisson(30, 48)}), DAY)
    ahead = [row for row in made.rows.to_pylist() if row["actual_value"] is None]
    assert {row["region"]: row["is_pooled"] for row in ahead} == {"east": True, "north": True, "northwest": False}
    shares = {region: sparse["new_accounts", "P", region][-12:].sum() for region in ("east", "north")}
    first = {row["region"]: row["forecast_value"] for row in ahead if row["month"] == date(2026, 2, 1)}
    assert first["east"] / first["north"] == pytest.approx(shares["east"] / shares["north"])
    (card,) = made.cards
    assert card.model == "trend_new_accounts"
    assert card.metrics["months_replayed"] == 2 * 6


def test_without_a_series_there_is_nothing_to_tell():
    made = trend.make(rows_of({("balance_cny", "P", "east"): np.ones(3)}).slice(0, 0), DAY)
    assert made.rows.num_rows == 0
    assert made.cards == []


def sales_rows(parts: list[tuple[str, str, str, date, float]]) -> pa.Table:
    """Rows as the SELECT of the sales forecast gives them."""
    columns = ("part", "org_code", "product_code", "month", "value")
    types = (pa.string(), pa.string(), pa.string(), pa.date32(), pa.float64())
    schema = pa.schema(list(zip(columns, types, strict=True)))
    return pa.Table.from_pylist([dict(zip(columns, part, strict=True)) for part in parts], schema=schema)


def test_branches_share_the_forecast_of_the_product_by_what_they_sold():
    sold = [("sold", org, "P", month, count) for org, count in (("a", 30.0), ("b", 10.0)) for month in MONTHS]
    made = sales.make(sales_rows(sold), DAY)
    ahead = [row for row in made.rows.to_pylist() if row["accounts_sold"] is None]
    assert {(row["org_code"], row["accounts_forecast"]) for row in ahead} == {("a", 30), ("b", 10)}
    assert made.cards[0].metric_value == 0


def test_a_pipeline_without_sales_still_stands():
    made = sales.make(sales_rows([("weighted", "a", "P", date(2026, 2, 1), 500.0)]), DAY)
    assert [row["weighted_cny"] for row in made.rows.to_pylist() if row["weighted_cny"] is not None] == [500, 0, 0]
    assert made.cards == []


def test_in_the_middle_of_a_month_the_month_itself_is_still_to_come():
    made = sales.make(sales_rows([("sold", "a", "P", date(2025, 12, 1), 3.0)]), date(2026, 1, 15))
    months = {row["month"]: row["accounts_sold"] for row in made.rows.to_pylist()}
    assert months[date(2025, 12, 1)] == 3
    assert months[date(2026, 1, 1)] is None


def test_a_bank_that_sold_nothing_has_no_forecast():
    assert sales.make(sales_rows([]), DAY).rows.num_rows == 0
