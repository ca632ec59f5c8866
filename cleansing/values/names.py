"""Names of people and organisations: as shown, as compared, and as they sound."""

import re
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values import han, pinyin_columns, romanised
from cleansing.values.columns import OfLastColumn, Settled, as_mask, as_sent, matches, settle
from cleansing.values.findings import AMBIGUOUS, INVALID, MISSING, PLACEHOLDER, Finding, Outcome, found
from cleansing.values.mojibake import is_beyond_repair, is_suspicious, unscrambled
from cleansing.values.tables import word_list
from cleansing.values.text import is_filler, normalise

_DOT = re.compile(r" *[·•‧∙⋅・･ᐧ] *|(?<=[\u3400-\u9fff])\.(?=[\u3400-\u9fff])")
_NOTE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|<[^<>]*>")
_EDGES = " ·,;-()[]【】<>"
_TITLES = word_list("titles")
_TITLE = re.compile(
    rf"(?:{'|'.join(_TITLES)})$|^(?:尊敬的|已故(?=..))|^(?:mr|mrs|ms|miss|dr)(?:\. ?| )(?=\S)", re.IGNORECASE
)
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff·]) (?=[\u3400-\u9fff·])")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
_LOST = re.compile(r"[?\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd]")
_HIDDEN = re.compile(r"\*|^[\u3400-\u9fff]{1,2}某+$|^某")
_NOT_ONE_NAME = re.compile(
    r"^[\u3400-\u9fff]$|^[\u3400-\u9fff]{2,4}[/、&+,;][\u3400-\u9fff]{2,4}$|^[\u3400-\u9fff]{2,4}之[妻夫父母子女]$"
)
_BESIDE_LATIN = re.compile(
    r"^(?P<before>[\u3400-\u9fff·]{2,})[ /,]*[A-Za-z][A-Za-z .,'-]*$"
    r"|^[A-Za-z][A-Za-z .,'-]*[ /,]+(?P<after>[\u3400-\u9fff·]{2,})$"
)
_IN_BRACKETS = re.compile(r"^[A-Za-z][A-Za-z .,'-]*\(([\u3400-\u9fff·]{2,})\)$")
_NUMBERED = re.compile(r"(?<=[\u3400-\u9fff])\d+$", re.ASCII)
_FILLER_NAMES = frozenset(word_list("filler_names"))
_SHORT_ORGANISATION = (
    "集团|银行|[支分]行|大学|学院|[中小]学|医院|诊所|商行|商店|酒店|餐厅|饭店|超市|药房"  # after two more
)
_ORGANISATION = re.compile(
    rf".{{2,}}(?:公司|{_SHORT_ORGANISATION})$"
    r"|.{3,}(?:营业部|合作社|联社|事务所|厂|学校|幼儿园|中心|委员会|居委会|村委会|协会|学会|商会|基金会|研究院|研究所"
    r"|[省市县区]人民政府|财政局|经营部|门市部|服务部|工作室|个体工商户)$"
    r"|^[^·]{4,}(?:[店馆坊局]|百货)$"
    r"|\b(?:LTD|LIMITED|INC|LLC|CORP|CORPORATION|COMPANY|BANK|GMBH|PLC)\b\.?$",
    re.IGNORECASE,
)
_LEGAL_FORM = re.compile(r"(?:股份)?有限(?:责任)?公司|股份公司|总公司")
_SPARE_LEGAL_FORM = re.compile(
    rf"(?:{_LEGAL_FORM.pattern})(?=.+(?:[支分]行|分公司|营业部|办事处|分理处|储蓄所)$)|(?<=银行)(?:{_LEGAL_FORM.pattern})$"
)
_LATIN_LEGAL_FORM = re.compile(
    r"(?:[\s,.]+(?:CO|COMPANY|LTD|LIMITED|INC|LLC|CORP|CORPORATION|PLC|GMBH)\b\.?)+\s*$", re.IGNORECASE
)
_PUNCTUATION = re.compile(r"[^\w*?\ufffd\ue000-\uf8ff]|_")
_PLAIN_PERSON = r"^[\x{4e00}-\x{9fff}]{2,4}$"
_NOT_A_PLAIN_PERSON = (
    rf"(?:{'|'.join(_TITLES)}|公司|厂)$"
    rf"|^..(?:{_SHORT_ORGANISATION})$"
    "|^尊敬的|^已故|^..之[妻夫父母子女]$|某|测试|无名|佚名|客户|用户|匿名|姓名|同上|未知|不详|不明|暂无|没有|未提供|未填"
)


def clean_name(raw: str | None) -> str | None:
    """A name as shown to people: one spelling of blanks and dots, no titles, no bracketed notes.

    >>> clean_name("张 伟先生"), clean_name("张伟（已故）"), clean_name("阿卜杜拉•买买提")
    ('张伟', '张伟', '阿卜杜拉·买买提')
    >>> clean_name("华为技术（深圳）有限公司"), clean_name("不详")
    ('华为技术(深圳)有限公司', None)
    """
    return None if raw is None else read_name(raw).value


@lru_cache(maxsize=1 << 15)
def read_name(raw: str) -> Finding[str]:
    """`clean_name`, with what became of the value; a name hidden or lost in part, or of nobody certain, is kept."""
    text = unscrambled(raw, han.begins_with_surname) or raw
    text = _HAN_GAP.sub("", _DOT.sub("·", normalise(text))).strip("·,; ")
    if not text:
        return MISSING
    if not is_organisation(text):
        text = _without_additions(text)
    if not text or _is_filler_name(text):
        return PLACEHOLDER
    if _LOST.search(text) or is_beyond_repair(text, han.begins_with_surname):
        return Finding(text, Outcome.AMBIGUOUS)
    if _HIDDEN.search(text):
        return Finding(text, Outcome.MASKED)
    if not any(character.isalpha() for character in text):
        return INVALID
    return Finding(text, Outcome.AMBIGUOUS) if _NOT_ONE_NAME.search(text) else found(text, raw.strip())


def settle_name(raw: pa.Array) -> Settled:
    """Two to four common characters that end in no title."""
    return settle(raw, is_plain_person(raw), as_sent)


def clean_name_key(raw: str | None) -> str | None:
    """A name as compared: simplified by character, without blanks and marks; Latin in capitals, surname first.

    >>> clean_name_key("張 偉 女士"), clean_name_key("Wei Zhang"), clean_name_key("Smith, John")
    ('张伟', 'ZHANG WEI', 'SMITH JOHN')
    >>> clean_name_key("华为技术（深圳）有限责任公司")
    '华为技术深圳公司'
    """
    return None if raw is None else read_name_key(raw).value


def read_name_key(raw: str) -> Finding[str]:
    """`clean_name_key`; what became of the name is recorded with the name itself."""
    key = _key(raw)
    while has_han(key) and (again := _key(key)) != key:  # what stood between hid an addition: 三0@
        key = again
    return Finding(key, Outcome.OK) if _is_telling(key) else MISSING


def _key(raw: str) -> str:
    name = read_name(raw).value
    return "" if name is None or is_uncertain(name) else name_key(name)


def is_uncertain(name: str) -> bool:
    """Whether a cleaned name tells not one person from the next: a surname alone, a part hidden, two people.

    >>> [is_uncertain(name) for name in ("张", "张*", "张某某", "李明/王芳", "张伟")]
    [True, True, True, True, False]
    """
    return _HIDDEN.search(name) is not None or _NOT_ONE_NAME.search(name) is not None


def name_key(name: str) -> str:
    """Key of a cleaned name; empty where nothing comparable is left."""
    if not has_han(_PUNCTUATION.sub("", name)) and not is_organisation(name):
        return romanised.latin_key(name)
    return organisation_key(name)


def organisation_key(name: str) -> str:
    """Key of a name known to be an organisation's: one word for every legal form, brackets and marks dropped.

    A branch is told by its place and a bank by that word: their legal forms say nothing.

    >>> organisation_key("华为技术(深圳)有限公司") == organisation_key("华为技术深圳有限责任公司")
    True
    >>> organisation_key("中国银行股份有限公司上海分行") == organisation_key("中国银行上海分行")
    True
    >>> organisation_key("Acme Trading Co., Ltd.") == organisation_key("ACME TRADING LIMITED")
    True
    """
    simple = _SPARE_LEGAL_FORM.sub("", han.simplified(name))
    one_form = _LATIN_LEGAL_FORM.sub(" LTD", _LEGAL_FORM.sub("公司", simple))
    return _PUNCTUATION.sub("", one_form).upper()


def settle_name_key(raw: pa.Array) -> Settled:
    """Two to four common characters, simplified."""
    return settle(raw, is_plain_person(raw), lambda _: plain_people(raw))


def clean_name_pinyin(raw: str | None) -> str | None:
    """A person's name in toneless pinyin: surname, one space, given name; ü is v.

    >>> clean_name_pinyin("曾小明"), clean_name_pinyin("欧阳靖"), clean_name_pinyin("Xiaoming ZENG")
    ('zeng xiaoming', 'ouyang jing', 'zeng xiaoming')
    """
    return None if raw is None else read_name_pinyin(raw).value


def read_name_pinyin(raw: str) -> Finding[str]:
    """`clean_name_pinyin`; organisations and single characters have none; an unreadable character leaves it open."""
    name = read_name(raw).value
    key = name_key(name) if name and not is_uncertain(name) else ""
    if name is None or len(key) <= 1 or is_organisation(name):
        return MISSING
    if not has_han(key):
        reading = romanised.latin_pinyin(name)
        return Finding(reading, Outcome.OK) if len(reading) > 1 and _is_telling(reading) else MISSING
    spoken = han.pinyin(key, len(name.partition("·")[0]) if "·" in name else None)
    return Finding(spoken, Outcome.OK) if spoken else AMBIGUOUS


def settle_name_pinyin(raw: pa.Array) -> Settled:
    """Two to four common characters, read surname first; a character without reading is left."""
    is_plain = is_plain_person(raw)
    readings = pinyin_columns.pinyin_column(plain_people(raw))
    is_settled = as_mask(is_plain)
    is_settled[is_settled] = as_mask(readings.is_valid())
    return Settled(is_settled, readings.drop_null())


def has_han(text: str) -> bool:
    """Whether any character is Chinese.

    >>> has_han("张Wei"), has_han("WEI")
    (True, False)
    """
    return _HAN.search(text) is not None


def is_organisation(name: str) -> bool:
    """Whether the wording of a name says organisation; the customer type, where known, knows better.

    >>> is_organisation("杭州西湖茶叶有限公司"), is_organisation("张公司")
    (True, False)
    """
    return _ORGANISATION.search(name) is not None


def _is_telling(text: str) -> bool:
    """Whether a key or reading is left that tells a name."""
    has_letters = any(character.isalpha() for character in text)
    return has_letters and not _is_filler_name(text) and not is_uncertain(text)


def _is_filler_name(name: str) -> bool:
    return is_filler(name) or name.lower().rstrip("0123456789") in _FILLER_NAMES


def _without_additions(name: str) -> str:
    """The name without notes in brackets, titles, numbers and its own spelling, as often as they stand there."""
    while (shorter := _without_addition(name)) != name:
        name = shorter
    return name


def _without_addition(name: str) -> str:
    if chinese := _IN_BRACKETS.match(name):
        return chinese.group(1)
    shorter = _NUMBERED.sub("", _TITLE.sub("", _NOTE.sub("", name).strip(_EDGES))).strip(_EDGES)
    beside = _BESIDE_LATIN.match(shorter)
    return (beside["before"] or beside["after"]).strip(_EDGES) if beside else shorter


@OfLastColumn
def plain_people(raw: pa.Array) -> pa.Array:
    """The plainly written people of `raw` (`is_plain_person`), simplified."""
    return han.simplified_column(raw.filter(is_plain_person(raw)))


@OfLastColumn
def is_plain_person(raw: pa.Array) -> pa.Array:
    """Which of `raw` are two to four common characters that need no reading: no title, no filler, no mojibake."""
    is_doubtful = pc.or_(matches(raw, _NOT_A_PLAIN_PERSON), is_suspicious(raw))
    return pc.and_not(matches(raw, _PLAIN_PERSON), is_doubtful)
