"""Customers who behave alike: k-means on standardised features, k by silhouette, drift against a quarter ago."""

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from warehouse.models import measures
from warehouse.models.cards import ModelCard
from warehouse.models.step import Made

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Ints = NDArray[np.int64]

WORDS = {  # feature: how a group that has more, or less, of it is called
    "money": ("much money", "little money"),
    "activity": ("active", "quiet"),
    "digital": ("digital", "not digital"),
    "card_spending": ("card spender", "no card spending"),
    "salary": ("salary comes here", "no salary here"),
    "products": ("many products", "few products"),
    "contacts": ("often in touch", "never in touch"),
}
FEATURES = tuple(WORDS)
NAME = "behaviour_cluster"
PURPOSE = "Which customers behave alike, to word messages and plan service; no rule of price or credit"
METHOD = "k-means on standardised features"
BASELINE = "as many groups of equal size by money alone"
CHOICES = range(4, 8)
SEED = 20260131
FEWEST, LEARNT_FROM, JUDGED_ON = 50, 10_000, 2_000
SET_APART = 0.35  # spreads from the mean of all customers


class Grouping(NamedTuple):
    """A fitted grouping: centres in standardised units, richest group first, and its silhouette."""

    mean: "Numbers"
    spread: "Numbers"
    centres: "Numbers"
    silhouette: float
    baseline: float
    by_k: dict[str, float]

    def distances(self, features: "Numbers") -> "Numbers":
        """Distance of every row to every centre."""
        from sklearn.metrics import pairwise_distances

        found: Numbers = pairwise_distances((features - self.mean) / self.spread, self.centres)
        return found


def make(rows: "pa.Table", business_date: date) -> Made:
    """The group of every customer of `business_date`; the other rows are the same customers a quarter before."""
    import numpy as np
    import pyarrow.compute as pc

    is_today = pc.equal(rows["as_of_date"], business_date)
    today, before = rows.filter(is_today), rows.filter(pc.invert(is_today))
    if len(np.unique(_features(today), axis=0)) < FEWEST:
        note = f"fewer than {FEWEST} customers who differ: all in one group"
        card = ModelCard(NAME, PURPOSE, "one group", business_date, FEATURES, "silhouette", is_fallback=True, note=note)
        return Made(_placed(today, np.zeros(today.num_rows, np.int64), ["everybody"], np.zeros(today.num_rows)), [card])
    grouping = _learn(today)
    distances = grouping.distances(_features(today))
    group = distances.argmin(axis=1)
    card = ModelCard(
        NAME, PURPOSE, METHOD, business_date, FEATURES, "silhouette", trained_from=business_date,
        trained_until=business_date, training_rows=min(today.num_rows, LEARNT_FROM), metric_value=grouping.silhouette,
        baseline=BASELINE, baseline_value=grouping.baseline, drift_psi=_drift(grouping, before, group),
        metrics={"silhouette_by_k": grouping.by_k, "groups": len(grouping.centres)},
        parameters={"centres": grouping.centres.tolist(), "mean": list(grouping.mean), "spread": list(grouping.spread)},
    )  # fmt: skip
    near, next_near = np.sort(distances, axis=1)[:, :2].T
    clarity = ((next_near - near) / np.maximum(next_near, 1e-12)).round(6)
    return Made(_placed(today, group, _names(grouping), clarity), [card])


def _features(rows: "pa.Table") -> "Numbers":
    import numpy as np

    return np.column_stack([rows[name].to_numpy().astype(float) for name in FEATURES])


def _learn(today: "pa.Table") -> Grouping:
    """The grouping with the best silhouette on a sample of customers drawn by hash."""
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from sklearn.preprocessing import StandardScaler

    by_hash = np.lexsort((np.arange(today.num_rows), today["bucket"].to_numpy()))[:LEARNT_FROM]
    features = _features(today)[by_hash]
    scaler = StandardScaler().fit(features)
    scaled, fitted, by_k = scaler.transform(features), {}, {}
    for groups in CHOICES:
        fitted[groups] = KMeans(groups, n_init=3, random_state=SEED).fit(scaled)
        labels = fitted[groups].labels_[:JUDGED_ON]
        by_k[groups] = float(silhouette_score(scaled[:JUDGED_ON], labels)) if len(set(labels)) > 1 else -1.0
    best = max(by_k, key=lambda groups: (by_k[groups], -groups))
    centres = fitted[best].cluster_centers_
    money = scaled[:JUDGED_ON, 0]
    equal = np.argsort(np.argsort(money, kind="stable"), kind="stable") * best // len(money)
    return Grouping(
        scaler.mean_,
        scaler.scale_,
        centres[np.argsort(-centres[:, 0], kind="stable")],
        by_k[best],
        float(silhouette_score(scaled[:JUDGED_ON], equal)),
        {str(groups): value for groups, value in by_k.items()},
    )


def _drift(grouping: Grouping, before: "pa.Table", group: "Ints") -> float | None:
    import numpy as np

    if not before.num_rows:
        return None
    earlier = grouping.distances(_features(before)).argmin(axis=1)
    groups = len(grouping.centres)
    return measures.share_stability(np.bincount(earlier, minlength=groups), np.bincount(group, minlength=groups))


def _names(grouping: Grouping) -> list[str]:
    """What sets each group apart from all customers, the three strongest first."""
    names = []
    for centre in grouping.centres:
        apart = sorted(zip(FEATURES, centre, strict=True), key=lambda each: -abs(each[1]))[:3]
        words = [WORDS[feature][0 if value > 0 else 1] for feature, value in apart if abs(value) >= SET_APART]
        names.append(", ".join(words) or "like most")
    return names


def _placed(today: "pa.Table", group: "Ints", names: list[str], clarity: "Numbers") -> "pa.Table":
    import pyarrow as pa

    return pa.table(
        {
            "customer_id": today["customer_id"],
            "as_of_date": today["as_of_date"],
            "cluster": pa.array([f"c{number + 1}" for number in group], pa.string()),
            "cluster_name": pa.array([names[number] for number in group], pa.string()),
            "clarity": clarity,
        }
    )
