"""The rows to link as narrow columns: dense integer codes for values that are compared (0 = null), texts kept aside.

Rows are numbered in the order of their keys, so nothing downstream depends on the order in which they arrived.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matching.arrays import arrow, numpy, whole
from matching.model import Model
from matching.pieces import weighed_pieces
from matching.prepared import NO_HASHES, Hashes, model_parts, prepared_rows, row_hashes, unlimited
from matching.values import Value, model_values, weighed_by_frequency

Rows = NDArray[np.int32]
Mask = NDArray[np.bool_]
MASKED_WIDTH = 32
OTHER = 1


@dataclass(frozen=True)
class Coded:
    """Codes of one value: an array by row for each joint expression (else one), holders and hashes by code.

    Hashes are kept where frequency is weighed. `beyond` are those left out because too many rows hold them,
    `beyond_holders` how many do. Where only some rows ask (`is_partial`), OTHER is any value that none of them holds.
    """

    rows: tuple[Rows, ...]
    holders: Rows
    hashes: Hashes
    beyond: Hashes = field(default_factory=lambda: NO_HASHES)
    beyond_holders: Rows = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    is_partial: bool = False

    def is_present(self) -> Mask:
        """Rows that hold any value."""
        present: Mask = np.any([codes > 0 for codes in self.rows], axis=0)
        return present

    def apart(self, rows: Rows) -> Rows:
        """A number for the value of each of these rows that no other value has; 0 for none."""
        codes = self.rows[0][rows]
        return np.where(codes == OTHER, len(self.holders) + rows, codes) if self.is_partial else codes


@dataclass(frozen=True)
class Records:
    """All rows to link, by row number."""

    keys: pa.Array
    coded: dict[Value, Coded]
    numbers: dict[str, NDArray[np.int64]]
    decimals: dict[str, NDArray[np.int64]]
    texts: dict[str, pa.Array]
    characters: dict[str, NDArray[np.uint8]]
    masked: dict[str, Mask]
    pieces: dict[str, csr_array]
    amounts: dict[str, NDArray[np.float64]]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.keys)

    @cached_property
    def _knowing(self) -> dict[tuple[Value, ...], list[Mask]]:
        return {}

    @cached_property
    def _present(self) -> dict[Value, Mask]:
        return {value: coded.is_present() for value, coded in self.coded.items()}

    def present(self, value: Value) -> Mask:
        """Rows that hold `value`."""
        return self._present[value]

    def knowing(self, values: tuple[Value, ...]) -> list[Mask]:
        """Rows that hold each of these values; left out where another of them is held by all these rows too."""
        if values not in self._knowing:
            self._knowing[values] = _widest([self.present(value) for value in values])
        return self._knowing[values]

    def is_masked(self, expression: str) -> Mask:
        """Rows whose text hides some of its characters."""
        return self.masked[expression]

    def packed(self, expression: str) -> NDArray[np.uint64]:
        """Dates (as yyyymmdd) and whole numbers with one hexadecimal digit for each decimal one; 0 where null."""
        return self._packed[expression]

    @cached_property
    def _packed(self) -> dict[str, NDArray[np.uint64]]:
        return {expression: _packed_digits(self.decimals[expression]) for expression in self.decimals}


def read_records(source: Path | pa.Table, model: Model, connection: duckdb.DuckDBPyConnection) -> Records:
    """Rows of `source` the model is about; raises RecordsError naming the expression or the repeated key."""
    return coded_records(prepared_rows(source, model, connection), model)


def coded_records(
    prepared: pa.Table,
    model: Model,
    beyond: Mapping[Value, Hashes] | None = None,
    values: Iterable[Value] | None = None,
    among: Mask | None = None,
) -> Records:
    """Prepared rows as codes, of some values only or of all the model reads.

    `beyond` are values known to be held by too many rows, some of them not here. With `among`, only pairs with one of
    those rows will be compared: what none of them holds is one code, equal to none of theirs.
    """
    parts = model_parts(model)
    texts = {name: whole(prepared.column(f"t{i}")) for i, name in enumerate(parts.texts)}
    return Records(
        whole(prepared.column("record_key")),
        _all_coded(prepared, model, values or model_values(model), beyond or {}, among),
        {name: numpy(prepared.column(f"n{i}")) for i, name in enumerate(parts.numbers)},
        {name: numpy(prepared.column(f"d{i}")) for i, name in enumerate(parts.numbers)},
        texts,
        {name: _characters(texts[name]) for name in parts.masked},
        {name: _hides(texts[name]) for name in parts.masked},
        {name: weighed_pieces(prepared.column(f"p{i}")) for i, name in enumerate(parts.pieces)},
        {name: numpy(prepared.column(f"a{i}")) for i, name in enumerate(parts.amounts)},
    )


def _all_coded(
    prepared: pa.Table, model: Model, values: Iterable[Value], beyond: Mapping[Value, Hashes], among: Mask | None
) -> dict[Value, Coded]:
    parts, weighed = model_parts(model), weighed_by_frequency(model).values()
    coded: dict[Value, Coded] = {}
    plausible = {}
    for value in values:
        whoever = unlimited(value)
        if whoever not in coded:
            limited = [of for limit, of in beyond.items() if unlimited(limit) == whoever]
            coded[whoever] = _coded(row_hashes(prepared, parts, whoever), limited, among)
        found = _plausible(coded[whoever], value.implausible_above, beyond.get(value))
        plausible[value] = found if value in weighed else replace(found, hashes=NO_HASHES)
    return plausible


def _coded(hashes: list[Hashes], beyond: list[Hashes], among: Mask | None) -> Coded:
    every = np.concatenate(hashes)
    if among is None:
        codes, holders, known = dense_codes(every)
    else:
        codes, holders, known = _codes_of(distinct([*(member[among] for member in hashes), *beyond]), every)
    return Coded(tuple(np.split(codes, len(hashes))), holders, known, is_partial=among is not None)


def _plausible(coded: Coded, most: int | None, known_beyond: Hashes | None) -> Coded:
    """The same without values that too many rows hold."""
    if most is None:
        return coded
    is_beyond = coded.holders > most
    if known_beyond is not None and len(known_beyond):
        is_beyond |= is_among(coded.hashes, known_beyond)
    if not is_beyond.any():
        return coded
    return replace(
        coded,
        rows=tuple(np.where(is_beyond[codes], 0, codes).astype(np.int32) for codes in coded.rows),
        holders=np.where(is_beyond, 0, coded.holders).astype(np.int32),
        beyond=coded.hashes[is_beyond],
        beyond_holders=coded.holders[is_beyond],
    )


def dense_codes(hashes: Hashes) -> tuple[Rows, Rows, Hashes]:
    """Codes 1, 2, ... of the hashes as they first occur (0 stays 0), how often each occurs, and the hash of each."""
    encoded = arrow(np.concatenate([np.zeros(1, dtype=np.uint64), hashes])).dictionary_encode()
    codes, distinct = numpy(encoded.indices)[1:], numpy(encoded.dictionary)
    holders = np.bincount(codes, minlength=len(distinct)).astype(np.int32)
    holders[0] = 0
    return codes, holders, distinct


def _codes_of(known: Hashes, hashes: Hashes) -> tuple[Rows, Rows, Hashes]:
    """The same with codes 2, 3, ... for `known` hashes; OTHER is any other, and counts as held once."""
    coded = np.concatenate([np.zeros(2, dtype=np.uint64), known])
    found = pc.index_in(arrow(hashes), value_set=arrow(coded[1:]))
    code_of_place = np.array([0, *range(2, len(coded)), OTHER], dtype=np.int32)
    codes = code_of_place[numpy(pc.fill_null(found, len(coded) - 1))]
    holders = np.bincount(codes, minlength=len(coded)).astype(np.int32)
    holders[:2] = 0, 1
    return codes, holders, coded


def distinct(hashes: Sequence[Hashes]) -> Hashes:
    """Each hash once, in order; null left out."""
    every = np.sort(np.concatenate([*hashes, NO_HASHES]))
    is_first = every != 0
    is_first[1:] &= every[1:] != every[:-1]
    found: Hashes = every[is_first]
    return found


def is_among(hashes: Hashes, ordered: Hashes) -> Mask:
    """Which of the hashes are among others that are in order."""
    if not len(ordered):
        return np.zeros(len(hashes), dtype=bool)
    found: Mask = ordered[np.minimum(np.searchsorted(ordered, hashes), len(ordered) - 1)] == hashes
    return found


def _widest(masks: list[Mask]) -> list[Mask]:
    """Masks that lie within no other."""
    widest: list[Mask] = []
    for mask in sorted(masks, key=np.count_nonzero, reverse=True):
        if not any((mask <= wider).all() for wider in widest):
            widest.append(mask)
    return widest


def _packed_digits(decimals: NDArray[np.int64]) -> NDArray[np.uint64]:
    packed, rest, shift = np.zeros(len(decimals), dtype=np.uint64), decimals.astype(np.uint64), 0
    while rest.any():
        packed |= (rest % np.uint64(10)) << np.uint64(shift)
        rest, shift = rest // np.uint64(10), shift + 4
    return packed


def _characters(text: pa.Array) -> NDArray[np.uint8]:
    """A row of MASKED_WIDTH bytes for each text, padded with spaces; blank where null, longer or not plain ASCII."""
    is_plain = pc.and_(pc.string_is_ascii(text), pc.less_equal(pc.binary_length(text), MASKED_WIDTH))
    plain = pc.if_else(pc.fill_null(is_plain, fill_value=False), text, "")
    padded = pc.ascii_rpad(plain, MASKED_WIDTH, " ")
    return np.frombuffer(padded.buffers()[2] or b"", dtype=np.uint8)[: len(text) * MASKED_WIDTH].reshape(
        -1, MASKED_WIDTH
    )


def _hides(text: pa.Array) -> Mask:
    """Texts that hide characters behind asterisks."""
    hidden: Mask = pc.fill_null(pc.match_substring(text, "*"), fill_value=False).to_numpy(zero_copy_only=False)
    return hidden
