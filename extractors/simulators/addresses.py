"""Where people live, and the ways an address gets written."""

from dataclasses import dataclass, fields
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.regions import regions
from extractors.simulators.streams import Ints, draw
from extractors.simulators.texts import choose, join, number, pick
from extractors.simulators.words import words

NOTES = (
    "（物业管理处东侧第二个路口，靠近农贸市场及社区卫生服务中心）",
    "（原第二机械厂家属院内，门口有大槐树，请先电话联系再上门）",
)
HOUSES, BUILDINGS, UNITS, FLOORS, ROOMS = 400, 40, 6, 33, 5  # numbers are below these
PROVINCE_ENDINGS = "(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)$"


@dataclass(frozen=True)
class Addresses:
    """One entry per person, parts as numbers; households share them."""

    county: Ints
    road: Ints
    house: Ints
    estate: Ints
    building: Ints
    unit: Ints
    room: Ints

    @classmethod
    def for_households(cls, stream: np.random.Generator, household: Ints) -> "Addresses":
        """A home for every household."""
        count = int(household[-1]) + 1
        parts = (
            draw(stream, regions().residents, count),
            stream.integers(0, len(words("roads")) * len(words("road_kinds")), count),
            stream.integers(1, HOUSES, count),
            stream.integers(0, len(words("estates")) * len(words("estate_kinds")), count),
            stream.integers(1, BUILDINGS, count),
            stream.integers(1, UNITS, count),
            stream.integers(1, FLOORS, count) * 100 + stream.integers(1, ROOMS, count),
        )
        return cls(*(part[household] for part in parts))

    def full(self, rows: Ints) -> pa.Array:
        """Address in full, from the province down to the door."""
        return join(pick(_places().whole, self.county[rows]), *self._street(rows), *self._door(rows))

    def without_province(self, rows: Ints) -> pa.Array:
        """Address from the city down."""
        return join(pick(_places().towns, self.county[rows]), *self._street(rows), *self._door(rows))

    def abbreviated(self, rows: Ints) -> pa.Array:
        """Address as a hurried clerk writes it: no suffix on the province, door as numbers."""
        numbers = join(number(self.building[rows]), "-", number(self.unit[rows]), "-", number(self.room[rows]))
        return join(pick(_places().short, self.county[rows]), *self._street(rows), numbers)

    def with_note(self, rows: Ints) -> pa.Array:
        """Address in full followed by directions for the postman."""
        return join(self.full(rows), pick(NOTES, rows % len(NOTES)))

    def city(self, rows: Ints) -> pa.Array:
        """City."""
        return pick(regions().city, self.county[rows])

    def district(self, rows: Ints) -> pa.Array:
        """District or county."""
        return pick(regions().district, self.county[rows])

    def city_code(self) -> Ints:
        """Number of the city of every home, as region codes begin."""
        return regions().code[self.county] // 100

    def of(self, rows: Ints) -> "Addresses":
        """The homes of some people."""
        return Addresses(*(getattr(self, field.name)[rows] for field in fields(self)))

    def move(self, rows: Ints, homes: "Addresses") -> None:
        """Put some people into the homes given, one each."""
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(homes, field.name)

    def _street(self, rows: Ints) -> tuple[pa.Array, ...]:
        places = _places()
        house, estate = pick(places.houses, self.house[rows]), pick(places.estates, self.estate[rows])
        return pick(places.roads, self.road[rows]), house, estate

    def _door(self, rows: Ints) -> tuple[pa.Array, ...]:
        places = _places()
        stairs = pick(places.stairs, self.building[rows] * UNITS + self.unit[rows])
        return stairs, pick(places.rooms, self.room[rows])


@dataclass(frozen=True)
class Places:
    """The parts addresses are made of, spelt: by county, road, house, estate, building with unit, room."""

    whole: pa.Array
    towns: pa.Array
    short: pa.Array
    roads: pa.Array
    houses: pa.Array
    estates: pa.Array
    stairs: pa.Array
    rooms: pa.Array


@cache
def _places() -> Places:
    """Every part; a province is empty for the four cities that are their own, which the city names."""
    known = regions()
    province = pc.if_else(pc.equal(known.province, known.city), "", known.province)
    same_district = np.asarray(pc.equal(known.district, known.city))
    towns = join(known.city, choose(same_district, "", known.district))
    short = pc.replace_substring_regex(province, pattern=PROVINCE_ENDINGS, replacement="")
    stairs = [f"{at // UNITS}号楼{at % UNITS}单元" for at in range(BUILDINGS * UNITS)]
    return Places(
        whole=join(province, towns),
        towns=towns,
        short=join(short, towns),
        roads=_pairs("roads", "road_kinds"),
        houses=pa.array([f"{at}号" for at in range(HOUSES)]),
        estates=_pairs("estates", "estate_kinds"),
        stairs=pa.array(stairs),
        rooms=pa.array([f"{at}室" for at in range(FLOORS * 100 + ROOMS)]),
    )


def _pairs(firsts: str, lasts: str) -> pa.Array:
    return pa.array([first + last for first in words(firsts) for last in words(lasts)])
