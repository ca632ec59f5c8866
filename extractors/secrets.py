"""Names of what must never land (class C3): PINs, card verification codes, tracks, passwords, biometrics."""

import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

STEMS = (
    "pin", "pin_?block", "pin_?data", "cvv_?2?", "cvc_?2?", "cvn_?2?", "track_?[0-9]?", "track_?data", "trk_?[0-9]?",
    "passw(?:or)?d", "passcode", "pwd", "fingerprint", "face_?id", "biometric[a-z]*",
)  # fmt: skip
CHINESE = "密码|口令|磁道|指纹"
ANY = "(?:" + "|".join(STEMS) + ")"
# The same stems where only capitals part the words of a name: userPassword, pinBlock, cardCVV2.
CAPITALISED = "(?:" + "|".join(stem[0].upper() + stem[1:] for stem in STEMS) + ")"
NAME = (
    rf"(?:(?i:(?:[\w.-]*[_.-])?{ANY}(?:[_.-][\w.-]*)?)"
    rf"|[\w.-]*[a-z0-9](?:{CAPITALISED}|(?:PIN|CVV|CVC|CVN|PWD|TRACK)[0-9]?)(?:[A-Z_.-][\w.-]*)?"
    rf"|(?:{ANY}|PIN|CVV2?|CVC2?|CVN2?)[A-Z][\w.-]*"
    rf"|[^\"<>]*(?:{CHINESE})[^\"<>]*)"
)
# As a key of JSON, also of JSON inside a string, or as an element of XML.
KEY = rf"\"({NAME})\\*\"\s*:|<(?:\w+:)?({NAME})[\s/>]"
ESCAPED_ASCII = r"\\u00[2-7]"
_ESCAPE = re.compile(r"\\+u(00[2-7][0-9A-Fa-f])")
_COLUMN, _KEY = re.compile(NAME), re.compile(KEY)


def is_secret(column: str) -> bool:
    """Whether a column of this name must not land, however it is spelt.

    >>> [is_secret(name) for name in ("PIN", "cardPinBlock", "CVV2", "login-password", "支付密码", "ＰＷＤ")]
    [True, True, True, True, True, True]
    >>> [is_secret(name) for name in ("pinyin", "opinion", "tracking_no", "shipping", "captain", "app_ver")]
    [False, False, False, False, False, False]
    """
    return _COLUMN.fullmatch(unicodedata.normalize("NFKC", column).strip().replace(" ", "_")) is not None


def secret_key(lines: pa.Array) -> str | None:
    """Name of the first key in any of the lines whose value must not land; None when there is none."""
    hits = pc.match_substring_regex(lines, pattern=KEY)
    if pc.any(hits).as_py():
        return _first_key(lines.filter(hits)[0].as_py())
    escaped = lines.filter(pc.match_substring_regex(lines, pattern=ESCAPED_ASCII))
    plain = (_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), line) for line in escaped.to_pylist())
    return next(filter(None, map(_first_key, plain)), None)


def _first_key(line: str) -> str | None:
    found = _KEY.search(line)
    return (found[1] or found[2]) if found else None
