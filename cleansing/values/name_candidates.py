"""Further readings of a name, so that records meet whose systems read or spelt it otherwise; none of them is a name.

Each reading is followed by |, as in `dan xiongxin|`: `split_part(name_readings, '|', 1)` is the first.
"""

import re

import pyarrow as pa

from cleansing.values import romanised, spellings
from cleansing.values.columns import Settled, settle
from cleansing.values.findings import MISSING, Finding, Outcome
from cleansing.values.names import (
    has_han,
    is_organisation,
    is_plain_person,
    is_uncertain,
    name_key,
    plain_people,
    read_name,
)
from cleansing.values.pinyin_columns import other_pinyin_column, surname_column

_READINGS = re.compile(r"(?:[a-z]+ [a-z]+\|)+")
_SURNAMES = re.compile(r"(?:[a-z]+\|)+")


def clean_name_readings(raw: str | None) -> str | None:
    """Other readings of a person's name in pinyin: of polyphones, or of a name spelt as in Taiwan or Hong Kong.

    >>> clean_name_readings("单长乐"), clean_name_readings("王伟"), clean_name_readings("HSU Chih-mo")
    ('dan changle|shan zhangle|shan changyue|', None, 'xu chimo|xu zhimo|')
    """
    return None if raw is None else read_name_readings(raw).value


def read_name_readings(raw: str) -> Finding[str]:
    """`clean_name_readings`; what became of the name is recorded with the name itself."""
    if _READINGS.fullmatch(raw):
        return Finding(raw, Outcome.OK)
    name, key = _person(raw)
    if not key:
        return MISSING
    if has_han(key):
        return _listed(spellings.other_pinyins(key))
    spelt = romanised.latin_pinyin(name)
    return _listed(tuple(dict.fromkeys((*spellings.from_wade_giles(spelt), *spellings.from_cantonese(spelt)))))


def clean_surname_readings(raw: str | None) -> str | None:
    """Every surname, in pinyin, a person's name may begin with: read as a surname or not, spelt here or in Hong Kong.

    >>> clean_surname_readings("单雄信"), clean_surname_readings("WONG Faye"), clean_surname_readings("Faye WONG")
    ('shan|dan|', 'huang|wang|', 'huang|wang|')
    """
    return None if raw is None else read_surname_readings(raw).value


def read_surname_readings(raw: str) -> Finding[str]:
    """`clean_surname_readings`; what became of the name is recorded with the name itself."""
    if _SURNAMES.fullmatch(raw):
        return Finding(raw, Outcome.OK)
    name, key = _person(raw)
    if not key:
        return MISSING
    if has_han(key):
        return _listed(spellings.surnames_of(key))
    words = romanised.latin_pinyin(name).split()
    if len(words) > 1 and words[0] + words[1] in spellings.compound_surnames():
        words = [words[0] + words[1], *words[2:]]
    ends = words[:1] if romanised.chinese_parts(name) else words[:1] + words[1:][-1:]
    return _listed(tuple(dict.fromkeys(surname for word in ends for surname in spellings.surname_keys(word))))


def settle_name_readings(raw: pa.Array) -> Settled:
    """Two to four common characters."""
    return settle(raw, is_plain_person(raw), lambda _: other_pinyin_column(plain_people(raw)))


def settle_surname_readings(raw: pa.Array) -> Settled:
    """Two to four common characters."""
    return settle(raw, is_plain_person(raw), lambda _: surname_column(plain_people(raw)))


def _person(raw: str) -> tuple[str, str]:
    """A person's name and its key; empty for an organisation and where nothing is left to read."""
    name = read_name(raw).value or ""
    key = name_key(name) if name and not is_organisation(name) and not is_uncertain(name) else ""
    return (name, key) if len(key) > 1 else ("", "")


def _listed(readings: tuple[str, ...]) -> Finding[str]:
    return Finding("".join(f"{each}|" for each in readings), Outcome.OK) if readings else MISSING
