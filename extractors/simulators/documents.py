"""Identity documents: resident numbers that pass their checksum (GB 11643), permits and passports."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.families import FOREIGN, HONG_KONG, MACAU, MALE, TAIWAN, Families
from extractors.simulators.regions import regions
from extractors.simulators.streams import Ints, Streams, chance, draw, scattered
from extractors.simulators.texts import choose, join, number, pick, ymd

RESIDENT, PASSPORT, MILITARY, PERMIT_HK_MO, PERMIT_TAIWAN, PERMANENT_RESIDENT = range(6)
CHECK_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECK_CHARACTERS = "10X98765432"
FIRST_CODES_YEAR = 1985  # resident identity cards were first issued then
SEQUENCES = 500  # of one sex, county and day of birth


@dataclass(frozen=True)
class Documents:
    """One entry per person: the document they carry, and the passport or permit they might show instead."""

    kind: Ints
    number: pa.Array
    other_number: pa.Array


def issue_documents(families: Families, streams: Streams, first: int) -> Documents:
    """The identity document of every person."""
    stream = streams.of("documents", first)
    count = len(families.household)
    index = np.arange(first, first + count)
    county = draw(stream, regions().residents, count)[families.head]
    elsewhere = chance(stream, count, 25)
    county = np.where(elsewhere, draw(stream, regions().residents, count), county)
    permit = number(scattered(index, 57_721_566, 10**8), 8)
    kind = np.select(
        [
            families.origin == FOREIGN,
            (families.origin == HONG_KONG) | (families.origin == MACAU),
            families.origin == TAIWAN,
        ],
        [PASSPORT, PERMIT_HK_MO, PERMIT_TAIWAN],
        default=RESIDENT,
    )
    letters = pick(
        ["E", "H", "M", "K"],
        np.select([kind == PASSPORT, families.origin == HONG_KONG, families.origin == MACAU], [3, 1, 2], 0),
    )
    passport = join("E", number(scattered(index, 14_142_135, 10**8), 8))
    permits = choose(kind == PERMIT_TAIWAN, permit, join(letters, permit))
    resident = resident_numbers(stream, families, county)
    return Documents(kind, choose(kind == RESIDENT, resident, permits), passport)


def resident_numbers(stream: np.random.Generator, families: Families, county: Ints) -> pa.Array:
    """Eighteen characters: region, birth, sequence (odd for men) and check character; distinct within one call."""
    birth = ymd(families.birth)
    region = regions().code_when_issued(county, np.maximum(birth // 10_000, FIRST_CODES_YEAR))
    is_male = (families.sex == MALE).astype(np.int64)
    place = (region * 100_000_000 + birth) * 2 + is_male
    order = np.argsort(place, kind="stable")
    same = np.concatenate([[False], np.diff(place[order]) == 0])
    starts = np.maximum.accumulate(np.where(same, 0, np.arange(len(place))))
    rank = np.empty_like(place)
    rank[order] = np.arange(len(place)) - starts
    start = (place * 31 + int(stream.integers(0, SEQUENCES))) % SEQUENCES
    sequence = (start + rank) % SEQUENCES * 2 + is_male
    body = (region * 100_000_000 + birth) * 1000 + sequence
    return join(number(body, 17), check_characters(body))


def check_characters(body: Ints) -> pa.Array:
    """Check character of seventeen digits (ISO 7064 MOD 11-2)."""
    total = np.zeros_like(body)
    rest = body.copy()
    for weight in CHECK_WEIGHTS[::-1]:
        total += rest % 10 * weight
        rest //= 10
    return pick(list(CHECK_CHARACTERS), total % 11)
