"""Comparison levels of pairs: integer tests on all of them, string similarity on distinct pairs of texts only.

Level 0 is missing, 1 the first level of the model, the last `otherwise`; one of UNRESOLVED and above waits for string
similarity and is at least as far down as `level - UNRESOLVED`.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from matching.arrays import arrow
from matching.blocking import Pairs, agrees
from matching.model import FUZZY_TESTS, AtLeast, AtMost, Comparison, Level, Near, Reference, tests_of
from matching.pieces import cosines
from matching.records import Coded, Mask, Records
from matching.values import NO_NUMBER, Value, compared_value, joint_value, level_values

Levels = NDArray[np.uint8]
UNRESOLVED = 128
MASK_CHARACTER = ord("*")
LEAST_VISIBLE = 6
ROUNDING = 1e-9  # a similarity of exactly the stated one may be computed a little lower


def compare(records: Records, comparison: Comparison, pairs: Pairs, *, with_text: bool) -> Levels:
    """Level of every pair; without text, those that string similarity could still place are UNRESOLVED and above."""
    levels = np.zeros(len(pairs), dtype=np.uint8)
    undecided = np.flatnonzero(_is_present(records, comparison, pairs))
    for number, level in enumerate(comparison.levels, start=1):
        tests = tests_of(level)
        reached = _passing(records, comparison, level, pairs, undecided, fuzzy=False)
        is_open = any(name in FUZZY_TESTS for name in tests)
        if is_open and with_text:
            reached = _passing(records, comparison, level, pairs, reached, fuzzy=True)
        levels[reached] = number + (UNRESOLVED if is_open and not with_text else 0)
        undecided = undecided[levels[undecided] == 0]
    levels[undecided] = len(comparison.levels) + 1
    return levels


def _passing(
    records: Records,
    comparison: Comparison,
    level: Level,
    pairs: Pairs,
    candidates: NDArray[np.intp],
    *,
    fuzzy: bool,
) -> NDArray[np.intp]:
    """Those of the candidate positions that pass the level's cheap (or fuzzy) tests."""
    for name, test in tests_of(level).items():
        if (name in FUZZY_TESTS) == fuzzy and len(candidates):
            held = _TESTS[name](records, comparison, level, test, pairs.where(candidates))
            candidates = candidates[held]
    return candidates


def _is_present(records: Records, comparison: Comparison, pairs: Pairs) -> Mask:
    present = np.zeros(len(pairs), dtype=bool)
    for known in records.knowing(_present_values(comparison)):
        present |= known[pairs.left] & known[pairs.right]
    for level in comparison.levels:
        if level.refers:
            present |= _points(records, comparison, level.refers, pairs)
            present |= _points(records, comparison, level.refers, Pairs(pairs.right, pairs.left))
    return present


@cache
def _present_values(comparison: Comparison) -> tuple[Value, ...]:
    """Values of which both rows must hold one to be compared."""
    values = dict.fromkeys(value for level in comparison.levels for value in level_values(comparison, level))
    return tuple(value for value in values if not _is_part_of_reference(comparison, value))


def _is_part_of_reference(comparison: Comparison, value: Value) -> bool:
    return any(
        value.expressions in (level.refers.within, (level.refers.value, level.refers.to))
        for level in comparison.levels
        if level.refers
    )


def _points(records: Records, comparison: Comparison, reference: Reference, pairs: Pairs) -> Mask:
    """Whether the left row names some row of the right row's source."""
    names, _ = records.coded[joint_value(comparison, (reference.value, reference.to))].rows
    named_source, own_source = records.coded[Value(reference.within, is_joint=True)].rows
    points: Mask = (names[pairs.left] > 0) & (named_source[pairs.left] == own_source[pairs.right])
    return points


def _same(records: Records, comparison: Comparison, level: Level, test: Any, pairs: Pairs) -> Mask:
    return agrees(records.coded[compared_value(comparison, test, level)], pairs)


def _any_of(records: Records, comparison: Comparison, _: Level, test: Any, pairs: Pairs) -> Mask:
    return agrees(records.coded[joint_value(comparison, test)], pairs)


def _crossed(records: Records, comparison: Comparison, _: Level, test: Any, pairs: Pairs) -> Mask:
    first, second = records.coded[joint_value(comparison, test)].rows
    forth = (first[pairs.left] == second[pairs.right]) & (first[pairs.left] > 0)
    back = (second[pairs.left] == first[pairs.right]) & (second[pairs.left] > 0)
    both: Mask = forth & back
    return both


def _refers(records: Records, comparison: Comparison, _: Level, test: Reference, pairs: Pairs) -> Mask:
    names, own = records.coded[joint_value(comparison, (test.value, test.to))].rows
    forth = (names[pairs.left] == own[pairs.right]) & (names[pairs.left] > 0)
    back = (names[pairs.right] == own[pairs.left]) & (names[pairs.right] > 0)
    either: Mask = forth | back
    return either


def _masked(records: Records, _: Comparison, __: Level, test: str, pairs: Pairs) -> Mask:
    """Same length, equal wherever both show a character, one of them masked, enough of both visible."""
    characters = records.characters[test]
    is_masked = records.is_masked(test)
    held = np.zeros(len(pairs), dtype=bool)
    some = np.flatnonzero(is_masked[pairs.left] | is_masked[pairs.right])
    left, right = characters[pairs.left[some]], characters[pairs.right[some]]
    hidden = (left == MASK_CHARACTER) | (right == MASK_CHARACTER)
    visible = ((left == right) & ~hidden & (left != ord(" "))).sum(axis=1)
    held[some] = ((left == right) | hidden).all(axis=1) & (visible >= LEAST_VISIBLE)
    return held


def _days(records: Records, _: Comparison, __: Level, test: AtMost, pairs: Pairs) -> Mask:
    left, right = records.numbers[test.of][pairs.left], records.numbers[test.of][pairs.right]
    known = (left != NO_NUMBER) & (right != NO_NUMBER)
    held: Mask = known & (np.abs(left - right) <= test.at_most)
    return held


def _digits(records: Records, _: Comparison, __: Level, test: AtMost, pairs: Pairs) -> Mask:
    packed = records.packed(test.of)
    left, right = packed[pairs.left], packed[pairs.right]
    different = left ^ right
    for shift in (1, 2):
        different = different | (different >> np.uint64(shift))
    slips = np.bitwise_count(different & np.uint64(0x1111_1111_1111_1111))
    held: Mask = (left > 0) & (right > 0) & (slips <= test.at_most)
    return held


def _swapped_day_month(records: Records, _: Comparison, __: Level, test: str, pairs: Pairs) -> Mask:
    packed = records.packed(test)
    left, right = packed[pairs.left], packed[pairs.right]
    swapped = (right & np.uint64(0xFFFF0000)) | ((right & np.uint64(0xFF)) << np.uint64(8))
    swapped |= (right >> np.uint64(8)) & np.uint64(0xFF)
    held: Mask = (left > 0) & (right > 0) & (left == swapped)
    return held


def _edits(records: Records, comparison: Comparison, _: Level, test: AtMost, pairs: Pairs) -> Mask:
    def few_edits(left: list[str], right: list[str]) -> Mask:
        edits = cpdist(left, right, scorer=OSA.distance, score_cutoff=test.at_most, dtype=np.uint32)
        few: Mask = edits <= test.at_most
        return few

    return _on_distinct_texts(records, comparison, test.of, pairs, few_edits)


def _similar(records: Records, comparison: Comparison, _: Level, test: AtLeast, pairs: Pairs) -> Mask:
    def alike(left: list[str], right: list[str]) -> Mask:
        similarity = cpdist(left, right, scorer=JaroWinkler.similarity, dtype=np.float64)  # a cutoff loses some at it
        high: Mask = similarity >= test.at_least - ROUNDING
        return high

    return _on_distinct_texts(records, comparison, test.of, pairs, alike)


def _shared(records: Records, comparison: Comparison, _: Level, test: AtLeast, pairs: Pairs) -> Mask:
    known, inverse, distinct = _distinct_texts(records.coded[compared_value(comparison, (test.of,))], pairs)
    held = np.zeros(len(pairs), dtype=bool)
    held[known] = (cosines(records.pieces[test.of], distinct.left, distinct.right) >= test.at_least - ROUNDING)[inverse]
    return held


def _near(records: Records, _: Comparison, __: Level, test: Near, pairs: Pairs) -> Mask:
    left, right = records.amounts[test.of][pairs.left], records.amounts[test.of][pairs.right]
    most = np.maximum(test.at_most, test.share * np.maximum(np.abs(left), np.abs(right)))
    held: Mask = np.abs(left - right) <= most + ROUNDING  # never holds where one is not a number
    return held


def _on_distinct_texts(
    records: Records,
    comparison: Comparison,
    expression: str,
    pairs: Pairs,
    measure: Callable[[list[str], list[str]], Mask],
) -> Mask:
    """Measure each pair of different texts once; null texts are not alike."""
    known, inverse, distinct = _distinct_texts(records.coded[compared_value(comparison, (expression,))], pairs)
    held = np.zeros(len(pairs), dtype=bool)
    texts = records.texts[expression]
    one = texts.take(arrow(distinct.left)).to_pylist()
    other = texts.take(arrow(distinct.right)).to_pylist()
    held[known] = measure(one, other)[inverse]
    return held


def _distinct_texts(coded: Coded, pairs: Pairs) -> tuple[NDArray[np.intp], NDArray[np.intp], Pairs]:
    """Positions of pairs with both texts, which pair of texts each is, and one pair of rows for each of these."""
    left, right = coded.apart(pairs.left), coded.apart(pairs.right)
    known = np.flatnonzero((left > 0) & (right > 0))
    low, high = np.minimum(left, right)[known], np.maximum(left, right)[known]
    _, first, inverse = np.unique((low.astype(np.int64) << 32) | high, return_index=True, return_inverse=True)
    return known, inverse, pairs.where(known[first])


_TESTS: dict[str, Callable[[Records, Comparison, Level, Any, Pairs], Mask]] = {
    "same": _same,
    "any_of": _any_of,
    "crossed": _crossed,
    "refers": _refers,
    "masked": _masked,
    "swapped_day_month": _swapped_day_month,
    "days": _days,
    "digits": _digits,
    "edits": _edits,
    "similar": _similar,
    "shared": _shared,
    "near": _near,
}
