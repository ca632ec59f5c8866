"""Identity documents: resident numbers that pass their checksum (GB 11643), permits and passports."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.families import FOREIGN, HONG_KONG, MACAU, MALE, TAIWAN, Families
from extractors.simulators.regions import regions
from extractors.simulators.streams import Ints, Streams, chance, draw, scattered
from extractors.simulators.texts import choose, join, number, pick, ymd
from extractors.simulators.validity import Validity, find_validity

RESIDENT, PASSPORT, MILITARY, PERMIT_HK_MO, PERMIT_TAIWAN, PERMANENT_RESIDENT, RESIDENCE_PERMIT = range(7)
SETTLED_PERCENT = 15  # of foreigners and people of Hong Kong, Macao and Taiwan, who hold a card of the mainland
MILITARY_PERCENT = 6  # of residents who show another document
NATION_NUMBERS = (840, 410, 392, 826, 276, 250, 643, 704, 586, 458)  # ISO 3166, in the order of NATIONS
PASSPORT_LETTERS = ("5", "M", "T", "1", "C", "2", "7", "B", "A", "A")
CHECK_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECK_CHARACTERS = "10X98765432"
FIRST_CODES_YEAR = 1985  # resident identity cards were first issued then
SEQUENCES = 500  # of one sex, county and day of birth


@dataclass(frozen=True)
class Documents:
    """One entry per person: the document they carry, and the passport or permit they might show instead."""

    kind: Ints
    number: pa.Array
    other_kind: Ints
    other_number: pa.Array
    validity: Validity


def issue_documents(families: Families, nation: Ints, streams: Streams, first: int, as_of: np.datetime64) -> Documents:
    """The identity document of every person, with its validity on `as_of`; `nation` of foreigners."""
    stream = streams.of("documents", first)
    count = len(families.household)
    index = np.arange(first, first + count)
    county = draw(stream, regions().residents, count)[families.head]
    elsewhere = chance(stream, count, 25)
    county = np.where(elsewhere, draw(stream, regions().residents, count), county)
    is_abroad = (families.origin == HONG_KONG) | (families.origin == MACAU) | (families.origin == TAIWAN)
    kind = np.select(
        [families.origin == FOREIGN, families.origin == TAIWAN, is_abroad],
        [PASSPORT, PERMIT_TAIWAN, PERMIT_HK_MO],
        default=RESIDENT,
    )
    settled = chance(stream, count, SETTLED_PERCENT)
    kind = np.where(settled & is_abroad, RESIDENCE_PERMIT, kind)
    kind = np.where(settled & (families.origin == FOREIGN), PERMANENT_RESIDENT, kind)
    resident = resident_numbers(stream, families, county, _regions_of_settled(families, nation, county))
    is_dated = (kind == RESIDENT) | (kind == RESIDENCE_PERMIT) | (kind == PERMANENT_RESIDENT)
    is_soldier = chance(stream, count, MILITARY_PERCENT)
    serial = number(scattered(index, 14_142_135, 10**8), 8)
    return Documents(
        kind=kind,
        number=choose(is_dated, resident, _permits(families, nation, index)),
        other_kind=np.where(is_soldier, MILITARY, PASSPORT),
        other_number=choose(is_soldier, join("军字第", serial, "号"), join("E", serial)),
        validity=find_validity(streams.of("validity", first), families.birth, kind == RESIDENT, as_of),
    )


def _permits(families: Families, nation: Ints, index: Ints) -> pa.Array:
    """Numbers of passports, which begin as their nation's do, and of travel permits."""
    serial = number(scattered(index, 57_721_566, 10**8), 8)
    place = np.select([families.origin == HONG_KONG, families.origin == MACAU, nation >= 0], [1, 2, nation + 3], 0)
    return join(pick(("", "H", "M", *PASSPORT_LETTERS), place), serial)


def _regions_of_settled(families: Families, nation: Ints, county: Ints) -> Ints:
    """First six digits of those whose card is not a resident's: 0 for residents.

    Foreigners: 9, the province that issued the card, their nation (ISO 3166 numeric).
    """
    province = regions().code[county] // 10_000
    foreign = 900_000 + province * 1000 + np.array(NATION_NUMBERS)[np.maximum(nation, 0)]
    places = [families.origin == HONG_KONG, families.origin == MACAU, families.origin == TAIWAN]
    return np.select([*places, families.origin == FOREIGN], [810_000, 820_000, 830_000, foreign], 0)


def resident_numbers(
    stream: np.random.Generator, families: Families, county: Ints, other_region: Ints | None = None
) -> pa.Array:
    """Eighteen characters: region, birth, sequence (odd for men) and check character; distinct within one call.

    The region is that of `county`, unless `other_region` names another.
    """
    birth = ymd(families.birth)
    region = regions().code_when_issued(county, np.maximum(birth // 10_000, FIRST_CODES_YEAR))
    region = region if other_region is None else np.where(other_region > 0, other_region, region)
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
