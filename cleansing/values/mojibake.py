"""Text read in the wrong encoding, put right only where the mistake is proven.

A proof is a decoding that succeeds strictly and yields common Chinese characters which begin as such a value must (a
surname, a region), while the text as sent does not.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleansing.values.utf8 import BMP, first_code_points

_COMMON_HAN = re.compile(r"[\u4e00-\u9fff·0-9A-Za-z()# -]{2,}")
_MISTAKES = (("latin-1", "gb18030"), ("latin-1", "utf-8"), ("cp1252", "utf-8"), ("gb18030", "utf-8"))
_GBK_BYTES = 2
_LOST_BYTES = "\ufffd"
_UTF8_HAN_LEADS = range(0xE4, 0xEA)


def unscrambled(raw: str, begins_well: Callable[[str], bool]) -> str | None:
    """What `raw` was before it was read in the wrong encoding; None where that cannot be proven.

    >>> begins_well = lambda text: text[0] in "张李"
    >>> unscrambled("寮犱紵", begins_well), unscrambled("ÕÅÎ°", begins_well), unscrambled("张伟", begins_well)
    ('张伟', '张伟', None)
    >>> unscrambled("寮犲叏濂", begins_well)  # of the third character one byte is gone
    '张全?'
    """
    text = raw.strip()
    if text.isascii() or begins_well(text):
        return None
    readings = (_reread(text, wrong, right) for wrong, right in _MISTAKES)
    return next((reading for reading in readings if reading and begins_well(reading)), None)


def is_beyond_repair(raw: str, begins_well: Callable[[str], bool]) -> bool:
    """Whether `raw` was surely read in the wrong encoding and has lost bytes since, so that nobody can tell the rest.

    >>> begins_well = lambda text: text[0] in "张杨"
    >>> is_beyond_repair("鏉ㄩ", begins_well), is_beyond_repair("杨通", begins_well)
    (True, False)
    """
    text = raw.strip()
    if text.isascii() or not text or begins_well(text):
        return False
    found = text.encode("gb18030", "replace").decode("utf-8", "replace")
    return len(found) > 1 and found[0] in _common() and begins_well(found) and _LOST_BYTES in found


def _reread(text: str, wrong: str, right: str) -> str | None:
    """`text` in the right encoding; `?` stands for a last character of which only a part is left."""
    try:
        decoder = getincrementaldecoder(right)()
        reading = decoder.decode(text.encode(wrong))
        reading.encode("gb2312")
    except UnicodeError:
        return None
    lost = "?" if decoder.getstate()[0] else ""
    return reading + lost if _COMMON_HAN.fullmatch(reading) else None


def is_suspicious(raw: pa.Array) -> pa.Array:
    """Whether the first character may be half of another one (UTF-8 read as GB 18030); none of `raw` may be null."""
    return pa.array(_suspects()[first_code_points(raw)])


@cache
def _common() -> frozenset[str]:
    """Characters of GB 2312."""
    pairs = (bytes((lead, trail)) for lead in range(0xB0, 0xF8) for trail in range(0xA1, 0xFF))
    return frozenset(pair.decode("gb2312", "ignore") for pair in pairs) - {""}


@cache
def _suspects() -> npt.NDArray[np.bool_]:
    suspects = np.zeros(BMP, bool)
    for point in range(0x4E00, 0xA000):
        encoded = chr(point).encode("gb18030")
        suspects[point] = len(encoded) == _GBK_BYTES and encoded[0] in _UTF8_HAN_LEADS
    return suspects
