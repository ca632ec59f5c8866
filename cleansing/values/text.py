"""Plain text, codes, JSON, countries and currencies."""

import json
import re
import unicodedata
from functools import cache

import pyarrow as pa

from cleansing.values.columns import Settled, as_sent, matches, settle
from cleansing.values.findings import INVALID, MISSING, PLACEHOLDER, Finding, Outcome, found
from cleansing.values.tables import read_table, word_list

# Zero-width, bidirectional and control characters, variation selectors, soft hyphen and the byte order mark.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_FILLERS = frozenset(word_list("fillers"))
_PLAIN = r"^[!-~\x{4e00}-\x{9fff}]+( [!-~\x{4e00}-\x{9fff}]+)*$"


def normalise(raw: str) -> str:
    r"""NFKC on one line: invisible characters out, runs of blanks to one space, none at the ends.

    >>> normalise(" Ａ１\u200b　张\n伟 ")
    'A1 张 伟'
    """
    if raw.isascii() and raw.isprintable():
        return " ".join(raw.split())
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", raw.translate(_standard_characters())))
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return " ".join(text.split())


def is_filler(text: str) -> bool:
    """Whether people write `text` where they have nothing to say.

    >>> is_filler("不详"), is_filler("王不详")
    (True, False)
    """
    return text.lower() in _FILLERS


def clean_text(raw: str | None) -> str | None:
    """Text on one line in NFKC, without invisible characters; empty is null.

    >>> clean_text(" ＡＢＣ  公司 ")
    'ABC 公司'
    """
    return None if raw is None else read_text(raw).value


def read_text(raw: str) -> Finding[str]:
    """`clean_text`, with what became of the value."""
    text = normalise(raw)
    return found_whole(text, raw) if text else MISSING


def found_whole(text: str, raw: str) -> Finding[str]:
    """`text`, repaired where it is not what was sent; ambiguous where a character is private to the system it is from.

    Only that bank's own table could say which character stands there.
    """
    return Finding(text, Outcome.AMBIGUOUS) if _PRIVATE.search(text) else found(text, raw)


def settle_text(raw: pa.Array) -> Settled:
    """Printable ASCII and common Chinese characters, singly spaced, are kept as sent."""
    return settle(raw, matches(raw, _PLAIN), as_sent)


def clean_code(raw: str | None) -> str | None:
    """A code as its source writes it, without padding; the contract maps it.

    >>> clean_code(" 01 ")
    '01'
    """
    return None if raw is None else read_code(raw).value


def read_code(raw: str) -> Finding[str]:
    """`clean_code`, with what became of the value; padding is no repair."""
    text = normalise(raw)
    return found(text, raw.strip()) if text else MISSING


def clean_json(raw: str | None) -> str | None:
    """A JSON document as sent, or null where it does not parse.

    >>> clean_json('{"a": 1}'), clean_json('{"a": ')
    ('{"a": 1}', None)
    """
    return None if raw is None else read_json(raw).value


def read_json(raw: str) -> Finding[str]:
    """`clean_json`, with what became of the value."""
    text = raw.strip() if normalise(raw) else ""
    if not text:
        return MISSING
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return INVALID
    return Finding(text, Outcome.OK)


def clean_country(raw: str | None) -> str | None:
    """ISO 3166-1 alpha-2 from alpha-2, alpha-3, numeric or a usual Chinese or English name.

    >>> clean_country("CHN"), clean_country("156"), clean_country("中国"), clean_country("cn")
    ('CN', 'CN', 'CN', 'CN')
    """
    return None if raw is None else read_country(raw).value


def read_country(raw: str) -> Finding[str]:
    """`clean_country`, with what became of the value."""
    return _look_up(_countries(), raw.strip().removesuffix("籍"))


def clean_currency(raw: str | None) -> str | None:
    """ISO 4217 code from its letters, its number or a usual Chinese name.

    >>> clean_currency("rmb"), clean_currency("156"), clean_currency("美元")
    ('CNY', 'CNY', 'USD')
    """
    return None if raw is None else read_currency(raw).value


def read_currency(raw: str) -> Finding[str]:
    """`clean_currency`, with what became of the value."""
    return _look_up(_currencies(), raw)


def _look_up(table: dict[str, str], raw: str) -> Finding[str]:
    text = normalise(raw).upper()
    if not text:
        return MISSING
    if text in table:
        return found(table[text], raw.strip())
    return PLACEHOLDER if is_filler(text) else INVALID


@cache
def alpha_three_codes() -> frozenset[str]:
    """Three-letter country codes (ISO 3166-1 alpha-3)."""
    spelt = (spellings.partition("|")[0] for _, spellings in read_table("countries"))
    return frozenset(code for code in spelt if len(code) == len("CHN") and code.isascii())


@cache
def country_numbers() -> frozenset[str]:
    """Three-digit country codes (ISO 3166-1 numeric)."""
    spelt = (spelling for _, spellings in read_table("countries") for spelling in spellings.split("|"))
    return frozenset(code for code in spelt if len(code) == len("156") and code.isdigit())


@cache
def _standard_characters() -> dict[int, int]:
    """What GB 18030-2022 encodes where Python's older table yields a private-use code point."""
    return {int(private, 16): int(standard, 16) for private, standard in read_table("gb18030_private")}


@cache
def _countries() -> dict[str, str]:
    return _spellings("countries")


@cache
def _currencies() -> dict[str, str]:
    return _spellings("currencies")


def _spellings(table: str) -> dict[str, str]:
    """Each spelling of a table of `code,spellings` to its code, upper case."""
    return {
        spelling.upper(): code
        for code, spellings in read_table(table)
        for spelling in (code, *spellings.split("|"))
        if spelling
    }
