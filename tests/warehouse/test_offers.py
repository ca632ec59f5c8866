"""What offers promise: never unsuitable nor held, the likely and profitable first, popularity where all else fails."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from warehouse.models import offers
from warehouse.models.wishes import FEATURES, Product

DAY = date(2026, 1, 31)
EARLIER = [DAY - timedelta(days=days) for days in (180, 90)]
CATALOGUE = [  # code, risk
    ("CAREFUL", 1),
    ("DARING", 4),
    ("NEVER", 1),
    ("OFTEN", 1),
    ("SOMETIMES", 2),
]


def catalogue(renewed: dict[str, float] | None = None) -> pa.Table:
    """Five products worth the same; some are renewed by a share of their holders in a window."""
    renewed = renewed or {}
    worth = {"margin_percent": 0.0, "fixed_margin_cny": 100.0, "usual_share": 0.0}
    lines = [
        {"product_code": code, "product_name": code.title(), "product_risk": risk, **worth, "least_amount_cny": 0.0,
         "most_amount_cny": 0.0, "renewed_share": renewed.get(code, 0.0)}
        for code, risk in CATALOGUE
    ]  # fmt: skip
    return pa.Table.from_pylist(lines)


def customers(count: int, seed: int = 4) -> pa.Table:
    """Customers of three days; those with money buy CAREFUL, everybody buys OFTEN now and then, nobody NEVER."""
    stream, lines = np.random.default_rng(seed), []
    for day in [*EARLIER, DAY]:
        for number in range(count):
            money = float(stream.normal())
            wanted = {"CAREFUL": 0.4 if money > 1 else 0.01, "OFTEN": 0.2, "DARING": 0.05, "SOMETIMES": 0.02}
            bought = [code for code, chance in wanted.items() if stream.random() < chance and day != DAY]
            lines.append(
                {
                    "customer_id": f"C{number:012d}", "as_of_date": day, "bought_products": ",".join(bought),
                    "held_products": "OFTEN" if number % 10 == 0 else "DEM01", "aum_cny": 1000.0,
                    **{name: float(stream.normal()) for name in FEATURES}, "money": money,
                    "tolerance": number % 5 + 1,
                }
            )  # fmt: skip
    return pa.Table.from_pylist(lines)


def rows_of(count: int) -> pa.Table:
    """What the SELECT gives: customers, and the catalogue."""
    return pa.concat_tables([customers(count), catalogue()], promote_options="default")


def test_no_offer_is_unsuitable_or_held_already():
    rows = offers.make(rows_of(600), DAY).rows.to_pylist()
    tolerance = {f"C{number:012d}": number % 5 + 1 for number in range(600)}
    assert {row["product_code"] for row in rows} >= {"CAREFUL", "DARING", "OFTEN"}
    for row in rows:
        assert int(row["product_risk"][1]) <= tolerance[row["customer_id"]]
        assert not (row["product_code"] == "OFTEN" and int(row["customer_id"][1:]) % 10 == 0)


def test_offers_are_in_the_order_of_expected_margin_at_most_three():
    rows = offers.make(rows_of(600), DAY).rows.to_pandas()
    assert rows["rank"].max() <= 3
    for _, own in rows.groupby("customer_id"):
        assert list(own["rank"]) == list(range(1, len(own) + 1))
        assert list(own["expected_margin_cny"]) == sorted(own["expected_margin_cny"], reverse=True)


def test_how_many_customers_are_served_at_once_changes_no_offer(monkeypatch: pytest.MonkeyPatch):
    at_once = offers.make(rows_of(600), DAY).rows
    monkeypatch.setattr(offers, "CUSTOMERS_AT_ONCE", 41)
    assert offers.make(rows_of(600), DAY).rows.to_pylist() == at_once.to_pylist()


def test_the_model_knows_who_buys_what_and_beats_popularity():
    made = offers.make(rows_of(1500), DAY)
    (card,) = made.cards
    assert not card.is_fallback
    assert card.metrics["by_product"]["CAREFUL"]["auc"] > 0.7
    assert card.metric_value >= card.baseline_value
    likely = made.rows.to_pandas().query("product_code == 'CAREFUL' and propensity > 0.2")
    assert likely["reasons"].str.contains("has money to place").all()


def test_where_popularity_ranks_as_well_it_answers():
    rows = customers(1500).to_pandas()
    wants = (rows["money"] > 0) == (rows["as_of_date"] == EARLIER[0])  # the rich of one window, the poor of the next
    rows["bought_products"] = np.where(wants & (rows["as_of_date"] != DAY), "OFTEN", "")
    reversed_wish = pa.Table.from_pandas(rows, preserve_index=False)
    made = offers.make(pa.concat_tables([reversed_wish, catalogue()], promote_options="default"), DAY)
    (card,) = made.cards
    assert card.is_fallback
    assert card.metric_value < card.baseline_value
    assert set(made.rows["scored_by"].to_pylist()) == {"popularity"}


def test_a_product_nobody_bought_is_not_offered_and_few_buyers_leave_it_to_popularity():
    made = offers.make(rows_of(600), DAY)
    by_product = made.rows.to_pandas().groupby("product_code")["scored_by"].unique()
    assert "NEVER" not in by_product
    assert list(by_product["SOMETIMES"]) == ["popularity"]


def test_without_customers_or_history_there_is_nothing_to_offer_and_no_error():
    nobody = pa.concat_tables([customers(1).slice(0, 0), catalogue()], promote_options="default")
    assert offers.make(nobody, DAY).rows.num_rows == 0
    today_only = customers(60).filter(pc.equal(customers(60)["as_of_date"], DAY))
    made = offers.make(pa.concat_tables([today_only, catalogue()], promote_options="default"), DAY)
    assert made.rows.num_rows == 0
    assert made.cards[0].is_fallback


def test_the_margin_is_of_the_amount_usual_for_the_money_within_bounds():
    product = Product("P", "P", 1, 1.0, 5.0, 0.1, 1_000, 50_000)
    assert list(product.margin(np.array([0.0, 100_000.0, 9_000_000.0]))) == [15.0, 105.0, 505.0]


def test_openings_a_steady_state_renews_are_no_purchases():
    rows = pa.concat_tables([customers(1500), catalogue({"OFTEN": 1.0})], promote_options="default")
    (card,) = offers.make(rows, DAY).cards
    opened, held = 0.2, 0.1  # of all customers, in each window; every holder of the tenth renews
    assert card.metrics["new_share"]["OFTEN"] == pytest.approx((opened - held) / opened, abs=0.08)
    assert card.metrics["new_share"]["CAREFUL"] == 1
    often = offers.make(rows, DAY).rows.to_pandas().query("product_code == 'OFTEN'")
    plain = offers.make(rows_of(1500), DAY).rows.to_pandas().query("product_code == 'OFTEN'")
    assert often["propensity"].mean() == pytest.approx(plain["propensity"].mean() / 2, rel=0.2)
