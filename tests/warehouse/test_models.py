"""What models promise: they beat their rule where there is something to learn, say so where not, and repeat."""

import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from warehouse.contract import create_table, read_contracts
from warehouse.models import churn, clusters, logistic, measures
from warehouse.models.cards import ModelCard, save_cards
from warehouse.models.step import collect_cards
from warehouse.settings import Settings
from warehouse.transforms import build_table, dependencies, select_statement

DAY = date(2026, 1, 31)
CONTRACTS = read_contracts(Settings(home=Path()).tables)
EARLIER = [DAY - timedelta(days=days) for days in (270, 180, 90)]


def churn_rows(customers: int, leaving_percent: float = 5, seed: int = 1) -> pa.Table:
    """Snapshots of customers who leave more often the quieter they are, which the rule does not look at finely."""
    stream = np.random.default_rng(seed)
    parts = []
    for day in [*EARLIER, DAY]:
        columns = {name: stream.random(customers) for name in churn.FEATURES}
        columns["days_quiet"] = stream.integers(0, 180, customers)
        risk = leaving_percent / 100 * 2 * columns["days_quiet"] / 180
        parts.append(
            pa.table(
                {
                    "customer_id": [f"C{number:012d}" for number in range(customers)],
                    "as_of_date": pa.array([day] * customers, pa.date32()),
                    "is_churned": pa.array(stream.random(customers) < risk, mask=np.full(customers, day == DAY)),
                    "aum_cny": np.full(customers, 1000.0),
                    "rule_score": (columns["days_quiet"] >= 170) / 4,
                    **columns,
                }
            )
        )
    return pa.concat_tables(parts)


def test_a_model_beats_its_rule_out_of_time_and_its_card_says_so():
    made = churn.make(churn_rows(2000), DAY)
    (card,) = made.cards
    assert not card.is_fallback
    assert card.trained_until == EARLIER[-1]
    assert card.metric_value > 0.6 > card.baseline_value
    assert card.metrics["validated_on"] == EARLIER[-1].isoformat()
    assert card.drift_psi < 0.1
    assert made.rows.num_rows == 2000
    assert set(made.rows["scored_by"].to_pylist()) == {"logistic"}


def test_the_first_decile_holds_the_highest_scores():
    rows = churn.make(churn_rows(2000), DAY).rows.to_pandas()
    by_decile = rows.groupby("decile")["churn_probability"].agg(["min", "max", "count"])
    assert list(by_decile["count"]) == [200] * 10
    assert (by_decile["min"].to_numpy()[:-1] >= by_decile["max"].to_numpy()[1:]).all()


def test_the_same_rows_give_the_same_model():
    first, second = churn.make(churn_rows(500), DAY), churn.make(churn_rows(500), DAY)
    assert first.rows.equals(second.rows)
    assert first.cards[0].row("t") == second.cards[0].row("t")


@pytest.mark.parametrize(
    ("rows", "scored"),
    [(churn_rows(500).slice(0, 0), 0), (churn_rows(20), 20), (churn_rows(500, leaving_percent=0), 500)],
    ids=["no customer", "few customers", "nobody leaves"],
)
def test_with_too_little_to_learn_from_the_rule_answers_and_says_so(rows: pa.Table, scored: int):
    made = churn.make(rows, DAY)
    (card,) = made.cards
    assert card.is_fallback
    assert "the rule answers" in card.note
    assert made.rows["churn_probability"].to_pylist() == made.rows["rule_score"].to_pylist()
    assert made.rows.num_rows == scored


def test_a_model_that_does_not_beat_the_rule_gives_way_to_it():
    rows = churn_rows(1500)
    truth = rows["is_churned"].fill_null(False).cast(pa.int8()).to_numpy()  # noqa: FBT003 (its only spelling)
    knowing = rows.set_column(rows.schema.get_field_index("rule_score"), "rule_score", pa.array(truth.astype(float)))
    (card,) = churn.make(knowing, DAY).cards
    assert card.is_fallback
    assert card.metric_value < card.baseline_value == 1


def test_rank_measures_by_hand():
    truth = np.array([True, False, True, False])
    measured = measures.rank_measures(truth, np.array([0.9, 0.8, 0.3, 0.1]))
    assert measured["auc"] == 0.75
    assert measured["ks"] == 0.5
    assert measures.rank_measures(np.array([True, True]), np.array([0.1, 0.2])) == {}


def test_rows_of_equal_score_share_the_top():
    truth = np.array([True] * 5 + [False] * 15)
    assert measures.lift_of_top(truth, np.zeros(20)) == pytest.approx(1)
    assert measures.lift_of_top(truth, truth.astype(float)) == pytest.approx(4)


def test_population_stability_by_hand():
    assert measures.share_stability(np.array([50, 50]), np.array([50, 50])) == 0
    assert measures.share_stability(np.array([50, 50]), np.array([75, 25])) == pytest.approx(0.25 * np.log(3))
    assert measures.population_stability(np.arange(100.0), np.arange(100.0)) == 0
    assert measures.population_stability(np.arange(100.0), np.arange(50.0)) > 0.25
    assert measures.population_stability(np.array([]), np.arange(5.0)) is None


def test_weighted_error_by_hand():
    assert measures.weighted_error(np.array([10.0, 30.0]), np.array([12.0, 24.0])) == pytest.approx(0.2)
    assert measures.weighted_error(np.zeros(2), np.ones(2)) is None


def test_reasons_are_those_that_add_most_and_are_worth_saying():
    words = [np.array(["a", "a"], dtype=object), np.array(["b", ""], dtype=object), np.array(["c", "c"], dtype=object)]
    added = np.array([[0.5, 0.9, 0.01], [0.2, 3.0, 0.3]])
    assert list(logistic.told(added, words)) == ["b; a", "c; a"]


def test_the_card_table_holds_every_card_of_the_build(tmp_path):
    contract = read_contracts(Settings(home=tmp_path).tables)["ops_model_card"]
    card = ModelCard("m", "to test", "a coin", DAY, ("one", "二"), "auc", metric_value=0.123456789, baseline="rule")
    save_cards(tmp_path / "mart_m", "mart_m", [card])
    with duckdb.connect() as connection:
        assert collect_cards(connection, contract, tmp_path) == 1
        row = connection.execute("SELECT model, table_name, features, metric_value FROM ops_model_card").fetchone()
    assert row == ("m", "mart_m", json.dumps(["one", "二"], ensure_ascii=False), 0.123457)


@pytest.mark.parametrize(
    ("metric", "value", "baseline", "better"),
    [("auc", 0.8, 0.7, True), ("auc", 0.7, 0.7, False), ("wape", 0.2, 0.3, True), ("wape", 0.3, 0.2, False),
     ("auc", None, 0.7, None)],
)  # fmt: skip
def test_a_card_knows_whether_more_or_less_is_better(metric, value, baseline, better):
    card = ModelCard("m", "to test", "a coin", DAY, (), metric, metric_value=value, baseline_value=baseline)
    assert card.row("mart_m")["beats_baseline"] is better


def test_a_build_without_models_has_an_empty_card_table(tmp_path):
    contract = read_contracts(Settings(home=tmp_path).tables)["ops_model_card"]
    with duckdb.connect() as connection:
        assert collect_cards(connection, contract, tmp_path) == 0


def cluster_rows(customers: int, of_today: tuple[str, ...] = clusters.FEATURES) -> pa.Table:
    """Two kinds of customers, with a lot and with little of everything, today and a quarter ago."""
    stream = np.random.default_rng(2)
    parts = []
    for day in (EARLIER[-1], DAY):
        is_rich = np.arange(customers) % 2
        columns = {
            name: 8 * is_rich * (name in of_today) + stream.normal(0, 0.3, customers) for name in clusters.FEATURES
        }
        ids = [f"C{number:012d}" for number in range(customers)]
        bucket = np.arange(customers) * 7919 % customers
        parts.append(pa.table({"customer_id": ids, "as_of_date": [day] * customers, "bucket": bucket, **columns}))
    return pa.concat_tables(parts)


def test_customers_who_behave_alike_are_together_and_the_group_says_what_sets_it_apart():
    made = clusters.make(cluster_rows(400), DAY)
    rows = made.rows.to_pandas()
    rich = rows["customer_id"].str[-1].astype(int) % 2 == 1
    assert set(rows.loc[rich, "cluster"]).isdisjoint(rows.loc[~rich, "cluster"])
    assert rows.loc[rows["cluster"] == "c1", "cluster_name"].str.contains("much money|active|digital|many").all()
    (card,) = made.cards
    assert card.metric_value > card.baseline_value - 0.5
    assert card.drift_psi < 0.1
    assert made.rows.equals(clusters.make(cluster_rows(400), DAY).rows)


@pytest.mark.parametrize("customers", [0, 49])
def test_few_customers_are_one_group(customers: int):
    made = clusters.make(cluster_rows(customers), DAY)
    assert made.rows.num_rows == customers
    assert set(made.rows["cluster"].to_pylist()) <= {"c1"}
    assert made.cards[0].is_fallback


def test_customers_who_are_all_the_same_are_still_placed():
    rows = cluster_rows(60, of_today=())
    same = rows.select(["customer_id", "as_of_date", "bucket"])
    for name in clusters.FEATURES:
        same = same.append_column(name, pa.array(np.ones(rows.num_rows)))
    assert clusters.make(same, DAY).rows.num_rows == 60


@pytest.mark.parametrize("table", [name for name, contract in CONTRACTS.items() if contract.model])
def test_a_bank_without_a_customer_builds_every_learnt_table(table: str, tmp_path):
    with duckdb.connect() as connection:
        for name in dependencies(select_statement(CONTRACTS[table], CONTRACTS)):
            connection.execute(create_table(CONTRACTS[name]))
            if CONTRACTS[name].layer == "seeds":
                connection.execute(f"INSERT INTO {name} {select_statement(CONTRACTS[name], CONTRACTS)}")
        assert build_table(connection, CONTRACTS, table, tmp_path, DAY) == 0
        assert collect_cards(connection, CONTRACTS["ops_model_card"], tmp_path) <= 2
