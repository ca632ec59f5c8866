"""What to offer whom: probability to buy times margin, within what is suitable; judged against plain popularity."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from warehouse.models import logistic, measures
from warehouse.models.cards import ModelCard
from warehouse.models.step import Made
from warehouse.models.wishes import FEATURES, WORDS, Customers, Propensity, learn, new_share, products_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]

OFFERS = 3
CUSTOMERS_AT_ONCE = 100_000
PURPOSE = "What to offer a customer next; an offer is made by a person or campaign that holds consent"
METHOD = "logistic regression per product on features and holdings; popularity where too few bought"
BASELINE = "popularity: the products most often bought by those without them"


def make(rows: "pa.Table", business_date: date) -> Made:
    """The best offers of every customer of `business_date`, by what was bought after the days before."""
    import pyarrow.compute as pc

    products = products_of(rows.filter(pc.is_valid(rows["product_code"])))
    everybody = Customers(rows.filter(pc.is_valid(rows["customer_id"])), products)
    days = sorted({day for day in everybody.rows["as_of_date"].unique().to_pylist() if day < business_date})
    today = everybody.of([business_date])
    wishes = learn(everybody.of(days[-2:]), today)
    compared = _out_of_time(everybody, days, today) if len(days) > 1 else {}
    gives_way = bool(compared) and compared["model"]["auc"] <= compared["popularity"]["auc"]
    if gives_way:
        wishes = [replace(wish, model=None) for wish in wishes]
    card = _card(everybody, days, wishes, compared, business_date)
    return Made(_offers(today, wishes), [card])


def _card(
    everybody: Customers, days: list[date], wishes: list[Propensity], compared: dict[str, Any], business_date: date
) -> ModelCard:
    learnt = [wish.product.code for wish in wishes if wish.model is not None]
    parameters = {wish.product.code: wish.model.parameters() for wish in wishes if wish.model is not None}
    note = (
        f"{len(learnt)} of {len(wishes)} products by logistic regression, the others by popularity; "
        "tolerance is today's; of the openings of a term deposit those a steady state renews are not counted as bought"
    )
    recent = everybody.of(days[-2:])
    return ModelCard(
        "next_best_offer", PURPOSE, METHOD, business_date, (*FEATURES, "products held"), "auc",
        is_fallback=not learnt, note=note, trained_from=days[-2:][0] if days else None,
        trained_until=days[-1] if days else None, training_rows=recent.rows.num_rows,
        positive_rows=sum(int(recent.among("bought_products", wish.product.code).sum()) for wish in wishes),
        metric_value=compared["model"]["auc"] if compared else None, baseline=BASELINE,
        baseline_value=compared["popularity"]["auc"] if compared else None,
        drift_psi=_drift(everybody, days, business_date), metrics=compared, parameters=parameters,
    )  # fmt: skip


def _drift(everybody: Customers, days: list[date], business_date: date) -> float | None:
    before, now = everybody.of(days[-1:]), everybody.of([business_date])
    return measures.population_stability(before.column("money"), now.column("money"))


def _out_of_time(everybody: Customers, days: list[date], today: Customers) -> dict[str, Any]:
    """Where products learnt before the last labelled day rank what was bought after it; empty where nothing was."""
    import numpy as np

    wishes, last = learn(everybody.of(days[:-1]), today), everybody.of(days[-1:])
    fresh = np.array([new_share(wish.product, last, today) for wish in wishes])
    held = np.column_stack([last.holdings[wish.product.code] for wish in wishes])
    known = np.array([wish.popularity > 0 for wish in wishes])
    bought = np.column_stack([last.among("bought_products", wish.product.code) for wish in wishes]) & ~held & known
    if not bought.any():
        return {}
    model = np.column_stack([wish.probability(last) for wish in wishes])
    plain = np.tile([wish.popularity for wish in wishes], (len(model), 1))
    by_product = {
        wish.product.code: measures.rank_measures(bought[~held[:, at], at], model[~held[:, at], at])
        for at, wish in enumerate(wishes)
        if wish.model is not None
    }
    return {
        "validated_on": days[-1].isoformat(),
        "purchases": int(bought.sum()),
        "left_out": [wish.product.code for wish in wishes if wish.popularity == 0],
        "new_share": {wish.product.code: share for wish, share in zip(wishes, fresh.tolist(), strict=True)},
        "model": _ranks(model, held, bought, fresh),
        "popularity": _ranks(plain, held, bought, fresh),
        "by_product": by_product,
    }


def _ranks(score: "Numbers", held: "Flags", bought: "Flags", fresh: "Numbers") -> dict[str, float]:
    """How well scores tell who buys what, over customers and the products they do not hold.

    `auc` is that of all such pairs; `reciprocal_rank` the mean of 1 / rank of what was bought among the products of its
    buyer, a hit rate the share of it among the first. An opening counts by the share of them that are no renewals.
    """
    import numpy as np
    from sklearn.metrics import roc_auc_score

    weight = np.where(bought, fresh, 1.0)
    buyers = bought.any(axis=1)
    order = np.argsort(-np.where(held, -1.0, score)[buyers], axis=1, kind="stable")
    rank, purchases = np.argsort(order, axis=1) + 1, bought[buyers] * fresh
    total = max(float(purchases.sum()), 1e-9)
    hits = {f"hit_rate_at_{most}": float(purchases[rank <= most].sum()) / total for most in range(1, OFFERS + 1)}
    return {
        "auc": float(roc_auc_score(bought[~held], score[~held], sample_weight=weight[~held])),
        "reciprocal_rank": float((purchases / rank).sum()) / total,
        **hits,
    }


def _offers(today: Customers, wishes: list[Propensity]) -> "pa.Table":
    """The suitable products not held with the highest expected margin, at most OFFERS a customer."""
    import pyarrow as pa

    starts = range(0, max(today.rows.num_rows, 1), CUSTOMERS_AT_ONCE)
    parts = [Customers(today.rows.slice(start, CUSTOMERS_AT_ONCE), today.products) for start in starts]
    return pa.concat_tables([_best(part, wishes) for part in parts])


def _best(today: Customers, wishes: list[Propensity]) -> "pa.Table":
    """The offers of some customers."""
    import numpy as np
    import pyarrow as pa

    customers = today.rows.num_rows
    probability = np.column_stack([np.zeros((customers, 0)), *(wish.probability(today) for wish in wishes)])
    margin = np.column_stack(
        [np.zeros((customers, 0)), *(wish.product.margin(today.column("aum_cny")) for wish in wishes)]
    )
    score = np.where(_eligible(today, wishes), probability * margin, -1.0)
    order = np.argsort(-score, axis=1, kind="stable")[:, :OFFERS]
    customer, place = np.nonzero(np.take_along_axis(score, order, axis=1) > 0)
    chosen = order[customer, place]
    products = [wish.product for wish in wishes]

    def of_product(values: list[str]) -> pa.Array:
        return pa.array(values, pa.string()).take(pa.array(chosen))

    return pa.table(
        {
            "customer_id": today.rows["customer_id"].take(pa.array(customer)),
            "rank": place + 1,
            "as_of_date": today.rows["as_of_date"].take(pa.array(customer)),
            "product_code": of_product([product.code for product in products]),
            "product_name": of_product([product.name for product in products]),
            "propensity": probability[customer, chosen],
            "popularity": np.array([wish.popularity for wish in wishes] or [0.0]).round(6)[chosen],
            "margin_if_bought_cny": margin[customer, chosen],
            "expected_margin_cny": (probability * margin)[customer, chosen].round(2),
            "product_risk": of_product([f"R{product.risk}" for product in products]),
            "risk_tolerance": pa.array([f"C{rank}" for rank in range(6)]).take(
                pa.array(today.column("tolerance")[customer].astype(int))
            ),
            "reasons": pa.array(_reasons(today, wishes, customer, chosen), pa.string()),
            "scored_by": of_product(["popularity" if wish.model is None else "logistic" for wish in wishes]),
        }
    )


def _eligible(today: Customers, wishes: list[Propensity]) -> "Flags":
    """Whether each product is neither held nor riskier than the customer tolerates."""
    import numpy as np

    tolerance = today.column("tolerance")
    fits = [~today.holdings[wish.product.code] & (wish.product.risk <= tolerance) for wish in wishes]
    return np.column_stack([np.zeros((len(tolerance), 0), dtype=bool), *fits])


def _reasons(
    today: Customers, wishes: list[Propensity], customer: "NDArray[np.int64]", chosen: "NDArray[np.int64]"
) -> "NDArray[np.object_]":
    """Why each chosen product was chosen."""
    import numpy as np

    reasons = np.full(len(customer), "", dtype=object)
    for at, wish in enumerate(wishes):
        rows = np.flatnonzero(chosen == at)
        if wish.model is None or not len(rows):
            continue
        features = today.features(wish.product.code, customer[rows])
        others = [product for product in today.products if product.code != wish.product.code]
        words = [
            _said(features[:, place] >= wish.model.mean[place], *pair) for place, pair in enumerate(WORDS.values())
        ]
        words += [
            _said(features[:, len(WORDS) + place] > 0, f"holds {product.name}, as its buyers do", "")
            for place, product in enumerate(others)
        ]
        reasons[rows] = logistic.told(wish.model.contributions(features), words)
    return reasons


def _said(flags: "Flags", yes: str, no: str) -> "NDArray[np.object_]":
    """One of two texts a row."""
    import numpy as np

    texts: NDArray[np.object_] = np.array([no, yes], dtype=object)[flags.astype(np.int64)]
    return texts
