import datetime as dt
import itertools

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from matching.blocking import Pairs, plan_blocks
from matching.evaluate import evaluate, evaluate_slices, same_truth, threshold_curve
from matching.link import Resources, link
from matching.model import MODELS, ModelError, parse_model, read_model
from matching.prepared import RecordsError
from matching.records import read_records
from matching.reference import reference_measures
from matching.scoring import Scorer
from matching.weights import Weights


def truth_of(population, linkage):
    person = dict(zip(population["record_key"].to_pylist(), population["person_id"].to_pylist(), strict=True))
    return pa.array([person[key] for key in linkage.clusters["record_key"].to_pylist()])


def cluster_by_record(linkage):
    return {row["record_key"]: row["cluster"] for row in linkage.clusters.to_pylist()}


def test_the_population_is_linked_as_it_is(population, linkage):
    quality = evaluate(linkage.clusters["cluster"], truth_of(population, linkage))
    assert quality.f1 >= 0.985
    assert quality.precision.value >= 0.995


def test_row_order_threads_and_frozen_weights_change_nothing(population, person_model, linkage):
    shuffled = population.take(np.random.default_rng(3).permutation(population.num_rows))
    again = link(shuffled, person_model, resources=Resources(threads=1))
    assert again.pairs == linkage.pairs
    assert again.clusters == linkage.clusters
    frozen = link(population, person_model, weights=Weights.from_json(linkage.weights.to_json()))
    assert frozen.pairs == linkage.pairs


def test_the_size_of_chunks_changes_nothing(population, person_model, linkage, monkeypatch):
    monkeypatch.setattr("matching.blocking.CHUNK_PAIRS", 37)
    again = link(population, person_model)
    assert again.pairs == linkage.pairs
    assert again.clusters == linkage.clusters


def test_a_key_too_common_for_one_rule_hides_no_pair_from_another(population, person_model):
    crowded = population.set_column(
        population.column_names.index("other_phone"), "other_phone", pa.array(["+8613900000000"] * population.num_rows)
    )
    found = link(crowded, person_model)
    assert found.report["blocking"]["phone"]["skipped_keys"] >= 1
    assert evaluate(found.clusters["cluster"], truth_of(population, found)).recall.value > 0.9


def test_the_early_bound_drops_no_pair_that_a_full_comparison_would_keep(population, person_model, linkage):
    with Resources().connect() as connection:
        records = read_records(population, person_model, connection)
    scorer = Scorer(records, person_model, linkage.weights)
    blocks = plan_blocks(records, person_model)
    every, candidates = scorer.candidates(blocks, -1e9, 2)
    not_vetoed = scorer.score(every.pairs)
    least = linkage.weights.weight_at(person_model.thresholds.keep)
    kept, same_candidates = scorer.candidates(blocks, least, 2)
    expected = not_vetoed.where(not_vetoed.weight >= least)
    assert same_candidates == candidates
    assert np.array_equal(kept.pairs.left, expected.pairs.left)
    assert np.array_equal(kept.weight, expected.weight)
    assert np.array_equal(kept.levels, expected.levels)


def test_blocking_finds_each_pair_once_and_misses_none(population, person_model):
    with Resources().connect() as connection:
        records = read_records(population, person_model, connection)
        connection.register("population", population)
        expected = connection.execute(
            """
            SELECT count(*) FROM population a JOIN population b ON a.record_key < b.record_key
            WHERE list_has_any([a.mobile, a.other_phone], [b.mobile, b.other_phone])
                OR (a.name_pinyin = b.name_pinyin AND a.birth_date = b.birth_date)
            """
        ).fetchone()[0]
    rules = [rule for rule in person_model.blocking if rule.name in ("phone", "name and birth date")]
    model = person_model.model_copy(update={"blocking": tuple(rules), "largest_block": 10_000})
    with Resources().connect() as connection:
        records = read_records(population, model, connection)
    weights = Weights(model.version, tuple(model.comparisons), *_flat(model), prior=0.001)
    every, candidates = Scorer(records, model, weights).candidates(plan_blocks(records, model), -1e9, 1)
    vetoed = candidates - len(every.pairs)
    assert candidates == expected
    assert vetoed > 0


def test_other_readings_of_a_name_propose_a_pair_born_on_one_day(population, person_model, linkage):
    """HSU Chih-mo and 徐志摩, 长 read chang and zhang: nothing else in common but the day of birth."""
    own = {"source": "card", "party_type": "person", "birth_date": dt.date(1897, 1, 15)}
    spelt = [("hsu chihmo", "xu zhimo|"), ("xu zhimo", None), ("liu zhanghai", "liu changhai|liu zhanghe|")]
    rows = [
        own | {"record_key": f"spelt:{n}", "name_pinyin": name, "name_readings": readings}
        for n, (name, readings) in enumerate([*spelt, ("liu changhai", "liu zhanghai|"), ("liu haichang", None)])
    ]
    records = pa.concat_tables([population, pa.Table.from_pylist(rows, schema=population.schema)])
    with Resources().connect() as connection:
        coded = read_records(records, person_model, connection)
    every, _ = Scorer(coded, person_model, linkage.weights).candidates(plan_blocks(coded, person_model), -1e9, 1)
    keys = coded.keys.to_pylist()
    found = {(keys[left], keys[right]) for left, right in zip(every.pairs.left, every.pairs.right, strict=True)}
    of_spelt = {pair for pair in found if pair[0].startswith("spelt:")}
    assert of_spelt == {("spelt:0", "spelt:1"), ("spelt:2", "spelt:3")}


def _flat(model):
    shares = tuple((0.0, *([1 / len(c.levels)] * (len(c.levels) + 1))) for c in model.comparisons.values())
    return shares, (shares,) * (1 + len(model.households))


def test_a_rejected_pair_stays_apart_through_a_third_record(population, person_model, linkage):
    sizes = pc.value_counts(linkage.clusters["cluster"]).to_pylist()
    large = next(row["values"] for row in sizes if row["counts"] >= 3)
    members = linkage.clusters.filter(pc.equal(linkage.clusters["cluster"], large))["record_key"].to_pylist()
    apart = link(population, person_model, cannot_link=[(members[0], members[1])], weights=linkage.weights)
    found = cluster_by_record(apart)
    assert found[members[0]] != found[members[1]]


def test_a_must_link_holds_below_the_threshold_but_not_against_a_hard_fact(population, person_model, linkage):
    one, other = _unlinked(population, linkage, status=None)
    bound = link(population, person_model, must_link=[(one, other)], weights=linkage.weights)
    found = cluster_by_record(bound)
    assert found[one] == found[other]
    one, other = _unlinked(population, linkage, status="valid")
    refused = link(population, person_model, must_link=[(one, other)], weights=linkage.weights)
    assert refused.report["must_links_refused"] == 1


def _unlinked(population, linkage, status):
    clusters = dict(
        zip(linkage.clusters["record_key"].to_pylist(), linkage.clusters["cluster"].to_pylist(), strict=True)
    )
    rows = [row for row in population.to_pylist() if row["identity_status"] == status]
    first = rows[0]["record_key"]
    return first, next(row["record_key"] for row in rows if clusters[row["record_key"]] != clusters[first])


def test_no_cluster_holds_two_valid_documents(population, linkage):
    document = {
        row["record_key"]: row["identity_document"]
        for row in population.to_pylist()
        if row["identity_status"] in ("valid", "upgraded")
    }
    held = {}
    for row in linkage.clusters.to_pylist():
        if row["record_key"] in document:
            held.setdefault(row["cluster"], set()).add(document[row["record_key"]])
    assert max(len(documents) for documents in held.values()) == 1


def test_quality_matches_what_expanding_every_pair_gives():
    found, truth = pa.array(list("aabbbcd")), pa.array(list("xxxyyzz"))
    quality = evaluate(found, truth)
    assert (quality.found_pairs, quality.true_pairs) == (4, 5)
    assert quality.precision.value == pytest.approx(2 / 4)
    assert quality.recall.value == pytest.approx(2 / 5)
    assert quality.cluster_f1 == pytest.approx(0.0)
    slices = evaluate_slices(found, truth, pa.array(["s", "s", "t", "t", "t", "t", "t"]))
    assert slices["s"].recall.value == pytest.approx(1 / 3)
    assert slices["t"].found_pairs == 3


def test_quality_is_what_recordlinkage_measures(population, linkage):
    truth = truth_of(population, linkage).to_pylist()
    found = linkage.clusters["cluster"].to_pylist()
    quality = evaluate(pa.array(found), pa.array(truth))
    measures = reference_measures(pairs_within(found), pairs_within(truth))
    assert quality.precision.value == pytest.approx(measures["precision"])
    assert quality.recall.value == pytest.approx(measures["recall"])
    assert quality.f1 == pytest.approx(measures["f1"])


def pairs_within(names):
    members = {}
    for row, name in enumerate(names):
        members.setdefault(name, []).append(row)
    return [pair for rows in members.values() for pair in itertools.combinations(rows, 2)]


def test_the_threshold_curve_counts_pairs_at_or_above():
    curve = threshold_curve(np.array([0.95, 0.5, 0.2]), np.array([True, False, True]), 4)
    at_half = next(point for point in curve if point["threshold"] == 0.5)
    assert (at_half["precision"], at_half["recall"]) == (0.5, 0.25)
    assert same_truth(pa.array(["a"]), pa.array(["b"]), {"a": "p", "b": "p"}).all()


def test_a_table_that_does_not_fit_says_what_is_missing(person_model):
    with pytest.raises(RecordsError, match="person-1 does not fit the table"):
        link(pa.table({"record_key": ["a"]}), person_model)


def test_repeated_keys_are_refused(population, person_model):
    with pytest.raises(RecordsError, match="repeat another row's record_key"):
        link(pa.concat_tables([population, population.slice(0, 1)]), person_model)


def test_tables_of_one_row_or_none_are_linked(population, person_model):
    assert link(population.slice(0, 1), person_model).clusters.num_rows == 1
    assert link(population.slice(0, 0), person_model).clusters.num_rows == 0


def test_every_shipped_model_can_be_read():
    assert {read_model(path).version for path in MODELS.glob("*.yml")} == {"person-1", "organisation-1"}


def test_all_mistakes_of_a_model_are_told_at_once():
    level = {"name": "same", "same": ["a"]}
    document = {
        "description": "x",
        "version": "x-1",
        "key": "id",
        "blocking": [{"name": "both", "keys": ["a"], "any_of": ["b"]}],
        "comparisons": {"a": {"levels": [level, level]}, "b": {"levels": [{"name": "nothing"}]}},
        "households": [{"comparison": "c", "levels": ["same"]}],
        "thresholds": {"keep": "0.9", "review": "0.5"},
    }
    with pytest.raises(ModelError) as error:
        parse_model(document, "x.yml")
    assert len(str(error.value).splitlines()) == 5
    with pytest.raises(ModelError, match="comparisns: remove it or correct its spelling"):
        parse_model({**document, "comparisns": {}}, "x.yml")


def test_pairs_are_ordered_and_carry_their_evidence(linkage):
    keys = list(
        zip(linkage.pairs["record_key_left"].to_pylist(), linkage.pairs["record_key_right"].to_pylist(), strict=True)
    )
    assert keys == sorted(set(keys))
    assert all(left < right for left, right in keys)
    assert set(linkage.pairs["decision"].to_pylist()) <= {"match", "review", "no_match"}
    assert isinstance(Pairs(np.array([0]), np.array([1])).where(np.array([True])), Pairs)
