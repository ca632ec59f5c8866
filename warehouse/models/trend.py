"""Where products go by region: the months to come of each series, sparse ones from the sum they are part of."""

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.models import measures, series
from warehouse.models.cards import ModelCard
from warehouse.models.step import Made

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

PURPOSE = (
    "Balances and openings of the next three months by product and region; for planning, not for targets of people"
)
METHOD = "Holt or Holt-Winters smoothing where it beats the naive forecast in a rolling back-test, else the naive one"
BASELINE = "seasonal naive: the same month a year ago; the last month where there is less than a year"
SHOWN_MONTHS = 12
SPARSE = {"new_accounts": 5.0, "balance_cny": 0.0}  # monthly mean below which a region is forecast with the others


class Key(NamedTuple):
    """What a series is of."""

    measure: str
    product_code: str
    region: str


class Told(NamedTuple):
    """A forecast, and the share of it that is this series' own."""

    forecast: series.Forecast
    share: float
    is_pooled: bool


def make(rows: "pa.Table", business_date: date) -> Made:
    """Twelve months of every series as they were, and three as they may be."""
    months, known = _series(rows)
    told, forecasts = _foretold(known)
    cards = []
    for measure in (measure for measure in SPARSE if forecasts[measure]):
        longest = max(len(values) for key, values in known.items() if key.measure == measure)
        cards.append(pooled_card(f"trend_{measure}", PURPOSE, forecasts[measure], business_date, months[-longest:]))
    lines: list[dict[str, Any]] = []
    for key in sorted(known):
        lines += _lines(key, known[key], told[key], months, business_date)
    return Made(_table(lines), cards)


def later(month: date, steps: int) -> date:
    """The first of the month some months later."""
    number = month.year * 12 + month.month - 1 + steps
    return date(number // 12, number % 12 + 1, 1)


def pooled_card(
    name: str, purpose: str, forecasts: list[series.Forecast], business_date: date, months: list[date]
) -> ModelCard:
    """Card of many series: errors of all of them together, against the naive forecast of each."""
    import numpy as np

    actuals, errors, naive = (
        np.concatenate([getattr(forecast, part) for forecast in forecasts] or [np.empty(0)])
        for part in ("actuals", "errors", "errors_naive")
    )
    by_method: dict[str, int] = defaultdict(int)
    for forecast in forecasts:
        by_method[forecast.made_by] += 1
    beaten = sum(count for method, count in by_method.items() if "naive" not in method)
    wape = measures.weighted_error(actuals, actuals - errors)
    wape_naive = measures.weighted_error(actuals, actuals - naive)
    note = (
        f"{beaten} of {len(forecasts)} series by smoothing; in the others the naive forecast did as well or better. "
        "The method is chosen on the months its error is told of, which flatters it a little"
    )
    return ModelCard(
        name, purpose, METHOD, business_date, ("months of the series itself",), "wape", is_fallback=beaten == 0,
        note=note, trained_from=months[0] if months else None, trained_until=months[-1] if months else None,
        training_rows=len(forecasts) * len(months), metric_value=wape, baseline=BASELINE, baseline_value=wape_naive,
        metrics={"series_by_method": dict(sorted(by_method.items())), "months_replayed": len(actuals)},
        parameters={"series": len(forecasts), "wape": wape},
    )  # fmt: skip


def _series(rows: "pa.Table") -> tuple[list[date], dict[Key, "Numbers"]]:
    """The complete months there are, and the values of every series in them; months without a row are zero."""
    import numpy as np

    months = sorted(set(rows["month"].to_pylist()))
    place = {month: number for number, month in enumerate(months)}
    known: dict[Key, Numbers] = defaultdict(lambda: np.zeros(len(months)))
    for measure, product, region, month, value in zip(
        *(rows[name].to_pylist() for name in rows.column_names), strict=True
    ):
        known[Key(measure, product, region)][place[month]] = float(value)
    starts = {measure: _first(known, measure) for measure in SPARSE}
    return months, {key: values[starts[key.measure] :] for key, values in known.items()}


def _first(known: dict[Key, "Numbers"], measure: str) -> int:
    """The first month any series of a measure has a value in."""
    import numpy as np

    of_measure = [np.abs(values) for key, values in known.items() if key.measure == measure]
    total = sum(of_measure) if of_measure else np.zeros(1)
    return int(np.flatnonzero(np.asarray(total))[0]) if np.any(total) else 0


def _foretold(known: dict[Key, "Numbers"]) -> tuple[dict[Key, Told], dict[str, list[series.Forecast]]]:
    """What each series may do: its own forecast, or its share of the sparse ones of its product."""
    told: dict[Key, Told] = {}
    forecasts: dict[str, list[series.Forecast]] = {measure: [] for measure in SPARSE}
    sparse: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key in sorted(known):
        if known[key][-SHOWN_MONTHS:].mean() < SPARSE[key.measure]:
            sparse[key.measure, key.product_code].append(key)
        else:
            told[key] = Told(series.foretell(known[key]), 1.0, is_pooled=False)
            forecasts[key.measure].append(told[key].forecast)
    for (measure, _), keys in sparse.items():
        together = series.foretell(sum(known[key] for key in keys))  # type: ignore[arg-type]
        forecasts[measure].append(together)
        sums = [float(known[key][-SHOWN_MONTHS:].sum()) for key in keys]
        for key, own in zip(keys, sums, strict=True):
            told[key] = Told(together, own / sum(sums) if sum(sums) else 0.0, is_pooled=True)
    return told, forecasts


def _lines(key: Key, values: "Numbers", told: Told, months: list[date], business_date: date) -> list[dict[str, Any]]:
    import numpy as np

    shown = np.trim_zeros(values, "f")[-SHOWN_MONTHS:]
    common = {
        **key._asdict(), "as_of_date": business_date, "forecast_by": told.forecast.made_by,
        "is_pooled": told.is_pooled, "wape": told.forecast.wape, "wape_naive": told.forecast.wape_naive,
    }  # fmt: skip
    past = [
        common
        | {"month": month, "actual_value": float(value), "forecast_value": None, "low_value": None, "high_value": None}
        for month, value in zip(months[len(months) - len(shown) :], shown, strict=True)
    ]
    ahead = zip(told.forecast.values, told.forecast.low, told.forecast.high, strict=True)
    return past + [
        common
        | {
            "month": later(months[-1], step + 1), "actual_value": None, "forecast_value": float(value * told.share),
            "low_value": float(low * told.share), "high_value": float(high * told.share),
        }
        for step, (value, low, high) in enumerate(ahead)
    ]  # fmt: skip


COLUMNS = (
    "measure", "product_code", "region", "month", "as_of_date", "actual_value", "forecast_value", "low_value",
    "high_value", "forecast_by", "is_pooled", "wape", "wape_naive",
)  # fmt: skip


def _table(lines: list[dict[str, Any]]) -> "pa.Table":
    import pyarrow as pa

    return pa.table({name: pa.array([line[name] for line in lines]) for name in COLUMNS})
