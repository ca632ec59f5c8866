"""What branches may sell: accounts by time series of the product, and open opportunities by what stages are worth."""

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.models import series
from warehouse.models.step import Made
from warehouse.models.trend import SHOWN_MONTHS, later, pooled_card

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

PURPOSE = "Accounts sold in the next three months by branch and product; for planning of campaigns and staff"
PARTS = ("sold", "won", "weighted")
COLUMNS = (
    "org_code", "product_code", "month", "as_of_date", "accounts_sold", "accounts_forecast", "accounts_low",
    "accounts_high", "won_cny", "weighted_cny", "forecast_by", "wape", "wape_naive",
)  # fmt: skip


class Key(NamedTuple):
    """A branch and a product."""

    org_code: str
    product_code: str


def make(rows: "pa.Table", business_date: date) -> Made:
    """Twelve months of every branch and product as they were, and three as they may be."""
    import pyarrow as pa

    parts: dict[str, dict[tuple[Key, date], float]] = {part: {} for part in PARTS}
    for part, org, product, month, value in zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True):
        parts[part][Key(org, product), month] = float(value)
    months = _months(parts["sold"], business_date)
    sold = _monthly(parts["sold"], months)
    forecasts = {product: series.foretell(values) for product, values in sorted(_by_product(sold, months).items())}
    lines: list[dict[str, Any]] = []
    for key in sorted({key for part in parts.values() for key, _ in part}):
        lines += _lines(key, sold, forecasts, parts, months, business_date)
    used = [forecast for product, forecast in forecasts.items() if any(key.product_code == product for key in sold)]
    cards = [pooled_card("sales", PURPOSE, used, business_date, months)] if used else []
    return Made(pa.table({name: pa.array([line[name] for line in lines]) for name in COLUMNS}), cards)


def _months(sold: dict[tuple[Key, date], float], business_date: date) -> list[date]:
    """Every month from the first sale to the last complete month; a year where nothing was sold."""
    this_month = business_date.replace(day=1)
    is_complete = later(this_month, 1) == business_date.fromordinal(business_date.toordinal() + 1)
    last = this_month if is_complete else later(this_month, -1)
    first = min([month for _, month in sold], default=later(last, 1 - SHOWN_MONTHS))
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [later(first, step) for step in range(count)]


def _monthly(sold: dict[tuple[Key, date], float], months: list[date]) -> dict[Key, "Numbers"]:
    import numpy as np

    monthly: dict[Key, Numbers] = defaultdict(lambda: np.zeros(len(months)))
    place = {month: number for number, month in enumerate(months)}
    for (key, month), accounts in sold.items():
        monthly[key][place[month]] = accounts
    return dict(monthly)


def _by_product(sold: dict[Key, "Numbers"], months: list[date]) -> dict[str, "Numbers"]:
    import numpy as np

    total: dict[str, Numbers] = defaultdict(lambda: np.zeros(len(months)))
    for key, accounts in sold.items():
        total[key.product_code] = total[key.product_code] + accounts
    return dict(total)


def _lines(
    key: Key,
    sold: dict[Key, "Numbers"],
    forecasts: dict[str, series.Forecast],
    parts: dict[str, dict[tuple[Key, date], float]],
    months: list[date],
    business_date: date,
) -> list[dict[str, Any]]:
    import numpy as np

    nothing = np.zeros(len(months))
    own = sold.get(key, nothing)[-SHOWN_MONTHS:]
    forecast = forecasts.get(key.product_code) or series.foretell(nothing)
    whole = sum(float(values[-SHOWN_MONTHS:].sum()) for other, values in sold.items() if other[1] == key.product_code)
    share = float(own.sum()) / whole if whole else 0.0
    common = {**key._asdict(), "as_of_date": business_date, "forecast_by": forecast.made_by}
    common |= {"wape": forecast.wape, "wape_naive": forecast.wape_naive}
    empty: dict[str, Any] = dict.fromkeys(COLUMNS)
    past = [
        empty | common | {"month": month, "accounts_sold": int(count), "won_cny": parts["won"].get((key, month), 0.0)}
        for month, count in zip(months[-len(own) :], own, strict=True)
    ]
    ahead = []
    for step in range(series.HORIZON):
        month = later(months[-1], step + 1)
        told = {"month": month, "weighted_cny": parts["weighted"].get((key, month), 0.0)}
        told |= {"accounts_forecast": float(forecast.values[step] * share)}
        told |= {"accounts_low": float(forecast.low[step] * share), "accounts_high": float(forecast.high[step] * share)}
        ahead.append(empty | common | told)
    return past + ahead
