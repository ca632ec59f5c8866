"""Chooses blocking rules for a suggested model: as broad as a budget of pairs allows, from as many columns as may be.

Each rule finds the true pairs whose values agree on its keys: the more rules of different columns, the more of them may
be wrong or missing.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from matching.profile import Profile
from matching.records import dense_codes

PAIRS_OF_A_RULE = 300_000
LEAST_PAIRS_PER_ROW = 6
MOST_PAIRS_PER_ROW = 60
MOST_RULES = 18
MOST_KEYS = 3
MOST_COLUMNS = 10
EVERY_PAIR_UP_TO = 1_000
Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Key:
    """An expression rows may be blocked by, or texts of which they share any; what agrees on it agrees on `within`."""

    profile: Profile
    expression: str
    within: tuple["Key", ...] = ()
    any_of: tuple[str, ...] = ()


@dataclass
class _Chosen:
    rules: list[dict[str, Any]] = field(default_factory=list)
    keys: list[frozenset[Key]] = field(default_factory=list)
    uses: dict[str, int] = field(default_factory=dict)

    def add(self, keys: Sequence[Key], largest_block: int) -> None:
        names = [key.profile.column for key in keys]
        rule: dict[str, Any] = {"name": _name(keys, {rule["name"] for rule in self.rules})}
        rule |= {"any_of": list(keys[0].any_of)} if keys[0].any_of else {"keys": [key.expression for key in keys]}
        self.rules.append({**rule, "largest_block": str(max(2, largest_block))})
        self.keys.append(frozenset(keys))
        for name in names:
            self.uses[name] = self.uses.get(name, 0) + 1

    def finds(self, keys: Sequence[Key]) -> bool:
        """Whether a rule chosen already finds all that these keys would."""
        broader = {other for key in keys for other in (key, *key.within)}
        return any(chosen <= broader for chosen in self.keys)


def suggest_rules(
    keys: Sequence[Key],
    connection: duckdb.DuckDBPyConnection,
    rows: int,
    share: float,
    derived: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Rules for a table of `rows` rows, of which `sampled` holds this share; each within the budget of pairs."""
    most = rows * float(np.clip(PAIRS_OF_A_RULE / max(rows, 1), LEAST_PAIRS_PER_ROW, MOST_PAIRS_PER_ROW))
    columns = _widest(keys)
    keys = [key for key in keys if key.profile.column in columns]
    coded = _coded(keys, connection, derived)
    chosen = _Chosen()
    for key in [key for key in keys if key.any_of]:
        largest = _largest_block(coded[key], most * share * share)
        if largest > 1:
            chosen.add([key], int(largest / share))
    for size in range(1, MOST_KEYS + 1):
        _add_groups(chosen, keys, size, coded, share, most)
    if rows <= EVERY_PAIR_UP_TO:
        chosen.rules.append({"name": "every pair", "keys": ["1"], "largest_block": str(EVERY_PAIR_UP_TO)})
    if not chosen.rules:
        narrowest = {key.profile.column: key for key in keys if not key.any_of}
        chosen.add(list(narrowest.values())[:MOST_KEYS], EVERY_PAIR_UP_TO)
    return chosen.rules


def _add_groups(
    chosen: _Chosen, keys: Sequence[Key], size: int, coded: Mapping[Key, list[Codes]], share: float, most: float
) -> None:
    """Add rules of so many keys that stay within the budget and find pairs no rule before them does."""
    for group in _in_order(keys, size, chosen):
        if len(chosen.rules) >= MOST_RULES:
            return
        if not chosen.finds(group):
            codes = _joined([coded[key][0] for key in group])
            if 0 < _pairs(codes) <= most * share * share:
                chosen.add(group, int(2 * _most_holders(codes) / share))


def _widest(keys: Sequence[Key]) -> set[str]:
    """The columns that tell most rows apart."""
    profiles = {key.profile.column: key.profile for key in keys}
    ordered = sorted(profiles.values(), key=lambda p: (-p.filled * p.distinct, p.column))
    return {profile.column for profile in ordered[:MOST_COLUMNS]}


def _in_order(keys: Sequence[Key], size: int, chosen: _Chosen) -> Iterator[tuple[Key, ...]]:
    """Groups of keys of different columns, broad ones first, columns not used much first."""
    single = [key for key in keys if not key.any_of]
    groups = [
        group
        for group in itertools.combinations(single, size)
        if len({key.profile.column for key in group}) == size and (size < MOST_KEYS or all(key.within for key in group))
    ]

    def position(group: tuple[Key, ...]) -> tuple[float, ...]:
        narrow = sum(len(key.within) for key in group)
        used = sum(chosen.uses.get(key.profile.column, 0) for key in group)
        return (used, narrow, -sum(key.profile.filled for key in group))

    while groups:
        groups.sort(key=position)
        yield groups.pop(0)


def _coded(
    keys: Sequence[Key], connection: duckdb.DuckDBPyConnection, derived: Mapping[str, str]
) -> dict[Key, list[Codes]]:
    """Codes of the sampled rows for each expression of each key (0 = null)."""
    named = ", ".join(f"{expression} AS {name}" for name, expression in derived.items())
    relation = f"(SELECT *, {named} FROM sampled)" if named else "sampled"
    expressions = list(dict.fromkeys(e for key in keys for e in (key.any_of or (key.expression,))))
    hashes = ", ".join(
        f"CASE WHEN ({e}) IS NOT NULL THEN greatest(hash({e}), 1) ELSE 0::UBIGINT END AS h{i}"
        for i, e in enumerate(expressions)
    )
    found = connection.sql(f"SELECT {hashes} FROM {relation}").fetchnumpy()
    place = {expression: f"h{i}" for i, expression in enumerate(expressions)}
    coded = {}
    for key in keys:
        columns = [np.asarray(found[place[e]], dtype=np.uint64) for e in (key.any_of or (key.expression,))]
        codes, _, _ = dense_codes(np.concatenate(columns))
        coded[key] = np.split(codes, len(columns))
    return coded


def _joined(codes: Sequence[Codes]) -> Codes:
    """One code for each combination; 0 where any is null."""
    joined = codes[0].astype(np.int64)
    for other in codes[1:]:
        packed = np.where((joined > 0) & (other > 0), (joined << 32) | other, 0)
        joined = np.unique(np.append(packed, 0), return_inverse=True)[1][:-1]
    return joined.astype(np.int32)


def _pairs(codes: Codes) -> float:
    holders = np.bincount(codes)[1:].astype(np.float64)
    return float((holders * (holders - 1) / 2).sum())


def _most_holders(codes: Codes) -> int:
    return int(np.bincount(codes)[1:].max(initial=0))


def _largest_block(codes: Sequence[Codes], most: float) -> int:
    """The most holders a value may have, so that all values of no more make at most so many pairs."""
    holders = np.sort(np.bincount(np.concatenate(codes))[1:]).astype(np.float64)
    within = np.cumsum(holders * (holders - 1) / 2) <= most
    return int(holders[within].max(initial=0))


def _name(keys: Sequence[Key], taken: set[str]) -> str:
    name = " and ".join(key.profile.column for key in keys) + (", any words" if keys[0].any_of else "")
    number = 2
    while name in taken:
        name = f"{name.removesuffix(f' ({number - 1})')} ({number})"
        number += 1
    return name
