"""How good a clustering is against the truth, from contingency counts; no pair is ever expanded."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from matching.arrays import whole

Z95 = 1.959964
Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """A share with its 95% interval; whole clusters (or people) are the unit that varies."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Quality:
    """Pairwise and cluster quality of one set of records."""

    records: int
    true_pairs: int
    found_pairs: int
    precision: Share
    recall: Share
    f1: float
    cluster_precision: float
    cluster_recall: float
    cluster_f1: float

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for reports."""
        return asdict(self)


def evaluate(found: pa.Array, truth: pa.Array) -> Quality:
    """Quality of cluster names against true names, record by record (both of one length)."""
    cell_found, cell_truth, cells = _cells(_codes(found), _codes(truth))
    size_found, size_truth = _sums(cell_found, cells), _sums(cell_truth, cells)
    both, in_found, in_truth = _pairs(cells), _pairs(size_found), _pairs(size_truth)
    precision = _ratio(_sums(cell_found, both), in_found)
    recall = _ratio(_sums(cell_truth, both), in_truth)
    exact = float(((cells == size_found[cell_found]) & (cells == size_truth[cell_truth])).sum())
    cluster_precision, cluster_recall = exact / max(len(size_found), 1), exact / max(len(size_truth), 1)
    return Quality(
        records=int(cells.sum()),
        true_pairs=int(in_truth.sum()),
        found_pairs=int(in_found.sum()),
        precision=precision,
        recall=recall,
        f1=_harmonic(precision.value, recall.value),
        cluster_precision=cluster_precision,
        cluster_recall=cluster_recall,
        cluster_f1=_harmonic(cluster_precision, cluster_recall),
    )


def evaluate_slices(found: pa.Array, truth: pa.Array, slices: pa.Array) -> dict[str, Quality]:
    """Quality by slice: recall over true and precision over found pairs with a record of the slice on either side."""
    found_codes, truth_codes = _codes(found), _codes(truth)
    names = sorted(set(slices.to_pylist()) - {None})
    return {name: _of_slice(found_codes, truth_codes, np.asarray(slices.to_pylist(), object) == name) for name in names}


def threshold_curve(probability: Counts, is_true: NDArray[np.bool_], true_pairs: int) -> list[dict[str, float]]:
    """Precision and recall of pairs at or above each of a row of probabilities."""
    order = np.argsort(-probability, kind="stable")
    ordered, hits = probability[order], np.cumsum(is_true[order])
    curve = []
    for threshold in (0.05, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999):
        kept = int(np.searchsorted(-ordered, -threshold, side="right"))
        true = float(hits[kept - 1]) if kept else 0.0
        precision, recall = true / kept if kept else 1.0, true / max(true_pairs, 1)
        curve.append({"threshold": threshold, "precision": precision, "recall": recall})
    return curve


def same_truth(left: pa.Array, right: pa.Array, truth: Mapping[str, str]) -> NDArray[np.bool_]:
    """Whether the truth says that both keys of each pair are one."""
    return np.array(
        [truth.get(a) == truth.get(b) for a, b in zip(left.to_pylist(), right.to_pylist(), strict=True)], dtype=bool
    )


def _codes(names: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(whole(names).dictionary_encode().indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _cells(found: NDArray[np.int64], truth: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], Counts]:
    """Cells of found by true cluster that hold records."""
    width = int(truth.max(initial=0)) + 1
    packed, counts = np.unique(found * width + truth, return_counts=True)
    return packed // width, packed % width, counts.astype(np.float64)


def _sums(groups: NDArray[np.int64], values: Counts) -> Counts:
    return np.bincount(groups, values).astype(np.float64)


def _pairs(counts: Counts) -> Counts:
    pairs: Counts = counts * (counts - 1) / 2
    return pairs


def _of_slice(found: NDArray[np.int64], truth: NDArray[np.int64], inside: NDArray[np.bool_]) -> Quality:
    """Pairs with a record inside are all pairs less those wholly outside."""
    everything, outside = _totals(found, truth), _totals(found[~inside], truth[~inside])
    in_found, in_truth, both = (a - b for a, b in zip(everything[:3], outside[:3], strict=True))
    precision, recall = _wilson(both, in_found), _wilson(both, in_truth)
    touched_found, touched_truth = np.unique(found[inside]), np.unique(truth[inside])
    exact = float(np.isin(everything[3], touched_found).sum())
    cluster_precision, cluster_recall = exact / max(len(touched_found), 1), exact / max(len(touched_truth), 1)
    return Quality(
        int(inside.sum()),
        int(in_truth),
        int(in_found),
        precision,
        recall,
        _harmonic(precision.value, recall.value),
        cluster_precision,
        cluster_recall,
        _harmonic(cluster_precision, cluster_recall),
    )


def _totals(found: NDArray[np.int64], truth: NDArray[np.int64]) -> tuple[float, float, float, NDArray[np.int64]]:
    """Found, true and common pairs, and the found clusters that are exactly one true one."""
    cell_found, cell_truth, cells = _cells(found, truth)
    size_found, size_truth = _sums(cell_found, cells), _sums(cell_truth, cells)
    exact = cell_found[(cells == size_found[cell_found]) & (cells == size_truth[cell_truth])]
    return float(_pairs(size_found).sum()), float(_pairs(size_truth).sum()), float(_pairs(cells).sum()), exact


def _ratio(part: Counts, whole: Counts) -> Share:
    """Ratio of sums over groups with its linearised 95% interval (Cochran 1977, 6.4)."""
    total = whole.sum()
    if total == 0:
        return Share(1.0, 1.0, 1.0)
    value = float(part.sum() / total)
    half = Z95 * float(np.sqrt(((part - value * whole) ** 2).sum()) / total)
    return Share(value, max(value - half, 0.0), min(value + half, 1.0))


def _wilson(part: float, whole: float) -> Share:
    """Share with its Wilson 95% interval."""
    if whole == 0:
        return Share(1.0, 0.0, 1.0)
    value, z2 = part / whole, Z95**2
    centre, spread = value + z2 / (2 * whole), Z95 * np.sqrt(value * (1 - value) / whole + z2 / (4 * whole**2))
    scale = 1 + z2 / whole
    return Share(value, float(max((centre - spread) / scale, 0.0)), float(min((centre + spread) / scale, 1.0)))


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
