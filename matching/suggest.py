"""Suggests a linkage model for any table: what each column holds, its evidence, and blocking rules within a budget."""

from collections.abc import Sequence
from dataclasses import replace

import duckdb
import yaml

from matching.prepared import quoted_name
from matching.profile import Profile, create_sample, plain_name, profile_columns
from matching.suggest_evidence import Evidence, evidence_of
from matching.suggest_rules import Key, suggest_rules
from warehouse.errors import ToldError

MOSTLY_INSIDE = 0.8
FREQUENCY_FROM = 200  # of fewer rows nobody can tell how common a value is


class SuggestionError(ToldError, ValueError):
    """No model can be suggested; the message says what the table lacks."""


def suggest_model(
    relation: str,
    key: str,
    connection: duckdb.DuckDBPyConnection,
    ignore: Sequence[str] = (),
    between: str | None = None,
) -> str:
    """YAML of a model for `relation`, whose rows `key` names; `ignore` are columns that say nothing of the thing.

    Rows that agree in the column `between` need no comparing.
    """
    rows, share = create_sample(connection, relation, [name for name in (key, *ignore) if name != between])
    found = profile_columns(connection)
    profiles = [p for p in found if p.kind and p.column != between]
    if rows == 1:
        profiles = [replace(p, kind="code") for p in found if p.filled]
    profiles = [p for p in profiles if not _repeats_others(p, profiles, connection)]
    if not profiles:
        raise SuggestionError(
            f"{rows} rows, and no column but {key} can be compared: each is empty, or the same everywhere; add columns"
            " that describe the thing, or give a model"
        )
    evidence = [evidence_of(profile, profiles) for profile in profiles]
    if rows < FREQUENCY_FROM:
        for level in [level for part in evidence for level in part.levels]:
            level.pop("term_frequency", None)
    document = {
        "description": "Suggested from the table; read it, then change what you know better.",
        "version": "suggested-1",
        "key": plain_name(key),
        "trim_text": "true",
        "thresholds": {"precision": "0.95", "match": "0.7", "review": "0.3", "keep": "0.05"},
        "largest_block": "1000",
        "derived": {name: sql for part in evidence for name, sql in part.derived.items()},
        "blocking": suggest_rules(evidence_keys(evidence), connection, rows, share, derived_of(evidence)),
        "comparisons": {part.column: {"levels": part.levels} for part in evidence},
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def evidence_keys(evidence: Sequence[Evidence]) -> list[Key]:
    """Every key to block by."""
    return [key for part in evidence for key in part.keys]


def derived_of(evidence: Sequence[Evidence]) -> dict[str, str]:
    """Every derived value."""
    return {name: sql for part in evidence for name, sql in part.derived.items()}


def _repeats_others(profile: Profile, profiles: Sequence[Profile], connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a phrase is put together from other columns, or a column is the same as an earlier one."""
    others = [p for p in profiles if p.column != profile.column and p.kind in ("name", "phrase", "mark", "code")]
    held = [p for p in others if _inside(p, profile, connection)] if profile.kind in ("phrase", "text") else []
    if len([p for p in held if p.kind != "phrase"]) > 1:
        return True
    earlier = profiles[: profiles.index(profile)]
    return any(p.kind == profile.kind and _is_same(p, profile, connection) for p in earlier)


def _inside(part: Profile, whole: Profile, connection: duckdb.DuckDBPyConnection) -> bool:
    one, all_of = quoted_name(part.column), quoted_name(whole.column)
    return _share(connection, f"contains(' ' || {all_of} || ' ', ' ' || {one} || ' ')", one, all_of) >= MOSTLY_INSIDE


def _is_same(one: Profile, other: Profile, connection: duckdb.DuckDBPyConnection) -> bool:
    left, right = quoted_name(one.column), quoted_name(other.column)
    return _share(connection, f"{left} = {right}", left, right) >= MOSTLY_INSIDE


def _share(connection: duckdb.DuckDBPyConnection, holds: str, *known: str) -> float:
    where = " AND ".join(f"{column} IS NOT NULL" for column in known)
    found = connection.sql(f"SELECT coalesce(avg(({holds})::INT), 0) FROM sampled WHERE {where}").fetchall()
    return float(found[0][0])
