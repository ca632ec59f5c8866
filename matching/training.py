"""Learns the weights of a model from the rows themselves, without labels.

u follows exactly from value counts where a level asks for equality, else from random pairs. m comes from pairs of each
blocking rule, leaving out what the rule itself fixes; households get a u of their own from the same pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.blocking import Block, Pairs, agrees, sample
from matching.commonness import measure_commonness
from matching.evidence import Levels, compare
from matching.mixture import Floats, Mixture, Patterns, SwappedClassesError, count_patterns, fit, match_probability
from matching.model import BlockingRule, Comparison, Level, Model, tests_of
from matching.records import Coded, Mask, Records
from matching.values import Value, columns_in, compared_value, joint_value, level_values
from matching.weights import Weights, starting_m

RANDOM_PAIRS = 250_000
PAIRS_OF_A_RULE = 20_000
LEAST_PAIRS = 200
PRIOR_PAIRS = 20.0
LEAST_ACCIDENTAL = 0.02  # of the pairs that agree, this share at least agrees by accident
LEAST_CHANCE = 1e-7
LEAST_M = 5e-4
ENOUGH_HITS = 30
SEED = 20260131


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
    if len(sampled.rule) < LEAST_PAIRS:
        return _weights(model, mixture, _small_prior(possible, sampled), is_trained=False)
    patterns, candidates = _training_patterns(sampled, model, blocks), _candidates(sampled)
    households = tuple(range(1, len(model.households) + 1))
    for _ in range(3):
        everyone = _without_true_pairs(chance, mixture.m, prior)
        start = Mixture(mixture.m, (everyone,) * (1 + len(households)), mixture.share)
        try:
            mixture = _never_certain(fit(patterns, start, free_contexts=households, prior_pairs=PRIOR_PAIRS))
        except SwappedClassesError:
            return _weights(model, _start(model, chance, len(blocks)), _small_prior(possible, sampled), is_trained=False)
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


def chance_agreement(records: Records, model: Model) -> tuple[Floats, ...]:
    """Share of random pairs on each level, by comparison: exact for the rare, measured on random pairs for the rest."""
    pairs = random_pairs(len(records))
    pairs = pairs.where(is_comparable(records, model, pairs))
    possible, sides = possible_pairs(records, model), _sides(records, model)
    return tuple(_chance(records, comparison, pairs, possible, sides) for comparison in model.comparisons.values())


def is_comparable(records: Records, model: Model, pairs: Pairs) -> Mask:
    """Pairs of rows that may be compared: not of one side where the model links between sides."""
    if not model.between:
        return np.ones(len(pairs), dtype=bool)
    return ~agrees(records.coded[Value((model.between,))], pairs)


def possible_pairs(records: Records, model: Model) -> float:
    """How many pairs of rows may be compared; at least one."""
    rows, sides = len(records), _sides(records, model)
    of_one_side = np.bincount(sides).astype(np.float64) if sides is not None else np.zeros(1)
    return max(rows * (rows - 1) / 2 - float((of_one_side * (of_one_side - 1) / 2).sum()), 1.0)


def _sides(records: Records, model: Model) -> NDArray[np.int32] | None:
    return records.coded[Value((model.between,))].rows[0] if model.between else None


def random_pairs(rows: int) -> Pairs:
    """Every pair of a small table, else RANDOM_PAIRS of them, the same for the same number of rows."""
    if rows * (rows - 1) // 2 <= RANDOM_PAIRS:
        left, right = np.triu_indices(rows, 1)
        return Pairs(left.astype(np.int32), right.astype(np.int32))
    shuffled = np.random.default_rng(SEED).permutation(rows).astype(np.int32)
    step = -(-RANDOM_PAIRS // rows)
    left = np.tile(shuffled, step)
    right = np.concatenate([np.roll(shuffled, shift) for shift in range(1, step + 1)])
    pairs = Pairs(np.minimum(left, right), np.maximum(left, right))
    return pairs.where(np.arange(RANDOM_PAIRS))


def _chance(
    records: Records, comparison: Comparison, pairs: Pairs, possible: float, sides: NDArray[np.int32] | None
) -> Floats:
    levels = compare(records, comparison, pairs, with_text=True)
    hits = np.bincount(levels, minlength=len(comparison.level_names)).astype(np.float64)
    hits[0] = 0.0
    present = max(hits.sum(), 1.0)
    chance: Floats = np.maximum(hits, 0.5) / present
    pairs_present = present / max(len(pairs), 1) * possible
    covered = 0.0
    for number, level in enumerate(comparison.levels, start=1):
        exact = _exact_pairs(records, comparison, level, sides)
        if exact is None:
            continue
        exact_share = exact / max(pairs_present, 1.0)
        if hits[number] < ENOUGH_HITS:
            chance[number] = exact_share - covered
        covered = max(covered, exact_share)
    chance = np.maximum(chance, LEAST_CHANCE)
    chance[0] = 0.0
    scaled: Floats = chance / chance.sum()
    return scaled


def _exact_pairs(
    records: Records, comparison: Comparison, level: Level, sides: NDArray[np.int32] | None
) -> float | None:
    """Pairs of rows, of different sides where there are any, that pass a level made of one equality, else None."""
    if set(tests_of(level)) == {"same"}:
        coded = records.coded[compared_value(comparison, level.same, level)]
    elif set(tests_of(level)) == {"any_of"}:
        coded = records.coded[joint_value(comparison, level.any_of)]
    elif level.refers:
        return float(_named_rows(records.coded[joint_value(comparison, (level.refers.value, level.refers.to))]))
    else:
        return None
    found = _pairs_of(coded.holders)
    if sides is not None:
        of_side = [np.concatenate([codes[sides == side] for codes in coded.rows]) for side in np.unique(sides)]
        found -= sum(_pairs_of(np.bincount(codes[codes > 0])) for codes in of_side)
    return found


def _pairs_of(holders: NDArray[np.integer]) -> float:
    counted = holders.astype(np.float64)
    return float((counted * (counted - 1) / 2).sum())


def _named_rows(coded: Coded) -> int:
    named, own = coded.rows
    return int(np.isin(named[named > 0], own).sum())


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
