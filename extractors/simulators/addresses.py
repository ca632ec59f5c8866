"""Where people live, and the ways an address gets written."""

from dataclasses import dataclass, fields

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
            stream.integers(1, 400, count),
            stream.integers(0, len(words("estates")) * len(words("estate_kinds")), count),
            stream.integers(1, 40, count),
            stream.integers(1, 6, count),
            stream.integers(1, 33, count) * 100 + stream.integers(1, 5, count),
        )
        return cls(*(part[household] for part in parts))

    def full(self, rows: Ints) -> pa.Array:
        """Address in full, from the province down to the door."""
        return join(self.province(rows), self.without_province(rows))

    def without_province(self, rows: Ints) -> pa.Array:
        """Address from the city down."""
        return join(self._towns(rows), self._street(rows), self._door(rows))

    def abbreviated(self, rows: Ints) -> pa.Array:
        """Address as a hurried clerk writes it: no suffix on the province, door as numbers."""
        province = pc.replace_substring_regex(
            self.province(rows), pattern="(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)$", replacement=""
        )
        numbers = join(number(self.building[rows]), "-", number(self.unit[rows]), "-", number(self.room[rows]))
        return join(province, self._towns(rows), self._street(rows), numbers)

    def with_note(self, rows: Ints) -> pa.Array:
        """Address in full followed by directions for the postman."""
        return join(self.full(rows), pick(NOTES, rows % len(NOTES)))

    def province(self, rows: Ints) -> pa.Array:
        """Province; empty for the four cities that are their own, which the city names."""
        name = pick(regions().province, self.county[rows])
        return pc.if_else(pc.equal(name, self.city(rows)), "", name)

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

    def _towns(self, rows: Ints) -> pa.Array:
        district = self.district(rows)
        is_same = np.asarray(pc.equal(district, self.city(rows)))
        return join(self.city(rows), choose(is_same, "", district))

    def _street(self, rows: Ints) -> pa.Array:
        road, kind = np.divmod(self.road[rows], len(words("road_kinds")))
        estate, style = np.divmod(self.estate[rows], len(words("estate_kinds")))
        street = join(pick(words("roads"), road), pick(words("road_kinds"), kind), number(self.house[rows]), "号")
        return join(street, pick(words("estates"), estate), pick(words("estate_kinds"), style))

    def _door(self, rows: Ints) -> pa.Array:
        return join(number(self.building[rows]), "号楼", number(self.unit[rows]), "单元", number(self.room[rows]), "室")
