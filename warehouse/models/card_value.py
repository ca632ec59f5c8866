"""What card holders will still spend: BG/NBD and Gamma-Gamma, held out against the last months carried forward."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.models import measures
from warehouse.models.cards import ModelCard
from warehouse.models.purchases import Amount, Rhythm, fit_amount, fit_rhythm
from warehouse.models.step import Made

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

PURPOSE = (
    "What a card holder may spend in a year and whether the card is still used; for service and planning of limits"
)
METHOD = "BG/NBD for days with a purchase, Gamma-Gamma for what is spent on one"
RULE = "the purchases of the last 90 days carried forward"
FEATURES = ("purchase days", "days from first to last", "days since the first", "mean spent on a day")
LEARNT_FROM, FEWEST = 10_000, 200
YEAR = 365


class Learnt(NamedTuple):
    """How customers buy, in days, and for how much, in CNY."""

    rhythm: Rhythm
    amount: Amount


@dataclass(frozen=True)
class Holders:
    """Card holders as they were on one day, and what they bought in the window after it."""

    rows: "pa.Table"

    def column(self, name: str) -> "Numbers":
        """A column of numbers."""
        values: Numbers = self.rows[name].to_numpy().astype(float)
        return values

    @property
    def history(self) -> "tuple[Numbers, Numbers, Numbers]":
        """Purchase days after the first, days from first to last, days since the first."""
        return self.column("purchase_days") - 1, self.column("last_day"), self.column("age_days")

    def on(self, day: date) -> "Holders":
        """Those of one day who had bought by then."""
        import pyarrow.compute as pc

        return Holders(self.rows.filter(pc.equal(self.rows["as_of_date"], day)))

    def sample(self) -> "Holders":
        """At most LEARNT_FROM of them, drawn by hash."""
        import numpy as np

        by_hash = np.lexsort((np.arange(self.rows.num_rows), self.column("bucket")))[:LEARNT_FROM]
        return Holders(self.rows.take(np.sort(by_hash)))


def make(rows: "pa.Table", business_date: date) -> Made:
    """What every holder of `business_date` may buy; the other rows are the holders of one window before."""
    everybody = Holders(rows)
    today = everybody.on(business_date)
    window = int(rows["window_days"][0].as_py()) if rows.num_rows else 90
    earlier = everybody.on(business_date - timedelta(days=window))
    compared = _held_out(earlier, window)
    can_learn = today.rows.num_rows >= FEWEST
    is_better = not compared or compared["model"]["error"] < compared["carried_forward"]["error"]
    learnt = _learn(today) if can_learn and is_better else None
    note = "the clock of a customer starts with the first purchase the sources still hold"
    if not can_learn:
        note = f"fewer than {FEWEST} holders who bought: the last window is carried forward"
    elif not is_better:
        note = "the model was not better than the last window carried forward: that answers"
    card = ModelCard(
        "card_value", PURPOSE, METHOD if learnt else RULE, business_date, FEATURES, "error_share_of_purchases",
        is_fallback=learnt is None, note=note, trained_from=business_date - timedelta(days=int(_oldest(today))),
        trained_until=business_date, training_rows=min(today.rows.num_rows, LEARNT_FROM),
        metric_value=compared["model"]["error"] if compared else None, baseline=RULE,
        baseline_value=compared["carried_forward"]["error"] if compared else None,
        drift_psi=measures.population_stability(*(day.column("purchase_days_before") for day in (earlier, today))),
        metrics=compared, parameters=_parameters(learnt),
    )  # fmt: skip
    return Made(_expected(today, learnt, window), [card])


def _oldest(holders: Holders) -> float:
    return float(max(holders.column("age_days"), default=0))


def _parameters(learnt: Learnt | None) -> dict[str, Any]:
    return {"rhythm": vars(learnt.rhythm), "amount": vars(learnt.amount)} if learnt else {}


def _learn(holders: Holders) -> Learnt:
    sample = holders.sample()
    return Learnt(
        fit_rhythm(*sample.history), fit_amount(sample.column("purchase_days"), sample.column("mean_spend_cny"))
    )


def _held_out(earlier: Holders, window: int) -> dict[str, Any]:
    """Both ways learnt before the window, and what was bought in it; empty where there were too few holders."""
    import numpy as np

    if earlier.rows.num_rows < FEWEST:
        return {}
    learnt, bought = _learn(earlier), earlier.column("purchase_days_after")
    spent, mean = earlier.column("spent_after_cny"), earlier.column("mean_spend_cny")
    told = learnt.rhythm.expected(*earlier.history, window)
    amount = learnt.amount.expected(earlier.column("purchase_days"), mean)
    before = earlier.column("purchase_days_before")
    return {
        "validated_from": min(earlier.rows["as_of_date"].to_pylist()).isoformat(),
        "holders": earlier.rows.num_rows,
        "model": _errors(told, told * amount, bought, spent),
        "carried_forward": _errors(before, before * mean, bought, spent),
        "who_buys_again": measures.rank_measures(bought > 0, told),
        "alive": float(learnt.rhythm.alive(*earlier.history).mean()),
        "correlation_of_purchases_and_amount": float(np.corrcoef(earlier.column("purchase_days"), mean)[0, 1]),
        "parameters": _parameters(learnt),
    }


def _errors(told: "Numbers", told_cny: "Numbers", bought: "Numbers", spent: "Numbers") -> dict[str, float | None]:
    """Absolute error of all customers by what they bought, the same of money, and told by true in sum."""
    return {
        "error": measures.weighted_error(bought, told),
        "error_of_spend": measures.weighted_error(spent, told_cny),
        "root_mean_square": float(((bought - told) ** 2).mean() ** 0.5),
        "told_by_true": float(told.sum() / bought.sum()) if bought.any() else None,
        "spend_told_by_true": float(told_cny.sum() / spent.sum()) if spent.any() else None,
    }


def _expected(today: Holders, learnt: Learnt | None, window: int) -> "pa.Table":
    import numpy as np
    import pyarrow as pa

    mean = today.column("mean_spend_cny")
    if learnt is None:
        soon = today.column("purchase_days_before") * 90 / window
        year, amount, alive = soon * YEAR / 90, mean, np.full(len(mean), np.nan)
    else:
        soon, year = (learnt.rhythm.expected(*today.history, days).round(6) for days in (90, YEAR))
        amount = learnt.amount.expected(today.column("purchase_days"), mean)
        alive = learnt.rhythm.alive(*today.history).round(6)
    told = {
        "mean_spend_cny": mean.round(2),
        "alive_probability": pa.array(alive, mask=np.isnan(alive)),
        "expected_purchase_days_90d": soon,
        "expected_purchase_days_365d": year,
        "expected_spend_cny": amount.round(2),
        "expected_spend_365d_cny": (year * amount).round(2),
        "scored_by": pa.array(["carried_forward" if learnt is None else "bg_nbd"] * len(mean), pa.string()),
    }
    known = {name: today.rows[name] for name in ("customer_id", "as_of_date", "purchase_days", "last_purchase_on")}
    return pa.table(known | told)
