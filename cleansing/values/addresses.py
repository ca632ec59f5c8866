"""Postal addresses on one line, and the key they compare by: county, street and the numbers down to the door."""

import re
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.columns import OfLastColumn, Settled, as_sent, matches, settle
from cleansing.values.findings import MASKED, MISSING, PLACEHOLDER, Finding, Outcome
from cleansing.values.mojibake import is_suspicious, unscrambled
from cleansing.values.regions import begins_with_region, strip_regions
from cleansing.values.tables import word_list
from cleansing.values.text import found_whole, is_filler, normalise

_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])")
_FILLERS = frozenset(word_list("filler_addresses"))
_NOTE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_POSTCODE = re.compile(r"^(?:邮编|邮政编码)?[:. ]?\d{6}(?=[^\d号弄-])")
_TELEPHONE = re.compile(r"[,;. ]*(?:联系)?(?:电话|手机|TEL)号?码?[:. ]*[\d-]{7,}.*$", re.IGNORECASE)
_NOISE = re.compile(r"[\s,.;:,。、;:·'\"()\[\]【】]+")
_NUMERAL = "〇零一二三四五六七八九十百"
_UNIT = "号|栋|幢|座|楼|单元|层|室|弄|组"
_HAN_NUMBER = re.compile(rf"[{_NUMERAL}]+(?=(?:{_UNIT}))")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0}
_FLOOR = re.compile(r"(?<![0-9A-Z])\d+层(?=.*\d)")
_SUBDISTRICT = re.compile(r"^[\u4e00-\u9fff]{2,6}?街道(?:办事处)?(?=[\u4e00-\u9fff]{2})")
_PLAIN = r"^[\x{4e00}-\x{9fff}][\x{4e00}-\x{9fff}0-9A-Z#-]*$"
_PLAIN_KEY = r"^[\x{4e00}-\x{9fff}]+[0-9][\x{4e00}-\x{9fff}0-9A-Z#-]*$"
STEMS = "甲乙丙丁"  # 甲5号 stands beside 5号
_STEM_BEHIND = re.compile(rf"(?<![{STEMS}0-9])([0-9]+)号([{STEMS}])(?![0-9楼座栋幢单])")
_FIRST_NUMBER = re.compile(rf"[{STEMS}]?[0-9]")
_STEM_ALONE = re.compile(rf"[{STEMS}](?![0-9])")
_NEEDS_READING = (
    rf"^(?:无|空)$|[{STEMS}][0-9]|号[{STEMS}]|[{_NUMERAL}](?:{_UNIT})|[0-9]层|同|见|址|邮编|邮政|电话|手机"
    "|保密|测试|未知|不详|不明|暂无|没有|未提供|未填"
)


def clean_address(raw: str | None) -> str | None:
    r"""An address on one line, without blanks between Chinese characters.

    >>> clean_address("北京市　朝阳区\n建国路８８号"), clean_address("同上")
    ('北京市朝阳区建国路88号', None)
    """
    return None if raw is None else read_address(raw).value


def read_address(raw: str) -> Finding[str]:
    """`clean_address`, with what became of the value."""
    text = unscrambled(raw, begins_with_region) or raw
    text = _HAN_GAP.sub("", normalise(text)).strip(",;、。 ")
    if not text:
        return MISSING
    if is_filler(text) or text.lower() in _FILLERS:
        return PLACEHOLDER
    return MASKED if re.fullmatch(r"[*\s]+", text) else found_whole(text, raw.strip())


def settle_address(raw: pa.Array) -> Settled:
    """Common characters, digits and capitals without blanks."""
    return settle(raw, _is_plain(raw, _PLAIN), as_sent)


def clean_address_key(raw: str | None) -> str | None:
    """An address as compared: county, street and numbers; null where no number tells the door.

    >>> clean_address_key("北京市朝阳区建国路88号3栋2单元501室")
    '朝阳建国路88-3-2-501'
    >>> clean_address_key("朝阳区建国路八十八号 3号楼2-501"), clean_address_key("北京市朝阳区")
    ('朝阳建国路88-3-2-501', None)
    """
    return None if raw is None else read_address_key(raw).value


def read_address_key(raw: str) -> Finding[str]:
    """`clean_address_key`; what became of the address is recorded with the address itself."""
    head, tail = head_and_tail(raw)
    return Finding(_street(head) + _numbers(tail), Outcome.OK) if tail else MISSING


@lru_cache(maxsize=1 << 15)
def head_and_tail(raw: str) -> tuple[str, str]:
    """Words of an address before its first number, and the rest in digits, without notes, blanks and marks.

    >>> head_and_tail("北京市朝阳区 建国路八十八号（近地铁）3层301"), head_and_tail("文化路5号甲")
    (('北京市朝阳区建国路', '88号301'), ('文化路', '甲5号'))
    """
    address = read_address(raw)
    told = _TELEPHONE.sub("", _POSTCODE.sub("", address.value or ""))
    words = normalise(_NOISE.sub("", _NOTE.sub("", told)))
    text = _FLOOR.sub("", _HAN_NUMBER.sub(_to_digits, words)).upper()
    text = _STEM_BEHIND.sub(r"\2\1号", text)
    at = _FIRST_NUMBER.search(text)
    return (text, "") if at is None else (text[: at.start()], text[at.start() :])


def settle_address_key(raw: pa.Array) -> Settled:
    """Chinese words up to the first number, each distinct wording read once, and the numbers by vector."""
    return settle(raw, is_plain_address(raw), lambda _: _keys(raw))


@OfLastColumn
def plain_addresses(raw: pa.Array) -> pa.Array:
    """The addresses of `raw` that need no reading (`is_plain_address`)."""
    return raw.filter(is_plain_address(raw))


@OfLastColumn
def plain_heads(raw: pa.Array) -> pa.DictionaryArray:
    """Their words before the first number."""
    return pc.replace_substring_regex(plain_addresses(raw), r"[0-9].*$", "").dictionary_encode()


@OfLastColumn
def is_plain_address(raw: pa.Array) -> pa.Array:
    """Which of `raw` are Chinese words up to a first number and hold nothing that needs reading."""
    return _is_plain(raw, _PLAIN_KEY)


def _is_plain(raw: pa.Array, pattern: str) -> pa.Array:
    is_doubtful = pc.or_(matches(raw, _NEEDS_READING), is_suspicious(raw))
    return pc.and_not(matches(raw, pattern), is_doubtful)


def _keys(raw: pa.Array) -> pa.Array:
    words = plain_heads(raw)
    streets = pa.array([_street(before) for before in words.dictionary.to_pylist()], pa.string())
    numbers = pc.replace_substring_regex(plain_addresses(raw), r"^[^0-9]+", "")
    for pattern, replacement in ((r"[^0-9A-Z]+", "-"), (r"-+$", ""), (r"\b0+([0-9])", r"\1")):
        numbers = pc.replace_substring_regex(numbers, pattern, replacement)
    return pc.binary_join_element_wise(streets.take(words.indices), numbers, "")


@lru_cache(maxsize=1 << 17)
def _street(head: str) -> str:
    """County and street of the words before the first number."""
    return "".join(split_street(head))


def split_street(head: str) -> tuple[str, str]:
    """County, without the word for its kind, and street of the words before the first number."""
    county, street = strip_regions(head)
    return county, _SUBDISTRICT.sub("", street)


def _numbers(tail: str) -> str:
    joined = re.sub(rf"[^0-9A-Z{STEMS}]+", "-", _STEM_ALONE.sub("", tail)).strip("-")
    return re.sub(r"\b0+([0-9])", r"\1", joined)


def _to_digits(numeral: re.Match[str]) -> str:
    """A Chinese number below a thousand in digits; digits in a row (三〇二) one by one."""
    text = numeral.group()
    if not set(text) & {"十", "百"}:
        return "".join(str(_DIGITS[digit]) for digit in text)
    total, digit = 0, 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        else:
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
    return str(total + digit)
