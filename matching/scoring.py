"""Match weights of candidate pairs: integer evidence first, with an exact bound; string similarity for survivors only.

A pair is dropped early only when the best its open comparisons could still give would not reach the kept weight, so the
result is the same as scoring every pair in full.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.blocking import Block, Pairs, agrees, candidate_chunks, expand, first_rule
from matching.commonness import commonness_of
from matching.evidence import UNRESOLVED, Levels, compare
from matching.mixture import Floats
from matching.model import Model
from matching.progress import Progress, silent
from matching.records import Mask, Records
from matching.training import context_of
from matching.values import Value, compared_value
from matching.weights import Weights

WORTH_NARROWING = 0.75
STEPS_TOLD = 10


@dataclass(frozen=True)
class Scored:
    """Pairs with the level of each comparison (-1 not looked at yet), their weight so far, context and rule."""

    pairs: Pairs
    levels: NDArray[np.int16]
    weight: Floats
    context: NDArray[np.intp]
    rule: NDArray[np.uint8]

    def where(self, chosen: Mask | NDArray[np.intp]) -> "Scored":
        """The chosen pairs."""
        return Scored(
            self.pairs.where(chosen), self.levels[chosen], self.weight[chosen], self.context[chosen], self.rule[chosen]
        )


class Scorer:
    """Scores pairs of one table with one set of weights."""

    def __init__(self, records: Records, model: Model, weights: Weights) -> None:
        self.records = records
        self.model = model
        self.weights = weights
        self.names = list(model.comparisons)
        self._tables = [_bounded(table) for table in weights.log2]
        self._frequency = [self._frequency_weights(name, i) for i, name in enumerate(self.names)]
        self._highest = np.array([self._highest_weight(i) for i in range(len(self.names))])
        households = {self.names.index(household.comparison) for household in model.households}
        self._order = sorted(range(len(self.names)), key=lambda i: (i not in households, -self._highest[i]))
        self._households = len(households)

    def score(self, pairs: Pairs) -> Scored:
        """Every pair in full, vetoed ones included, in the order given."""
        levels = {n: compare(self.records, c, pairs, with_text=True) for n, c in self.model.comparisons.items()}
        context = context_of(self.model, levels, len(pairs))
        weight = np.zeros(len(pairs))
        for i, name in enumerate(self.names):
            weight += self._level_weight(i, levels[name], context, pairs)
        matrix = np.column_stack(list(levels.values())).astype(np.int16)
        return Scored(pairs, matrix, weight, context, np.zeros(len(pairs), dtype=np.uint8))

    def contribution(self, comparison: int, scored: Scored) -> Floats:
        """What one comparison, by position, adds to the weight of each pair."""
        levels = scored.levels[:, comparison].astype(np.uint8)
        return self._level_weight(comparison, levels, scored.context, scored.pairs)

    def is_vetoed(self, pairs: Pairs) -> Mask:
        """Pairs that can never be one thing: a hard veto, or rows the model keeps separate."""
        vetoed = np.zeros(len(pairs), dtype=bool)
        for codes in self.veto_codes():
            left, right = codes[pairs.left], codes[pairs.right]
            vetoed |= (left != right) & (left > 0) & (right > 0)
        if self.model.between:
            vetoed |= agrees(self.records.coded[Value((self.model.between,))], pairs)
        return vetoed

    def veto_codes(self) -> list[NDArray[np.int32]]:
        """Codes of which one cluster may hold one only (0 = any)."""
        coded = [self.records.coded[value] for value in veto_values(self.model)]
        return [c.rows[0] for c in coded if np.count_nonzero(c.holders) > 1]

    def candidates(
        self,
        blocks: Sequence[Block],
        least_weight: float,
        threads: int,
        progress: Progress = silent,
    ) -> tuple[Scored, int]:
        """Candidate pairs of all rules that reach `least_weight`, and how many there were; ordered by row numbers."""
        pieces = list(candidate_chunks(list(blocks)))

        def first_pass(work: tuple[Block, list[Block], int, int]) -> tuple[Scored, int]:
            block, earlier, start, stop = work
            pairs = expand(block, np.arange(start, stop), earlier)
            return self._cheap(pairs, least_weight), len(pairs)

        with ThreadPoolExecutor(max_workers=threads) as pool:
            done = []
            for number, result in enumerate(pool.map(first_pass, pieces), start=1):
                done.append(result)
                if number < len(pieces) and number * STEPS_TOLD // len(pieces) > (number - 1) * STEPS_TOLD // len(
                    pieces
                ):
                    progress("comparing candidate pairs", number / len(pieces))
        survivors = _joined([scored for scored, _ in done], len(self.names))
        scored = self._resolve(survivors, least_weight)
        order = np.lexsort((scored.pairs.right, scored.pairs.left))
        ordered = replace(scored, rule=first_rule(blocks, scored.pairs)).where(order)
        return ordered, sum(pairs for _, pairs in done)

    def _cheap(self, pairs: Pairs, least_weight: float) -> Scored:
        pairs = pairs.where(~self.is_vetoed(pairs))
        household_levels = {
            self.names[i]: self._compared(i, pairs, with_text=False) for i in self._order[: self._households]
        }
        context = context_of(self.model, household_levels, len(pairs))
        scored = Scored(
            pairs,
            np.full((len(pairs), len(self.names)), -1, dtype=np.int16),
            np.zeros(len(pairs)),
            context,
            np.zeros(len(pairs), dtype=np.uint8),
        )
        for position, i in enumerate(self._order):
            known = household_levels.get(self.names[i]) if position < self._households else None
            levels = known if known is not None else self._compared(i, scored.pairs, with_text=False)
            scored.levels[:, i] = levels
            scored.weight[:] += self._level_weight(i, levels, scored.context, scored.pairs)
            if position + 1 >= self._households:
                scored = self._narrow(scored, self._highest[self._order[position + 1 :]].sum(), least_weight)
        return scored

    def _narrow(self, scored: Scored, still_possible: float, least_weight: float) -> Scored:
        """Weights of UNRESOLVED levels are the best they can become, so weight plus the rest is a true bound."""
        reachable = scored.weight + still_possible >= least_weight
        if still_possible > 0 and reachable.sum() > WORTH_NARROWING * len(reachable):
            return scored
        return scored.where(reachable)

    def _resolve(self, scored: Scored, least_weight: float) -> Scored:
        """String similarity, one comparison at a time, each only on pairs that could still reach the weight."""
        open_counts = (scored.levels >= UNRESOLVED).sum(axis=0)
        for i in sorted(range(len(self.names)), key=lambda i: (-self._highest[i], i)):
            if not open_counts[i]:
                continue
            waiting = np.flatnonzero(scored.levels[:, i] >= UNRESOLVED)
            part = scored.where(waiting)
            best = self._level_weight(i, part.levels[:, i].astype(np.uint8), part.context, part.pairs)
            levels = self._compared(i, part.pairs, with_text=True)
            scored.levels[waiting, i] = levels
            scored.weight[waiting] += self._level_weight(i, levels, part.context, part.pairs) - best
            scored = scored.where(scored.weight >= least_weight)
        return self._exact(scored)

    def _exact(self, scored: Scored) -> Scored:
        """Weights summed again in one order, so that they do not depend on the path taken."""
        weight = np.zeros(len(scored.pairs))
        for i in range(len(self.names)):
            weight += self._level_weight(i, scored.levels[:, i].astype(np.uint8), scored.context, scored.pairs)
        return Scored(scored.pairs, scored.levels, weight, scored.context, scored.rule)

    def _compared(self, i: int, pairs: Pairs, *, with_text: bool) -> Levels:
        return compare(self.records, self.model.comparisons[self.names[i]], pairs, with_text=with_text)

    def _level_weight(self, i: int, levels: Levels, context: NDArray[np.intp], pairs: Pairs) -> Floats:
        weight: Floats = self._tables[i][context, levels]
        for level, (codes, frequency) in self._frequency[i].items():
            at = np.flatnonzero(levels == level)
            weight[at] += frequency[codes[pairs.left[at]]]
        return weight

    def _frequency_weights(self, name: str, i: int) -> dict[int, tuple[NDArray[np.int32], Floats]]:
        """By level: what agreeing on a rarer or commoner value adds to agreeing on an average one."""
        comparison, found = self.model.comparisons[name], {}
        for number, level in enumerate(comparison.levels, start=1):
            if level.term_frequency:
                coded = self.records.coded[compared_value(comparison, level.same, level)]
                common = self.weights.commonness.get((name, number)) or commonness_of(coded)
                found[number] = (coded.rows[0], np.log2(self.weights.u[0][i][number] / common.share(coded.hashes)))
        return found

    def _highest_weight(self, i: int) -> float:
        rarest = {level: float(frequency.max()) for level, (_, frequency) in self._frequency[i].items()}
        levels = self.weights.log2[i].shape[1]
        best = max(float(self.weights.log2[i][:, level].max()) + rarest.get(level, 0.0) for level in range(levels))
        for level in range(levels - 1, 0, -1):
            below = [self.weights.log2[i][:, n] + rarest.get(n, 0.0) for n in range(level, levels)]
            self._tables[i][:, UNRESOLVED + level] = np.max(below, axis=0)
        return best


def veto_values(model: Model) -> list[Value]:
    """Values of which one cluster may hold one only."""
    values = [Value((veto.differ,), where=veto.where) for veto in model.vetoes]
    return values + ([Value((model.separate,))] if model.separate else [])


def _bounded(table: Floats) -> Floats:
    """The table with room for UNRESOLVED levels."""
    wide = np.zeros((table.shape[0], 256))
    wide[:, : table.shape[1]] = table
    return wide


def _joined(parts: list[Scored], comparisons: int) -> Scored:
    if not parts:
        empty = Pairs(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32))
        none = np.empty(0)
        return Scored(empty, np.empty((0, comparisons), np.int16), none, none.astype(np.intp), none.astype(np.uint8))
    return Scored(
        Pairs(np.concatenate([p.pairs.left for p in parts]), np.concatenate([p.pairs.right for p in parts])),
        np.concatenate([p.levels for p in parts]),
        np.concatenate([p.weight for p in parts]),
        np.concatenate([p.context for p in parts]),
        np.concatenate([p.rule for p in parts]),
    )
