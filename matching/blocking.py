"""Candidate pairs: row numbers sorted by blocking key, each run of equal keys expanded to pairs in chunks."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matching.model import BlockingRule, Model
from matching.records import Coded, Mask, Records, Rows
from matching.values import rule_value

CHUNK_PAIRS = 65_536
FEW_KEYS = 2_000
GOLDEN_RATIO = np.uint64(2_654_435_769)  # of 2 to the 32: multiples of it are spread evenly, whatever the period


@dataclass(frozen=True)
class Pairs:
    """Two row numbers a pair, the lesser left."""

    left: Rows
    right: Rows

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.left)

    def where(self, chosen: Mask | NDArray[np.intp]) -> "Pairs":
        """The chosen pairs."""
        return Pairs(self.left[chosen], self.right[chosen])

    def and_also(self, other: "Pairs") -> "Pairs":
        """These pairs, then the others."""
        return Pairs(np.concatenate([self.left, other.left]), np.concatenate([self.right, other.right]))


@dataclass(frozen=True)
class Block:
    """One blocking rule laid out: rows in the order of their keys, and with how many later rows each makes a pair."""

    rule: BlockingRule
    position: int
    coded: Coded
    entries: Rows
    codes: Rows
    partners: Rows
    skipped_keys: int
    skipped_pairs: int

    @property
    def pairs(self) -> int:
        """Pairs the rule expands to, those of other rules included."""
        return int(self.partners.sum(dtype=np.int64))


def plan_blocks(records: Records, model: Model, touching: Mask | None = None) -> list[Block]:
    """Every rule laid out, the one with most pairs first: it needs no check against an earlier rule.

    With `touching`, only for pairs with one of those rows.
    """
    touching = np.ones(len(records), dtype=bool) if touching is None else touching
    blocks = [
        _lay_out(rule, position, records.coded[rule_value(model, rule)], touching)
        for position, rule in enumerate(model.blocking)
    ]
    return sorted(blocks, key=lambda block: (-block.pairs, block.position))


def candidate_chunks(blocks: list[Block]) -> Iterator[tuple[Block, list[Block], int, int]]:
    """Pieces of work of about CHUNK_PAIRS pairs: block, the blocks before it, first entry, one past the last."""
    for number, block in enumerate(blocks):
        ends = np.cumsum(block.partners, dtype=np.int64)
        total = int(ends[-1]) if len(ends) else 0
        cuts = np.searchsorted(ends, np.arange(CHUNK_PAIRS, total, CHUNK_PAIRS), side="left") + 1
        bounds = [0, *np.unique(cuts).tolist(), len(ends)]
        for start, stop in itertools.pairwise(bounds):
            if stop > start:
                yield block, blocks[:number], start, stop


def expand(block: Block, entries: NDArray[np.intp], earlier: Sequence[Block] = ()) -> Pairs:
    """Pairs of these entries with the later entries of their runs, each once, unless an earlier rule has them."""
    partners = block.partners[entries]
    first = np.repeat(entries, partners)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(partners, dtype=np.int64) - partners, partners)
    left, right = block.entries[first], block.entries[first + 1 + offset]
    pairs = Pairs(np.minimum(left, right), np.maximum(left, right))
    if len(block.coded.rows) > 1:
        pairs = pairs.where(_lowest_shared(block.coded, pairs) == block.codes[first])
    for other in earlier:
        pairs = pairs.where(~agrees(other.coded, pairs))
    return pairs


def sample(block: Block, share: float) -> Pairs:
    """Pairs of a systematic sample of the rule's keys, of its entries where keys are few; about `share` of all."""
    is_last = block.partners == 0
    if np.count_nonzero(is_last) < FEW_KEYS:
        scattered = np.arange(len(block.partners), dtype=np.uint64) * GOLDEN_RATIO % np.uint64(1 << 32)
        return expand(block, np.flatnonzero(scattered < share * (1 << 32)))
    run = np.cumsum(is_last) - is_last
    return expand(block, np.flatnonzero(np.floor((run + 1) * share) > np.floor(run * share)))


def first_rule(blocks: Sequence[Block], pairs: Pairs) -> NDArray[np.uint8]:
    """Position of the first rule of the model, in its own order, that makes each pair a candidate."""
    rule = np.zeros(len(pairs), dtype=np.uint8)
    waiting = np.arange(len(pairs))
    for block in sorted(blocks, key=lambda block: block.position):
        agreed = agrees(block.coded, pairs.where(waiting))
        rule[waiting[agreed]] = block.position
        waiting = waiting[~agreed]
    return rule


def agrees(coded: Coded, pairs: Pairs) -> Mask:
    """Whether the pair shares a value: of each expression, or of any two where they are joint."""
    hit = np.zeros(len(pairs), dtype=bool)
    for left_codes in coded.rows:
        left = left_codes[pairs.left]
        for right_codes in coded.rows:
            hit |= (left == right_codes[pairs.right]) & (left > 0)
    return hit


def _lay_out(rule: BlockingRule, position: int, coded: Coded, touching: Mask) -> Block:
    """In each run touching rows come first: they pair with all later rows, the others with none."""
    order = np.concatenate([np.flatnonzero(touching), np.flatnonzero(~touching)]).astype(np.int32)
    codes, place = _by_code(coded, order)
    entries = order[place]
    partners = np.where(touching[entries], _later_entries(codes), 0).astype(np.int32)
    too_many = coded.beyond_holders.astype(np.int64)
    skipped_pairs = int((too_many * (too_many - 1) // 2).sum())
    return Block(rule, position, coded, entries, codes, partners, len(too_many), skipped_pairs)


def _by_code(coded: Coded, order: Rows) -> tuple[Rows, Rows]:
    """Every code that several rows hold with each of its rows, once, as a place in `order`: a counting sort by code."""
    codes = np.column_stack([of[order] for of in coded.rows])
    is_shared = coded.holders[codes] > 1
    ends = np.concatenate([np.zeros(1, dtype=np.int64), is_shared.sum(axis=1).cumsum()])
    held = csr_array(
        (np.ones(ends[-1], dtype=bool), codes[is_shared], ends), shape=(len(order), len(coded.holders))
    ).tocsc()
    ordered, place = np.repeat(np.arange(len(coded.holders), dtype=np.int32), np.diff(held.indptr)), held.indices
    once = _differs_from_previous(ordered) | _differs_from_previous(place)
    return ordered[once], place[once].astype(np.int32)


def _differs_from_previous(values: NDArray[Any]) -> Mask:
    differs = np.ones(len(values), dtype=bool)
    differs[1:] = values[1:] != values[:-1]
    return differs


def _later_entries(ordered_codes: Rows) -> Rows:
    """How many entries of the same run follow each entry."""
    starts = np.flatnonzero(_differs_from_previous(ordered_codes))
    lengths = np.diff(np.append(starts, len(ordered_codes)))
    later: Rows = (np.repeat(starts + lengths, lengths) - np.arange(len(ordered_codes)) - 1).astype(np.int32)
    return later


def _lowest_shared(coded: Coded, pairs: Pairs) -> Rows:
    """The least value a pair shares: a pair that shares several is taken from the run of that one only."""
    lowest = np.full(len(pairs), np.iinfo(np.int32).max, dtype=np.int32)
    for left_codes in coded.rows:
        left = left_codes[pairs.left]
        for right_codes in coded.rows:
            is_shared = (left == right_codes[pairs.right]) & (left > 0)
            np.minimum(lowest, left, out=lowest, where=is_shared)
    return lowest
