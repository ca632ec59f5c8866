"""E-mail addresses as shown, and as compared once well-known misspelt domains are corrected."""

import re
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.columns import Settled, matches, settle
from cleansing.values.findings import INVALID, MASKED, MISSING, PLACEHOLDER, Finding, Outcome, found
from cleansing.values.tables import read_table
from cleansing.values.text import is_filler, normalise

_ADDRESS = re.compile(r"[a-z0-9_%+'-]+(?:\.[a-z0-9_%+'-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_WRAPPING = re.compile(r"^(?:mailto:|e-?mail[:：]|邮箱[:：])\s*|^[<\"'(\[]+|[>\"')\].,;。，；]+$", re.IGNORECASE)
_FILLER_ADDRESS = re.compile(
    r"(no|none|null|na|n\.a|noemail|nomail|test|xxx*|aaa*|123|abc|00*|11*)@(?:\1|test|none|no|null|xxx|aaa|mail|email)\.[a-z.]+"
)
_PERHAPS_FILLER = r"(?i)@(?:no|none|null|na|n\.a|noemail|nomail|test|x+|a+|123|abc|0+|1+|mail|email)\."
_PLAIN = r"^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]+\.)+[A-Za-z]{2,6}$"
_LONGEST = 254


def clean_email(raw: str | None) -> str | None:
    """An address in lower case; what is no address, or hides part of one, is null.

    >>> clean_email(" Zhang.Wei＠QQ.com "), clean_email("无"), clean_email("zhang@@qq.com")
    ('zhang.wei@qq.com', None, None)
    """
    return None if raw is None else read_email(raw).value


def read_email(raw: str) -> Finding[str]:
    """`clean_email`, with what became of the value; case is no repair."""
    text = normalise(raw).lower().replace("。", ".")
    address = _unwrapped(text)
    if not address:
        return MISSING
    if is_filler(address) or _FILLER_ADDRESS.fullmatch(address):
        return PLACEHOLDER
    if "*" in address:
        return MASKED if address.count("@") == 1 else INVALID
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        return INVALID
    return found(address, raw.strip().lower())


def settle_email(raw: pa.Array) -> Settled:
    """Plain addresses, lowered."""
    return settle(raw, _is_plain(raw), pc.ascii_lower)


def clean_email_key(raw: str | None) -> str | None:
    """The address as compared: misspelt domains of large providers corrected.

    >>> clean_email_key("zhangwei@gmial.com"), clean_email_key("zhangwei@163.con")
    ('zhangwei@gmail.com', 'zhangwei@163.com')
    """
    return None if raw is None else read_email_key(raw).value


def read_email_key(raw: str) -> Finding[str]:
    """`clean_email_key`; only a corrected domain is recorded here, the rest with the address itself."""
    finding = read_email(raw)
    if finding.value is None:
        return MISSING
    mailbox, _, domain = finding.value.partition("@")
    corrected = _corrections().get(domain)
    return Finding(f"{mailbox}@{corrected}", Outcome.REPAIRED) if corrected else Finding(finding.value, Outcome.OK)


def settle_email_key(raw: pa.Array) -> Settled:
    """Plain addresses whose domain needs no correction."""
    domain = pc.ascii_lower(pc.replace_substring_regex(raw, r"^[^@]*@", ""))
    return settle(raw, pc.and_not(_is_plain(raw), pc.is_in(domain, _misspelt())), pc.ascii_lower)


def _is_plain(raw: pa.Array) -> pa.Array:
    return pc.and_not(matches(raw, _PLAIN), matches(raw, _PERHAPS_FILLER))


def _unwrapped(text: str) -> str:
    while (inner := _WRAPPING.sub("", text).strip()) != text:
        text = inner
    return text


@cache
def _misspelt() -> pa.Array:
    return pa.array(sorted(_corrections()))


@cache
def _corrections() -> dict[str, str]:
    return {row[0]: row[1] for row in read_table("email_domains")}
