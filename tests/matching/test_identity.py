"""Each scenario: clusters day by day, and the ids, intervals, redirects and events they must give."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from matching.events import BrokenChainError, verify_chain
from matching.identity import Identity, IdentityError, assign_ids
from matching.ids import mint_ids
from warehouse.yamls import read_yaml

FIRST_DAY = date(2026, 1, 1)
SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.yml"))


def clusters(members):
    rows = [(f"core_banking:{record}", name) for name, records in members.items() for record in records]
    keys, names = zip(*rows, strict=True)
    return pa.table({"record_key": keys, "cluster": names, "confidence": [1.0] * len(rows)})


def run(scenario):
    identity, ids, told = None, {}, []
    for number, day in enumerate(scenario["days"]):
        business_date = FIRST_DAY + timedelta(days=number)
        rekeyed = {f"core_banking:{old}": f"core_banking:{new}" for old, new in day.get("rekeyed", {}).items()}
        replaced = [f"core_banking:{record}" for record in day.get("replaced", [])]
        before = identity
        identity = assign_ids(clusters(day["clusters"]), before, business_date, replaced=replaced, rekeyed=rekeyed)
        holders = {row["record_key"]: row["customer_id"] for row in open_links(identity)}
        for name, records in day["clusters"].items():
            ids.setdefault(holders[f"core_banking:{records[0]}"], name)
        told.append(sorted(event_text(row, ids) for row in new_events(before, identity)))
    return identity, ids, told


@cache
def ran(path):
    return run(read_yaml(path))


def open_links(identity):
    return [row for row in identity.xref.to_pylist() if row["valid_to"] is None]


def new_events(before, identity):
    return identity.events.to_pylist()[before.events.num_rows if before else 0 :]


def event_text(row, ids):
    other = ids[row["other_customer_id"]] if row["other_customer_id"] else ""
    record = row["record_key"].partition(":")[2] if row["record_key"] else ""
    return " ".join(part for part in (row["event"], ids[row["customer_id"]], other, record) if part)


def day_name(day):
    return ".." if day is None else f"day{(day - FIRST_DAY).days + 1}"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path):
    scenario = read_yaml(path)
    identity, ids, told = ran(path)
    assert told == [sorted(day["events"]) for day in scenario["days"]]
    assert [
        f"{row['source_key']} {ids[row['customer_id']]} {day_name(row['valid_from'])} {day_name(row['valid_to'])}"
        for row in identity.xref.to_pylist()
    ] == scenario["xref"]
    assert [
        f"{ids[row['retired_id']]} {ids[row['customer_id']]} {day_name(row['redirected_on'])}"
        for row in sorted(identity.redirect.to_pylist(), key=lambda row: ids[row["retired_id"]])
    ] == scenario.get("redirects", [])
    assert verify_chain(identity.events) == identity.events.num_rows


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_running_the_last_day_again_changes_nothing(path):
    scenario = read_yaml(path)
    identity, _, _ = ran(path)
    last = scenario["days"][-1]
    again = assign_ids(clusters(last["clusters"]), identity, FIRST_DAY + timedelta(days=len(scenario["days"]) - 1))
    assert again == identity


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_row_order_and_cluster_names_do_not_matter(path):
    scenario = read_yaml(path)
    identity, _, _ = ran(path)
    for day in scenario["days"]:
        renamed = {f"z{name}": records[::-1] for name, records in reversed(day["clusters"].items())}
        day["clusters"] = renamed
    assert run(scenario)[0] == identity


def test_a_tie_between_merged_customers_goes_to_the_least_id():
    first = assign_ids(clusters({"a": [1], "b": [2]}), None, FIRST_DAY)
    merged = assign_ids(clusters({"a": [1, 2]}), first, FIRST_DAY + timedelta(days=1))
    assert {row["customer_id"] for row in open_links(merged)} == {min(first.xref["customer_id"].to_pylist())}


def test_a_minted_id_is_never_one_that_is_taken():
    (usual,) = mint_ids(["card:1"], FIRST_DAY, set())
    (other,) = mint_ids(["card:1"], FIRST_DAY, {usual})
    assert other != usual
    assert len(other) == len(usual)


def test_ids_cannot_be_decided_in_the_past():
    identity = assign_ids(clusters({"a": [1]}), None, FIRST_DAY)
    with pytest.raises(IdentityError, match="run the days in order"):
        assign_ids(clusters({"a": [1]}), identity, FIRST_DAY - timedelta(days=1))


def test_an_altered_event_is_found():
    identity = assign_ids(clusters({"a": [1], "b": [2]}), None, FIRST_DAY)
    ids = identity.events["customer_id"].to_pylist()
    altered = identity.events.set_column(3, "customer_id", pa.array([ids[1], ids[1]]))
    with pytest.raises(BrokenChainError, match="identity_event 1"):
        verify_chain(altered)


def test_the_first_day_may_be_empty():
    nothing = clusters({"a": [1]}).slice(0, 0)
    assert assign_ids(nothing, None, FIRST_DAY) == Identity.empty()
