"""What a model has learnt: how often true pairs and others reach each level, and the match weights that follow."""

import json
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from matching.commonness import Commonness
from matching.mixture import Floats
from matching.model import Model


@dataclass(frozen=True)
class Weights:
    """Shares by comparison and level: m of true pairs; u of others, first for everyone, then for each household.

    `commonness` is by comparison and level; where it is not known, the rows at hand tell it.
    """

    model_version: str
    comparisons: tuple[str, ...]
    m: tuple[tuple[float, ...], ...]
    u: tuple[tuple[tuple[float, ...], ...], ...]
    prior: float
    is_trained: bool = True
    commonness: dict[tuple[str, int], Commonness] = field(default_factory=dict, compare=False)

    @cached_property
    def log2(self) -> tuple[Floats, ...]:
        """Match weights by comparison, context by level: the binary logarithm of m / u; missing weighs nothing."""
        tables = []
        for column, m in enumerate(self.m):
            table = np.zeros((len(self.u), len(m)))
            for context, u in enumerate(self.u):
                table[context, 1:] = np.log2(np.asarray(m[1:]) / np.asarray(u[column][1:]))
            tables.append(table)
        return tuple(tables)

    @property
    def prior_log2_odds(self) -> float:
        """Match weight of knowing nothing of a pair."""
        return float(np.log2(self.prior / (1 - self.prior)))

    def probability(self, weight: Floats) -> Floats:
        """Match probability of match weights."""
        odds = np.clip(weight + self.prior_log2_odds, -1000, 1000)
        probability: Floats = 1.0 / (1.0 + np.exp2(-odds))
        return probability

    def weight_at(self, probability: float) -> float:
        """Match weight at which a pair has this probability."""
        return float(np.log2(probability / (1 - probability))) - self.prior_log2_odds

    def to_json(self) -> str:
        """The weights as text; `from_json` reads the same weights back."""
        held = {name: getattr(self, name) for name in ("model_version", "comparisons", "m", "u", "prior", "is_trained")}
        common = [
            [name, level, of.present, of.hashes.tolist(), of.holders.tolist()]
            for (name, level), of in self.commonness.items()
        ]
        return json.dumps({**held, "commonness": common}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Weights":
        """Weights as `to_json` wrote them."""
        held = json.loads(text)
        return cls(
            held["model_version"],
            tuple(held["comparisons"]),
            tuple(tuple(levels) for levels in held["m"]),
            tuple(tuple(tuple(levels) for levels in context) for context in held["u"]),
            held["prior"],
            held["is_trained"],
            {
                (name, level): Commonness(present, np.array(hashes, np.uint64), np.array(holders, np.int32))
                for name, level, present, hashes, holders in held["commonness"]
            },
        )


def starting_m(model: Model) -> tuple[Floats, ...]:
    """Starting shares of true pairs: as the model states them, else most on the first level."""
    return tuple(
        _spread([level.m for level in comparison.levels], len(comparison.levels))
        for comparison in model.comparisons.values()
    )


def _spread(stated: list[float | None], levels: int) -> Floats:
    guesses = [0.8 if i == 0 else 0.1 / levels for i in range(levels)]
    m = np.array([0.0, *(s or guess for s, guess in zip(stated, guesses, strict=True)), 0.0])
    m[-1] = max(1.0 - m.sum(), 0.02)
    spread: Floats = m / m.sum()
    return spread
