"""Characters Chinese names are made of, with their readings and the forms clerks and systems turn them into."""

import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from extractors.simulators.streams import Ints
from extractors.simulators.words import letters, pairs, words

TOP_SHARES = (7.5, 7.4, 7.0, 5.3, 4.5, 3.1, 2.3, 2.2, 2.0, 1.9, 1.7, 1.6, 1.5, 1.4, 1.4, 1.3, 1.3, 1.2, 1.2, 1.2)
HUNDRED_SHARE = 86.0


@dataclass(frozen=True)
class Glyphs:
    """Distinct name parts with their other forms, all columns aligned; surnames first, then given-name characters."""

    text: pa.Array
    reading: pa.Array
    traditional: pa.Array
    slip: pa.Array
    first_given: int

    def index(self, characters: str) -> Ints:
        """Positions of given-name characters."""
        position = {part: at for at, part in enumerate(self.text.to_pylist()) if at >= self.first_given}
        return np.array([position[character] for character in characters], dtype=np.int64)


def surname_weights(compound_percent: float) -> NDArray[np.float64]:
    """Share of every surname, as published: the first hundred hold 86 percent; compound ones together as given."""
    hundred = np.linspace(1.9, 0.45, 100 - len(TOP_SHARES))
    hundred *= (HUNDRED_SHARE - sum(TOP_SHARES)) / hundred.sum()
    tail = 1 / np.arange(8, 8 + len(letters("surnames")) - 100)
    tail *= (100 - HUNDRED_SHARE - compound_percent) / tail.sum()
    count = len(words("compound_surnames"))
    return np.concatenate([TOP_SHARES, hundred, tail, np.full(count, compound_percent / count)]) * 100


@cache
def glyphs() -> Glyphs:
    """Every surname and given-name character."""
    surnames = [*letters("surnames"), *words("compound_surnames")]
    blocks = ("neutral", "male", "female", "young_male", "young_female", "rare")
    given = list(dict.fromkeys("".join(letters(block) for block in blocks)))
    special = pairs("surname_readings")
    readings = [special.get(part) or reading(part) for part in surnames] + [reading(part) for part in given]
    reading_of = dict(zip(given, readings[len(surnames) :], strict=True))
    parts = surnames + given
    traditional = pairs("traditional")
    return Glyphs(
        text=pa.array(parts),
        reading=pa.array(readings),
        traditional=pa.array(["".join(traditional.get(c, c) for c in part) for part in parts]),
        slip=pa.array([_slip(part, read, reading_of) for part, read in zip(parts, readings, strict=True)]),
        first_given=len(surnames),
    )


def _slip(part: str, read: str, reading_of: dict[str, str]) -> str:
    """Another character that sounds the same, else one that looks alike, else the part itself."""
    alike = [character for character, other in reading_of.items() if other == read and character != part]
    return alike[ord(part[0]) % len(alike)] if alike else pairs("shape_slips").get(part, part)


def reading(part: str) -> str:
    """Pinyin of some characters, without tones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pypinyin import lazy_pinyin  # slow to import, and only names need it

    return "".join(lazy_pinyin(part, errors="ignore")) or "x"
