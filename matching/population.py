"""The standing population: prepared rows and who holds which value, so that a few records can be looked up among all.

Rows are numbered as they came; a changed record is a new row and its old row is dead. Only additions are written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from matching.arrays import arrow, numpy, whole
from matching.model import Model
from matching.prepared import Hashes, Parts, columns_of, model_parts, row_hashes, unlimited
from matching.records import Mask, Rows
from matching.values import Value, model_values

SHORT_RUN = 3  # holders of a key that are counted by looking at the next place; more are counted by a search


@dataclass(frozen=True)
class Holders:
    """Hashes of one value in order, and the row that holds each."""

    hashes: Hashes
    rows: Rows

    def of(self, keys: Hashes) -> tuple[NDArray[np.intp], Rows]:
        """Every holder of `keys`: the position of its key, and its row."""
        start = np.searchsorted(self.hashes, keys, side="left")
        length, running = np.zeros(len(keys), dtype=np.intp), np.arange(len(keys))
        for _ in range(SHORT_RUN):
            running = running[start[running] + length[running] < len(self.hashes)]
            running = running[self.hashes[start[running] + length[running]] == keys[running]]
            length[running] += 1
        length[running] = np.searchsorted(self.hashes, keys[running], side="right") - start[running]
        position = np.repeat(np.arange(len(keys)), length)
        first = np.repeat(np.cumsum(length) - length, length)
        return position, self.rows[np.repeat(start, length) + np.arange(len(position)) - first]


@dataclass(frozen=True)
class Segment:
    """Rows that came together, by key: prepared, with the holders of every limited value; on disk `saved_as`."""

    prepared: pa.Table
    holders: dict[Value, Holders]
    first_row: int
    saved_as: str = ""

    def __len__(self) -> int:
        """How many rows."""
        return int(self.prepared.num_rows)


@dataclass(frozen=True)
class Population:
    """All rows ever added, which of them are alive, and the values that too many of these hold."""

    model: Model
    segments: tuple[Segment, ...]
    alive: Mask
    beyond: dict[Value, Hashes]

    def __len__(self) -> int:
        """Rows, dead ones included."""
        return len(self.alive)

    @property
    def keys(self) -> pa.Array:
        """Record keys by row."""
        return pa.concat_arrays([_keys(segment) for segment in self.segments])

    @cached_property
    def _parts(self) -> Parts:
        return model_parts(self.model)

    @cached_property
    def limits(self) -> dict[Value, list[Value]]:
        """Every indexed value with each limit the model sets on it."""
        limits: dict[Value, list[Value]] = {}
        for value in limited_values(self.model):
            limits.setdefault(unlimited(value), []).append(value)
        return limits

    def rows_of(self, keys: pa.Array) -> NDArray[np.intp]:
        """Living rows of these record keys."""
        ordered = keys.take(pc.sort_indices(keys))
        found = [_places(_keys(segment), ordered) + segment.first_row for segment in self.segments]
        rows = np.unique(np.concatenate(found))
        return rows[self.alive[rows]]

    def take(self, rows: NDArray[np.intp], columns: Sequence[str] | None = None) -> pa.Table:
        """Prepared rows in the order given."""
        is_ordered = bool((rows[1:] >= rows[:-1]).all())
        order = np.arange(len(rows)) if is_ordered else np.argsort(rows, kind="stable")
        ordered, first_rows = rows[order], [segment.first_row for segment in self.segments]
        parts = np.split(ordered, np.searchsorted(ordered, first_rows[1:]))
        places = [part - first_row for part, first_row in zip(parts, first_rows, strict=True)]
        tables = [segment.prepared for segment in self.segments]
        names = columns or tables[0].column_names
        taken = pa.table({name: _taken([table.column(name) for table in tables], places) for name in names})
        if is_ordered:
            return taken
        place = np.empty(len(rows), dtype=np.intp)
        place[order] = np.arange(len(rows))
        return taken.take(arrow(place))

    def in_key_order(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """The same rows in the order of their keys."""
        order = pc.sort_indices(self.take(rows, ["record_key"]).column("record_key"))
        return rows[np.asarray(order, dtype=np.intp)]

    def hashes(self, rows: NDArray[np.intp], values: Sequence[Value]) -> dict[Value, list[Hashes]]:
        """Hashes of some values for these rows, for each joint expression (else one)."""
        columns = list(dict.fromkeys(name for value in values for name in columns_of(self._parts, value)))
        taken = self.take(rows, columns or ["record_key"])
        return {value: row_hashes(taken, self._parts, value) for value in values}

    def holders(self, value: Value, keys: Hashes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Every living holder of `keys`: the position of its key, and its row."""
        found = [(segment.holders[unlimited(value)].of(keys), segment.first_row) for segment in self.segments]
        position = np.concatenate([positions for (positions, _), _ in found])
        rows = np.concatenate([rows.astype(np.intp) + first_row for (_, rows), first_row in found])
        is_alive = self.alive[rows]
        return position[is_alive], rows[is_alive]

    def added(self, prepared: pa.Table) -> "Population":
        """The population with more rows."""
        segment = segment_of(prepared, self.model, len(self))
        alive = np.concatenate([self.alive, np.ones(len(segment), dtype=bool)])
        return replace(self, segments=(*self.segments, segment), alive=alive)

    def without(self, rows: NDArray[np.intp]) -> "Population":
        """The population with these rows dead."""
        alive = self.alive.copy()
        alive[rows] = False
        return replace(self, alive=alive)


def limited_values(model: Model) -> list[Value]:
    """Values that count only while few enough rows hold them: those of blocking rules, phones and the like."""
    return [value for value in model_values(model) if value.implausible_above is not None]


def indexed_values(model: Model) -> list[Value]:
    """The same values without their limits, each once."""
    return list(dict.fromkeys(unlimited(value) for value in limited_values(model)))


def segment_of(prepared: pa.Table, model: Model, first_row: int) -> Segment:
    """Prepared rows with the holders of their limited values."""
    prepared = prepared.combine_chunks()
    parts = model_parts(model)
    holders = {value: _holders(row_hashes(prepared, parts, value)) for value in indexed_values(model)}
    return Segment(prepared, holders, first_row)


def _holders(members: list[Hashes]) -> Holders:
    hashes = np.concatenate(members)
    rows = np.tile(np.arange(len(members[0]), dtype=np.int32), len(members))
    known = np.flatnonzero(hashes)
    order = known[np.argsort(hashes[known], kind="stable")]
    return Holders(hashes[order], rows[order])


def _taken(columns: Sequence[pa.ChunkedArray], places: Sequence[NDArray[np.intp]]) -> pa.Array:
    """Values at some places of each column, one after the other."""
    if not pa.types.is_primitive(columns[0].type):
        return pa.concat_arrays([whole(column).take(arrow(at)) for column, at in zip(columns, places, strict=True)])
    ends = np.cumsum([0, *map(len, places)])
    values = np.empty(ends[-1], dtype=columns[0].type.to_pandas_dtype())
    for column, at, start in zip(columns, places, ends[:-1], strict=True):
        np.take(numpy(column), at, out=values[start : start + len(at)], mode="clip")
    return arrow(values)


def _places(keys: pa.Array, wanted: pa.Array) -> NDArray[np.intp]:
    """Where those of the wanted keys stand that are among `keys`; both are in order."""
    place = numpy(pc.search_sorted(keys, wanted)).astype(np.intp)
    inside = np.flatnonzero(place < len(keys))
    is_found = np.asarray(pc.equal(keys.take(arrow(place[inside])), wanted.take(arrow(inside))))
    found: NDArray[np.intp] = place[inside[is_found]]
    return found


def _keys(segment: Segment) -> pa.Array:
    return whole(segment.prepared.column("record_key"))
