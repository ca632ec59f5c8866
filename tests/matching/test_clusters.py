import numpy as np
import pytest

from matching.blocking import Pairs
from matching.clusters import CERTAIN, Constraints, cluster_rows

NOTHING = Pairs(np.empty(0, np.int32), np.empty(0, np.int32))


def pairs(edges):
    return Pairs(np.array([a for a, _ in edges], np.int32), np.array([b for _, b in edges], np.int32))


def clusters(rows, edges, *, one_of_each=(), apart=NOTHING, largest=50, weigh=None):
    accepted = pairs([edge[:2] for edge in edges])
    weight = np.array([float(edge[2]) for edge in edges])
    codes = [np.array(kind, np.int32) for kind in one_of_each]
    return cluster_rows(rows, accepted, weight, Constraints(codes, apart, largest), weigh).cluster.tolist()


def test_accepted_pairs_chain_into_clusters():
    assert clusters(5, [(0, 1, 9), (1, 2, 9)]) == [0, 0, 0, 3, 4]


def test_the_weakest_evidence_gives_way_to_a_hard_fact():
    documents = [7, 0, 8]
    assert clusters(3, [(0, 1, 5), (1, 2, 9)], one_of_each=[documents]) == [0, 1, 1]
    assert clusters(3, [(0, 1, 9), (1, 2, 5)], one_of_each=[documents]) == [0, 0, 2]


def test_a_cannot_link_holds_through_a_bridge_of_others():
    edges = [(0, 1, 9), (1, 2, 8), (2, 3, 9)]
    assert clusters(4, edges, apart=pairs([(0, 3)])) == [0, 0, 2, 2]


def test_a_must_link_is_stronger_than_any_score():
    edges = [(0, 1, 30), (1, 2, CERTAIN)]
    assert clusters(3, edges, one_of_each=[[7, 0, 8]]) == [0, 1, 1]


def test_no_cluster_grows_beyond_the_largest():
    chain = [(n, n + 1, 20 - n) for n in range(9)]
    found = clusters(10, chain, largest=4)
    assert max(np.bincount(found)) == 4


@pytest.mark.parametrize(("between", "expected"), [(-40.0, [0, 0, 2, 2]), (40.0, [0, 0, 0, 0])])
def test_a_bridge_holds_only_when_all_pairs_across_it_speak_for_it(between, expected):
    edges = [(0, 1, 20), (2, 3, 20), (1, 2, 12)]
    inside = {(0, 1), (2, 3)}

    def weigh(asked):
        told = zip(asked.left.tolist(), asked.right.tolist(), strict=True)
        return np.array([20.0 if pair in inside else 12.0 if pair == (1, 2) else between for pair in told])

    assert clusters(4, edges, weigh=weigh) == expected


def test_the_order_of_pairs_does_not_matter():
    edges = [(n, m, 10) for n in range(6) for m in range(n + 1, 6)]
    documents = [1, 2, 0, 1, 0, 2]
    assert clusters(6, edges, one_of_each=[documents]) == clusters(6, edges[::-1], one_of_each=[documents])
