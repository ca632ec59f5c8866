"""Links the rows of one table: candidate pairs, match weights, decisions, clusters; the same whatever the row order."""

from collections.abc import Callable, Sequence
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
from matching.mixture import Floats
from matching.model import Model
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


def link(
    records: Path | pa.Table,
    model: Model,
    *,
    must_link: KeyPairs = (),
    cannot_link: KeyPairs = (),
    weights: Weights | None = None,
    resources: Resources | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Linkage:
    """Pairs and clusters of a table; `weights` given are used frozen, else learnt from the table itself."""
    resources = resources or Resources()
    with resources.connect() as connection:
        rows = read_records(records, model, connection)
    progress(f"read {len(rows):,} records")
    blocks = plan_blocks(rows, model)
    weights = weights or train(rows, model, blocks)
    progress(f"trained on {len(blocks)} blocking rules")
    scorer = Scorer(rows, model, weights)
    scored, candidates = scorer.candidates(blocks, weights.weight_at(model.thresholds.keep), resources.threads)
    progress(f"compared {candidates:,} candidate pairs")
    probability = weights.probability(scored.weight)
    threshold = match_threshold(probability, model)
    is_match = probability >= threshold
    decided = Decided(rows, must_link, cannot_link)
    clustering = _cluster(rows, model, scorer, scored, is_match, decided)
    report = _report(rows, blocks, candidates, clustering, decided)
    progress(f"found {report['clusters']:,} clusters")
    report |= {"pairs": len(scored.pairs), "matches": int(is_match.sum()), "threshold": threshold}
    report |= {"prior": weights.prior, "is_trained": weights.is_trained}
    return Linkage(
        _pair_table(rows, model, scored, probability, threshold),
        _cluster_table(rows, scored, probability, is_match, clustering.cluster),
        weights,
        report,
    )


class Decided:
    """A steward's must-links and cannot-links as row numbers; those that name a record not here are left out."""

    def __init__(self, records: Records, must_link: KeyPairs, cannot_link: KeyPairs) -> None:
        self.together = _row_pairs(records, must_link)
        self.apart = _row_pairs(records, cannot_link)


def match_threshold(probability: Floats, model: Model) -> float:
    """Least probability of a match: as stated, and such that all matches together reach the stated precision."""
    ordered = np.sort(probability)[::-1]
    if not len(ordered):
        return model.thresholds.match
    precision = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    reaching = np.flatnonzero(precision >= model.thresholds.precision)
    least = float(ordered[reaching[-1]]) if len(reaching) else 1.0
    return max(least, model.thresholds.match)


def _row_pairs(records: Records, pairs: KeyPairs) -> Pairs:
    if not pairs:
        return Pairs(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32))
    left = pc.index_in(texts([one for one, _ in pairs]), value_set=records.keys)
    right = pc.index_in(texts([other for _, other in pairs]), value_set=records.keys)
    known = pc.and_(pc.is_valid(left), pc.is_valid(right))
    one, other = (np.asarray(side.filter(known).to_numpy(zero_copy_only=False), np.int32) for side in (left, right))
    return Pairs(np.minimum(one, other), np.maximum(one, other))


def _cluster(
    records: Records, model: Model, scorer: Scorer, scored: Scored, is_match: Mask, decided: Decided
) -> Clustering:
    accepted = scored.pairs.where(is_match)
    weight = np.concatenate([scored.weight[is_match], np.full(len(decided.together), CERTAIN)])
    edges = Pairs(
        np.concatenate([accepted.left, decided.together.left]),
        np.concatenate([accepted.right, decided.together.right]),
    )
    constraints = Constraints(scorer.veto_codes(), decided.apart, model.largest_cluster)
    return cluster_rows(len(records), edges, weight, constraints, lambda pairs: scorer.score(pairs).weight)


def _pair_table(records: Records, model: Model, scored: Scored, probability: Floats, threshold: float) -> pa.Table:
    decision = np.where(probability >= threshold, 0, np.where(probability >= model.thresholds.review, 1, 2))
    columns = {
        "record_key_left": records.keys.take(arrow(scored.pairs.left)),
        "record_key_right": records.keys.take(arrow(scored.pairs.right)),
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


def _cluster_table(records: Records, scored: Scored, probability: Floats, is_match: Mask, cluster: Rows) -> pa.Table:
    """Confidence of a record: its surest link inside the cluster; 1 for one that stands alone or was put by hand."""
    inside = is_match & (cluster[scored.pairs.left] == cluster[scored.pairs.right])
    confidence = np.zeros(len(records))
    for rows in (scored.pairs.left[inside], scored.pairs.right[inside]):
        np.maximum.at(confidence, rows, probability[inside])
    confidence[confidence == 0] = 1.0
    return pa.table(
        {
            "record_key": records.keys,
            "cluster": records.keys.take(arrow(cluster)),
            "confidence": arrow(confidence),
        }
    )


def _report(
    records: Records, blocks: Sequence[Block], candidates: int, clustering: Clustering, decided: Decided
) -> dict[str, Any]:
    sizes = np.bincount(clustering.cluster, minlength=1)
    linked = int(sizes[sizes > 1].sum())
    together = clustering.cluster[decided.together.left] == clustering.cluster[decided.together.right]
    return {
        "records": len(records),
        "candidate_pairs": candidates,
        "clusters": int((sizes > 0).sum()),
        "largest_cluster": int(sizes.max(initial=0)),
        "match_rate": linked / max(len(records), 1),
        "split_clusters": clustering.split,
        "must_links_refused": int((~together).sum()),
        "blocking": {
            block.rule.name: {
                "pairs": block.pairs,
                "skipped_keys": block.skipped_keys,
                "skipped_pairs": block.skipped_pairs,
            }
            for block in sorted(blocks, key=lambda block: block.position)
        },
    }
