import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from matching.incremental import update
from matching.link import link
from matching.model import AtLeast, Comparison, Level, ModelError
from matching.standing import stand
from matching.standing_files import MOST_SEGMENTS, load_standing, save_standing

TEXTS = ("mobile", "address_key", "name_pinyin", "name_key", "identity_document", "email_key")


@pytest.fixture(scope="module")
def records(population):
    return population.drop(["person_id", "slice"]).slice(0, 1800)


@pytest.fixture(scope="module")
def tight_model(person_model):
    """The bank's rules with limits so low that a small change crosses them in both directions."""
    comparisons = {
        name: comparison.model_copy(update={"implausible_above": 3 if comparison.implausible_above else None})
        for name, comparison in person_model.comparisons.items()
    }
    return person_model.model_copy(update={"comparisons": comparisons, "largest_block": 4, "largest_cluster": 4})


def random_change(records, generator):
    """Rows changed (values swapped with other rows', some emptied, some copied to many), new and gone."""
    rows = records.num_rows
    chosen = generator.choice(rows, 60, replace=False)
    changed = records.take(chosen[:40])
    for name in TEXTS:
        values = changed[name].to_pylist()
        donors = records[name].take(generator.integers(0, rows, len(values))).to_pylist()
        pick = generator.random(len(values))
        mixed = [d if p < 0.15 else None if p < 0.2 else v for v, d, p in zip(values, donors, pick, strict=True)]
        mixed[:6] = [donors[0]] * 6 if generator.random() < 0.5 else mixed[:6]
        changed = changed.set_column(changed.column_names.index(name), name, pa.array(mixed, pa.string()))
    fresh = changed.slice(0, 12)
    keys = [f"channel:new{generator.integers(1_000_000)}-{number}" for number in range(12)]
    fresh = fresh.set_column(0, "record_key", pa.array(keys))
    return pa.concat_tables([changed, fresh]), records["record_key"].take(chosen[40:]).to_pylist()


def after(records, changed, gone):
    keys = pa.concat_arrays([changed["record_key"].combine_chunks(), pa.array(gone, pa.string())])
    kept = records.filter(pc.invert(pc.is_in(records["record_key"], value_set=keys)))
    return pa.concat_tables([kept, changed])


def decisions(records, linkage, generator):
    pairs = linkage.pairs
    chosen = generator.choice(pairs.num_rows, 6, replace=False)
    left, right = (pairs[f"record_key_{side}"].take(chosen).to_pylist() for side in ("left", "right"))
    strangers = records["record_key"].take(generator.choice(records.num_rows, 6, replace=False)).to_pylist()
    must = [*zip(left[:1], right[:1], strict=True), (strangers[0], strangers[1]), (strangers[2], strangers[3])]
    return must, [*zip(left[1:], right[1:], strict=True), (strangers[4], strangers[5])]


@pytest.mark.parametrize("limits", ["as shipped", "tight"])
@pytest.mark.parametrize("seed", range(3))
def test_a_change_gives_what_linking_everybody_again_gives(records, person_model, tight_model, limits, seed):
    model = person_model if limits == "as shipped" else tight_model
    generator = np.random.default_rng(seed)
    standing = stand(records, model)
    must, cannot = (), ()
    for day in range(3):
        changed, gone = random_change(records, generator)
        records = after(records, changed, gone)
        if day:
            must, cannot = decisions(records, standing.linkage(), generator)
        standing = update(standing, changed, gone, must_link=must, cannot_link=cannot)
        expected = link(records, model, must_link=must, cannot_link=cannot, weights=standing.weights)
        found = standing.linkage()
        by_keys = [("record_key_left", "ascending"), ("record_key_right", "ascending")]
        assert found.pairs.sort_by(by_keys) == expected.pairs
        assert found.clusters.sort_by("record_key") == expected.clusters
        for count in (
            "records",
            "pairs",
            "matches",
            "clusters",
            "largest_cluster",
            "match_rate",
            "threshold",
            "split_clusters",
            "must_links_refused",
        ):
            assert found.report[count] == expected.report[count], count
        assert found.report["compared_again"] < records.num_rows


def test_names_of_those_who_did_not_change_are_each_measured_against_the_new_one(records, person_model):
    names = ["li shu", "li xiaoming", "wang fang", "li xiaomen", "lu li", "li mo"]
    namesakes = pa.concat_tables([records.slice(3, 1)] * (len(names) + 1))
    keys = [f"channel:alike{number}" for number in range(len(namesakes))]
    told = {"record_key": keys, "name_pinyin": [*names, "li xiaomin"], "name_key": [*names, "li xiaomin"]}
    told["identity_document"] = [None] * len(keys)
    for name, values in told.items():
        kind = records.schema.field(name).type
        namesakes = namesakes.set_column(namesakes.column_names.index(name), name, pa.array(values, kind))
    everybody = pa.concat_tables([records, namesakes])
    standing = stand(everybody.slice(0, len(everybody) - 1), person_model)
    found = update(standing, namesakes.slice(len(names)), []).linkage()
    expected = link(everybody, person_model, weights=standing.weights)
    by_keys = [("record_key_left", "ascending"), ("record_key_right", "ascending")]
    assert found.pairs.sort_by(by_keys) == expected.pairs
    new = found.pairs.filter(pc.equal(found.pairs["record_key_right"], keys[-1]))
    assert len(pc.unique(new["match_weight"])) > 1


def test_a_change_of_nothing_changes_nothing(records, person_model):
    standing = stand(records, person_model)
    again = update(standing, records.slice(0, 0), [])
    assert again.linkage().pairs == standing.linkage().pairs
    assert again.linkage().clusters == standing.linkage().clusters
    assert again.report["candidate_pairs"] == 0


def test_a_standing_linkage_read_back_goes_on_where_it_was_and_a_new_one_replaces_it(records, person_model, tmp_path):
    generator = np.random.default_rng(9)
    standing = stand(records, person_model)
    for _ in range(3):
        save_standing(standing, tmp_path)
        standing = load_standing(tmp_path, person_model, standing.weights)
        changed, gone = random_change(records, generator)
        records = after(records, changed, gone)
        standing = update(standing, changed, gone)
    expected = link(records, person_model, weights=standing.weights)
    assert standing.linkage().clusters.sort_by("record_key") == expected.clusters
    assert len(standing.population.segments) == 4
    save_standing(stand(records.slice(7), person_model, weights=standing.weights), tmp_path)
    replaced = load_standing(tmp_path, person_model, standing.weights)
    expected = link(records.slice(7), person_model, weights=standing.weights)
    assert replaced.linkage().clusters == expected.clusters
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000004", "manifest.json"]


def test_too_many_changes_on_top_of_each_other_are_laid_out_anew(records, person_model, tmp_path):
    standing = stand(records, person_model)
    for _ in range(MOST_SEGMENTS - 1):
        standing = update(standing, records.slice(0, 1), [])
    save_standing(standing, tmp_path)
    assert load_standing(tmp_path, person_model, standing.weights) is None


def test_a_model_whose_weights_depend_on_all_rows_does_not_stand(records, person_model):
    alike = Comparison(levels=(Level(name="alike", shared=AtLeast(of="name_key", at_least=0.8)),))
    model = person_model.model_copy(update={"comparisons": {**person_model.comparisons, "name": alike}})
    with pytest.raises(ModelError, match=r"comparisons.name: shared weighs pieces .* use similar or edits"):
        stand(records.slice(0, 5), model)
