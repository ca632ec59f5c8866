"""recordlinkage as the reference this engine answers to: its ECM for the weights, its measures for the quality.

recordlinkage expands pairs, so this is for samples and small tables; importing it costs seconds, so it is done inside.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ReferenceWeights:
    """Share of true pairs, and by comparison how often true pairs (m) and others (u) agree."""

    share: float
    m: dict[str, float]
    u: dict[str, float]


def reference_weights(agreement: NDArray[np.bool_], comparisons: Sequence[str]) -> ReferenceWeights:
    """What recordlinkage's ECMClassifier learns from pairs by comparison; classes that changed places are put back."""
    import pandas as pd
    from recordlinkage import ECMClassifier

    index = pd.MultiIndex.from_arrays([np.arange(len(agreement))] * 2)
    classifier = ECMClassifier(init="jaro", max_iter=1000, atol=1e-10)
    classifier.fit(pd.DataFrame(agreement.astype(int), index=index, columns=list(comparisons)))
    m = {name: float(classifier.m_probs[name][1]) for name in comparisons}
    u = {name: float(classifier.u_probs[name][1]) for name in comparisons}
    share = float(classifier.p)
    if sum(m.values()) < sum(u.values()):
        share, m, u = 1 - share, u, m
    return ReferenceWeights(share, m, u)


def reference_measures(found: Iterable[tuple[Any, Any]], true: Iterable[tuple[Any, Any]]) -> dict[str, float]:
    """Precision, recall and F1 of found pairs as recordlinkage measures them."""
    import pandas as pd
    import recordlinkage

    found_index, true_index = (pd.MultiIndex.from_tuples(list(pairs)) for pairs in (found, true))
    return {
        "precision": float(recordlinkage.precision(true_index, found_index)),
        "recall": float(recordlinkage.recall(true_index, found_index)),
        "f1": float(recordlinkage.fscore(true_index, found_index)),
    }
