"""What a few new, changed and gone records change in a standing linkage: their pairs, and the clusters these touch."""

from collections.abc import Sequence
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from matching.arrays import arrow, whole
from matching.blocking import Pairs, plan_blocks
from matching.changes import Change, RowSet, change_of
from matching.clusters import Clustering, Constraints, cluster_rows
from matching.link import Decided, KeyPairs, Resources, accepted_edges, link_confidence, match_threshold
from matching.mixture import Floats
from matching.population import Population
from matching.prepared import prepared_rows
from matching.records import Mask, Rows, coded_records, dense_codes
from matching.scoring import Scorer, veto_values
from matching.standing import Kept, Standing
from matching.values import evidence_values

NOBODY = Pairs(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32))


def update(
    standing: Standing,
    changed: pa.Table,
    gone: Sequence[str],
    *,
    must_link: KeyPairs = (),
    cannot_link: KeyPairs = (),
    resources: Resources | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Standing:
    """The linkage after `changed` (rows new or in place of those with their keys) and without the keys of `gone`.

    Rows are prepared in the engine of `connection`, if one is open already: to start one costs as much as a thousand
    changed rows.
    """
    resources = resources or Resources()
    with connection.cursor() if connection else resources.connect() as engine:
        prepared = prepared_rows(changed, standing.model, engine, to_stand=True)
    keys = pa.concat_arrays(
        [whole(changed.column(standing.model.key.strip('"'))).cast(pa.string()), pa.array(gone, pa.string())]
    )
    change = change_of(standing.population, prepared, keys)
    kept, compared = _compare(standing, change, resources.threads)
    decided = living_decisions(change.population, must_link, cannot_link)
    return _recluster(standing, change, kept, decided, compared)


def living_decisions(population: Population, must_link: KeyPairs, cannot_link: KeyPairs) -> Decided:
    """Decisions on living rows."""
    if not must_link and not cannot_link:
        return Decided(NOBODY, NOBODY)
    named = pa.array(sorted({key for pair in (*must_link, *cannot_link) for key in pair}), pa.string())
    rows = population.rows_of(named)
    keys = whole(population.take(rows, ["record_key"]).column("record_key"))
    among = Decided.among(keys, must_link, cannot_link)
    return Decided(_moved(among.together, rows.astype(np.int32)), _moved(among.apart, rows.astype(np.int32)))


def _compare(standing: Standing, change: Change, threads: int) -> tuple[Kept, int]:
    """Pairs that stay, and those of the moving rows as they are now; how many were compared."""
    model, weights = standing.model, standing.weights
    rows, population = change.partners, change.population
    is_moving = np.zeros(len(population), dtype=bool)
    is_moving[change.moving] = True
    touching = is_moving[rows]
    records = coded_records(population.take(rows), model, population.beyond, among=touching)
    scorer = Scorer(records, model, weights)
    least = weights.weight_at(model.thresholds.keep)
    scored, compared = scorer.candidates(plan_blocks(records, model, touching), least, threads)
    ordered = replace(scored, pairs=_in_key_order(scored.pairs, records.keys))
    fresh = Kept.of(ordered, rows, weights.probability(scored.weight))
    stale = np.zeros(len(population), dtype=bool)
    stale[change.gone] = True
    pairs = standing.kept.pairs
    return standing.kept.with_instead(np.flatnonzero(stale[pairs.left] | stale[pairs.right]), fresh), compared


def _in_key_order(pairs: Pairs, keys: pa.Array) -> Pairs:
    """The same pairs, the lesser key left."""
    is_turned = np.asarray(pc.greater(keys.take(arrow(pairs.left)), keys.take(arrow(pairs.right))))
    return Pairs(np.where(is_turned, pairs.right, pairs.left), np.where(is_turned, pairs.left, pairs.right))


def _recluster(standing: Standing, change: Change, kept: Kept, decided: Decided, compared: int) -> Standing:
    population, model = change.population, standing.model
    threshold = match_threshold(kept.probability, model)
    is_match = kept.probability >= threshold
    cluster, component = (_extended(names, len(population)) for names in (standing.cluster, standing.component))
    confidence = np.concatenate([standing.confidence, np.ones(len(population) - len(standing.confidence))])
    affected = _affected(standing, change, kept.pairs, is_match, decided, component)
    if threshold != standing.threshold:
        affected = population.alive
    rows = population.in_key_order(np.flatnonzero(affected))
    chosen = np.flatnonzero(is_match & affected[kept.pairs.left])
    place = np.zeros(len(population), dtype=np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    matched = kept.where(chosen)
    edges = _moved(matched.pairs, place)
    placed = Decided(_moved(decided.together, place), _moved(decided.apart, place))
    part = _clusters(standing, population, rows, (edges, matched.weight), placed)
    dead = np.setdiff1d(change.gone, change.moving)
    cluster[dead] = component[dead] = dead
    cluster[rows], component[rows] = rows[part.cluster], rows[part.component]
    confidence[rows] = link_confidence(edges, matched.probability, part.cluster)
    report = _report(population, cluster, component) | {
        "candidate_pairs": compared,
        "pairs": len(kept.pairs),
        "matches": int(is_match.sum()),
        "threshold": threshold,
        "must_links_refused": decided.refused(cluster),
        "compared_again": len(change.moving),
        "clustered_again": len(rows),
    }
    return Standing(
        population,
        standing.weights,
        kept,
        threshold,
        cluster,
        component,
        confidence,
        decided.rows,
        standing.report | report,
    )


def _affected(
    standing: Standing, change: Change, pairs: Pairs, is_match: Mask, decided: Decided, component: Rows
) -> Mask:
    """Rows whose component held a row that changed, or whose component a new match reaches."""
    moving = np.zeros(len(change.population), dtype=bool)
    moving[change.moving] = True
    reached = pairs.where(is_match & (moving[pairs.left] | moving[pairs.right]))
    seeds: list[NDArray[np.signedinteger]] = [
        change.gone,
        change.moving,
        reached.left,
        reached.right,
        decided.rows,
        standing.decided,
    ]
    is_named = np.zeros(len(change.population), dtype=bool)
    is_named[component[np.concatenate(seeds).astype(np.intp)]] = True
    affected: Mask = is_named[component] & change.population.alive
    return affected


def _clusters(
    standing: Standing, population: Population, rows: RowSet, matches: tuple[Pairs, Floats], decided: Decided
) -> Clustering:
    model = standing.model

    def weigh(pairs: Pairs) -> Floats:
        held = np.unique(np.concatenate([pairs.left, pairs.right]))
        records = coded_records(population.take(rows[held]), model, population.beyond, evidence_values(model))
        left, right = (np.searchsorted(held, side).astype(np.int32) for side in (pairs.left, pairs.right))
        return Scorer(records, model, standing.weights).score(Pairs(left, right)).weight

    codes = [dense_codes(hashes[0])[0] for hashes in population.hashes(rows, veto_values(model)).values()]
    edges, weight = accepted_edges(*matches, decided.together)
    constraints = Constraints(codes, decided.apart, model.largest_cluster)
    return cluster_rows(len(rows), edges, weight, constraints, weigh)


def _moved(pairs: Pairs, place: Rows) -> Pairs:
    left, right = place[pairs.left], place[pairs.right]
    return Pairs(np.minimum(left, right), np.maximum(left, right))


def _extended(names: Rows, rows: int) -> Rows:
    """Names of rows, new rows named after themselves."""
    return np.concatenate([names, np.arange(len(names), rows, dtype=np.int32)])


def _report(population: Population, cluster: Rows, component: Rows) -> dict[str, int | float]:
    """Counts; a dead row stands alone, named after itself."""
    sizes = np.bincount(cluster, minlength=1)
    records, everyone = int(population.alive.sum()), np.arange(len(cluster), dtype=np.int32)
    clusters = int((sizes > 0).sum()) - (len(cluster) - records)
    return {
        "records": records,
        "clusters": clusters,
        "largest_cluster": int(sizes.max(initial=0)) if records else 0,
        "match_rate": (len(cluster) - int((sizes == 1).sum())) / max(records, 1),
        "split_clusters": int((cluster == everyone).sum()) - int((component == everyone).sum()),
    }
