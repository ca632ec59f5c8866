"""A linkage that stands: new, changed and gone records are linked against everybody at the cost of those few.

The result equals linking all records again with the same weights. What could make it differ is kept exact: how common
values are is frozen with the weights; a value that becomes, or ceases to be, held by too many records makes all its
holders compared again; a threshold that moves clusters everybody again.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from matching.arrays import arrow
from matching.blocking import Pairs
from matching.link import (
    Decided,
    Found,
    KeyPairs,
    Linkage,
    Resources,
    cluster_table,
    link_rows,
    pair_table,
)
from matching.mixture import Floats
from matching.model import Model, ModelError
from matching.population import Population, limited_values, segment_of
from matching.prepared import prepared_rows
from matching.progress import Progress, silent
from matching.records import Mask, Rows, coded_records
from matching.scoring import Scored
from matching.weights import Weights


@dataclass(frozen=True)
class Kept:
    """Pairs that came close, by row of the population, the lesser key left."""

    pairs: Pairs
    levels: NDArray[np.uint8]
    weight: Floats
    probability: Floats
    rule: NDArray[np.uint8]

    @classmethod
    def of(cls, scored: Scored, rows: NDArray[np.intp], probability: Floats) -> "Kept":
        """Scored pairs whose row numbers count `rows`."""
        left, right = (rows[side].astype(np.int32) for side in (scored.pairs.left, scored.pairs.right))
        return cls(Pairs(left, right), scored.levels.astype(np.uint8), scored.weight, probability, scored.rule)

    def where(self, chosen: Mask | NDArray[np.intp]) -> "Kept":
        """The chosen pairs."""
        return Kept(
            self.pairs.where(chosen),
            self.levels[chosen],
            self.weight[chosen],
            self.probability[chosen],
            self.rule[chosen],
        )

    def with_instead(self, stale: NDArray[np.intp], fresh: "Kept") -> "Kept":
        """Pairs without those at `stale` and with `fresh` ones, in no particular order: the last fill the places."""
        most = len(self.pairs) + len(fresh.pairs)
        rest = most - len(stale)
        fill = np.setdiff1d(np.arange(rest, most), stale, assume_unique=True)
        places = stale[stale < rest]

        def instead(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
            every = np.concatenate([old, new])
            every[places] = every[fill]
            return every[:rest]

        return Kept(
            Pairs(instead(self.pairs.left, fresh.pairs.left), instead(self.pairs.right, fresh.pairs.right)),
            instead(self.levels, fresh.levels),
            instead(self.weight, fresh.weight),
            instead(self.probability, fresh.probability),
            instead(self.rule, fresh.rule),
        )


@dataclass(frozen=True)
class Standing:
    """Everybody as linked: pairs by row; cluster, component (both named by a row) and confidence of each row."""

    population: Population
    weights: Weights
    kept: Kept
    threshold: float
    cluster: Rows
    component: Rows
    confidence: Floats
    decided: Rows
    report: dict[str, Any]

    @property
    def model(self) -> Model:
        """The model that linked them."""
        return self.population.model

    def linkage(self) -> Linkage:
        """The same as tables; pairs and records in no particular order."""
        keys, alive = self.population.keys, np.flatnonzero(self.population.alive)
        clusters = cluster_table(keys, self.cluster, self.confidence).take(arrow(alive))
        scored = Scored(
            self.kept.pairs, self.kept.levels.astype(np.int16), self.kept.weight, np.empty(0, np.intp), self.kept.rule
        )
        pairs = pair_table(keys, self.model, scored, self.kept.probability, self.threshold)
        return Linkage(pairs, clusters, self.weights, self.report)


def stand(
    records: Path | pa.Table,
    model: Model,
    *,
    must_link: KeyPairs = (),
    cannot_link: KeyPairs = (),
    weights: Weights | None = None,
    resources: Resources | None = None,
    progress: Progress = silent,
) -> Standing:
    """Link all records of a table and keep what a later change needs; `weights` given are used frozen."""
    _refuse_shared(model)
    resources = resources or Resources()
    with resources.connect() as connection:
        prepared = prepared_rows(records, model, connection, to_stand=True)
    rows = coded_records(prepared, model)
    decided = Decided.among(rows.keys, must_link, cannot_link)
    found = link_rows(rows, model, decided, weights=weights, threads=resources.threads, progress=progress)
    beyond = {value: np.sort(rows.coded[value].beyond) for value in limited_values(model)}
    population = Population(model, (segment_of(prepared, model, 0),), np.ones(len(rows), dtype=bool), beyond)
    return _standing(population, found, decided)


def _refuse_shared(model: Model) -> None:
    for name, comparison in model.comparisons.items():
        if any(level.shared for level in comparison.levels):
            raise ModelError(
                f"model {model.version}: comparisons.{name}: shared weighs pieces by how rare they are among all rows,"
                " so a change of a few would alter it for everybody; use similar or edits in a model that stands"
            )


def _standing(population: Population, found: Found, decided: Decided) -> Standing:
    return Standing(
        population,
        found.weights,
        Kept.of(found.scored, np.arange(len(population)), found.probability),
        found.threshold,
        found.clustering.cluster,
        found.clustering.component,
        found.confidence,
        decided.rows,
        found.report,
    )
