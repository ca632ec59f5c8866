from dataclasses import replace
from datetime import date

import pytest

from matching.decisions import Decision, DecisionError, expired, read_decisions, record_decision, standing

TODAY = date(2026, 1, 31)


def decision(kind, left, right, **more):  # noqa: ANN003
    return Decision(kind, left, right, who="steward", when="2026-01-31T10:00:00+08:00", why="seen both papers", **more)


def test_decisions_are_appended_and_read_back(tmp_path):
    first = record_decision(tmp_path, decision("must_link", "card:2", "card:1"), TODAY)
    record_decision(tmp_path, decision("cannot_link", "card:1", "core_banking:9"), TODAY)
    assert (first.left, first.right, first.number) == ("card:1", "card:2", 1)
    assert standing(read_decisions(tmp_path), TODAY).must_link == (("card:1", "card:2"),)
    assert standing(read_decisions(tmp_path), TODAY).cannot_link == (("card:1", "core_banking:9"),)


def test_the_same_decision_twice_is_one(tmp_path):
    once = record_decision(tmp_path, decision("must_link", "a:1", "a:2"), TODAY)
    assert record_decision(tmp_path, decision("must_link", "a:2", "a:1"), TODAY) == once
    assert len(read_decisions(tmp_path)) == 1


def test_contradictory_decisions_are_refused_with_both_named(tmp_path):
    record_decision(tmp_path, decision("must_link", "a:1", "a:2"), TODAY)
    record_decision(tmp_path, decision("must_link", "a:2", "a:3"), TODAY)
    with pytest.raises(
        DecisionError, match=r"new decision \(cannot_link a:1 a:3\) contradicts decision 1 .*decision 2 "
    ):
        record_decision(tmp_path, decision("cannot_link", "a:3", "a:1"), TODAY)
    assert len(read_decisions(tmp_path)) == 2


def test_a_reversed_decision_no_longer_stands_in_the_way(tmp_path):
    made = record_decision(tmp_path, decision("must_link", "a:1", "a:2"), TODAY)
    record_decision(tmp_path, replace(decision("reverse", "a:1", "a:2"), reverses=made.number), TODAY)
    record_decision(tmp_path, decision("cannot_link", "a:1", "a:2"), TODAY)
    assert standing(read_decisions(tmp_path), TODAY).must_link == ()
    assert standing(read_decisions(tmp_path), TODAY).cannot_link == (("a:1", "a:2"),)


def test_an_expired_decision_holds_no_longer(tmp_path):
    record_decision(tmp_path, decision("must_link", "a:1", "a:2", expires_on=date(2026, 2, 1)), TODAY)
    decisions = read_decisions(tmp_path)
    assert standing(decisions, TODAY).must_link == (("a:1", "a:2"),)
    assert standing(decisions, date(2026, 2, 1)).must_link == ()
    assert expired(decisions, date(2026, 2, 1)) == decisions


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (replace(decision("must_link", "a:1", "a:2"), why=" "), "needs who, when and why"),
        (decision("must_link", "a:1", "a:1"), "stands on both sides"),
        (replace(decision("reverse", "a:1", "a:2"), reverses=9), "decision 9 does not exist"),
    ],
)
def test_an_incomplete_decision_is_refused(tmp_path, wrong, message):
    with pytest.raises(DecisionError, match=message):
        record_decision(tmp_path, wrong, TODAY)


def test_a_second_person_approves_where_configured(tmp_path):
    own = decision("must_link", "a:1", "a:2", approved_by="steward")
    with pytest.raises(DecisionError, match="second person"):
        record_decision(tmp_path, own, TODAY, needs_approval=True)
    assert record_decision(tmp_path, replace(own, approved_by="chief"), TODAY, needs_approval=True).number == 1
