"""Clusters: connected components of accepted pairs, split where a constraint or the weight of evidence forbids them."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.blocking import Pairs
from matching.mixture import Floats
from matching.records import Rows

CERTAIN = 1e6
LARGEST_WEIGHED = 500


@dataclass(frozen=True)
class Constraints:
    """What no cluster may hold: two codes of one kind (0 = any), two rows kept apart, more rows than the largest."""

    one_of_each: Sequence[Rows]
    apart: Pairs
    largest: int


@dataclass(frozen=True)
class Clustering:
    """Cluster of every row and the connected component it was cut from, both named by their least row number.

    `split` is how many clusters more there are than components.
    """

    cluster: Rows
    split: int
    component: Rows


def cluster_rows(
    rows: int,
    accepted: Pairs,
    weight: Floats,
    constraints: Constraints,
    weigh: Callable[[Pairs], Floats] | None = None,
) -> Clustering:
    """Clusters of `accepted` pairs; strongest evidence joins first, so that the weakest gives way to a constraint.

    With `weigh`, two groups join only when all pairs between them taken together speak for it.
    """
    if rows == 0:
        return Clustering(np.empty(0, dtype=np.int32), 0, np.empty(0, dtype=np.int32))
    cluster = _least_rows(rows, _components(rows, accepted))
    suspect = _suspect(cluster, accepted, constraints, has_weigh=weigh is not None)
    chosen = np.isin(cluster[accepted.left], suspect)
    edges = accepted.where(chosen)
    order = np.lexsort((edges.right, edges.left, -weight[chosen]))
    inside = np.flatnonzero(np.isin(cluster, suspect))
    groups = _Groups(constraints, inside, _between(cluster, suspect, weigh) if weigh else None)
    for left, right, how_much in zip(
        edges.left[order].tolist(), edges.right[order].tolist(), weight[chosen][order].tolist(), strict=True
    ):
        groups.join(left, right, is_certain=how_much >= CERTAIN)
    refined = cluster.copy()
    refined[inside] = [groups.name(row) for row in inside.tolist()]
    return Clustering(refined, int(len(np.unique(refined[inside])) - len(suspect)), cluster)


def _components(rows: int, pairs: Pairs) -> NDArray[np.int32]:
    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs.left, pairs.right)), shape=(rows, rows))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels, dtype=np.int32)


def _least_rows(rows: int, labels: NDArray[np.int32]) -> Rows:
    least = np.full(int(labels.max(initial=-1)) + 1, rows, dtype=np.int32)
    np.minimum.at(least, labels, np.arange(rows, dtype=np.int32))
    return least[labels]


def _suspect(cluster: Rows, accepted: Pairs, constraints: Constraints, *, has_weigh: bool) -> Rows:
    """Clusters that break a constraint, or (with weighing) in which some pair was not accepted."""
    size = np.bincount(cluster, minlength=len(cluster))
    broken = [np.flatnonzero(size > constraints.largest)]
    for codes in constraints.one_of_each:
        known = np.flatnonzero(codes > 0)
        low = np.full(len(cluster), np.iinfo(np.int32).max, dtype=np.int32)
        high = np.zeros(len(cluster), dtype=np.int32)
        np.minimum.at(low, cluster[known], codes[known])
        np.maximum.at(high, cluster[known], codes[known])
        broken.append(np.flatnonzero(high > low))
    together = cluster[constraints.apart.left] == cluster[constraints.apart.right]
    broken.append(cluster[constraints.apart.left][together])
    if has_weigh:
        edges = np.bincount(cluster[accepted.left], minlength=len(cluster))
        broken.append(np.flatnonzero(edges < size * (size - 1) // 2))
    suspect: Rows = np.unique(np.concatenate(broken)).astype(np.int32)
    return suspect


def _between(cluster: Rows, suspect: Rows, weigh: Callable[[Pairs], Floats]) -> dict[tuple[int, int], float]:
    """Weight of every pair inside the suspect clusters; giant ones are only cut, never weighed in full."""
    size = np.bincount(cluster, minlength=len(cluster))
    weighed = suspect[size[suspect] <= LARGEST_WEIGHED]
    rows = np.flatnonzero(np.isin(cluster, weighed)).astype(np.int32)
    rows = rows[np.argsort(cluster[rows], kind="stable")]
    of_size = size[cluster[rows]]
    left, right = [], []
    for each in np.unique(of_size):
        members = rows[of_size == each].reshape(-1, each)
        first, second = np.triu_indices(each, 1)
        left.append(members[:, first].ravel())
        right.append(members[:, second].ravel())
    if not left:
        return {}
    pairs = Pairs(np.concatenate(left), np.concatenate(right))
    weights = weigh(pairs)
    return dict(zip(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True), weights.tolist(), strict=True))


class _Groups:
    """Growing groups of rows that refuse to join where a constraint forbids it."""

    def __init__(
        self, constraints: Constraints, rows: NDArray[np.intp], between: dict[tuple[int, int], float] | None
    ) -> None:
        self._largest = constraints.largest
        self._between = between
        self._members: dict[int, list[int]] = {}
        self._group: dict[int, int] = {}
        known = [rows[codes[rows] > 0] for codes in constraints.one_of_each]
        self._codes = [  # by group, named by its least row
            dict(zip(held.tolist(), codes[held].tolist(), strict=True))
            for held, codes in zip(known, constraints.one_of_each, strict=True)
        ]
        self._apart: dict[int, set[int]] = defaultdict(set)
        for left, right in zip(constraints.apart.left.tolist(), constraints.apart.right.tolist(), strict=True):
            self._apart[left].add(right)
            self._apart[right].add(left)

    def name(self, row: int) -> int:
        """Least row of the group a row is in."""
        return self._group.get(row, row)

    def join(self, left: int, right: int, *, is_certain: bool) -> None:
        """Put the groups of two rows together unless something forbids it."""
        one, other = self.name(left), self.name(right)
        if one == other:
            return
        members, others = self._rows(one), self._rows(other)
        if self._forbidden(one, other) or not (is_certain or self._speaks_for(members, others)):
            return
        joined = members + others
        name = min(one, other)
        self._members[name] = joined
        self._group.update(dict.fromkeys(joined, name))
        for codes in self._codes:
            if code := codes.get(one) or codes.get(other):
                codes[name] = code

    def _rows(self, group: int) -> list[int]:
        return self._members.get(group, [group])

    def _forbidden(self, one: int, other: int) -> bool:
        members, others = self._rows(one), self._rows(other)
        if len(members) + len(others) > self._largest:
            return True
        if self._apart and any(self._apart[row].intersection(others) for row in members if row in self._apart):
            return True
        return any(codes.get(one, code) != code for codes in self._codes if (code := codes.get(other)))

    def _speaks_for(self, members: list[int], others: list[int]) -> bool:
        if self._between is None or len(members) + len(others) == 2:  # noqa: PLR2004 (a pair is its own evidence)
            return True
        pairs = ((min(one, other), max(one, other)) for one in members for other in others)
        return sum(self._between.get(pair, 0.0) for pair in pairs) >= 0
