"""Links the rows of one table: candidate pairs, match weights, decisions, clusters; the same whatever the row order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from matching.arrays import arrow, texts
from matching.blocking import Block, Pairs, plan_blocks
from matching.clusters import CERTAIN, Clustering, Constraints, cluster_rows
from matching.diagnosis import blocking_recall, unlinkable
from matching.mixture import Floats
from matching.model import Model
from matching.progress import Progress, silent
from matching.records import Mask, Records, Rows, read_records
from matching.scoring import Scored, Scorer
from matching.training import train
from matching.weights import Weights

KeyPairs = Sequence[tuple[str, str]]
DECISIONS = ("match", "review", "no_match")


@dataclass(frozen=True)
class Resources:
    """What one linkage may take."""

    memory_limit: str = "2GB"
    threads: int = 2
    temp_folder: Path | None = None

    def connect(self) -> duckdb.DuckDBPyConnection:
        """An in-memory engine within these limits, which spills to the temporary folder."""
        connection = duckdb.connect()
        connection.execute(f"SET memory_limit = '{self.memory_limit}'")
        connection.execute(f"SET threads = {self.threads}")
        if self.temp_folder is not None:
            connection.execute(f"SET temp_directory = '{self.temp_folder}'")
        return connection


@dataclass(frozen=True)
class Linkage:
    """What linking found: kept pairs, a cluster for every row, the weights used, and counts."""

    pairs: pa.Table
    clusters: pa.Table
    weights: Weights
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decided:
    """A steward's must-links and cannot-links as row numbers."""

    together: Pairs
    apart: Pairs

    @classmethod
    def among(cls, keys: pa.Array, must_link: KeyPairs, cannot_link: KeyPairs) -> "Decided":
        """Decisions on the records with these keys; those that name a record not here are left out."""
        return cls(_row_pairs(keys, must_link), _row_pairs(keys, cannot_link))

    @property
    def rows(self) -> Rows:
        """Every row a decision is about."""
        return np.concatenate([self.together.left, self.together.right, self.apart.left, self.apart.right])

    def refused(self, cluster: Rows) -> int:
        """How many must-links the clusters do not honour."""
        return int((cluster[self.together.left] != cluster[self.together.right]).sum())


def link(
    records: Path | pa.Table,
    model: Model,
    *,
    must_link: KeyPairs = (),
    cannot_link: KeyPairs = (),
    weights: Weights | None = None,
    resources: Resources | None = None,
    progress: Progress = silent,
) -> Linkage:
    """Pairs and clusters of a table; `weights` given are used frozen, else learnt from the table itself."""
    resources = resources or Resources()
    with resources.connect() as connection:
        rows = read_records(records, model, connection)
    progress(f"read {len(rows):,} records", 0)
    decided = Decided.among(rows.keys, must_link, cannot_link)
    found = link_rows(rows, model, decided, weights=weights, threads=resources.threads, progress=progress)
    keys = rows.keys
    return Linkage(
        pair_table(keys, model, found.scored, found.probability, found.threshold),
        cluster_table(keys, found.clustering.cluster, found.confidence),
        found.weights,
        found.report,
    )


@dataclass(frozen=True)
class Found:
    """What linking found, by row number."""

    weights: Weights
    scored: Scored
    probability: Floats
    threshold: float
    clustering: Clustering
    confidence: Floats
    report: dict[str, Any]


def link_rows(
    rows: Records,
    model: Model,
    decided: Decided,
    *,
    weights: Weights | None,
    threads: int,
    progress: Progress = silent,
) -> Found:
    """Kept pairs and clusters of coded rows."""
    blocks = plan_blocks(rows, model)
    weights = weights or train(rows, model, blocks)
    progress(f"learnt weights by {len(blocks)} blocking rules", 0)
    scorer = Scorer(rows, model, weights)
    least = weights.weight_at(model.thresholds.keep)
    scored, candidates = scorer.candidates(blocks, least, threads, progress=progress)
    progress(f"compared {candidates:,} candidate pairs", 1)
    probability = weights.probability(scored.weight)
    threshold = match_threshold(probability, model)
    is_match = probability >= threshold
    clustering = _cluster(rows, model, scorer, scored, is_match, decided)
    report = _report(rows, blocks, candidates, clustering, decided)
    progress(f"found {report['clusters']:,} clusters", 1)
    report |= {"pairs": len(scored.pairs), "matches": int(is_match.sum()), "threshold": threshold}
    report |= {"prior": weights.prior, "is_trained": weights.is_trained, "unlinkable": unlinkable(scorer)}
    report["blocking_recall"] = blocking_recall(blocks, scored.pairs.where(is_match))
    confidence = link_confidence(scored.pairs.where(is_match), probability[is_match], clustering.cluster)
    return Found(weights, scored, probability, threshold, clustering, confidence, report)


def match_threshold(probability: Floats, model: Model) -> float:
    """Least probability of a match: as stated, and such that all matches together reach the stated precision."""
    surest = probability[probability >= model.thresholds.match]
    billionths = surest * 1e9  # whole numbers: the order of pairs must not matter
    np.rint(billionths, out=billionths)
    if int(billionths.sum(dtype=np.int64)) >= model.thresholds.precision * 1e9 * len(surest):
        return model.thresholds.match
    ordered = np.sort(surest)[::-1]
    precision = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    reaching = np.flatnonzero(precision >= model.thresholds.precision)
    least = float(ordered[reaching[-1]]) if len(reaching) else 1.0
    return max(least, model.thresholds.match)


def _row_pairs(keys: pa.Array, pairs: KeyPairs) -> Pairs:
    if not pairs:
        return Pairs(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32))
    left = pc.index_in(texts([one for one, _ in pairs]), value_set=keys)
    right = pc.index_in(texts([other for _, other in pairs]), value_set=keys)
    known = pc.and_(pc.is_valid(left), pc.is_valid(right))
    one, other = (np.asarray(side.filter(known).to_numpy(zero_copy_only=False), np.int32) for side in (left, right))
    return Pairs(np.minimum(one, other), np.maximum(one, other))


def _cluster(
    records: Records, model: Model, scorer: Scorer, scored: Scored, is_match: Mask, decided: Decided
) -> Clustering:
    edges, weight = accepted_edges(scored.pairs.where(is_match), scored.weight[is_match], decided.together)
    constraints = Constraints(scorer.veto_codes(), decided.apart, model.largest_cluster)
    return cluster_rows(len(records), edges, weight, constraints, lambda pairs: scorer.score(pairs).weight)


def accepted_edges(matches: Pairs, weight: Floats, together: Pairs) -> tuple[Pairs, Floats]:
    """Matches and must-links with their weight."""
    return matches.and_also(together), np.concatenate([weight, np.full(len(together), CERTAIN)])


def pair_table(keys: pa.Array, model: Model, scored: Scored, probability: Floats, threshold: float) -> pa.Table:
    """Kept pairs with their evidence, as match_pair holds them."""
    decision = np.where(probability >= threshold, 0, np.where(probability >= model.thresholds.review, 1, 2))
    columns = {
        "record_key_left": keys.take(arrow(scored.pairs.left)),
        "record_key_right": keys.take(arrow(scored.pairs.right)),
    }
    for i, (name, comparison) in enumerate(model.comparisons.items()):
        columns[f"{name}_level"] = _texts(comparison.level_names, scored.levels[:, i])
    columns["match_weight"] = arrow(scored.weight)
    columns["match_probability"] = arrow(probability)
    columns["decision"] = _texts(DECISIONS, decision)
    columns["blocking_rule"] = _texts([rule.name for rule in model.blocking], scored.rule)
    columns["rule_version"] = _texts([model.version], np.zeros(len(scored.pairs)))
    return pa.table(columns)


def _texts(names: Sequence[str], positions: NDArray[Any]) -> pa.Array:
    return texts(names).take(arrow(positions.astype(np.int32)))


def link_confidence(matches: Pairs, probability: Floats, cluster: Rows) -> Floats:
    """Confidence of a record: its surest link inside the cluster; 1 for one that stands alone or was put by hand."""
    inside = cluster[matches.left] == cluster[matches.right]
    confidence = np.zeros(len(cluster))
    for rows in (matches.left[inside], matches.right[inside]):
        np.maximum.at(confidence, rows, probability[inside])
    confidence[confidence == 0] = 1.0
    return confidence


def cluster_table(keys: pa.Array, cluster: Rows, confidence: Floats) -> pa.Table:
    """Each record with its cluster, named by the least key in it."""
    named = {"record_key": keys, "cluster": keys.take(arrow(cluster)), "confidence": arrow(confidence)}
    return pa.table(named)


def _report(
    records: Records, blocks: Sequence[Block], candidates: int, clustering: Clustering, decided: Decided
) -> dict[str, Any]:
    sizes = np.bincount(clustering.cluster, minlength=1)
    linked = int(sizes[sizes > 1].sum())
    return {
        "records": len(records),
        "candidate_pairs": candidates,
        "compared_again": len(records),
        "clusters": int((sizes > 0).sum()),
        "largest_cluster": int(sizes.max(initial=0)),
        "match_rate": linked / max(len(records), 1),
        "split_clusters": clustering.split,
        "must_links_refused": decided.refused(clustering.cluster),
        "blocking": {
            block.rule.name: {
                "pairs": block.pairs,
                "skipped_keys": block.skipped_keys,
                "skipped_pairs": block.skipped_pairs,
            }
            for block in sorted(blocks, key=lambda block: block.position)
        },
    }
