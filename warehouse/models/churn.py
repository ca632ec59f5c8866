"""Who is about to leave: logistic regression on earlier snapshots, judged out of time against a plain rule."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from warehouse.models import logistic, measures
from warehouse.models.cards import ModelCard
from warehouse.models.step import Made

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]

SAYINGS = {  # feature: what to say of its value, and from which value on it is worth saying
    "money_left": ("money {:.0%} below its 90-day mean", 0.05),
    "money_came": ("", 0),
    "moved_out": ("moved out {:.0%} of the money in 30 days", 0.05),
    "days_quiet": ("nothing of their own for {:.0f} days", 30),
    "activity": ("", 0),
    "activity_fell": ("{:.0%} fewer transactions than the 90 days before", 0.2),
    "complaints": ("complained in the last 90 days", 1),
    "failed_transfers": ("a transfer failed in the last 90 days", 1),
    "contacts": ("contacted the bank {:.0f} times in 90 days", 2),
    "logins": ("", 0),
    "is_salaried": ("", 0),
    "products": ("holds only {:.0f} product(s)", 1),
    "has_card": ("", 0),
    "tenure": ("", 0),
    "age_years": ("", 0),
    "money": ("", 0),
}
FEATURES = tuple(SAYINGS)
PURPOSE = "Which customers will be lost in the next 90 days; for retention calls, never for credit or price"
RULE = "rule: money halved, silence, complaint"


@dataclass(frozen=True)
class Judged:
    """Rows of one or more days, by customer and day."""

    rows: "pa.Table"

    def column(self, name: str) -> "NDArray[Any]":
        """One column as an array."""
        values: NDArray[Any] = self.rows[name].to_numpy()
        return values

    @property
    def features(self) -> "Numbers":
        """Features as a matrix, columns as in FEATURES."""
        import numpy as np

        return np.column_stack([self.column(name).astype(np.float64) for name in FEATURES])

    @property
    def truth(self) -> "Flags":
        """Whether each customer was lost."""
        churned: Flags = self.column("is_churned").astype(bool)
        return churned

    @property
    def rule_score(self) -> "Numbers":
        """What the plain rule says."""
        return self.column("rule_score").astype(float)

    def of(self, days: list[date]) -> "Judged":
        """The rows of some days."""
        import pyarrow as pa
        import pyarrow.compute as pc

        return Judged(self.rows.filter(pc.is_in(self.rows["as_of_date"], pa.array(days, pa.date32()))))


def make(rows: "pa.Table", business_date: date) -> Made:
    """Score every customer of `business_date` by a model of the days before, or by the rule."""
    everything = Judged(rows)
    days = sorted({day for day in rows["as_of_date"].unique().to_pylist() if day < business_date})
    today = everything.of([business_date])
    model, facts = _learn(everything, days)
    score = today.rule_score if model is None else model.probability(today.features)
    if model is not None:
        recent = everything.of(days[-2:])
        facts["drift_psi"] = measures.population_stability(model.probability(recent.features), score)
    method = RULE if model is None else "logistic regression, ridge, standardised"
    card = ModelCard(
        "churn", PURPOSE, method, business_date, FEATURES, "auc", is_fallback=model is None, baseline=RULE, **facts
    )
    return Made(_scored(today, score, model), [card])


def _learn(everything: Judged, days: list[date]) -> tuple[logistic.Logistic | None, dict[str, Any]]:
    """The model to score with, or None for the rule, and what the card tells of it."""
    labelled = everything.of(days)
    facts: dict[str, Any] = {"training_rows": labelled.rows.num_rows, "positive_rows": int(labelled.truth.sum())}
    if not days or not logistic.can_learn(labelled.truth):
        fewest = logistic.FEWEST_OF_A_CLASS
        return None, facts | {"note": f"fewer than {fewest} customers lost or kept in the history: the rule answers"}
    facts |= {"trained_from": days[-2:][0], "trained_until": days[-1]}
    compared = _out_of_time(everything, days)
    facts["metrics"] = compared
    if not compared:
        facts["note"] = "too little history to measure out of time"
    else:
        facts |= {"metric_value": compared["model"]["auc"], "baseline_value": compared["rule"]["auc"]}
        if facts["metric_value"] <= facts["baseline_value"]:
            return None, facts | {"note": "the model was not better than the rule out of time: the rule answers"}
    recent = everything.of(days[-2:])
    if not logistic.can_learn(recent.truth):
        recent = labelled
        facts["trained_from"] = days[0]
    model = logistic.fit(recent.features, recent.truth)
    facts |= {"training_rows": recent.rows.num_rows, "positive_rows": int(recent.truth.sum())}
    return model, facts | {"parameters": model.parameters()}


def _out_of_time(everything: Judged, days: list[date]) -> dict[str, Any]:
    """Model of the earlier days and rule on the last labelled day; empty where either lacks a class."""
    earlier, last = everything.of(days[:-1]), everything.of(days[-1:])
    if not logistic.can_learn(earlier.truth) or not last.truth.any() or last.truth.all():
        return {}
    model = logistic.fit(earlier.features, earlier.truth)
    return {
        "validated_on": days[-1].isoformat(),
        "model": measures.rank_measures(last.truth, model.probability(last.features)),
        "rule": measures.rank_measures(last.truth, last.rule_score),
        "model_in_time": measures.rank_measures(earlier.truth, model.probability(earlier.features)),
    }


def _scored(today: Judged, score: "Numbers", model: logistic.Logistic | None) -> "pa.Table":
    import numpy as np
    import pyarrow as pa

    features = today.features
    weights = _rule_reasons(features) if model is None else model.contributions(features)
    words = [_say(features[:, place], *saying) for place, saying in enumerate(SAYINGS.values())]
    order = np.lexsort((np.arange(len(score)), -score))
    decile = np.empty(len(score), np.int64)
    decile[order] = np.arange(len(score)) * 10 // max(len(score), 1) + 1
    aum = today.column("aum_cny").astype(float)
    return pa.table(
        {
            "customer_id": today.rows["customer_id"],
            "as_of_date": today.rows["as_of_date"],
            "churn_probability": score,
            "decile": decile,
            "rule_score": today.rule_score,
            "scored_by": pa.array(["rule" if model is None else "logistic"] * len(score), pa.string()),
            "reasons": pa.array(logistic.told(weights, words), pa.string()),
            "aum_cny": today.rows["aum_cny"],
            "expected_loss_of_aum_cny": np.round(aum * score, 2),
        }
    )


def _rule_reasons(features: "Numbers") -> "Numbers":
    """What the rule looks at counts; the rest is no reason."""
    import numpy as np

    looked_at = np.isin(FEATURES, ["money_left", "days_quiet", "complaints"])
    return np.where(looked_at, 1.0, 0.0) * np.ones_like(features)


def _say(values: "Numbers", saying: str, least: float) -> "NDArray[np.object_]":
    """`saying` of each value from `least` on, else an empty text."""
    import numpy as np

    shown, where = np.unique(values.round(2), return_inverse=True)
    texts = [saying.format(value) if saying and value >= least else "" for value in shown]
    return np.array([*texts, ""], dtype=object)[where]
