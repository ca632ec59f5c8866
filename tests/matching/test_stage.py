import datetime
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from matching.decisions import Decision, record_decision
from matching.events import verify_chain
from matching.explain import ExplanationError
from matching.stage import changed_keys, explain_pair, link_customers
from matching.standing_files import load_standing
from matching.weight_table import usable_weights
from warehouse.contract import arrow_schema, read_contract
from warehouse.engine import built_tables
from warehouse.settings import Settings

FIRST, SECOND = datetime.date(2026, 1, 31), datetime.date(2026, 2, 1)
TABLES = (
    "link_weight",
    "link_frequency",
    "steward_decision",
    "match_pair",
    "customer_xref",
    "customer_redirect",
    "identity_event",
)


@pytest.fixture(scope="module")
def nights(population, tmp_path_factory):
    """Two nights: on the second, one record is gone and an organisation has come."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home)
    records = population.drop(["person_id", "slice"])
    first = write(records, home / "first.parquet")
    counts = link_customers(settings, {"customer_record": first}, home / "first", FIRST, {})
    company = records.slice(5, 1).set_column(3, "party_type", pa.array(["organisation"]))
    company = company.set_column(0, "record_key", pa.array(["core_banking:company"]))
    second = write(pa.concat_tables([records.slice(1), company]), home / "second.parquet")
    yesterday = built_tables(home / "first") | {"customer_record": first}
    later = link_customers(settings, {"customer_record": second}, home / "second", SECOND, yesterday)
    return home, counts, later


def write(records, path):
    pq.write_table(records, path)
    return path


def table(folder, name):
    return pq.read_table(folder / name / "rows.parquet")


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_as_contracted_and_sorted_by_grain(nights, name):
    home, _, _ = nights
    contract = read_contract(Path("warehouse/tables/identity") / f"{name}.yml")
    rows = table(home / "second", name)
    assert rows.schema == arrow_schema(contract)
    keys = [tuple(row[key] for key in contract.grain) for row in rows.to_pylist()]
    assert keys == sorted(set(keys))


def test_every_record_has_one_customer_and_party_types_never_mix(nights, population):
    home, counts, later = nights
    xref = table(home / "second", "customer_xref")
    current = xref.filter(pc.is_null(xref["valid_to"]))
    assert current.num_rows == population.num_rows == len(current["record_key"].unique())
    assert counts["records"] == later["records"] == population.num_rows
    company = next(row for row in current.to_pylist() if row["record_key"] == "core_banking:company")
    assert [row["customer_id"] for row in current.to_pylist()].count(company["customer_id"]) == 1


def test_the_second_night_tells_only_what_changed(nights):
    home, counts, later = nights
    assert counts["created"] == counts["customers"]
    assert later["created"] == 1
    assert later["removed"] + later["retired"] == 1
    assert later["merged"] == later["split"] == later["moved"] == 0
    assert verify_chain(table(home / "second", "identity_event")) == counts["created"] + 2


def test_weights_are_learnt_once_and_used_the_next_night(nights):
    home, _, _ = nights
    first, second = (
        [row for row in table(home / night, "link_weight").to_pylist() if row["rule_version"] == "person-1"]
        for night in ("first", "second")
    )
    assert first == second
    assert {row["trained_on"] for row in second} == {FIRST}


def test_a_pair_of_a_build_is_explained_with_the_weights_that_decided_it(nights):
    home, _, _ = nights
    tables = built_tables(home / "second") | {"customer_record": home / "second.parquet"}
    pair = table(home / "second", "match_pair").to_pylist()[0]
    told = explain_pair(Settings(home=home), tables, pair["record_key_left"], pair["record_key_right"])
    assert told.probability == pytest.approx(pair["match_probability"])
    assert {f"{part.comparison}_level": part.level for part in told.evidence}.items() <= pair.items()
    with pytest.raises(ExplanationError, match="card:nobody"):
        explain_pair(Settings(home=home), tables, pair["record_key_left"], "card:nobody")


def test_weights_that_aged_or_belong_to_other_rules_are_learnt_again(nights, person_model):
    home, _, _ = nights
    learnt, common = table(home / "first", "link_weight"), table(home / "first", "link_frequency")
    elsewhere = common.set_column(5, "hashed_with", pa.array(["duckdb 9.9.9"] * common.num_rows))
    assert usable_weights(learnt, common, person_model, SECOND) is not None
    assert usable_weights(learnt, common, person_model, FIRST + datetime.timedelta(days=91)) is None
    assert usable_weights(learnt, common, person_model.model_copy(update={"version": "person-9"}), SECOND) is None
    assert usable_weights(learnt, elsewhere, person_model, SECOND) is None
    assert usable_weights(None, common, person_model, SECOND) is None


def test_the_second_night_compares_only_what_changed_and_writes_what_comparing_all_would(nights):
    home, counts, later = nights
    assert counts["compared_again"] == counts["records"]
    assert later["compared_again"] == 1
    settings = Settings(home=home / "afresh")
    tables = {"customer_record": home / "second.parquet"}
    yesterday = built_tables(home / "first") | {"customer_record": home / "first.parquet"}
    link_customers(settings, tables, home / "afresh", SECOND, yesterday)
    for name in TABLES:
        assert (home / "afresh" / name / "rows.parquet").read_bytes() == (
            home / "second" / name / "rows.parquet"
        ).read_bytes()


def test_a_standing_linkage_half_written_or_of_other_weights_is_not_used(nights, person_model, tmp_path):
    home, _, _ = nights
    learnt, common = table(home / "first", "link_weight"), table(home / "first", "link_frequency")
    weights, _ = usable_weights(learnt, common, person_model, SECOND)
    folder = home / "work" / "linkage" / "person"
    standing = load_standing(folder, person_model, weights)
    assert standing.report["compared_again"] == 0
    assert load_standing(folder, person_model, replace(weights, prior=0.5)) is None
    assert load_standing(tmp_path / "nowhere", person_model, weights) is None


def test_a_night_run_twice_writes_the_same_bytes(nights):
    home, _, _ = nights
    tables = {"customer_record": home / "second.parquet"}
    yesterday = built_tables(home / "first") | {"customer_record": home / "first.parquet"}
    link_customers(Settings(home=home), tables, home / "again", SECOND, yesterday)
    for name in TABLES:
        again = (home / "again" / name / "rows.parquet").read_bytes()
        assert again == (home / "second" / name / "rows.parquet").read_bytes()


def test_a_steward_decision_holds_on_the_night_it_is_made(nights):
    home, _, _ = nights
    settings = Settings(home=home)
    pairs = table(home / "second", "match_pair").to_pylist()
    pair = next(row for row in pairs if row["decision"] == "match")
    keys = pair["record_key_left"], pair["record_key_right"]
    record_decision(settings.decisions, Decision("cannot_link", *keys, "steward", "2026-02-01", "two papers"), SECOND)
    tables = {"customer_record": home / "second.parquet"}
    yesterday = built_tables(home / "first") | {"customer_record": home / "first.parquet"}
    counts = link_customers(settings, tables, home / "decided", SECOND, yesterday)
    xref = table(home / "decided", "customer_xref")
    current = {row["record_key"]: row["customer_id"] for row in xref.to_pylist() if row["valid_to"] is None}
    assert current[keys[0]] != current[keys[1]]
    assert counts["split"] >= 1


def test_reused_and_renamed_keys_are_noticed(tmp_path):
    columns = [
        "record_key",
        "source",
        "party_type",
        "name_pinyin",
        "birth_date",
        "identity_document",
        "identity_status",
    ]

    def day(name, rows):
        return write(pa.table({c: [row[i] for row in rows] for i, c in enumerate(columns)}), tmp_path / name)

    def row(key, name, birth, document):
        return (f"card:{key}", "card", "person", name, datetime.date(birth, 1, 1), document, "valid")

    before = day("before.parquet", [row(1, "a b", 1980, "X1"), row(2, "c d", 1981, "X2"), row(3, "e f", 1982, "X3")])
    after = day("after.parquet", [row(1, "z z", 1999, "X9"), row(2, "c d", 1981, "X4"), row(7, "e f", 1982, "X3")])
    assert changed_keys(after, before) == ({"card:1"}, {"card:3": "card:7"})
