"""What kind of telephone a number is: somebody's, a company's line, of elsewhere, hidden, or nobody's."""

import re
from enum import StrEnum

import numpy as np
import pyarrow as pa

from cleansing.values import phones
from cleansing.values.columns import Kernel, Settled
from cleansing.values.findings import MISSING, Finding, Outcome


class PhoneKind(StrEnum):
    """Kinds of telephone numbers."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    SERVICE = "service"
    HONG_KONG = "hong_kong"
    MACAO = "macao"
    TAIWAN = "taiwan"
    FOREIGN = "foreign"
    MASKED = "masked"
    PLACEHOLDER = "placeholder"


_FORMS = (
    (PhoneKind.MOBILE, re.compile(r"\+861[3-9]\d{9}", re.ASCII)),
    (PhoneKind.SERVICE, re.compile(r"\+86[48]00\d{7}", re.ASCII)),
    (PhoneKind.LANDLINE, re.compile(r"\+86\d+", re.ASCII)),
    (PhoneKind.HONG_KONG, re.compile(r"\+852\d+", re.ASCII)),
    (PhoneKind.MACAO, re.compile(r"\+853\d+", re.ASCII)),
    (PhoneKind.TAIWAN, re.compile(r"\+886\d+", re.ASCII)),
    (PhoneKind.FOREIGN, re.compile(r"\+\d+", re.ASCII)),
)
_WITHOUT_NUMBER = {Outcome.MASKED: PhoneKind.MASKED, Outcome.PLACEHOLDER: PhoneKind.PLACEHOLDER}


def clean_phone_kind(raw: str | None) -> str | None:
    """The kind of telephone `raw` is the number of; null where it is no number.

    >>> [clean_phone_kind(raw) for raw in ("138 1234 5678", "010-65529988", "400-810-6666", "95588", "+1 415 555 2671")]
    ['mobile', 'landline', 'service', 'service', 'foreign']
    >>> [clean_phone_kind(raw) for raw in ("852-9123-4567", "138****5678", "13800138000", "1381234567")]
    ['hong_kong', 'masked', 'placeholder', None]
    """
    return None if raw is None else read_phone_kind(raw).value


def read_phone_kind(raw: str) -> Finding[str]:
    """`clean_phone_kind`; what became of the number is recorded with the number itself."""
    if raw in PhoneKind._value2member_map_:
        return Finding(raw, Outcome.OK)
    phone = phones.read_phone(raw)
    kind = _WITHOUT_NUMBER.get(phone.outcome) if phone.value is None else phone_kind(phone.value)
    if kind is PhoneKind.PLACEHOLDER and phones.is_short_code(raw):
        kind = PhoneKind.SERVICE
    return Finding(kind.value, Outcome.OK) if kind else MISSING


def phone_kind(phone: str) -> PhoneKind:
    """The kind of a number in E.164."""
    return next(kind for kind, form in _FORMS if form.fullmatch(phone))


def settled_as(kind: PhoneKind, kernel: Kernel) -> Kernel:
    """A kernel that calls what another one settles by one kind."""

    def settle_kind(raw: pa.Array) -> Settled:
        is_settled = kernel(raw).is_settled
        return Settled(is_settled, pa.repeat(kind.value, int(np.count_nonzero(is_settled))))

    return settle_kind


KERNELS = (
    settled_as(PhoneKind.MOBILE, phones.settle_bare),
    settled_as(PhoneKind.LANDLINE, phones.settle_landline),
    settled_as(PhoneKind.MOBILE, phones.settle_written_apart),
    settled_as(PhoneKind.MOBILE, phones.settle_canonical),
)
