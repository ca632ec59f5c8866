"""Expectation maximisation of the Fellegi-Sunter mixture on counted agreement patterns.

With one group, one context and free u this is the ECM algorithm of recordlinkage's ECMClassifier (Fellegi and Sunter
1969; Winkler 1988), on thousands of patterns instead of millions of pairs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_SHARE = 1e-9


class SwappedClassesError(ValueError):
    """Training took matches for non-matches: the weights are of no use."""


@dataclass(frozen=True)
class Patterns:
    """Distinct rows of levels (0 = no evidence), how often each occurs, its blocking rule and its context."""

    levels: NDArray[np.uint8]
    counts: Floats
    group: NDArray[np.intp]
    context: NDArray[np.intp]
    teaches: NDArray[np.bool_]  # whether the u of its context may be learnt from it


@dataclass(frozen=True)
class Mixture:
    """Shares of each level among true pairs (m: comparison by level) and others (u: context by comparison by level)."""

    m: tuple[Floats, ...]
    u: tuple[tuple[Floats, ...], ...]
    share: Floats


def count_patterns(
    levels: NDArray[np.uint8],
    group: NDArray[np.intp],
    context: NDArray[np.intp],
    teaching_groups: Sequence[Collection[int]],
    stands_for: Floats | None = None,
) -> Patterns:
    """Patterns of many pairs, each of which counts for one or `stands_for` several.

    `teaching_groups` are, by context, the groups from which its u may be learnt.
    """
    rows = np.column_stack([levels, group.astype(np.uint8), context.astype(np.uint8)])
    packed = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.shape[1]))).ravel()
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    counts = np.bincount(inverse, stands_for, len(first))
    pairs = zip(group[first].tolist(), context[first].tolist(), strict=True)
    teaches = np.array([g in teaching_groups[c] for g, c in pairs], dtype=bool)
    return Patterns(levels[first], counts.astype(np.float64), group[first], context[first], teaches)


def fit(
    patterns: Patterns,
    start: Mixture,
    *,
    free_contexts: tuple[int, ...],
    prior_pairs: float = 0.0,
    tolerance: float = 1e-6,
    most_rounds: int = 200,
) -> Mixture:
    """Most likely mixture; u stays as given except in `free_contexts`; `prior_pairs` pull free shares to the start.

    Raises SwappedClassesError when the two classes have changed places.
    """
    mixture = start
    for _ in range(most_rounds):
        posterior = match_probability(patterns, mixture)
        following = _maximise(patterns, posterior, start, mixture, free_contexts, prior_pairs)
        moved = max(float(np.abs(new - old).max()) for new, old in zip(following.m, mixture.m, strict=True))
        moved = max(moved, float(np.abs(following.share - mixture.share).max()))
        mixture = following
        if moved < tolerance:
            break
    _refuse_swapped(mixture)
    return mixture


def match_probability(patterns: Patterns, mixture: Mixture) -> Floats:
    """Probability that a pair of each pattern is a true one."""
    log_odds = np.log(mixture.share / (1 - mixture.share))[patterns.group]
    for column, m in enumerate(mixture.m):
        levels = patterns.levels[:, column]
        u = np.stack([context[column] for context in mixture.u])[patterns.context, levels]
        held = levels > 0
        log_odds[held] += np.log(m[levels[held]] / u[held])
    probability: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -700, 700)))
    return probability


def _maximise(
    patterns: Patterns,
    posterior: Floats,
    start: Mixture,
    mixture: Mixture,
    free_contexts: tuple[int, ...],
    prior_pairs: float,
) -> Mixture:
    matched, unmatched = posterior * patterns.counts, (1 - posterior) * patterns.counts
    m = tuple(_shares(patterns.levels[:, i], matched, of, prior_pairs) for i, of in enumerate(start.m))
    u = list(mixture.u)
    for context in free_contexts:
        weights = np.where((patterns.context == context) & patterns.teaches, unmatched, 0.0)
        u[context] = tuple(
            _shares(patterns.levels[:, i], weights, of, prior_pairs) for i, of in enumerate(start.u[context])
        )
    groups = len(start.share)
    total = np.bincount(patterns.group, patterns.counts, groups)
    share = np.bincount(patterns.group, matched, groups) / np.maximum(total, LEAST_SHARE)
    return replace(mixture, m=m, u=tuple(u), share=np.clip(share, LEAST_SHARE, 1 - LEAST_SHARE))


def _shares(levels: NDArray[np.uint8], weights: Floats, start: Floats, prior_pairs: float) -> Floats:
    """Share of each level among those that have evidence; as at the start where none has."""
    held = np.bincount(levels, weights, len(start)).astype(np.float64)
    held[0] = 0.0
    held += prior_pairs * start
    total = held.sum()
    if total <= 0:
        return start
    shares: Floats = np.maximum(held / total, LEAST_SHARE)
    shares[0] = 0.0
    return shares


def _refuse_swapped(mixture: Mixture) -> None:
    in_favour = [m[1] / max(u[1], LEAST_SHARE) >= 1 for m, u in zip(mixture.m, mixture.u[0], strict=True)]
    if sum(in_favour) * 2 < len(in_favour):
        raise SwappedClassesError(
            "training changed matches for non-matches; give better starting values of m in the model"
        )
