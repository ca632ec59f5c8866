"""Names not made of a surname and given-name characters: of foreigners, and minorities with names of their own."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.families import CHILD, FEMALE, FOREIGN, MALE, MINORITY, Families
from extractors.simulators.glyphs import reading
from extractors.simulators.streams import Ints, Streams, draw
from extractors.simulators.texts import join, pick, put
from extractors.simulators.words import pairs, words

TURKIC, TIBETAN, MONGOLIAN = range(3)
PEOPLE_WEIGHTS = (78, 14, 8)
ETHNIC_CODES = ("05", "04", "02")  # GB/T 3304 of the three
NATIONS = ("US", "KR", "JP", "GB", "DE", "FR", "RU", "VN", "PK", "MY")
NATION_WEIGHTS = (22, 20, 14, 8, 7, 6, 7, 7, 5, 4)


@dataclass(frozen=True)
class Origins:
    """One entry per person: nation of a foreigner, people of a minority with names of its own; -1 for the others."""

    nation: Ints
    people: Ints


def give_origins(families: Families, streams: Streams, first: int) -> Origins:
    """Where families are from; their members share it."""
    stream, count = streams.of("origins", first), len(families.household)
    nation = draw(stream, NATION_WEIGHTS, count)[families.head]
    people = draw(stream, PEOPLE_WEIGHTS, count)[families.head]
    is_foreign, is_minority = families.origin == FOREIGN, families.origin == MINORITY
    return Origins(np.where(is_foreign, nation, -1), np.where(is_minority, people, -1))


def rename(
    plain: pa.Array, pinyin: pa.Array, families: Families, origins: Origins, streams: Streams, first: int
) -> tuple[pa.Array, pa.Array]:
    """Names and their Latin spelling, with those of minorities and foreigners put in."""
    stream = streams.of("foreign names", first)
    for people, make in ((TURKIC, _turkic), (TIBETAN, _tibetan), (MONGOLIAN, _mongolian)):
        rows = np.flatnonzero(origins.people == people)
        name, latin = make(stream, families, rows)
        plain, pinyin = put(plain, rows, name), put(pinyin, rows, latin)
    for at, nation in enumerate(NATIONS):
        rows = np.flatnonzero(origins.nation == at)
        name = _foreign(stream, families, rows, nation)
        plain, pinyin = put(plain, rows, name), put(pinyin, rows, name)
    return plain, pinyin


def _turkic(stream: np.random.Generator, families: Families, rows: Ints) -> tuple[pa.Array, pa.Array]:
    """Given name, middle dot, the father's given name: children bear that of their head."""
    men, women = words("turkic_male"), words("turkic_female")
    count = len(families.household)
    own, fathers = stream.integers(0, len(men), count), stream.integers(0, len(men), count)
    of_head = (families.role == CHILD) & (families.sex[families.head] == MALE)
    father = np.where(of_head, own[families.head], fathers)[rows]
    given = np.where(families.sex == FEMALE, len(men) + own % len(women), own)[rows]
    return (
        join(pick(men + women, given), "·", pick(men, father)),
        join(pick(_latin(men + women), given), " ", pick(_latin(men), father)),
    )


def _tibetan(stream: np.random.Generator, _: Families, rows: Ints) -> tuple[pa.Array, pa.Array]:
    parts = words("tibetan")
    first = stream.integers(0, len(parts), len(rows))
    last = (first + stream.integers(1, len(parts), len(rows))) % len(parts)
    return join(pick(parts, first), pick(parts, last)), join(pick(_latin(parts), first), pick(_latin(parts), last))


def _mongolian(stream: np.random.Generator, _: Families, rows: Ints) -> tuple[pa.Array, pa.Array]:
    names = words("mongolian")
    name = stream.integers(0, len(names), len(rows))
    return pick(names, name), pick(_latin(names), name)


def _foreign(stream: np.random.Generator, families: Families, rows: Ints, nation: str) -> pa.Array:
    """Given name and family name, which a family shares, by nation."""
    firsts, lasts = (pairs(key)[nation].split(",") for key in ("foreign_first", "foreign_last"))
    family = stream.integers(0, len(lasts), len(families.household))[families.head[rows]]
    return join(pick(firsts, stream.integers(0, len(firsts), len(rows))), " ", pick(lasts, family))


def _latin(names: tuple[str, ...]) -> pa.Array:
    return pc.utf8_upper(pa.array([reading(name) for name in names]))
