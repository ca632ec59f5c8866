"""What a column of each kind gives a suggested model: derived values, comparison levels, keys to block by."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matching.profile import Profile, plain_name
from matching.suggest_rules import Key

GIVEN_NAMES = ("given", "first", "fore")
FAMILY_NAMES = ("sur", "last", "family")
WORDS_BLOCKED = 10


@dataclass(frozen=True)
class Evidence:
    """What a column gives a model: derived values, levels, and keys to block by, broadest first."""

    column: str
    derived: dict[str, str]
    levels: list[dict[str, Any]]
    keys: list[Key]


def evidence_of(profile: Profile, profiles: Sequence[Profile]) -> Evidence:
    """What one of the columns gives."""
    return _KINDS[profile.kind](_Named(profile, profiles))


class _Named:
    """A column with names for what is derived from it."""

    def __init__(self, profile: Profile, profiles: Sequence[Profile]) -> None:
        self.profile = profile
        self.sql = profile.sql
        self._taken = {p.column for p in profiles}
        self.others = profiles

    def derived(self, ending: str) -> str:
        name = f"{self.profile.column} {ending}" if not self.profile.column.isidentifier() else ""
        name = name or f"{self.profile.column}_{ending}"
        while name in self._taken:
            name += "_"
        return plain_name(name)


def _same(value: str, name: str = "same") -> dict[str, Any]:
    return {"name": name, "same": [value], "term_frequency": "true"}


def _edits(value: str, *most: int) -> Iterator[dict[str, Any]]:
    for at_most in most:
        yield {
            "name": "one slip" if at_most == 1 else f"{at_most} slips",
            "edits": {"of": value, "at_most": str(at_most)},
        }


def _alike(test: str, value: str, *least: float) -> Iterator[dict[str, Any]]:
    for at_least in least:
        yield {"name": f"{test} {at_least:.2f}", test: {"of": value, "at_least": str(at_least)}}


def _letters(column: str) -> str:
    """Letters and digits of a text, accents off, one space where anything else stood."""
    return f"nullif(trim(regexp_replace(strip_accents(CAST({column} AS VARCHAR)), '[^\\pL\\pN]+', ' ', 'g')), '')"


def _date(of: _Named) -> Evidence:
    formats = ", ".join(map(repr, of.profile.formats))
    day, text = of.derived("day"), of.derived("text")
    derived = {
        day: f"CAST(try_strptime({of.sql}, [{formats}]) AS DATE)",
        text: f"coalesce(CAST({day} AS VARCHAR), {of.sql})",
    }
    levels = [
        _same(text),
        {"name": "day and month swapped", "swapped_day_month": day},
        {"name": "one digit different", "digits": {"of": day, "at_most": "1"}},
        *_edits(text, 1),
        {"name": "within a month", "days": {"of": day, "at_most": "31"}},
        {"name": "same day of another year", "same": [f"strftime({day}, '%m-%d')"]},
        {"name": "same year", "same": [f"year({day})"]},
    ]
    year, day_of_year = Key(of.profile, f"year({day})", ()), Key(of.profile, f"strftime({day}, '%m-%d')", ())
    return Evidence(of.profile.column, derived, levels, [year, day_of_year, Key(of.profile, text, (year, day_of_year))])


def _email(of: _Named) -> Evidence:
    before_at = f"split_part({of.sql}, '@', 1)"
    levels = [_same(of.sql), _same(before_at, "same before @"), *_edits(of.sql, 1, 2)]
    broad = Key(of.profile, before_at, ())
    return Evidence(of.profile.column, {}, levels, [broad, Key(of.profile, of.sql, (broad,))])


def _code(of: _Named) -> Evidence:
    return Evidence(of.profile.column, {}, [_same(of.sql)], [Key(of.profile, of.sql, ())])


def _phone(of: _Named) -> Evidence:
    digits = of.derived("digits")
    derived = {digits: f"nullif(right(regexp_replace({of.sql}, '[^0-9]', '', 'g'), 9), '')"}
    return Evidence(of.profile.column, derived, [_same(digits), *_edits(digits, 1, 2)], [Key(of.profile, digits, ())])


def _mark(of: _Named) -> Evidence:
    plain = of.derived("plain")
    derived = {plain: f"nullif(regexp_replace(CAST({of.sql} AS VARCHAR), '[^\\pL\\pN]+', '', 'g'), '')"}
    start = f"left({plain}, 3)"
    levels = [_same(plain), *_edits(plain, 1, 2), _same(start, "same start")]
    broad = Key(of.profile, start, ())
    return Evidence(of.profile.column, derived, levels, [broad, Key(of.profile, plain, (broad,))])


def _number(of: _Named) -> Evidence:
    number = of.derived("number")
    text = f"regexp_replace(CAST({of.sql} AS VARCHAR), '[$€£¥元, ]|\\.0+$', '', 'g')"
    derived = {number: f"nullif({text}, '')"}
    return Evidence(of.profile.column, derived, [_same(number), *_edits(number, 1, 2)], [Key(of.profile, number, ())])


def _amount(of: _Named) -> Evidence:
    amount = of.derived("amount")
    derived = {amount: f"TRY_CAST(regexp_replace(CAST({of.sql} AS VARCHAR), '[$€£¥元, ]', '', 'g') AS DOUBLE)"}
    is_whole = of.profile.kind == "count" or of.profile.is_whole
    levels = [_same(amount)]
    for share, at_most in ((0.02, 1), (0.1, 3), (0.3, 10)):
        near = {"of": amount, "share": str(share), **({"at_most": str(at_most)} if is_whole else {})}
        levels.append({"name": f"within {share:.0%}" + (f" or {at_most}" if is_whole else ""), "near": near})
    if of.profile.kind == "count":
        levels[1:1] = _edits(f"CAST({amount} AS VARCHAR)", 1)
    return Evidence(of.profile.column, derived, levels, [Key(of.profile, amount, ())])


def _page(of: _Named) -> Evidence:
    plain = of.derived("plain")
    derived = {plain: f"nullif(regexp_replace({of.sql}, '^(https?://)?(www\\.)?|/+$', '', 'g'), '')"}
    levels = [_same(plain), *_edits(plain, 1), *_alike("shared", plain, 0.7, 0.4)]
    return Evidence(of.profile.column, derived, levels, [Key(of.profile, plain, ())])


def _name(of: _Named) -> Evidence:
    plain = of.derived("plain")
    other = _swapped_with(of.profile, of.others)
    crossed = {"name": f"swapped with {other.column}", "crossed": [of.sql, other.sql]} if other else None
    start, first = f"left({plain}, 3)", f"left({plain}, 1)"
    levels = [
        _same(plain),
        *([crossed] if crossed else []),
        *_edits(plain, 1),
        *_alike("similar", plain, 0.92, 0.8),
        _same(first, "same first letter"),
    ]
    broad = Key(of.profile, start, ())
    return Evidence(of.profile.column, {plain: _letters(of.sql)}, levels, [broad, Key(of.profile, plain, (broad,))])


def _phrase(of: _Named) -> Evidence:
    plain, words = of.derived("plain"), of.derived("words")
    derived = {plain: _letters(of.sql), words: f"list_sort(string_split({plain}, ' '))"}
    levels = [
        _same(plain),
        {"name": "same words", "same": [words], "term_frequency": "true"},
        *_edits(plain, 1),
        *_alike("shared", plain, 0.8, 0.6, 0.4, 0.25),
    ]
    tokens = tuple(f"{words}[{n}]" for n in range(1, WORDS_BLOCKED + 1))
    any_word = Key(of.profile, "", (), tokens)
    two = tuple(f"{words}[{n}] || ' ' || {words}[{n + 1}]" for n in range(1, WORDS_BLOCKED))
    keys = [any_word, Key(of.profile, "", (), two), Key(of.profile, words)]
    if of.profile.has_numbers:
        numbers = f"nullif(trim(regexp_replace({plain}, '[^0-9]+', ' ', 'g')), '')"
        keys.insert(1, Key(of.profile, numbers, ()))
    return Evidence(of.profile.column, derived, levels, keys)


def _text(of: _Named) -> Evidence:
    plain, words = of.derived("plain"), of.derived("words")
    derived = {plain: _letters(of.sql), words: f"list_sort(list_distinct(string_split({plain}, ' ')))"}
    levels = [_same(plain), *_alike("shared", plain, 0.8, 0.6, 0.4, 0.25, 0.12)]
    tokens = tuple(f"{words}[{n}]" for n in range(1, WORDS_BLOCKED + 1))
    return Evidence(of.profile.column, derived, levels, [Key(of.profile, "", (), tokens)])


_KINDS: Mapping[str, Callable[[_Named], Evidence]] = {
    "date": _date,
    "email": _email,
    "code": _code,
    "phone": _phone,
    "number": _number,
    "amount": _amount,
    "count": _amount,
    "page": _page,
    "name": _name,
    "mark": _mark,
    "phrase": _phrase,
    "text": _text,
}


def _swapped_with(profile: Profile, profiles: Sequence[Profile]) -> Profile | None:
    """The column people swap this one with: given name and surname."""
    for one, other in ((GIVEN_NAMES, FAMILY_NAMES), (FAMILY_NAMES, GIVEN_NAMES)):
        if any(word in profile.column.lower() for word in one):
            return next((p for p in profiles if any(word in p.column.lower() for word in other)), None)
    return None
