"""How often two rows agree by chance (u): exact from value counts for equality, from random pairs for the rest."""

import numpy as np
from numpy.typing import NDArray

from matching.blocking import Pairs, agrees
from matching.evidence import compare
from matching.mixture import Floats
from matching.model import Comparison, Level, Model, tests_of
from matching.records import Coded, Mask, Records
from matching.values import Value, compared_value, joint_value

RANDOM_PAIRS = 250_000
LEAST_CHANCE = 1e-7
ENOUGH_HITS = 30
SEED = 20260131


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
    is_sample = possible > len(pairs)
    for number, level in enumerate(comparison.levels, start=1):
        exact = _exact_pairs(records, comparison, level, sides)
        if exact is None:
            continue
        exact_share = exact / max(pairs_present, 1.0)
        if is_sample and hits[number] < ENOUGH_HITS:
            chance[number] = max(exact_share - covered, hits[number] / present)  # values need not lie in each other
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
