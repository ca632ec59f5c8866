"""Sex and occupation, in the words of contracts, from national codes and usual names."""

import re
from functools import cache

from cleansing.values.findings import INVALID, MISSING, PLACEHOLDER, Finding, found
from cleansing.values.tables import read_table
from cleansing.values.text import is_filler, normalise

_OCCUPATION_CODE = re.compile(r"[1-8](?:-?\d{2}){1,3}", re.ASCII)
UNKNOWN = "unknown"


def clean_gender(raw: str | None) -> str | None:
    """Recorded sex: male, female or unknown (GB/T 2261.1), from its code, a letter or a word.

    >>> clean_gender("1"), clean_gender("女"), clean_gender("F"), clean_gender("9"), clean_gender("3")
    ('male', 'female', 'female', 'unknown', None)
    """
    return None if raw is None else read_gender(raw).value


def read_gender(raw: str) -> Finding[str]:
    """`clean_gender`, with what became of the value."""
    text = normalise(raw).lower()
    if not text:
        return MISSING
    gender = UNKNOWN if is_filler(text) else _genders().get(text)
    return found(gender, raw) if gender else INVALID


def clean_occupation(raw: str | None) -> str | None:
    """Occupation class (first level of GB/T 6565-2015), from a code of any depth or a usual name.

    >>> clean_occupation("2"), clean_occupation("2-02-07"), clean_occupation("公务员"), clean_occupation("X")
    ('professional', 'professional', 'clerk', 'military')
    >>> clean_occupation("不详"), clean_occupation("外星人")
    (None, None)
    """
    return None if raw is None else read_occupation(raw).value


def read_occupation(raw: str) -> Finding[str]:
    """`clean_occupation`, with what became of the value."""
    text = normalise(raw).lower()
    if not text:
        return MISSING
    if is_filler(text):
        return PLACEHOLDER
    occupation = _occupations().get(text[0] if _OCCUPATION_CODE.fullmatch(text) else text)
    return found(occupation, raw) if occupation else INVALID


@cache
def _genders() -> dict[str, str]:
    return _spellings("genders")


@cache
def _occupations() -> dict[str, str]:
    return _spellings("occupations")


def _spellings(table: str) -> dict[str, str]:
    """Each spelling of a table of `word,spellings` to its word, lower case."""
    return {
        spelling.lower(): word for word, spellings in read_table(table) for spelling in (word, *spellings.split("|"))
    }
