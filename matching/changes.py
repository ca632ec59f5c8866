"""What changed between a standing population and a table, and whom a change makes to be compared again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from matching.population import Population, indexed_values
from matching.prepared import Hashes, fingerprints
from matching.records import distinct, is_among
from matching.values import Value, rule_values
from warehouse.engine import quoted

RowSet = NDArray[np.intp]


@dataclass(frozen=True)
class Change:
    """A population after a change: rows to compare with everybody, rows gone, and how many pairs were compared."""

    population: Population
    moving: RowSet
    gone: RowSet
    partners: RowSet


def changes(population: Population, records: Path, connection: duckdb.DuckDBPyConnection) -> tuple[pa.Table, list[str]]:
    """Rows of `records` that are new or not what they were, and keys that are gone."""
    key = population.model.key
    living = population.take(np.flatnonzero(population.alive), ["record_key", "fingerprint"])
    connection.register("living", living)
    connection.register("today", fingerprints(records, population.model, connection))
    gone = connection.execute("SELECT record_key FROM living ANTI JOIN today USING (record_key) ORDER BY 1").fetchall()
    changed = connection.sql(
        f"""
        WITH changed AS (SELECT record_key FROM today ANTI JOIN living USING (record_key, fingerprint))
        SELECT * FROM read_parquet({quoted(records)})
        WHERE CAST({key} AS VARCHAR) IN (SELECT record_key FROM changed)
        """
    ).to_arrow_table()
    return changed, [record_key for (record_key,) in gone]


def change_of(before: Population, prepared: pa.Table, keys: pa.Array) -> Change:
    """The population with prepared rows in place of those with `keys`, and who must be compared again."""
    gone = before.rows_of(keys)
    after = before.without(gone).added(prepared)
    fresh = np.arange(len(before), len(after))
    values = indexed_values(before.model)
    now, was = after.hashes(fresh, values), before.hashes(gone, values)
    lookups = [_look_up(before, after, value, now[value], was[value]) for value in values]
    after = replace(after, beyond={value: of for lookup in lookups for value, of in lookup.beyond.items()})
    turned = np.setdiff1d(np.concatenate([lookup.turned for lookup in lookups]), fresh)
    is_partner = np.zeros(len(after), dtype=bool)
    for rows in (fresh, turned, *(lookup.partners for lookup in lookups), *_partners(after, turned)):
        is_partner[rows] = True
    return Change(
        after,
        moving=np.concatenate([fresh, turned]),
        gone=np.concatenate([gone, turned]),
        partners=np.flatnonzero(is_partner),
    )


@dataclass(frozen=True)
class _Lookup:
    """What a change means for one indexed value: rows whose keys crossed a limit, rows that share one with new rows."""

    beyond: dict[Value, Hashes]
    turned: RowSet
    partners: RowSet


def _look_up(
    before: Population, after: Population, indexed: Value, now: Sequence[Hashes], was: Sequence[Hashes]
) -> _Lookup:
    new = distinct(now)
    keys = distinct([new, *was])
    position, rows = after.holders(indexed, keys)
    count = np.bincount(position, minlength=len(keys))
    rules, beyond = set(rule_values(after.model)), {}
    crossed, blocks = np.zeros(len(keys), dtype=bool), np.zeros(len(keys), dtype=bool)
    for value in before.limits[indexed]:
        is_beyond = count > (value.implausible_above or 0)
        differs = is_beyond != is_among(keys, before.beyond[value])
        beyond[value] = before.beyond[value]
        if differs.any():
            beyond[value] = np.union1d(np.setdiff1d(beyond[value], keys), keys[is_beyond])
        crossed |= differs
        blocks |= ~is_beyond & (value in rules)
    blocks[blocks] = is_among(keys[blocks], new)
    return _Lookup(beyond, rows[crossed[position]], rows[blocks[position]])


def _partners(population: Population, moving: RowSet) -> list[RowSet]:
    """Living rows that share a key of some blocking rule with a moving row."""
    found = []
    values = rule_values(population.model) if len(moving) else []
    for value, hashes in population.hashes(moving, values).items():
        keys = np.setdiff1d(distinct(hashes), population.beyond[value])
        found.append(population.holders(value, keys)[1])
    return found
