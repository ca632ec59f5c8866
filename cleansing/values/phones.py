"""Telephone numbers to E.164. Letters are never guessed into digits, and fillers are null."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.columns import Settled, as_sent, matches, settle
from cleansing.values.findings import AMBIGUOUS, INVALID, MASKED, MISSING, PLACEHOLDER, Finding, Outcome
from cleansing.values.tables import read_table, word_list
from cleansing.values.text import is_filler, normalise

_SEPARATORS = re.compile(r"[\s()./\-–—_,]+")
_SEVERAL = re.compile(r"[;,、|/:或和]|\s+(?=\+?\d{7})")
_TRUNK_IN_BRACKETS = re.compile(r"^((?:\+|00)\d{1,3} ?)\(0\)", re.ASCII)
_MASK_LETTERS = re.compile(r"(?<=\d)X{3,}(?=\d|$)", re.IGNORECASE)
_EXTENSION = re.compile(r"\s*(?:ext\.?|x|转|分机|#)\s*:?\s*\d{1,6}$", re.IGNORECASE)
_DASHED_EXTENSION = re.compile(r"^(0\d{2,3}-?\d{3,4} ?\d{4})-\d{1,6}$", re.ASCII)
_LABEL = re.compile(
    r"(?:^|(?<=[\s;,、|/]))(?:联系|移动|固定|办公|单位|家庭|家里|住宅|宅)?(?:手机|电话|座机|固话|家|宅|单位|办公室|tel|mobile|phone)?"
    r"(?:号码?)?\s*[:.]?\s*(?=[+(\d]|$)",
    re.IGNORECASE,
)
_CALL_PREFIX = r"(?:17951|17911|17909|17900|12593|10193)"
_MAINLAND = r"(?:\+?(?:00)?86)?"
_MOBILE = re.compile(rf"(?:{_CALL_PREFIX})?{_MAINLAND}(?:{_CALL_PREFIX})?0?(1[3-9]\d{{9}})", re.ASCII)
_PREFIXES = [prefix for (prefix,) in read_table("area_codes")]
_TWO_DIGITS = (
    "10|2[0-57-9]"  # codes of the largest cities; other prefixes of two digits stand for several codes of three
)
_THREE_DIGITS = "|".join(prefix.ljust(3, "d").replace("d", "[0-9]") for prefix in _PREFIXES if prefix[0] not in "12")
_LANDLINE = re.compile(
    rf"(?:{_CALL_PREFIX})?{_MAINLAND}0?((?:{_TWO_DIGITS})[2-8]\d{{7}}|(?:{_THREE_DIGITS})[2-8]\d{{6,7}})", re.ASCII
)
_SERVICE = re.compile(rf"{_MAINLAND}([48]00\d{{7}})", re.ASCII)
_SHORT_CODE = re.compile(rf"(?:{_MAINLAND}(?:0\d{{2,3}})?9[56]\d{{3,4}}|1(?:00\d{{2,3}}|1[0249]|2\d{{1,3}}))", re.ASCII)
_NEIGHBOURS = re.compile(r"(?:\+|00)?(852[235-9]\d{7}|853(?:6\d{7}|28\d{6})|8860?9\d{8}|8860?[2-8]\d{7,8})", re.ASCII)
_FOREIGN = re.compile(r"(?:\+|00)([1-9]\d{6,14})", re.ASCII)
_MASK = re.compile(r"\+?[\d*]{5,16}", re.ASCII)
_FILLER_NUMBERS = frozenset(word_list("filler_phones"))
_ONE_DIGIT = re.compile(r"(?:0\d{2,3})?(\d)\1{6,}|1(\d)\2{9}|1\d\d0{8}", re.ASCII)
_MOBILE_DIGITS = 11
_FORMS = [(_MOBILE, "86"), (_LANDLINE, "86"), (_SERVICE, "86")]
_FILLER_ARRAY = pa.array(sorted(_FILLER_NUMBERS))
_ONE_DIGIT_PLAIN = "^1(?:" + "|".join(f"{digit}{{10}}" for digit in range(3, 10)) + "|[0-9]{2}0{8})$"
_PLAIN_LANDLINE = f"^0(?:(?:{_TWO_DIGITS})-?[2-8][0-9]{{7}}|(?:{_THREE_DIGITS})-?[2-8][0-9]{{6,7}})$"
_ONE_DIGIT_LANDLINE = "^0[0-9]{2,3}-?(?:" + "|".join(f"{digit}{{7,8}}" for digit in range(2, 9)) + ")$"
_ADDED = r"^\+?86[- ]?|[ -]"
_CANONICAL = r"^\+861[0-9]{10}$"
_WRITTEN_APART = r"^(?:\+?86[- ]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}$"


def clean_phone(raw: str | None) -> str | None:
    """The first valid number of `raw` in E.164; masked numbers and fillers are null.

    >>> clean_phone("138 1234 5678"), clean_phone("0086-13812345678"), clean_phone("(010) 6552-9988")
    ('+8613812345678', '+8613812345678', '+861065529988')
    >>> clean_phone("13800138000"), clean_phone("138****5678"), clean_phone("138OO138OOO")
    (None, None, None)
    """
    return None if raw is None else read_phone(raw).value


def read_phone(raw: str) -> Finding[str]:
    """`clean_phone`, with what became of the value."""
    text = _TRUNK_IN_BRACKETS.sub(r"\1", _LABEL.sub("", normalise(raw)))
    if not text:
        return MISSING
    whole = _read_one(text)
    if whole.outcome is not Outcome.INVALID:
        return Finding(whole.value, Outcome.OK if _is_plain(raw, whole) else whole.outcome)
    several = (_read_one(part.strip()) for part in _SEVERAL.split(text))
    return next((Finding(one.value, Outcome.REPAIRED) for one in several if one.value), INVALID)


def is_short_code(raw: str) -> bool:
    """Whether `raw` is the number of a hotline, a bank's or a carrier's own; nobody's to be reached at.

    >>> is_short_code("95588"), is_short_code("10086"), is_short_code("12345"), is_short_code("13812345678")
    (True, True, True, False)
    """
    return _SHORT_CODE.fullmatch(_SEPARATORS.sub("", _LABEL.sub("", normalise(raw)))) is not None


def settle_bare(raw: pa.Array) -> Settled:
    """Eleven digits of a mobile number."""
    return settle(raw, _is_number(raw), _with_country)


def settle_landline(raw: pa.Array) -> Settled:
    """Area code and number, with or without a hyphen."""
    is_plain = pc.and_not(matches(raw, _PLAIN_LANDLINE), matches(raw, _ONE_DIGIT_LANDLINE))
    return settle(raw, is_plain, lambda plain: _with_country(pc.replace_substring_regex(plain, r"^0|-", "")))


def settle_written_apart(raw: pa.Array) -> Settled:
    """Mobile numbers with blanks, hyphens or the country code."""
    is_apart = pc.and_not(matches(raw, _WRITTEN_APART), matches(raw, _CANONICAL))
    digits = pc.replace_substring_regex(pc.if_else(is_apart, raw, None), _ADDED, "")
    is_number = _is_number(digits)
    return settle(raw, is_number, lambda _: _with_country(digits.filter(is_number)), Outcome.REPAIRED)


def settle_canonical(raw: pa.Array) -> Settled:
    """Mobile numbers in E.164."""
    is_canonical = matches(raw, _CANONICAL)
    return settle(raw, pc.and_(is_canonical, _is_number(pc.utf8_slice_codeunits(raw, 3))), as_sent)


def _with_country(digits: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise("+86", digits, "")


def _is_number(digits: pa.Array) -> pa.Array:
    """Whether eleven digits are a mobile number that is no filler."""
    is_filler_number = pc.or_(pc.is_in(digits, _FILLER_ARRAY), matches(digits, _ONE_DIGIT_PLAIN))
    return pc.and_not(matches(digits, r"^1[3-9][0-9]{9}$"), is_filler_number)


def _read_one(text: str) -> Finding[str]:
    """One number, with the outcome it has when it is not already plainly written."""
    if is_filler(text):
        return PLACEHOLDER
    without_extension = _DASHED_EXTENSION.sub(r"\1", _EXTENSION.sub("", text))
    digits = _MASK_LETTERS.sub(lambda mask: "*" * len(mask.group()), _SEPARATORS.sub("", without_extension))
    if "*" in digits:
        return MASKED if _MASK.fullmatch(digits) else INVALID
    if _is_filler_number(digits) or _SHORT_CODE.fullmatch(digits):
        return PLACEHOLDER
    for form, country in _FORMS:
        if match := form.fullmatch(digits):
            number = match.group(1)
            return PLACEHOLDER if _is_filler_number(number) else Finding(f"+{country}{number}", Outcome.REPAIRED)
    return _read_elsewhere(digits)


def _read_elsewhere(digits: str) -> Finding[str]:
    """Numbers of Hong Kong, Macao, Taiwan and abroad; bare local numbers could be of any city."""
    if match := _NEIGHBOURS.fullmatch(digits):
        number = match.group(1)
        return Finding(
            "+" + (number.replace("8860", "886", 1) if number.startswith("8860") else number), Outcome.REPAIRED
        )
    if (match := _FOREIGN.fullmatch(digits)) and not match.group(1).startswith("86"):
        return Finding("+" + match.group(1), Outcome.REPAIRED)
    return AMBIGUOUS if re.fullmatch(r"[2-8]\d{6,7}|09\d{8}", digits, re.ASCII) else INVALID


def _is_filler_number(digits: str) -> bool:
    national = digits.removeprefix("+").removeprefix("86") if len(digits) > _MOBILE_DIGITS else digits
    return national in _FILLER_NUMBERS or _ONE_DIGIT.fullmatch(national) is not None


def _is_plain(raw: str, finding: Finding[str]) -> bool:
    """Whether a number was sent in E.164, as bare digits, or with its area code as in the telephone book."""
    if finding.value is None:
        return False
    national = finding.value.removeprefix("+86")
    if raw in {finding.value, national}:
        return True
    return re.fullmatch(_PLAIN_LANDLINE, raw) is not None and raw.replace("-", "") == f"0{national}"
