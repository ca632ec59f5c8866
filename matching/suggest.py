"""Suggests a linkage model for any table: what each column holds, its evidence, and blocking rules within a budget."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import yaml

from warehouse.errors import ToldError

PAIRS_PER_ROW = 12
MOST_RULES = 12
MOST_KEYS = 3
MOST_COLUMNS = 8
FEW_VALUES = 60
LONG_TEXT = 24
NEARLY_ALL = 0.9
LEAST_FILLED = 0.05
GIVEN_NAMES = ("given", "first", "fore")
FAMILY_NAMES = ("sur", "last", "family")


@dataclass(frozen=True)
class Profile:
    """What one column holds."""

    column: str
    kind: str
    filled: float
    distinct: int
    rows: int

    @property
    def text(self) -> str:
        """The value as a model names it; models trim texts and lower their case."""
        return _plain(self.column)

    @property
    def trimmed(self) -> str:
        """The value as it will be compared, for counting."""
        return f"nullif(lower(trim(CAST({quoted_name(self.column)} AS VARCHAR))), '')"


class SuggestionError(ToldError, ValueError):
    """No model can be suggested; the message says what the table lacks."""


def quoted_name(column: str) -> str:
    """A column as a SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def _plain(column: str) -> str:
    return column if re.fullmatch(r"[a-z_][a-z0-9_]*", column) else quoted_name(column)


def suggest_model(relation: str, key: str, connection: duckdb.DuckDBPyConnection, ignore: Sequence[str] = ()) -> str:
    """YAML of a model for `relation`, whose rows `key` names; `ignore` are columns that say nothing of the thing."""
    profiles = [p for p in profile_columns(relation, connection) if p.column not in (key, *ignore) and p.kind]
    if not profiles:
        raise SuggestionError(f"no column of {relation} but {key} can be compared; add columns that describe the thing")
    document = {
        "description": "Suggested from the table; read it, then change what you know better.",
        "version": "suggested-1",
        "key": _plain(key),
        "trim_text": "true",
        "largest_block": "1000",
        "blocking": [dict(rule) for rule in _rules(relation, profiles, connection)],
        "comparisons": {p.column: {"levels": list(_levels(p, profiles))} for p in profiles},
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def profile_columns(relation: str, connection: duckdb.DuckDBPyConnection) -> list[Profile]:
    """What every column of a table holds."""
    columns = connection.sql(f"SELECT * FROM {relation} LIMIT 0").columns
    rows = connection.sql(f"SELECT count(*) FROM {relation}").fetchall()[0][0]
    return [_profile(relation, column, rows, connection) for column in columns]


def _profile(relation: str, column: str, rows: int, connection: duckdb.DuckDBPyConnection) -> Profile:
    text = Profile(column, "", 0, 0, rows).trimmed
    filled, distinct, length, dates, digits, emails, words = connection.sql(
        f"""
        SELECT
            count(value), count(DISTINCT value), coalesce(avg(length(value)), 0),
            coalesce(avg((regexp_full_match(value, '(19|20)[0-9]{{6}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'))::INT), 0),
            coalesce(avg((regexp_full_match(value, '[+0-9 ()-]+'))::INT), 0),
            coalesce(avg((contains(value, '@'))::INT), 0),
            coalesce(avg((regexp_full_match(value, '[^0-9@]+'))::INT), 0)
        FROM (SELECT {text} AS value FROM {relation})
        """
    ).fetchall()[0]
    shape = {"date": dates, "email": emails, "number": digits, "word": words}
    kind = _kind({name: float(share) for name, share in shape.items()}, float(length), distinct, filled)
    is_usable = distinct > 1 and filled >= LEAST_FILLED * max(rows, 1)
    return Profile(column, kind if is_usable else "", filled / max(rows, 1), distinct, rows)


def _kind(shape: dict[str, float], length: float, distinct: int, filled: int) -> str:
    for kind in ("date", "email"):
        if shape[kind] >= NEARLY_ALL:
            return kind
    if distinct <= min(FEW_VALUES, filled // 10):
        return "code"
    if shape["number"] >= NEARLY_ALL:
        return "number"
    if length > LONG_TEXT:
        return "text"
    return "name" if shape["word"] >= NEARLY_ALL else "text"


def _levels(profile: Profile, profiles: Sequence[Profile]) -> Iterator[dict[str, Any]]:
    text = profile.text
    yield {"name": "same", "same": [text], **({"term_frequency": "true"} if profile.kind in ("name", "text") else {})}
    if profile.kind == "date":
        day = f"coalesce(TRY_CAST({text} AS DATE), TRY_CAST(try_strptime({text}, '%Y%m%d') AS DATE))"
        yield {"name": "day and month swapped", "swapped_day_month": day}
        yield {"name": "one slip", "edits": {"of": text, "at_most": 1}}
        yield {"name": "same year", "same": [f"left({text}, 4)"]}
    elif profile.kind in ("number", "email"):
        yield {"name": "one slip", "edits": {"of": text, "at_most": 1}}
        yield {"name": "two slips", "edits": {"of": text, "at_most": 2}}
    elif profile.kind in ("name", "text"):
        other = _swapped_with(profile, profiles)
        if other is not None:
            yield {"name": f"swapped with {other.column}", "crossed": [text, other.text]}
        yield {"name": "very similar", "similar": {"of": text, "at_least": 0.92}}
        yield {"name": "similar", "similar": {"of": text, "at_least": 0.8}}


def _swapped_with(profile: Profile, profiles: Sequence[Profile]) -> Profile | None:
    """The column people swap this one with: given name and surname."""
    for one, other in ((GIVEN_NAMES, FAMILY_NAMES), (FAMILY_NAMES, GIVEN_NAMES)):
        if any(word in profile.column.lower() for word in one):
            return next((p for p in profiles if any(word in p.column.lower() for word in other)), None)
    return None


def _rules(
    relation: str, profiles: Sequence[Profile], connection: duckdb.DuckDBPyConnection
) -> Iterator[dict[str, Any]]:
    """The smallest column sets within the budget, none holding another, so that any one or two columns may be wrong."""
    budget = PAIRS_PER_ROW * max(profiles[0].rows, 1)
    usable = sorted(profiles, key=lambda p: -p.filled * p.distinct)[:MOST_COLUMNS]
    chosen: list[tuple[Profile, ...]] = []
    for size in range(1, MOST_KEYS + 1):
        counted = [
            (_pairs(relation, keys, connection), keys)
            for keys in itertools.combinations(usable, size)
            if not any(set(smaller) <= set(keys) for smaller in chosen)
        ]
        within = sorted((entry for entry in counted if 0 < entry[0] <= budget), key=lambda entry: entry[0])
        chosen += [keys for _, keys in within][: MOST_RULES - len(chosen)]
    if not chosen:
        chosen = [tuple(usable[:MOST_KEYS])]
    for keys in chosen:
        yield {"name": " and ".join(p.column for p in keys), "keys": [p.text for p in keys]}


def _pairs(relation: str, keys: Sequence[Profile], connection: duckdb.DuckDBPyConnection) -> int:
    texts = ", ".join(p.trimmed for p in keys)
    present = " AND ".join(f"{p.trimmed} IS NOT NULL" for p in keys)
    counted = f"SELECT count(*) AS n FROM {relation} WHERE {present} GROUP BY {texts}"
    return int(connection.sql(f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM ({counted})").fetchall()[0][0])
