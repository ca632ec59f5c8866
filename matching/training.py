"""Learns the weights of a model from the rows themselves, without labels.

u follows exactly from value counts where a level asks for equality, else from random pairs. m comes from pairs of each
blocking rule, leaving out what the rule itself fixes; households get a u of their own from the same pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.blocking import Block, Pairs, agrees, sample
from matching.chance import chance_agreement, is_comparable, possible_pairs
from matching.commonness import measure_commonness
from matching.evidence import Levels, compare
from matching.mixture import Floats, Mixture, Patterns, SwappedClassesError, count_patterns, fit, match_probability
from matching.model import BlockingRule, Comparison, Model
from matching.records import Records
from matching.values import columns_in, level_values
from matching.weights import Weights, starting_m

PAIRS_OF_A_RULE = 20_000
LEAST_PAIRS = 200
PRIOR_PAIRS = 20.0
LEAST_ACCIDENTAL = 0.02  # of the pairs that agree, this share at least agrees by accident
LEAST_M = 5e-4
FEW_TWINS = 0.2  # true pairs by row, where nothing can be learnt


@dataclass(frozen=True)
class Sample:
    """Sampled pairs of every rule: their levels, rule, context, and how many candidate pairs each stands for."""

    levels: Levels
    rule: NDArray[np.intp]
    context: NDArray[np.intp]
    stands_for: Floats


def train(records: Records, model: Model, blocks: Sequence[Block]) -> Weights:
    """Weights of this table; the model's starting values where too few pairs agree on anything."""
    return replace(_learnt(records, model, blocks), commonness=measure_commonness(records, model))


def _learnt(records: Records, model: Model, blocks: Sequence[Block]) -> Weights:
    chance = chance_agreement(records, model)
    sampled, possible = sample_pairs(records, model, blocks), possible_pairs(records, model)
    prior, mixture = _least_prior(records), _start(model, chance, len(blocks))
    untrained = _untrained(
        model, chance, min(_small_prior(possible, sampled), FEW_TWINS * max(len(records), 1) / possible)
    )
    if len(sampled.rule) < LEAST_PAIRS:
        return untrained
    patterns, candidates = _training_patterns(sampled, model, blocks), _candidates(sampled)
    households = tuple(range(1, len(model.households) + 1))
    for _ in range(3):
        everyone = _without_true_pairs(chance, mixture.m, prior)
        start = Mixture(mixture.m, (everyone,) * (1 + len(households)), mixture.share)
        try:
            mixture = _never_certain(fit(patterns, start, free_contexts=households, prior_pairs=PRIOR_PAIRS))
        except SwappedClassesError:
            return untrained
        prior = _prior(records, possible, candidates, mixture)
    return _weights(model, mixture, prior, is_trained=True)


def context_of(model: Model, levels: dict[str, Levels], pairs: int) -> NDArray[np.intp]:
    """0 for everyone, else the number of the first household (from 1) whose level the pair reaches."""
    context = np.zeros(pairs, dtype=np.intp)
    for number, household in reversed(list(enumerate(model.households, start=1))):
        names = model.comparisons[household.comparison].level_names
        reached = np.isin(levels[household.comparison], [names.index(level) for level in household.levels])
        context[reached] = number
    return context


def sample_pairs(records: Records, model: Model, blocks: Sequence[Block]) -> Sample:
    """A systematic sample of every rule's keys, compared in full; pairs that are never compared left out."""
    sampled, rules, stands_for = [], [], []
    for number, block in enumerate(blocks):
        share = min(1.0, PAIRS_OF_A_RULE / max(block.pairs, 1))
        pairs = sample(block, share)
        pairs = pairs.where(is_comparable(records, model, pairs))
        is_new = np.ones(len(pairs), dtype=bool)
        for earlier in blocks[:number]:
            is_new &= ~agrees(earlier.coded, pairs)
        sampled.append(pairs)
        rules.append(np.full(len(pairs), number, dtype=np.intp))
        stands_for.append(np.where(is_new, 1 / share, 0.0))
    pairs = Pairs(np.concatenate([p.left for p in sampled]), np.concatenate([p.right for p in sampled]))
    levels = {name: compare(records, c, pairs, with_text=True) for name, c in model.comparisons.items()}
    matrix = np.column_stack(list(levels.values()))
    return Sample(matrix, np.concatenate(rules), context_of(model, levels, len(pairs)), np.concatenate(stands_for))


def fixed_by(rule: BlockingRule, model: Model) -> list[int]:
    """Positions of the comparisons whose columns a blocking rule reads: its pairs say nothing about them."""
    columns = columns_in(model, rule.keys + rule.any_of)
    read = [columns_in(model, _expressions(comparison)) for comparison in model.comparisons.values()]
    return [i for i, names in enumerate(read) if columns & names]


def _expressions(comparison: Comparison) -> list[str]:
    return [
        e for level in comparison.levels for value in level_values(comparison, level) for e in value.expressions
    ] + [level.swapped_day_month for level in comparison.levels if level.swapped_day_month]


def _training_patterns(sampled: Sample, model: Model, blocks: Sequence[Block]) -> Patterns:
    levels = sampled.levels.copy()
    for number, block in enumerate(blocks):
        levels[np.ix_(sampled.rule == number, fixed_by(block.rule, model))] = 0
    return count_patterns(levels, sampled.rule, sampled.context, _teaching_rules(model, blocks))


def _teaching_rules(model: Model, blocks: Sequence[Block]) -> list[list[int]]:
    """By context, the rules that fix nothing but what makes the household: only they show how households differ."""
    names = list(model.comparisons)
    fixed = [fixed_by(block.rule, model) for block in blocks]
    return [[]] + [
        [rule for rule, of_rule in enumerate(fixed) if of_rule == [names.index(household.comparison)]]
        for household in model.households
    ]


def _untrained(model: Model, chance: tuple[Floats, ...], prior: float) -> Weights:
    """The model's starting values, agreement of so many true pairs taken off what chance gives."""
    everyone = _without_true_pairs(chance, starting_m(model), prior)
    return _weights(model, _never_certain(_start(model, everyone, 1)), prior, is_trained=False)


def _start(model: Model, chance: tuple[Floats, ...], rules: int) -> Mixture:
    contexts = 1 + len(model.households)
    return Mixture(starting_m(model), (chance,) * contexts, np.full(rules, 0.3))


def _without_true_pairs(chance: tuple[Floats, ...], m: tuple[Floats, ...], prior: float) -> tuple[Floats, ...]:
    return tuple(np.maximum(c - prior * of_true, LEAST_ACCIDENTAL * c) for c, of_true in zip(chance, m, strict=True))


def _never_certain(mixture: Mixture) -> Mixture:
    """No level is impossible: true pairs reach each, and household members agree at least half as often as anyone."""
    everyone, *households = mixture.u
    return Mixture(
        tuple(np.where(np.arange(len(m)) > 0, np.maximum(m, LEAST_M), 0.0) for m in mixture.m),
        (everyone, *(tuple(np.maximum(u, e / 2) for u, e in zip(of, everyone, strict=True)) for of in households)),
        mixture.share,
    )


def _least_prior(records: Records) -> float:
    return 1.0 / max(len(records), 2)


def _small_prior(pairs: float, sampled: Sample) -> float:
    return float(np.clip(sampled.stands_for.sum() / pairs, 1 / pairs, 0.5)) / 2


def _candidates(sampled: Sample) -> Patterns:
    """Patterns of all candidate pairs, each pair once, as the sample stands for them."""
    new = sampled.stands_for > 0
    none = np.zeros(int(new.sum()), dtype=np.intp)
    context = sampled.context[new]
    groups = [[0]] * (int(context.max(initial=0)) + 1)
    return count_patterns(sampled.levels[new], none, context, groups, sampled.stands_for[new])


def _prior(records: Records, pairs: float, candidates: Patterns, mixture: Mixture) -> float:
    """Share of true pairs among all `pairs`, such that the candidate pairs hold just as many as it predicts."""
    prior = _least_prior(records)
    for _ in range(20):
        probability = match_probability(candidates, Mixture(mixture.m, mixture.u, np.array([prior])))
        prior = float(np.clip((probability * candidates.counts).sum() / pairs, 0.1 / pairs, 0.5))
    return prior


def _weights(model: Model, mixture: Mixture, prior: float, *, is_trained: bool) -> Weights:
    return Weights(
        model.version,
        tuple(model.comparisons),
        tuple(tuple(levels.tolist()) for levels in mixture.m),
        tuple(tuple(tuple(levels.tolist()) for levels in context) for context in mixture.u),
        prior,
        is_trained,
    )
