"""Identity documents, account and card numbers.

Resident identity numbers follow GB 11643, unified social credit codes GB 32100. A number with a wrong check digit is
kept as sent: its status says so, and it may still identify.
"""

import re
from datetime import date
from enum import StrEnum
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.check_digits import (
    check_digit,
    credit_check_character,
    is_card_number,
    passport_check_digit,
)
from cleansing.values.columns import Settled, as_sent, matches, settle
from cleansing.values.findings import INVALID, MISSING, PLACEHOLDER, Finding, Outcome, found
from cleansing.values.tables import word_list
from cleansing.values.text import alpha_three_codes, is_filler, normalise

_RESIDENT = re.compile(r"\d{17}[\dX]", re.ASCII)
_FIRST_GENERATION = re.compile(r"\d{15}", re.ASCII)
_OLD_PERMANENT_CARD = re.compile(r"([A-Z]{3})\d{6}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{2}", re.ASCII)
_CREDIT_CODE = re.compile(r"[159ANY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_DOCUMENT = re.compile(r"[0-9A-Z*()/-]{4,30}|[\u4e00-\u9fff]{1,4}第[0-9]{4,10}号", re.ASCII)
_LABEL = re.compile(
    r"^(?:(?:居民|二代|公民)?身份(?:证|号码)|护照|证件|军官证|台胞证|回乡证|港澳(?:居民来往内地)?通行证|统一社会信用代码)(?:号码?|证号)?[:.]?"
    r"|^(?:ID(?:CARD|NO|NUMBER)?|PASSPORT(?:NO)?|NO)[.:]+"
)
_LIKE_X = str.maketrans("ΧХ×✕", "XXXX")  # Greek, Cyrillic and signs that a keyboard gives for the last character
_ONE_CHARACTER = re.compile(r"([0-9A-Z])\1+")
_MASK_LETTERS = re.compile(r"(?<=[0-9*])X{4,}(?=[0-9*X])|[●•#]+")
_FILLERS = frozenset(word_list("filler_documents"))
PROVINCES = word_list("provinces")
_YEARS_OF_BIRTH = range(1850, 2100)


class Status(StrEnum):
    """What an identity document number is worth."""

    VALID = "valid"
    UPGRADED = "upgraded"
    BAD_CHECKSUM = "bad_checksum"
    BAD_DATE = "bad_date"
    MASKED = "masked"
    OTHER_DOCUMENT = "other_document"


def clean_identity_document(raw: str | None) -> str | None:
    """A document number in upper case; fifteen-digit resident numbers upgraded, masked and doubtful ones kept.

    >>> clean_identity_document("11010519491231002x"), clean_identity_document("130503670401001")
    ('11010519491231002X', '130503196704010016')
    >>> clean_identity_document("110105********002X"), clean_identity_document("e12345678")
    ('110105********002X', 'E12345678')
    """
    return None if raw is None else read_identity_document(raw).value


@lru_cache(maxsize=1 << 15)  # a batch asks for each number once a column that is read from it
def read_identity_document(raw: str) -> Finding[str]:
    """`clean_identity_document`, with what became of the value."""
    document = _as_written(raw)
    if not document:
        return MISSING
    if is_filler(document) or document in _FILLERS or _ONE_CHARACTER.fullmatch(document):
        return PLACEHOLDER
    if not _DOCUMENT.fullmatch(document):
        return INVALID
    status = _status(document)
    if status is Status.UPGRADED:
        return Finding(_upgraded(document), Outcome.UPGRADED)
    if status is Status.MASKED:
        return Finding(document, Outcome.MASKED)
    return found(document, raw.strip().upper())


def clean_identity_status(raw: str | None) -> str | None:
    """What the number in `raw` is worth; null where there is none.

    >>> clean_identity_status("11010519491231002X"), clean_identity_status("110105194912310021")
    ('valid', 'bad_checksum')
    >>> clean_identity_status("130503670401001"), clean_identity_status("91350100M000100Y43")
    ('upgraded', 'valid')
    """
    return None if raw is None else read_identity_status(raw).value


@lru_cache(maxsize=1 << 15)
def read_identity_status(raw: str) -> Finding[str]:
    """`clean_identity_status`; the document's own column says what became of the number."""
    if raw in Status._value2member_map_:
        return Finding(raw, Outcome.OK)
    if read_identity_document(raw).value is None:
        return MISSING
    return Finding(_status(_as_written(raw)).value, Outcome.OK)


def clean_account_number(raw: str | None) -> str | None:
    """An account number in digits and upper-case letters, without blanks and hyphens.

    >>> clean_account_number("6222 0210-0111 6245")
    '6222021001116245'
    """
    return None if raw is None else read_account_number(raw).value


def read_account_number(raw: str) -> Finding[str]:
    """`clean_account_number`, with what became of the value."""
    number = re.sub(r"[ -]", "", normalise(raw).upper())
    if not number:
        return MISSING
    if re.fullmatch(r"0+", number) or is_filler(number):
        return PLACEHOLDER
    return found(number, raw.strip()) if re.fullmatch(r"[0-9A-Z]{4,34}", number) else INVALID


def settle_account_number(raw: pa.Array) -> Settled:
    """Digits alone."""
    return settle(raw, pc.and_not(matches(raw, r"^[0-9]{4,34}$"), matches(raw, r"^0+$")), as_sent)


def clean_card_number(raw: str | None) -> str | None:
    """A card number its source already masked; a whole one is refused.

    >>> clean_card_number("622202 ****** 6245"), clean_card_number("6222021001116245")
    ('622202******6245', None)
    """
    return None if raw is None else read_card_number(raw).value


def read_card_number(raw: str) -> Finding[str]:
    """`clean_card_number`, with what became of the value."""
    number = re.sub(r"[ -]", "", normalise(raw).upper().replace("X", "*"))
    if not number:
        return MISSING
    is_masked = re.fullmatch(r"[0-9*]{8,19}", number) and number.count("*") >= 4  # noqa: PLR2004 (PCI: first 6, last 4)
    return found(number, raw.strip()) if is_masked else INVALID


def clean_token(raw: str | None) -> str | None:
    """A token standing for an identifier, as sent; what is itself a whole card number is refused.

    >>> clean_token("tk_00000001"), clean_token("6222021001116245"), clean_token("4111111111111111")
    ('tk_00000001', '6222021001116245', None)
    """
    return None if raw is None else read_token(raw).value


def read_token(raw: str) -> Finding[str]:
    """`clean_token`, with what became of the value."""
    token = normalise(raw).replace(" ", "")
    if not token:
        return MISSING
    if is_filler(token):
        return PLACEHOLDER
    return INVALID if is_card_number(token) else found(token, raw.strip())


def settle_token(raw: pa.Array) -> Settled:
    """Letters, digits, hyphens and underscores, with a letter among them."""
    return settle(raw, matches(raw, r"^[0-9A-Za-z_-]*[A-Za-z][0-9A-Za-z_-]{7,}$"), as_sent)


@lru_cache(maxsize=1 << 15)
def _as_written(raw: str) -> str:
    """Upper case without blanks, labels and marks at the ends; mask letters become asterisks.

    Hyphens go, and signs that look like X, only where a resident number remains.
    """
    document = _LABEL.sub("", normalise(raw).upper().replace(" ", "")).strip(".,;:。'\"")
    bare = document.replace("-", "").translate(_LIKE_X)
    if bare != document and (_RESIDENT.fullmatch(bare) or _FIRST_GENERATION.fullmatch(bare)):
        document = bare
    return _MASK_LETTERS.sub(lambda mask: "*" * len(mask.group()), document)


def _status(document: str) -> Status:
    if "*" in document:
        return Status.MASKED
    if _RESIDENT.fullmatch(document):
        return _resident_status(document)
    if _FIRST_GENERATION.fullmatch(document) and document[:2] in PROVINCES:
        return Status.UPGRADED if is_birth_day(f"19{document[6:12]}") else Status.BAD_DATE
    if _CREDIT_CODE.fullmatch(document):
        return Status.VALID if credit_check_character(document[:17]) == document[17] else Status.BAD_CHECKSUM
    if is_old_permanent_card(document) and passport_check_digit(document[:14]) != document[14]:
        return Status.BAD_CHECKSUM
    return Status.OTHER_DOCUMENT


def _resident_status(document: str) -> Status:
    """Valid by date and check digit; all digits may also be a credit code, which must then hold by its own check."""
    if is_birth_day(document[6:14]):
        return Status.VALID if check_digit(document[:17]) == document[17] else Status.BAD_CHECKSUM
    if _CREDIT_CODE.fullmatch(document) and credit_check_character(document[:17]) == document[17]:
        return Status.VALID
    return Status.BAD_DATE


def _upgraded(document: str) -> str:
    first_seventeen = f"{document[:6]}19{document[6:]}"
    return first_seventeen + check_digit(first_seventeen)


def is_old_permanent_card(document: str) -> bool:
    """Whether a number has the form of a foreigner's permanent residence card as issued until 2023.

    Nationality by three letters, four digits of the place of issue, the day of birth, a digit and the check digit.

    >>> is_old_permanent_card("USA110075061310"), is_old_permanent_card("XYZ110075061310")
    (True, False)
    """
    shape = _OLD_PERMANENT_CARD.fullmatch(document)
    return shape is not None and shape.group(1) in alpha_three_codes()


def is_birth_day(digits: str) -> bool:
    """Whether eight digits are a day on which a customer may have been born."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year in _YEARS_OF_BIRTH
    except ValueError:
        return False
