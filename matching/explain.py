"""Why two records are one customer or not: the evidence by column, each with its match weight, in words."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.blocking import Pairs, agrees, plan_blocks
from matching.link import Resources
from matching.model import Comparison, Model
from matching.records import Records, read_records
from matching.scoring import Scorer
from matching.training import train
from matching.values import level_values
from matching.weights import Weights
from warehouse.errors import ToldError

WORDS = ((10.0, "decisive"), (5.0, "strong"), (2.0, "clear"), (0.5, "slight"))
HIDDEN = "***"


class ExplanationError(ToldError, ValueError):
    """The pair cannot be explained; the message names the key that is not there."""


@dataclass(frozen=True)
class Evidence:
    """One comparison of two records: what was found, what it weighs in bits, and the values as shown."""

    comparison: str
    level: str
    weight: float
    words: str
    left: str
    right: str


@dataclass(frozen=True)
class Explanation:
    """All evidence on two records, what knowing nothing weighs, and what follows."""

    left: str
    right: str
    evidence: tuple[Evidence, ...]
    prior_weight: float
    probability: float
    decision: str
    blocking_rules: tuple[str, ...]
    household: bool
    vetoed: bool

    def in_words(self) -> str:
        """The explanation as lines a person reads."""
        lines = [f"{self.left} and {self.right}: {self.decision}, probability {self.probability:.4f}"]
        lines.append(f"  {self.prior_weight:+7.2f}  before looking: two records of this bank")
        for part in self.evidence:
            shown = f"   {part.left} | {part.right}" if part.left or part.right else ""
            lines.append(f"  {part.weight:+7.2f}  {part.comparison}: {part.level} ({part.words}){shown}")
        if self.household:
            lines.append("           weighed as people of one household")
        if self.vetoed:
            lines.append("           a hard fact keeps them apart, whatever the weight")
        lines.append(f"           compared because of: {', '.join(self.blocking_rules) or 'no blocking rule'}")
        return "\n".join(lines)


def hidden(_column: str, value: Any) -> str:
    """That there is a value, not which."""
    return "" if value is None else HIDDEN


def explain(
    records: Path | pa.Table,
    model: Model,
    left: str,
    right: str,
    *,
    weights: Weights | None = None,
    show: Callable[[str, Any], str] = hidden,
    resources: Resources | None = None,
) -> Explanation:
    """Evidence on two records of a table; values appear as `show(column, value)` tells them, hidden by default."""
    with (resources or Resources()).connect() as connection:
        rows = read_records(records, model, connection)
        table = records if isinstance(records, pa.Table) else connection.read_parquet(str(records)).to_arrow_table()
    pair = Pairs(*(np.array([_row(rows, key)], dtype=np.int32) for key in sorted((left, right))))
    blocks = plan_blocks(rows, model)
    weights = weights or train(rows, model, blocks)
    scorer = Scorer(rows, model, weights)
    scored = scorer.score(pair)
    probability = weights.probability(scored.weight)
    is_vetoed = bool(scorer.is_vetoed(pair)[0])
    one, other = sorted((left, right))
    both = _values(table, model, [one, other])
    evidence = tuple(
        _evidence(name, comparison, int(scored.levels[0, i]), float(scorer.contribution(i, scored)[0]), both, show)
        for i, (name, comparison) in enumerate(model.comparisons.items())
    )
    return Explanation(
        left=one,
        right=other,
        evidence=evidence,
        prior_weight=weights.prior_log2_odds,
        probability=0.0 if is_vetoed else float(probability[0]),
        decision=_decision(0.0 if is_vetoed else float(probability[0]), model),
        blocking_rules=tuple(block.rule.name for block in blocks if agrees(block.coded, pair)[0]),
        household=bool(scored.context[0] > 0),
        vetoed=is_vetoed,
    )


def _row(records: Records, key: str) -> int:
    found = pc.index(records.keys, key).as_py()
    if found < 0:
        raise ExplanationError(f"{key}: no such record among those of this model; check source and key")
    return int(found)


def _values(records: pa.Table, model: Model, keys: list[str]) -> list[dict[str, Any]]:
    rows = records.filter(pc.is_in(records[model.key.strip('"')], pa.array(keys, pa.string()))).to_pylist()
    return sorted(rows, key=lambda row: str(row[model.key.strip('"')]))


def _evidence(
    name: str,
    comparison: Comparison,
    level: int,
    weight: float,
    rows: list[dict[str, Any]],
    show: Callable[[str, Any], str],
) -> Evidence:
    expressions = (
        e for step in comparison.levels for value in level_values(comparison, step) for e in value.expressions
    )
    column = next((expression for expression in expressions if expression in rows[0]), None)
    left, right = (show(column, row[column]) if column else "" for row in rows)
    return Evidence(name, comparison.level_names[level], weight, weight_in_words(weight), left, right)


def _decision(probability: float, model: Model) -> str:
    if probability >= model.thresholds.match:
        return "match"
    return "review" if probability >= model.thresholds.review else "no match"


def weight_in_words(weight: float) -> str:
    """What a match weight in bits means to a person.

    >>> weight_in_words(12.0), weight_in_words(-3.0), weight_in_words(0.1)
    ('decisive for', 'clear against', 'says little')
    """
    for least, word in WORDS:
        if abs(weight) >= least:
            return f"{word} {'for' if weight > 0 else 'against'}"
    return "says little"
