"""An address in parts: its region by code, the street, and the numbers down to the room."""

import re
from collections.abc import Iterator
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.addresses import (
    STEMS,
    head_and_tail,
    is_plain_address,
    plain_addresses,
    plain_heads,
    split_street,
)
from cleansing.values.columns import Kernel, OfLastColumn, Reader, Settled, as_mask
from cleansing.values.findings import MISSING, Finding, Outcome
from cleansing.values.regions import smallest_regions

NUMBER, BUILDING, UNIT, ROOM = range(4)
_LEVELS = "number", "building", "unit", "room"
_CODES = re.compile(r"\d{6}(?:\|\d{6})*", re.ASCII)
_PART = re.compile(rf"[{STEMS}]?\d[0-9A-Z]{{0,7}}|[A-Z]\d{{0,4}}", re.ASCII)
_TOKEN = re.compile(rf"((?:[{STEMS}](?=[0-9]))?[0-9A-Z]+)((?:(?![{STEMS}][0-9])[^0-9A-Z])*)", re.ASCII)
_SUFFIXES = (
    (re.compile(r"号?[楼栋幢座]"), BUILDING),
    (re.compile(r"单元|门(?!牌)|梯"), UNIT),
    (re.compile(r"[室户房]|号[室房]"), ROOM),
    (re.compile(r"[号弄]"), NUMBER),
)
_NEITHER = re.compile(r"[层组队社里期区段米村巷]|公里")
_SHORT = 2  # digits of a building; rooms have more
_N = "[1-9][0-9]{0,7}"
_H = r"[\x{4e00}-\x{9fff}]"
_PLAIN_PARTS = (
    rf"^{_H}+(?P<number>{_N})号(?:{_H}*?(?P<building>{_N})(?:号楼|栋|幢)(?:(?P<unit>{_N})单元)?(?P<room>{_N})室?"
    rf"|{_H}*?(?P<building_first>[1-9][0-9]?)-(?P<unit_next>{_N})-(?P<room_last>{_N}))?$"
)
_GROUPS = {
    NUMBER: ("number",),
    BUILDING: ("building", "building_first"),
    UNIT: ("unit", "unit_next"),
    ROOM: ("room", "room_last"),
}


def clean_address_region(raw: str | None) -> str | None:
    """Code (GB/T 2260) of the smallest region an address names; where several bear the name all, joined by |.

    >>> clean_address_region("北京市朝阳区建国路88号"), clean_address_region("朝阳区建国路88号")
    ('110105', '110105|220104')
    >>> clean_address_region("广东省东莞市东城路5号"), clean_address_region("建国路88号")
    ('441900', None)
    """
    return None if raw is None else read_address_region(raw).value


def read_address_region(raw: str) -> Finding[str]:
    """`clean_address_region`; ambiguous where more than one region bears the name, and all are kept."""
    if _CODES.fullmatch(raw):
        return _region(raw.split("|"))
    return _region(_codes(head_and_tail(raw)[0]))


def clean_address_street(raw: str | None) -> str | None:
    """What stands between the region and the first number: the road, or the village, and the estate if it comes first.

    >>> clean_address_street("北京市朝阳区建外街道建国路88号3号楼"), clean_address_street("北京市朝阳区")
    ('建国路', None)
    """
    return None if raw is None else read_address_street(raw).value


def read_address_street(raw: str) -> Finding[str]:
    """`clean_address_street`; what became of the address is recorded with the address itself."""
    return _part(_street(head_and_tail(raw)[0]))


def clean_address_number(raw: str | None) -> str | None:
    """The number of the house in its street, or of the lane.

    >>> clean_address_number("建国路88号3号楼2单元501室"), clean_address_number("南京西路1266弄5号302室")
    ('88', '1266')
    """
    return None if raw is None else read_address_number(raw).value


def clean_address_building(raw: str | None) -> str | None:
    """The building of an estate, or the house in a lane.

    >>> clean_address_building("建国路88号3号楼2单元501室"), clean_address_building("南京西路1266弄5号302室")
    ('3', '5')
    """
    return None if raw is None else read_address_building(raw).value


def clean_address_unit(raw: str | None) -> str | None:
    """The entrance of a building.

    >>> clean_address_unit("建国路88号3号楼2单元501室"), clean_address_unit("建国路88号3-2-501")
    ('2', '2')
    """
    return None if raw is None else read_address_unit(raw).value


def clean_address_room(raw: str | None) -> str | None:
    """The door.

    >>> clean_address_room("建国路88号3号楼2单元501室"), clean_address_room("建国路88号A座12层1201")
    ('501', '1201')
    """
    return None if raw is None else read_address_room(raw).value


def _reader(level: int) -> Reader:
    def read(raw: str) -> Finding[str]:
        """One of the numbers; a number alone is taken for it."""
        if _PART.fullmatch(raw):
            return Finding(raw, Outcome.OK)
        return _part(_numbers(head_and_tail(raw)[1])[level])

    return read


read_address_number, read_address_building, read_address_unit, read_address_room = map(_reader, range(len(_LEVELS)))


def settle_region(raw: pa.Array) -> Settled:
    """Chinese words up to the first number, each distinct wording read once; only what is certain."""
    heads = plain_heads(raw)
    codes = pa.array([_certain(_codes(head)) for head in heads.dictionary.to_pylist()], pa.string())
    found = codes.take(heads.indices)
    is_certain = pc.fill_null(pc.not_equal(found, ""), fill_value=True)
    is_settled = as_mask(is_plain_address(raw)).copy()
    is_settled[is_settled] = as_mask(is_certain)
    return Settled(is_settled, found.filter(is_certain))


def settle_street(raw: pa.Array) -> Settled:
    """Chinese words up to the first number, each distinct wording read once."""
    heads = plain_heads(raw)
    streets = pa.array([_street(head) or None for head in heads.dictionary.to_pylist()], pa.string())
    return Settled(as_mask(is_plain_address(raw)), streets.take(heads.indices))


def settle_part(level: int) -> Kernel:
    """A house number alone or followed by building, unit and room, in words or with hyphens."""

    def kernel(raw: pa.Array) -> Settled:
        told = _plain_parts(raw)
        is_settled = as_mask(is_plain_address(raw)).copy()
        is_settled[is_settled] = as_mask(told.is_valid())
        whole = told.drop_null()
        parts = [whole.field(group) for group in _GROUPS[level]]
        part = pc.binary_join_element_wise(*parts, "") if len(parts) > 1 else parts[0]
        return Settled(is_settled, pc.if_else(pc.equal(part, ""), None, part))

    return kernel


@OfLastColumn
def _plain_parts(raw: pa.Array) -> pa.StructArray:
    """The parts of the plain addresses by name, null where an address is built otherwise."""
    return pc.extract_regex(plain_addresses(raw), _PLAIN_PARTS)


def _certain(codes: tuple[str, ...]) -> str | None:
    """The one code, null where there is none, empty where there are several."""
    return None if not codes else codes[0] if len(codes) == 1 else ""


def _region(codes: tuple[str, ...] | list[str]) -> Finding[str]:
    if not codes:
        return MISSING
    return Finding("|".join(codes), Outcome.OK if len(codes) == 1 else Outcome.AMBIGUOUS)


def _part(text: str) -> Finding[str]:
    return Finding(text, Outcome.OK) if text else MISSING


@lru_cache(maxsize=1 << 17)
def _codes(head: str) -> tuple[str, ...]:
    return smallest_regions(head)


@lru_cache(maxsize=1 << 17)
def _street(head: str) -> str:
    """The street of a head, without regions, however often they stand there."""
    street = split_street(head)[1].strip("-#")
    again = head_and_tail(street)[0] if street else ""
    return again if again == head else _street(again)


@lru_cache(maxsize=1 << 15)
def _numbers(tail: str) -> tuple[str, str, str, str]:
    """Number, building, unit and room of what follows the street; what carries no word is told by its place."""
    parts: dict[int, str] = {}
    run: list[str] = []
    for token, level in _told(tail, parts):
        if level is None:
            run.append(token)
        else:
            _place(run, parts)
            run = []
            parts.setdefault(level, token)
    _place(run, parts)
    number, building, unit, room = (parts.get(level, "") for level in (NUMBER, BUILDING, UNIT, ROOM))
    return number, building, unit, room


def _told(tail: str, parts: dict[int, str]) -> Iterator[tuple[str, int | None]]:
    """Each number with the level its word tells; in a lane, and after a house number, a further 号 is a building."""
    is_storey = "单元" not in tail  # 3楼 is a floor, unless entrances follow
    for token, after in _TOKEN.findall(tail):
        if _is_floor(token, after, is_storey=is_storey) or not _PART.fullmatch(token):
            continue
        level = next((level for word, level in _SUFFIXES if word.match(after)), None)
        if level == NUMBER and NUMBER in parts:
            level = BUILDING if BUILDING not in parts else ROOM
        yield token.lstrip("0") or "0", level


def _is_floor(token: str, after: str, *, is_storey: bool) -> bool:
    """Whether a number tells a floor, a group of a village or a section: nothing that parts one door from another."""
    is_number = token[0].isdigit()
    return bool(_NEITHER.match(after)) or (is_number and (token[-1] == "F" or (is_storey and after.startswith("楼"))))


def _place(run: list[str], parts: dict[int, str]) -> None:
    """Numbers without words, in their order, on the levels below the last one told."""
    free = list(range(max(parts, default=-1) + 1, ROOM + 1))
    if not run or not free or len(run) > len(free):
        return
    levels = free[: len(run)]
    if free[0] > NUMBER and (len(run) > 1 or len(run[-1]) > _SHORT or free[0] > BUILDING):
        levels = [*free[: len(run) - 1], ROOM]
    parts.update(zip(levels, run, strict=True))
