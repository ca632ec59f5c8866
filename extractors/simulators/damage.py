"""Fields as one system recorded them, and every clean value that was lost on the way."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.streams import Flags, Ints, Streams, chance
from extractors.simulators.texts import put_all

Change = Callable[[Ints], pa.Array]


@dataclass(frozen=True)
class Damage:
    """One defect of one field: the rows it hit and what they should say."""

    field: str
    defect: str
    rows: Ints
    clean: pa.Array


class Columns(Mapping[str, pa.Array]):
    """Columns under change: what changed is put in when a column is asked for, all of it at once."""

    def __init__(self, clean: dict[str, pa.Array]) -> None:
        self.settled, self.waiting = dict(clean), dict[str, list[tuple[Ints, pa.Array]]]()

    def __getitem__(self, name: str) -> pa.Array:
        changes = self.waiting.pop(name, [])
        if changes:
            self.settled[name] = put_all(self.settled[name], changes)
        return self.settled[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.settled)

    def __len__(self) -> int:
        return len(self.settled)

    def change(self, name: str, rows: Ints, values: pa.Array) -> None:
        """Replace the values of some rows."""
        self.waiting.setdefault(name, []).append((rows, values))


@dataclass
class Recording:
    """Columns of one system's records under way to what the system really holds.

    `clean` is what it should hold; every defect draws from a stream named after it.
    """

    name: str
    streams: Streams
    first: int
    clean: dict[str, pa.Array]
    columns: "Columns" = field(init=False)
    damages: list[Damage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.columns = Columns(self.clean)

    def __len__(self) -> int:
        return len(next(iter(self.clean.values())))

    def stream(self, purpose: str) -> np.random.Generator:
        """The stream of one purpose of this recording."""
        return self.streams.of(self.name, self.first, purpose)

    def spoil(self, column: str, defect: str, percent: float, change: Change, only: Flags | None = None) -> None:
        """Replace about `percent` of a column, among `only`, by what `change` makes of the rows, and note it."""
        if not percent:
            return
        hit = chance(self.stream(f"{column}/{defect}"), len(self), percent)
        rows = np.flatnonzero(hit if only is None else hit & only)
        if len(rows):
            self.replace(column, defect, rows, change(rows))

    def replace(self, column: str, defect: str, rows: Ints, values: pa.Array) -> None:
        """Put damaged values into ascending rows, and note those that differ from what they should say."""
        clean = self.clean[column].take(pa.array(rows))
        differs = pc.fill_null(pc.not_equal(clean, values), pc.not_equal(clean.is_null(), values.is_null()))
        kept = np.asarray(differs)
        self.columns.change(column, rows[kept], values.filter(differs))
        self.damages.append(Damage(column, defect, rows[kept], clean.filter(differs)))
