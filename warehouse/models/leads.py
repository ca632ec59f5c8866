"""Which leads convert: learnt from leads whose days are over, judged on the latest against the score sent."""

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

FEATURES = (
    "score_sent", "is_branch", "is_web_form", "is_referral", "is_card", "is_loan", "is_term_deposit", "age_years",
    "products", "money", "activity", "digital",
)  # fmt: skip
TOLD = (
    "lead_number", "customer_id", "as_of_date", "lead_source", "product_code", "score", "manager_id", "created_at",
    "age_days", "first_worked_at", "converted_on", "is_worked_in_time", "is_duplicate", "status",
)  # fmt: skip
PURPOSE = "Which leads to work first; no reason to leave a lead unworked"
METHOD = "logistic regression on the score sent, source, product and the customer before the lead came"
RULE = "the score the source sends"


def make(rows: "pa.Table", business_date: date) -> Made:
    """The leads, in the order they came, with the probability to convert where it ranks better than the score."""
    import numpy as np
    import pyarrow as pa

    features = np.column_stack([rows[name].to_numpy().astype(float) for name in FEATURES])
    is_over = rows["is_over"].to_numpy(zero_copy_only=False).astype(bool)
    converted = np.array([status == "converted" for status in rows["status"].to_pylist()], dtype=bool)
    days = [moment.date() for moment in rows["created_at"].filter(pa.array(is_over)).to_pylist()]
    model, facts = _learn(features[is_over], converted[is_over])
    probability = np.full(len(features), np.nan) if model is None else model.probability(features)
    if model is not None:
        facts["drift_psi"] = measures.population_stability(probability[is_over], probability[~is_over])
    card = ModelCard(
        "leads", PURPOSE, METHOD if model else RULE, business_date, FEATURES, "auc", is_fallback=model is None,
        trained_from=min(days, default=None), trained_until=max(days, default=None), baseline=RULE, **facts,
    )  # fmt: skip
    scored = {
        "conversion_probability": pa.array(probability, mask=np.isnan(probability)),
        "scored_by": pa.array(["score" if model is None else "logistic"] * len(features), pa.string()),
    }
    return Made(pa.table({name: rows[name] for name in TOLD} | scored), [card])


def _learn(features: "Numbers", converted: "Flags") -> tuple[logistic.Logistic | None, dict[str, Any]]:
    """The model, or None where the score is as good, and what the card tells of it; rows are in order of time."""
    facts: dict[str, Any] = {"training_rows": len(converted), "positive_rows": int(converted.sum())}
    earlier = len(converted) * 3 // 4
    if not logistic.can_learn(converted[:earlier]) or not logistic.can_learn(converted[earlier:]):
        fewest = logistic.FEWEST_OF_A_CLASS
        return None, facts | {"note": f"fewer than {fewest} leads converted or not in either part: the score answers"}
    tried = logistic.fit(features[:earlier], converted[:earlier])
    facts["metrics"] = {
        "model": measures.rank_measures(converted[earlier:], tried.probability(features[earlier:])),
        "score": measures.rank_measures(converted[earlier:], features[earlier:, FEATURES.index("score_sent")]),
        "judged_on": len(converted) - earlier,
    }
    facts |= {
        name: facts["metrics"][of]["auc"] for name, of in (("metric_value", "model"), ("baseline_value", "score"))
    }
    if facts["metric_value"] <= facts["baseline_value"]:
        return None, facts | {"note": "the model ranked later leads no better than the score: the score answers"}
    model = logistic.fit(features, converted)
    return model, facts | {"parameters": model.parameters()}
