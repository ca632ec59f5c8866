"""Money, numbers and flags, read as text and never through a float where the cents count."""

import re
from decimal import Decimal

import pyarrow as pa

from cleansing.values.capital_amounts import capital_amount
from cleansing.values.columns import Settled, matches, settle
from cleansing.values.findings import INVALID, MISSING, PLACEHOLDER, Finding, Outcome, found
from cleansing.values.tables import word_list
from cleansing.values.text import is_filler, normalise

MONEY = pa.decimal128(18, 2)
_CENT = Decimal("0.01")
PLAIN_MONEY = r"^-?[0-9]{1,16}(\.[0-9]{1,2})?$"
_PLAIN_INTEGER = r"^-?[0-9]{1,18}$"
_PLAIN_DECIMAL = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"
_NUMBER = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+")
_CURRENCY_MARK = re.compile(r"^(?P<sign>[+-]?)\s*(?:CNY|RMB|￥|¥|人民币)\s*|\s*(?:CNY|RMB|[元圆]整?)$", re.IGNORECASE)
_SCALE = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}
_SIGN_MARK = re.compile(r"^(?P<head>[+-]|DR|CR)?\s*(?P<number>[^\s+-]+?)\s*(?P<tail>[+-]|DR|CR)?$", re.IGNORECASE)
_NEGATIVE = {"-", "DR"}
_FLAG_OF = dict.fromkeys(word_list("true"), True) | dict.fromkeys(word_list("false"), False)
_LARGEST_INTEGER = 2**63 - 1


def clean_money(raw: str | None) -> Decimal | None:
    """An amount to the cent, exactly as written; more than two decimals are refused, not rounded.

    >>> clean_money("1,234.50"), clean_money("12.5-"), clean_money("88.00DR"), clean_money("1.005")
    (Decimal('1234.50'), Decimal('-12.50'), Decimal('-88.00'), None)
    """
    return None if raw is None else read_money(raw).value


def read_money(raw: str) -> Finding[Decimal]:
    """`clean_money`, with what became of the value."""
    text = normalise(raw).replace("−", "-")
    if not text:
        return MISSING
    number = _amount(text)
    if number is None:
        return PLACEHOLDER if is_filler(text) else INVALID
    amount = number.quantize(_CENT) if abs(number) < 10**16 else number
    if amount != number or abs(number) >= 10**16:
        return INVALID
    plain = re.fullmatch(PLAIN_MONEY, raw)
    return Finding(amount + 0, Outcome.OK if plain else Outcome.REPAIRED)


def _amount(text: str) -> Decimal | None:
    """The number of an amount in yuan, also in ten thousands and hundred millions, or in Chinese numerals."""
    bare = _CURRENCY_MARK.sub(lambda mark: mark["sign"] or "", text)
    scale = _SCALE.get(bare[-1:], Decimal(1))
    number = _signed(bare.rstrip("万亿") if scale != 1 else bare)
    return capital_amount(text) if number is None else number * scale


def settle_money(raw: pa.Array) -> Settled:
    """Digits with an optional minus and at most two decimals are cast as they stand."""
    return _cast(raw, PLAIN_MONEY, MONEY)


def clean_integer(raw: str | None) -> int | None:
    """A whole number of at most 64 bits; a zero fraction is dropped, any other refused.

    >>> clean_integer(" 1,024 "), clean_integer("7.00"), clean_integer("7.5")
    (1024, 7, None)
    """
    return None if raw is None else read_integer(raw).value


def read_integer(raw: str) -> Finding[int]:
    """`clean_integer`, with what became of the value."""
    text = normalise(raw)
    if not text:
        return MISSING
    number = _signed(text)
    if number is None:
        return PLACEHOLDER if is_filler(text) else INVALID
    if number != number.to_integral_value() or abs(number) > _LARGEST_INTEGER:
        return INVALID
    return Finding(int(number), Outcome.OK if re.fullmatch(_PLAIN_INTEGER, raw) else Outcome.REPAIRED)


def settle_integer(raw: pa.Array) -> Settled:
    """Up to eighteen digits with an optional minus are cast as they stand."""
    return _cast(raw, _PLAIN_INTEGER, pa.int64())


def clean_decimal(raw: str | None) -> float | None:
    """A measured number; a percent sign divides by a hundred.

    >>> clean_decimal("0.0345"), clean_decimal("3.45%"), clean_decimal("1e-3"), clean_decimal("nan")
    (0.0345, 0.0345, 0.001, None)
    """
    return None if raw is None else read_decimal(raw).value


def read_decimal(raw: str) -> Finding[float]:
    """`clean_decimal`, with what became of the value."""
    text = normalise(raw)
    if not text:
        return MISSING
    if re.fullmatch(r"[+-]?\d+(\.\d*)?e[+-]?\d{1,2}", text, re.IGNORECASE):
        return Finding(float(text), Outcome.OK)
    number = _signed(text.removesuffix("%").rstrip())
    if number is None:
        return PLACEHOLDER if is_filler(text) else INVALID
    value = float(number / 100 if text.endswith("%") else number)
    return Finding(value + 0.0, Outcome.OK if re.fullmatch(_PLAIN_DECIMAL, raw) else Outcome.REPAIRED)


def settle_decimal(raw: pa.Array) -> Settled:
    """Digits with an optional minus and fraction are cast as they stand."""
    return _cast(raw, _PLAIN_DECIMAL, pa.float64())


def clean_flag(raw: str | None) -> bool | None:
    """True or false from the usual letters, digits and words.

    >>> clean_flag("Y"), clean_flag("0"), clean_flag("是"), clean_flag("maybe")
    (True, False, True, None)
    """
    return None if raw is None else read_flag(raw).value


def read_flag(raw: str) -> Finding[bool]:
    """`clean_flag`, with what became of the value."""
    text = normalise(raw).lower()
    if not text:
        return MISSING
    return found(_FLAG_OF[text], _FLAG_OF[text]) if text in _FLAG_OF else INVALID


def _signed(text: str) -> Decimal | None:
    """The number of `text` with one sign before or after it, or in accounting brackets; None where it is none."""
    bracketed = re.fullmatch(r"\((.+)\)", text)
    signs = _SIGN_MARK.match(bracketed.group(1) if bracketed else text)
    if signs is None or not text.isascii() or not _NUMBER.fullmatch(signs["number"]):
        return None
    given = [mark.upper() for mark in (signs["head"], signs["tail"]) if mark] + ["-"] * bool(bracketed)
    if len(given) > 1:
        return None
    number = Decimal(signs["number"].replace(",", ""))
    return -number if given and given[0] in _NEGATIVE else number


def _cast(raw: pa.Array, plain_pattern: str, storage: pa.DataType) -> Settled:
    return settle(raw, matches(raw, plain_pattern), lambda plain: plain.cast(storage))
