"""Which document a number can be by its form, and whether the region in a resident number was ever one.

Residence permits of Hong Kong, Macao and Taiwan residents carry 81, 82 or 83 where others carry their region; permanent
residence cards of foreigners are nationality and twelve digits until 2023 (check digit of ICAO 9303), since then
eighteen digits from 9: place, nationality by number, birth. All eighteen-digit ones share date of birth and check digit
with GB 11643.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.check_digits import is_hong_kong_card, is_taiwan_card, passport_check_digit
from cleansing.values.columns import Settled, matches, settle
from cleansing.values.findings import MISSING, Finding, Outcome
from cleansing.values.identifiers import (
    PROVINCES,
    Status,
    is_birth_day,
    is_old_permanent_card,
    read_identity_document,
    read_identity_status,
)
from cleansing.values.tables import read_table
from cleansing.values.text import country_numbers

_DAY = "(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
_DATED = f"^[1-6][0-9]{{5}}(?:19|20)[0-9]{{2}}{_DAY}[0-9]{{3}}[0-9X]$"
_MASKED = r"^[1-6][0-9]{2,5}\*{8,11}[0-9]{3}[0-9X]$"
_HONG_KONG_BARE = re.compile(r"[A-Z]{1,2}\d{6}[\dA]", re.ASCII)
_RESIDENT_LIKE = re.compile(r"\d{17}[\dX]|(?=(?:.*\*){4})[\d*]{17}[\dX*]", re.ASCII)


class Form(StrEnum):
    """Kinds of document told by their numbers; several kinds that share a form share a word."""

    RESIDENT_ID = "resident_id"
    RESIDENCE_PERMIT = "residence_permit"
    PERMANENT_RESIDENT = "permanent_resident"
    PERMIT_HK_MO = "permit_hk_mo"
    PERMIT_TW = "permit_tw"
    PASSPORT_CN = "passport_cn"
    IDENTITY_CARD_HK = "identity_card_hk"
    IDENTITY_CARD_TW = "identity_card_tw"
    MILITARY_ID = "military_id"
    CREDIT_CODE = "credit_code"
    OTHER = "other"


_FORMS = (
    (Form.PERMIT_HK_MO, re.compile(r"[HM]\d{8}(?:\d{2}|\(\d{2}\))?", re.ASCII)),
    (Form.PERMIT_TW, re.compile(r"\d{8}|\d{10}(?:\([A-Z0-9]\))?|T\d{8}", re.ASCII)),
    (Form.PASSPORT_CN, re.compile(r"(?:[EGDSPK]\d{8}|E[A-HJ-NP-Z]\d{7}|1[45]\d{7}|(?:DE|SE|PE|MA)\d{7})", re.ASCII)),
    (Form.IDENTITY_CARD_HK, re.compile(r"[A-Z]{1,2}\d{6}\([0-9A]\)", re.ASCII)),
    (Form.MILITARY_ID, re.compile(r"[\u4e00-\u9fff]{1,4}第\d{4,10}号", re.ASCII)),
    (Form.IDENTITY_CARD_TW, re.compile(r"[A-Z][1289]\d{8}", re.ASCII)),
)


def clean_document_form(raw: str | None) -> str | None:
    """The document a number can be by its form.

    >>> clean_document_form("11010519491231002X"), clean_document_form("810000199203040013")
    ('resident_id', 'residence_permit')
    >>> [clean_document_form(number) for number in ("USA110075061310", "H12345678", "91350100M000100Y43")]
    ['permanent_resident', 'permit_hk_mo', 'credit_code']
    """
    return None if raw is None else read_document_form(raw).value


def read_document_form(raw: str) -> Finding[str]:
    """`clean_document_form`; ambiguous where the region of a resident number was never one or a check digit is wrong.

    Neither is ground to refuse a number: tables may lack a revision, offices erred, and other documents look alike.
    """
    if raw in Form._value2member_map_:
        return Finding(raw, Outcome.OK)
    document = read_identity_document(raw).value
    if document is None:
        return MISSING
    form = document_form(document, str(read_identity_status(raw).value))
    is_doubtful = form in _DOUBTS and _DOUBTS[form](document)
    return Finding(form.value, Outcome.AMBIGUOUS if is_doubtful else Outcome.OK)


def document_form(document: str, status: str) -> Form:
    """Form of a cleaned number of known status."""
    if _RESIDENT_LIKE.fullmatch(document) and (status != Status.VALID or is_birth_day(document[6:14])):
        return _like_resident(document, status)
    if is_old_permanent_card(document):
        return Form.PERMANENT_RESIDENT
    if status in {Status.VALID, Status.BAD_CHECKSUM}:
        return Form.CREDIT_CODE
    if _HONG_KONG_BARE.fullmatch(document) and is_hong_kong_card(document):
        return Form.IDENTITY_CARD_HK
    return next((form for form, shape in _FORMS if shape.fullmatch(document)), Form.OTHER)


def is_known_region(document: str) -> bool:
    """Whether a resident number begins with a region of any revision of the codes.

    >>> is_known_region("110105194912310021"), is_known_region("110103194912310021"), is_known_region("119105194912")
    (True, True, False)
    """
    return document[:6] in _counties() or "*" in document[:6]


_DOUBTS: dict[Form, Callable[[str], bool]] = {
    Form.RESIDENT_ID: lambda document: not is_known_region(document),
    Form.IDENTITY_CARD_HK: lambda document: not is_hong_kong_card(re.sub(r"[()]", "", document)),
    Form.IDENTITY_CARD_TW: lambda document: not is_taiwan_card(document),
    Form.PERMANENT_RESIDENT: lambda document: document[0].isalpha() and not _holds(document),
}


def _holds(old_card: str) -> bool:
    return passport_check_digit(old_card[:-1]) == old_card[-1]


def settle_document_form(raw: pa.Array) -> Settled:
    """Resident numbers with a day of birth and a known county."""
    return settle(raw, pc.and_(matches(raw, _DATED), _has_known_county(raw)), _as_resident)


def settle_masked_form(raw: pa.Array) -> Settled:
    """Resident numbers hidden in the middle, with their county known or hidden too."""
    is_county_hidden = matches(raw, r"^[0-9]{3,5}\*")
    return settle(raw, pc.and_(matches(raw, _MASKED), pc.or_(_has_known_county(raw), is_county_hidden)), _as_resident)


def _has_known_county(raw: pa.Array) -> pa.Array:
    return pc.is_in(pc.utf8_slice_codeunits(raw, 0, 6), _county_array())


def _as_resident(plain: pa.Array) -> pa.Array:
    return pa.repeat(Form.RESIDENT_ID.value, len(plain))


def _like_resident(document: str, status: str) -> Form:
    if document[:2] in {"81", "82", "83"}:
        return Form.RESIDENCE_PERMIT
    is_foreign = document.startswith("9") and document[1:3] in PROVINCES and document[3:6] in country_numbers()
    if is_foreign and status != Status.BAD_DATE:
        return Form.PERMANENT_RESIDENT
    return Form.RESIDENT_ID


@cache
def _counties() -> frozenset[str]:
    return frozenset(code for table in ("regions", "region_history") for code, *_ in read_table(table))


@cache
def _county_array() -> pa.Array:
    return pa.array(sorted(_counties()))
