"""How good a score is: rank order (AUC, KS, lift of the top tenth), calibration (Brier), drift (PSI), error (WAPE)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]

TOP_SHARE = 10
PSI_BINS = 10
EMPTY_SHARE = 1e-4


def rank_measures(truth: "Flags", score: "Numbers") -> dict[str, float]:
    """AUC, KS, lift of the tenth with the highest scores and Brier score; empty unless both classes are there.

    Rows of equal score share the tenth they straddle, so the lift does not hang on their order.
    """
    from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

    if not truth.any() or truth.all():
        return {}
    wrong, right, _ = roc_curve(truth, score)
    measures = {
        "auc": float(roc_auc_score(truth, score)),
        "ks": float((right - wrong).max()),
        "lift_at_10_percent": lift_of_top(truth, score),
        "positive_share": float(truth.mean()),
    }
    if score.min() >= 0 and score.max() <= 1:
        measures["brier"] = float(brier_score_loss(truth, score))
    return measures


def lift_of_top(truth: "Flags", score: "Numbers", top_share: float = 1 / TOP_SHARE) -> float:
    """Share of positives in the top of the scores against their share of all."""
    import numpy as np

    wanted = max(1.0, len(score) * top_share)
    values, group = np.unique(-score, return_inverse=True)
    rows, hits = np.bincount(group, minlength=len(values)), np.bincount(group, truth, len(values))
    before = np.cumsum(rows) - rows
    taken = np.clip(wanted - before, 0, rows)
    return float((hits * taken / rows).sum() / wanted / truth.mean())


def population_stability(before: "Numbers", now: "Numbers") -> float | None:
    """Population stability index, Σ (now − before)·ln(now/before), over tenths of `before`; None for want of rows.

    Below 0.1 nothing moved, above 0.25 the model needs a look (the industry's usual bounds).
    """
    import numpy as np

    if not len(before) or not len(now):
        return None
    edges = np.unique(np.quantile(before, np.linspace(0, 1, PSI_BINS + 1)[1:-1]))
    bins = len(edges) + 1
    return share_stability(
        np.bincount(np.searchsorted(edges, before), minlength=bins),
        np.bincount(np.searchsorted(edges, now), minlength=bins),
    )


def share_stability(before: "NDArray[np.int64]", now: "NDArray[np.int64]") -> float:
    """Population stability index of counts by group."""
    import numpy as np

    old = np.maximum(before / before.sum(), EMPTY_SHARE)
    new = np.maximum(now / now.sum(), EMPTY_SHARE)
    return float(((new - old) * np.log(new / old)).sum())


def weighted_error(actual: "Numbers", forecast: "Numbers") -> float | None:
    """WAPE, Σ|actual − forecast| / Σ|actual|; None where nothing happened."""
    import numpy as np

    total = float(np.abs(actual).sum())
    return float(np.abs(actual - forecast).sum()) / total if total else None
