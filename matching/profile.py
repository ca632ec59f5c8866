"""What the columns of any table hold: dates, phones, amounts, names, texts; told from a sample of their values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import duckdb

from matching.prepared import quoted_name, trimmed_text

SAMPLE = 50_000
MOSTLY = 0.8
ALWAYS = 0.98
SOMETIMES = 0.02
LEAST_FILLED = 0.02
FEW_VALUES = 60
LONG_TEXT = 60
DIGITS_OF_A_PHONE = 7
DIGITS_OF_A_COUNT = 4
WORDS_OF_A_PHRASE = 0.6
LONGEST_MARK = 12
MOST_SPACES_IN_A_MARK = 1.2
CHARACTERS_OF_A_CHINESE_PHRASE = 6
PHONE = r"\(?[+0-9][0-9 ()./+-]{5,}"
AMOUNT = r"[-+]?[$€£¥]? ?[0-9][0-9,]*(\.[0-9]+)? ?[$€£¥元]?"
ADDRESS_OF_A_PAGE = r"(https?://)?(www\.)?[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/\S*)?"
PHONE_NAMES = ("phone", "tel", "mobile", "fax", "手机", "电话")
AMOUNT_NAMES = ("price", "amount", "age", "year", "count", "size", "weight", "salary", "income", "employees", "length")
MARK_NAMES = ("zip", "post", "id", "code", "no", "number", "num", "ssn", "isbn", "upc", "ean", "号", "邮编")
MARK_STARTS = ("post", "zip")
DATES = (
    "%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S",
)  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """What one column holds; `formats` are those of its dates, commonest first."""

    column: str
    kind: str
    filled: float
    distinct: int
    rows: int
    formats: tuple[str, ...] = ()
    is_whole: bool = False
    has_numbers: bool = False

    @property
    def sql(self) -> str:
        """The column as an expression."""
        return plain_name(self.column)


def plain_name(column: str) -> str:
    """A column as an expression, quoted only where it must be."""
    is_plain = re.fullmatch(r"[a-z_][a-z0-9_]*", column) and column not in _reserved()
    return column if is_plain else quoted_name(column)


@cache
def _reserved() -> frozenset[str]:
    with duckdb.connect() as connection:
        query = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
        return frozenset(name for (name,) in connection.execute(query).fetchall())


def create_sample(connection: duckdb.DuckDBPyConnection, relation: str, ignore: Sequence[str]) -> tuple[int, float]:
    """A table `sampled` with the texts of a table's rows as a model reads them; rows there, share of them taken.

    Rows are drawn by their content, so that their order does not matter.
    """
    columns = [name for name in connection.sql(f"SELECT * FROM {relation} LIMIT 0").columns if name not in ignore]
    rows = int(connection.sql(f"SELECT count(*) FROM {relation}").fetchall()[0][0])
    step = max(1, rows // SAMPLE)
    texts = ", ".join(
        f"{trimmed_text(f'CAST({quoted_name(column)} AS VARCHAR)')} AS {quoted_name(column)}" for column in columns
    )
    everything = ", ".join(quoted_name(column) for column in columns) or "1"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE sampled AS SELECT {texts or '1 AS nothing'} FROM {relation}"
        f" WHERE hash({everything}) % {step} = 0"
    )
    return rows, 1 / step


def profile_columns(connection: duckdb.DuckDBPyConnection) -> list[Profile]:
    """What every column of `sampled` holds; kind is empty where it can tell nobody from anybody."""
    described = [(name, str(kind)) for name, kind, *_ in connection.sql("DESCRIBE sampled").fetchall()]
    return [_profile(connection, column) for column, kind in described if kind == "VARCHAR"]


def _profile(connection: duckdb.DuckDBPyConnection, column: str) -> Profile:
    name = quoted_name(column)
    dates = ", ".join(
        f"avg((try_strptime(v, '{format_}') BETWEEN '1700-01-01' AND '2200-01-01' IS TRUE)::INT) AS \"{format_}\""
        for format_ in DATES
    )
    any_date = f"try_strptime(v, [{', '.join(map(repr, DATES))}]) BETWEEN '1700-01-01' AND '2200-01-01'"
    found = connection.sql(
        f"""
        SELECT
            (SELECT count(*) FROM sampled) AS rows, count(v) AS filled, count(DISTINCT v) AS distinct_values,
            avg(length(v)) AS length, avg(({any_date} IS TRUE)::INT) AS date,
            avg(regexp_full_match(v, '[^@ ]+@[^@ ]+')::INT) AS email,
            avg(regexp_full_match(v, '{PHONE}')::INT) AS phone,
            avg(length(regexp_replace(v, '[^0-9]', '', 'g'))) AS digits,
            avg(regexp_matches(v, '[ ()./+-]')::INT) AS separated,
            avg(regexp_full_match(v, '{AMOUNT}')::INT) AS amount,
            avg(regexp_matches(v, '\\.[0-9]*[1-9]')::INT) AS fraction,
            avg(regexp_full_match(v, '{ADDRESS_OF_A_PAGE}')::INT) AS page,
            avg(length(v) - length(replace(v, ' ', ''))) AS spaces,
            avg(regexp_matches(v, '[\\x{{3400}}-\\x{{9fff}}]')::INT) AS chinese,
            avg((NOT regexp_matches(v, '[0-9]'))::INT) AS without_digits, {dates}
        FROM (SELECT {name} AS v FROM sampled) WHERE v IS NOT NULL
        """
    )
    shape = dict(zip(found.columns, (float(value or 0) for value in found.fetchall()[0]), strict=True))
    rows, filled, distinct = (int(shape[part]) for part in ("rows", "filled", "distinct_values"))
    is_usable = distinct > 1 and filled >= LEAST_FILLED * max(rows, 1)
    kind = _kind(column, shape) if is_usable else ""
    if kind in ("mark", "number", "count") and rows > 1 and distinct == rows:
        kind = ""  # it numbers the rows
    formats = [f for f in sorted(DATES, key=lambda f: -shape[f]) if shape[f] >= SOMETIMES] if kind == "date" else []
    is_whole, has_numbers = shape["fraction"] < 1 - MOSTLY, shape["without_digits"] < 1 / 2
    return Profile(column, kind, filled / max(rows, 1), distinct, rows, tuple(formats), is_whole, has_numbers)


def has_words(shape: Mapping[str, float]) -> bool:
    """Whether values are phrases: several words, or more Chinese characters than a name has."""
    is_chinese_phrase = shape["chinese"] >= MOSTLY and shape["length"] >= CHARACTERS_OF_A_CHINESE_PHRASE
    return shape["spaces"] >= WORDS_OF_A_PHRASE or is_chinese_phrase


def _kind(column: str, shape: Mapping[str, float]) -> str:
    is_numeric, is_phrase = shape["amount"] >= MOSTLY, has_words(shape) and not _is_mark(shape)
    few = min(FEW_VALUES, shape["filled"] // 10)
    found = (
        ("date", shape["date"] >= MOSTLY),
        ("email", shape["email"] >= MOSTLY),
        ("code", shape["distinct_values"] <= few and not is_numeric),
        ("numeric", is_numeric or shape["phone"] >= MOSTLY),
        ("page", shape["page"] >= MOSTLY),
        ("text", is_phrase and shape["length"] > LONG_TEXT),
        ("phrase", is_phrase),
        ("name", shape["without_digits"] >= MOSTLY),
        ("mark", True),
    )
    kind = next(kind for kind, holds in found if holds)
    return _kind_of_number(column, shape) if kind == "numeric" else kind


def _is_mark(shape: Mapping[str, float]) -> bool:
    """Whether values are marks in two parts, such as British postcodes."""
    is_short = shape["length"] <= LONGEST_MARK and shape["spaces"] <= MOST_SPACES_IN_A_MARK
    return is_short and shape["without_digits"] <= 1 - MOSTLY


def _kind_of_number(column: str, shape: Mapping[str, float]) -> str:
    if shape["digits"] >= DIGITS_OF_A_PHONE and shape["phone"] >= MOSTLY:
        is_called_phone = named_like(column, PHONE_NAMES)
        return "phone" if is_called_phone or shape["separated"] >= 1 - MOSTLY else "number"
    if shape["amount"] < MOSTLY:
        return "mark"
    if shape["fraction"] >= 1 - MOSTLY or named_like(column, AMOUNT_NAMES):
        return "amount"
    is_mark = named_like(column, MARK_NAMES) or column.lower().startswith(MARK_STARTS)
    is_count = shape["digits"] <= DIGITS_OF_A_COUNT and not is_mark
    return "count" if is_count else "number"


def named_like(column: str, words: Sequence[str]) -> bool:
    """Whether a column is called one of these: a word of its name, or any part of it where that is Chinese.

    >>> named_like("listPrice", AMOUNT_NAMES), named_like("village", AMOUNT_NAMES), named_like("手机号", PHONE_NAMES)
    (True, False, True)
    """
    parts = re.split(r"[\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).lower())
    return any(word in parts or word + "s" in parts or (not word.isascii() and word in column) for word in words)
