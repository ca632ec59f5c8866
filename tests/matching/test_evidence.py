"""Levels of pairs, one small table a case: what two values compare as."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from matching.blocking import Pairs, plan_blocks
from matching.evidence import compare
from matching.link import Resources
from matching.model import parse_model
from matching.records import read_records

NAME = {
    "levels": [
        {"name": "same", "same": ["a"]},
        {"name": "crossed", "crossed": ["a", "b"]},
        {"name": "one edit", "edits": {"of": "a", "at_most": "1"}},
        {"name": "similar", "similar": {"of": "a", "at_least": "0.9"}},
    ]
}
DATE = {
    "levels": [
        {"name": "same", "same": ["a"]},
        {"name": "swapped", "swapped_day_month": "TRY_CAST(a AS DATE)"},
        {"name": "one digit", "digits": {"of": "TRY_CAST(a AS DATE)", "at_most": "1"}},
        {"name": "same month", "days": {"of": "TRY_CAST(a AS DATE)", "at_most": "31"}},
    ]
}
PHONE = {"levels": [{"name": "same", "same": ["a"]}, {"name": "shared", "any_of": ["a", "b"]}]}
UNMASKED = {"name": "same", "same": ["a"], "where": "NOT contains(a, '*')"}
MASKED = {"levels": [UNMASKED, {"name": "masked", "masked": "a"}]}
SOURCES = ["split_part(a, ':', 1)", "split_part(key, ':', 1)"]
LINKED = {"levels": [{"name": "linked", "refers": {"value": "a", "to": "key", "within": SOURCES}}]}

CASES = [
    (NAME, ("张伟", None), ("张伟", None), "same"),
    (NAME, ("张伟", None), ("张玮", None), "one edit"),
    (NAME, ("wei", "zhang"), ("zhang", "wei"), "crossed"),
    (NAME, ("margaret", None), ("margarette", None), "similar"),
    (NAME, ("张伟", None), ("李娜", None), "different"),
    (NAME, (None, None), ("张伟", None), "missing"),
    (DATE, ("1980-02-03", None), ("1980-02-03", None), "same"),
    (DATE, ("1980-02-03", None), ("1980-03-02", None), "swapped"),
    (DATE, ("1980-02-03", None), ("1985-02-03", None), "one digit"),
    (DATE, ("1980-02-03", None), ("1980-02-18", None), "same month"),
    (DATE, ("1980-02-03", None), ("1961-12-18", None), "different"),
    (PHONE, ("1", "2"), ("1", None), "same"),
    (PHONE, ("1", "2"), ("2", "3"), "shared"),
    (PHONE, ("1", "2"), (None, "1"), "shared"),
    (PHONE, ("1", "2"), ("3", "4"), "different"),
    (PHONE, ("1", "2"), (None, None), "missing"),
    (MASKED, ("110101199001011237", None), ("110101********1237", None), "masked"),
    (MASKED, ("110101********1237", None), ("110101********1237", None), "masked"),
    (MASKED, ("110101199001011237", None), ("110101********9999", None), "different"),
    (MASKED, ("11010119900101123", None), ("110101********1237", None), "different"),
    (LINKED, ("right:2", None), (None, None), "linked"),
    (LINKED, ("right:9", None), (None, None), "different"),
    (LINKED, ("other:2", None), (None, None), "missing"),
]


@pytest.mark.parametrize(("comparison", "left", "right", "expected"), CASES)
def test_two_values_compare_as(comparison, left, right, expected):
    document = {
        "description": "x",
        "version": "x-1",
        "key": "key",
        "blocking": [{"name": "all", "keys": ["a"]}],
        "comparisons": {"c": comparison},
    }
    model = parse_model(document, "x")
    table = pa.table(
        {
            "key": ["left:1", "right:2"],
            "a": pa.array([left[0], right[0]], pa.string()),
            "b": pa.array([left[1], right[1]], pa.string()),
        }
    )
    with Resources().connect() as connection:
        records = read_records(table, model, connection)
    names = model.comparisons["c"].level_names
    for pair in (Pairs(np.array([0]), np.array([1])), Pairs(np.array([1]), np.array([0]))):
        (level,) = compare(records, model.comparisons["c"], pair, with_text=True)
        assert names[level] == expected


@pytest.mark.parametrize("value", [date(1970, 1, 1), 0, False, 0.0, ""])
def test_a_value_whose_hash_is_nothing_is_a_value_all_the_same(value):
    document = {
        "description": "x",
        "version": "x-1",
        "key": "key",
        "blocking": [{"name": "same", "keys": ["a"]}],
        "comparisons": {"c": {"levels": [{"name": "same", "same": ["a"]}]}},
    }
    model = parse_model(document, "x")
    with Resources().connect() as connection:
        records = read_records(pa.table({"key": ["1", "2"], "a": [value, value]}), model, connection)
    (block,) = plan_blocks(records, model)
    (level,) = compare(records, model.comparisons["c"], Pairs(np.array([0]), np.array([1])), with_text=True)
    assert model.comparisons["c"].level_names[level] == "same"
    assert block.pairs == 1


def test_a_value_that_too_many_hold_is_no_evidence():
    comparison = {"levels": [{"name": "same", "same": ["a"]}], "implausible_above": "3"}
    document = {
        "description": "x",
        "version": "x-1",
        "key": "key",
        "blocking": [{"name": "all", "keys": ["a"]}],
        "comparisons": {"c": comparison},
    }
    model = parse_model(document, "x")
    table = pa.table({"key": [str(n) for n in range(6)], "a": ["1380013800"] * 4 + ["7", "7"]})
    with Resources().connect() as connection:
        records = read_records(table, model, connection)
    levels = compare(records, model.comparisons["c"], Pairs(np.array([0, 4]), np.array([1, 5])), with_text=True)
    assert [model.comparisons["c"].level_names[level] for level in levels] == ["missing", "same"]
