"""Amounts that name their currency in the same text: the number and the currency, each a column of its own."""

import re
from decimal import Decimal
from typing import NamedTuple

import pyarrow as pa

from cleansing.values.columns import Settled, matches, settle
from cleansing.values.findings import AMBIGUOUS, INVALID, MISSING, PLACEHOLDER, Finding, Outcome
from cleansing.values.numbers import PLAIN_MONEY, read_money
from cleansing.values.text import is_filler, normalise, read_currency

_QUOTED = re.compile(
    r"(?P<before>[^\d.,()+-]*?)\s*(?P<number>[+(-]?\s*[\d.,]+[万亿]?\)?[+-]?)\s*(?P<after>[^\d.,()+-]*)"
)
_ANY_DOLLAR = "$"


class _Quoted(NamedTuple):
    """The parts of a text that names an amount."""

    number: str
    mark: str


def clean_quoted_amount(raw: str | None) -> Decimal | None:
    """The amount of a text that may name its currency, to the cent.

    >>> clean_quoted_amount("USD 1,234.50"), clean_quoted_amount("100港币"), clean_quoted_amount("12 apples")
    (Decimal('1234.50'), Decimal('100.00'), None)
    """
    return None if raw is None else read_quoted_amount(raw).value


def read_quoted_amount(raw: str) -> Finding[Decimal]:
    """`clean_quoted_amount`, with what became of the value."""
    text = normalise(raw)
    if not text:
        return MISSING
    if is_filler(text):
        return PLACEHOLDER
    quoted = _parts(text)
    if quoted is None or (quoted.mark and _currency(quoted.mark).outcome is Outcome.INVALID):
        return INVALID
    amount = read_money(quoted.number)
    return amount if amount.value is None or not quoted.mark else Finding(amount.value, Outcome.REPAIRED)


def clean_quoted_currency(raw: str | None) -> str | None:
    """The currency (ISO 4217) an amount names in the same text; null where it names none.

    >>> clean_quoted_currency("US$ 100"), clean_quoted_currency("1,000元"), clean_quoted_currency("100.00")
    ('USD', 'CNY', None)
    >>> clean_quoted_currency("$100") is None  # of which country?
    True
    """
    return None if raw is None else read_quoted_currency(raw).value


def read_quoted_currency(raw: str) -> Finding[str]:
    """`clean_quoted_currency`, with what became of the value."""
    text = normalise(raw)
    quoted = _parts(text)
    mark = quoted.mark if quoted else text
    if not mark or is_filler(mark):
        return MISSING
    currency = _currency(mark)
    return Finding(currency.value, Outcome.OK) if currency.value else currency


def settle_no_currency(raw: pa.Array) -> Settled:
    """Digits alone name none."""
    return settle(raw, matches(raw, PLAIN_MONEY), lambda plain: pa.nulls(len(plain), pa.string()))


def _currency(mark: str) -> Finding[str]:
    return AMBIGUOUS if mark == _ANY_DOLLAR else read_currency(mark.removesuffix("整"))


def _parts(text: str) -> _Quoted | None:
    """The number of `text` and the words before or after it; None where there are both, or no number."""
    match = _QUOTED.fullmatch(text)
    if match is None or (match["before"] and match["after"] and match["before"] != "¥"):
        return None
    return _Quoted(match["number"], (match["before"] or match["after"]).strip())
