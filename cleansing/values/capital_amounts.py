"""Amounts in Chinese numerals, as cheques and contracts write them: 壹万贰仟叁佰肆拾伍元陆角柒分."""

import re
from decimal import Decimal

_NUMERALS = "零一二三四五六七八九"
_PLAIN = str.maketrans("〇壹贰貳叁參肆伍陆陸柒捌玖两拾佰仟萬億圆圓", "零一二二三三四五六六七八九二十百千万亿元元")
_AMOUNT = re.compile(
    r"(?:人民币|RMB|CNY)?:?(?P<sign>[负負])?(?:(?P<yuan>[零一二三四五六七八九十百千万亿]+)元)?"
    r"(?:(?P<jiao>[零一二三四五六七八九])角)?(?:零?(?P<fen>[一二三四五六七八九])分)?[整正]?"
)
_PLACES = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))
_SECTIONS = ((10**8, "亿"), (10**4, "万"), (1, ""))
_LIMIT = 10**12


def capital_amount(text: str) -> Decimal | None:
    """The amount in yuan of Chinese numerals; None where they are none, or might mean another (三百五 is 350 or 305).

    >>> capital_amount("人民币壹万贰仟叁佰肆拾伍元陆角柒分"), capital_amount("叁佰零伍圆整"), capital_amount("三百五元")
    (Decimal('12345.67'), Decimal('305.00'), None)
    """
    found = _AMOUNT.fullmatch(text.replace(" ", "").translate(_PLAIN))
    if found is None or not any(found[part] for part in ("yuan", "jiao", "fen")):
        return None
    yuan = _whole(found["yuan"] or "零")
    if yuan is None:
        return None
    cents = sum(_NUMERALS.index(found[part] or "零") * size for part, size in (("jiao", 10), ("fen", 1)))
    amount = Decimal(yuan * 100 + cents).scaleb(-2)
    return -amount if found["sign"] else amount


def _whole(text: str) -> int | None:
    """A whole number that is spelt as it should be."""
    text = re.sub(r"^十|(?<=[百零万亿])十", lambda ten: "一" + ten.group(), text)
    total, section, digit = 0, 0, 0
    for character in text:
        if character in _NUMERALS:
            digit = _NUMERALS.index(character)
        elif character in "十百千":
            section, digit = section + digit * {"十": 10, "百": 100, "千": 1000}[character], 0
        elif character == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        else:
            total, section, digit = (total + section + digit) * 10**8, 0, 0
    total += section + digit
    return total if total < _LIMIT and _spelt(total) == text else None


def _spelt(number: int) -> str:
    """A whole number below a billion thousands in numerals, with 零 for every gap."""
    words, is_gap = "", False
    for size, name in _SECTIONS:
        section, number = divmod(number, size)
        for place, unit in _PLACES:
            digit = section // place % 10
            if digit:
                words += ("零" if is_gap and words else "") + _NUMERALS[digit] + unit
            is_gap = not digit
        words += name if section else ""
    return words or "零"
