import numpy as np
import pytest

from matching.mixture import Mixture, Patterns, SwappedClassesError, count_patterns, fit, match_probability
from matching.reference import reference_weights

COLUMNS = 4


def vectors(pairs, seed):
    """Binary agreement of pairs, one in five a true one."""
    generator = np.random.default_rng(seed)
    is_true = generator.random(pairs) < 0.2
    m, u = np.array([0.95, 0.9, 0.8, 0.85]), np.array([0.1, 0.2, 0.05, 0.3])
    return (generator.random((pairs, COLUMNS)) < np.where(is_true[:, None], m, u)).astype(int)


def start(share):
    def level(agree):
        return np.array([0.0, agree, 1 - agree])

    return Mixture((level(0.9),) * COLUMNS, ((level(0.1),) * COLUMNS,), np.array([share]))


def patterns_of(agreement):
    none = np.zeros(len(agreement), dtype=np.intp)
    return count_patterns((2 - agreement).astype(np.uint8), none, none, [[0]])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_training_on_patterns_gives_what_recordlinkage_gives_on_pairs(seed):
    agreement = vectors(20_000, seed)
    reference = reference_weights(agreement, list("abcd"))
    mixture = fit(patterns_of(agreement), start(0.1), free_contexts=(0,), tolerance=1e-10, most_rounds=2000)
    assert mixture.share[0] == pytest.approx(reference.share, abs=1e-4)
    for column, name in enumerate("abcd"):
        assert mixture.m[column][1] == pytest.approx(reference.m[name], abs=1e-4)
        assert mixture.u[0][column][1] == pytest.approx(reference.u[name], abs=1e-4)


def test_levels_without_evidence_weigh_nothing():
    none = np.zeros(1, dtype=np.intp)
    nothing = Patterns(np.zeros((1, COLUMNS), np.uint8), np.ones(1), none, none, np.ones(1, bool))
    assert match_probability(nothing, start(0.3)) == pytest.approx([0.3])


def test_classes_that_change_places_are_refused():
    swapped = start(0.1)
    wrong = Mixture(swapped.u[0], (swapped.m,), np.array([0.9]))
    with pytest.raises(SwappedClassesError, match="starting values of m"):
        fit(patterns_of(vectors(5000, 1)), wrong, free_contexts=(0,))
