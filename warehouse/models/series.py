"""Forecast of a monthly series: the naive one, or exponential smoothing where it did better in a rolling back-test."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.models import measures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

SEASON = 12
HORIZON = 3
ORIGINS = 3  # the last months that are forecast again from the months before each
FEWEST_REPLAYED = 2  # months before an origin
FEWEST_MONTHS = 8  # before the first origin, for smoothing to be tried
EIGHT_OF_TEN = 1.2816  # standard deviations that hold 80% of a normal distribution


@dataclass(frozen=True)
class Forecast:
    """The next months of one series, eight of ten within `low` and `high`, and how the last months would have gone."""

    values: "Numbers"
    low: "Numbers"
    high: "Numbers"
    made_by: str
    wape: float | None
    wape_naive: float | None
    errors: "Numbers"  # of the chosen method, back-test, with those of the naive one beside them
    errors_naive: "Numbers"
    actuals: "Numbers"


def foretell(values: "Numbers") -> Forecast:
    """Forecast HORIZON months of a series whose values are never below zero; it begins with the first that is not."""
    import numpy as np

    values = np.trim_zeros(values, "f")
    seasonal, yearly = len(values) - ORIGINS >= 2 * SEASON, len(values) - ORIGINS >= SEASON
    origins = [origin for origin in range(len(values) - ORIGINS, len(values)) if origin >= FEWEST_REPLAYED]
    actuals = np.concatenate([values[:0], *(values[origin : origin + HORIZON] for origin in origins)])
    naive = _replayed(origins, values, lambda past, steps: _naive(past, steps, yearly=yearly))
    smoothing = _learn(values[: origins[0]], seasonal=seasonal) if origins and _is_long(values[: origins[0]]) else None
    wape_naive, replayed = measures.weighted_error(actuals, naive), naive
    made_by = "seasonal_naive" if yearly else "naive"
    ahead, step_error = _naive(values, HORIZON, yearly=yearly), _usual_move(values, SEASON if yearly else 1)
    if smoothing is not None:
        tried = _replayed(origins, values, smoothing.ahead)
        if np.abs(actuals - tried).sum() < np.abs(actuals - naive).sum():
            made_by, replayed = "holt_winters" if seasonal else "holt", tried
            ahead, step_error = smoothing.ahead(values, HORIZON), smoothing.step_error
    error = max(step_error, float(np.sqrt(((actuals - replayed) ** 2).mean())) if len(actuals) else 0.0)
    grows = np.ones(HORIZON) if made_by == "seasonal_naive" else np.sqrt(np.arange(1, HORIZON + 1))
    width = EIGHT_OF_TEN * error * grows
    return Forecast(
        ahead, np.maximum(ahead - width, 0), ahead + width, made_by, measures.weighted_error(actuals, replayed),
        wape_naive, actuals - replayed, actuals - naive, actuals,
    )  # fmt: skip


@dataclass(frozen=True)
class Smoothing:
    """Exponential smoothing with parameters learnt once; `step_error` is its usual miss of the next month."""

    parameters: dict[str, float]
    step_error: float
    seasonal: bool

    def ahead(self, past: "Numbers", steps: int) -> "Numbers":
        """The next months after `past`, never below zero: Holt with damped trend, or additive Holt-Winters."""
        import numpy as np

        weight, slope = self.parameters["smoothing_level"], self.parameters["smoothing_trend"]
        damping = self.parameters.get("damping_trend", 1.0)
        level, trend, season = _beginning(past, seasonal=self.seasonal)
        for at, value in enumerate(past):
            carried, usual = level + damping * trend, season[at % len(season)]
            season[at % len(season)] += self.parameters.get("smoothing_seasonal", 0.0) * (value - carried - usual)
            before, level = level, weight * (value - usual) + (1 - weight) * carried
            trend = slope * (level - before) + (1 - slope) * damping * trend
        damped = np.cumsum(damping ** np.arange(1, steps + 1))
        coming = season[(len(past) + np.arange(steps)) % len(season)]
        months: Numbers = np.maximum(level + trend * damped + coming, 0).round(6)
        return months


def _beginning(past: "Numbers", *, seasonal: bool) -> "tuple[float, float, Numbers]":
    """Level, trend and season before the first month, as Holt and Winters take them from the first months."""
    import numpy as np

    if not seasonal:
        return float(past[0]), float(past[1] - past[0]), np.zeros(1)
    level = float(past[::SEASON].mean())
    return level, float((past[SEASON : 2 * SEASON] - past[:SEASON]).mean()) / SEASON, past[:SEASON] - level


def _is_long(past: "Numbers") -> bool:
    """Whether there is something to smooth: enough months, not all the same."""
    import numpy as np

    return len(past) >= FEWEST_MONTHS and bool(np.ptp(past) > 0)


def _naive(past: "Numbers", steps: int, *, yearly: bool) -> "Numbers":
    """The same months a year ago, or the last month again."""
    import numpy as np

    if yearly:
        return past[len(past) - SEASON :][:steps]
    return np.full(steps, past[-1] if len(past) else 0.0)


def _usual_move(values: "Numbers", months: int) -> float:
    """How far a month usually is from the one `months` before, over the last year."""
    import numpy as np

    moves = (values[months:] - values[:-months])[-SEASON:]
    return float(np.sqrt((moves**2).mean())) if len(moves) else 0.0


def _replayed(origins: list[int], values: "Numbers", method: Any) -> "Numbers":
    """What a method would have said at each origin of the months then to come."""
    import numpy as np

    told = [method(values[:origin], len(values[origin : origin + HORIZON])) for origin in origins]
    return np.concatenate([values[:0], *told])


def _learn(past: "Numbers", *, seasonal: bool) -> Smoothing:
    """Smoothing of the months before the first origin; the months after do not shape it."""
    import numpy as np

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # that an optimum is at the edge is no news on a year of months
        fitted = _model(past, seasonal=seasonal).fit(use_brute=False, minimize_kwargs={"options": {"maxiter": 40}})
    wanted = ("smoothing_level", "smoothing_trend", "smoothing_seasonal" if seasonal else "damping_trend")
    parameters = {name: round(float(fitted.params[name]), 4) for name in wanted}
    return Smoothing(parameters, float(np.sqrt((fitted.resid**2).mean())), seasonal)


def _model(past: "Numbers", *, seasonal: bool) -> Any:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    return ExponentialSmoothing(
        past, trend="add", damped_trend=not seasonal, seasonal="add" if seasonal else None,
        seasonal_periods=SEASON if seasonal else None, initialization_method="legacy-heuristic",
    )  # fmt: skip
