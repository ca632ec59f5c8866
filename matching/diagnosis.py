"""What a linkage cannot see of itself: true pairs no blocking rule finds, records too bare to be linked at all."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from matching.blocking import Block, Pairs, agrees
from matching.scoring import Scorer

SAMPLED = 50_000
TWICE = 2
PROBABILITIES = (0.5, 0.9, 0.95, 0.99, 0.999)


def blocking_recall(blocks: Sequence[Block], matches: Pairs) -> dict[str, Any]:
    """Share of true pairs that some rule finds, from how many matches one rule or two rules alone find.

    Chao's estimate of what every rule misses (Chao 1987, bias-corrected); rules find the same easy pairs, so the truth
    may be lower. From a systematic sample of matches.
    """
    step = max(1, len(matches) // SAMPLED)
    sampled = matches.where(np.arange(0, len(matches), step))
    found_by = np.stack([agrees(block.coded, sampled) for block in sorted(blocks, key=lambda b: b.position)])
    times = found_by.sum(axis=0)
    once, twice = int((times == 1).sum()), int((times == TWICE).sum())
    missed = once * max(once - 1, 0) / (2 * (twice + 1))
    names = [block.rule.name for block in sorted(blocks, key=lambda b: b.position)]
    only = {name: int((found & (times == 1)).sum()) * step for name, found in zip(names, found_by, strict=True)}
    return {"recall": len(sampled) / max(len(sampled) + missed, 1), "found_by_this_rule_only": only}


def unlinkable(scorer: Scorer) -> dict[str, float]:
    """By probability, the share of records that would not reach it even against themselves: too little is known."""
    rows = len(scorer.records)
    sampled = np.arange(0, rows, max(1, rows // SAMPLED), dtype=np.int32)
    probability = scorer.weights.probability(scorer.score(Pairs(sampled, sampled)).weight)
    return {f"{least:g}": float((probability < least).mean()) if rows else 0.0 for least in PROBABILITIES}
