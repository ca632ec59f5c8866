"""What a model compares, as values: each is a column or expression coded once, however many tests and rules read it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matching.model import BlockingRule, Comparison, Level, Model

KEYWORDS = frozenset(
    {
        *("AND", "AS", "BETWEEN", "BIGINT", "CASE", "DATE", "DOUBLE", "ELSE", "END", "IN"),
        *("IS", "LIKE", "NOT", "NULL", "OR", "THEN", "VARCHAR", "WHEN"),
    }
)
CHINESE = "[\\x{3400}-\\x{9fff}]"
NO_NUMBER = int(np.iinfo(np.int64).min)


@dataclass(frozen=True)
class Value:
    """What is compared: expressions coded together, or (`joint`) each by itself over one list of values.

    A value held by more than `implausible_above` rows identifies nobody and counts as null.
    """

    expressions: tuple[str, ...]
    is_joint: bool = False
    where: str | None = None
    implausible_above: int | None = None


def compared_value(comparison: Comparison, expressions: tuple[str, ...], level: Level | None = None) -> Value:
    """The value of one `same` or text test."""
    where = level.where if level else None
    return Value(expressions, where=where, implausible_above=comparison.implausible_above)


def joint_value(comparison: Comparison, expressions: tuple[str, ...]) -> Value:
    """The value of a test that looks for one side's value anywhere on the other side."""
    return Value(expressions, is_joint=True, implausible_above=comparison.implausible_above)


def level_values(comparison: Comparison, level: Level) -> list[Value]:
    """Every coded value the tests of a level read."""
    values = [compared_value(comparison, level.same, level)] if level.same else []
    values += [joint_value(comparison, joint) for joint in (level.any_of, level.crossed) if joint]
    if level.refers:
        values.append(joint_value(comparison, (level.refers.value, level.refers.to)))
        values.append(Value(level.refers.within, is_joint=True))
    read = [*level_texts(level), *level_pieces(level), *level_amounts(level)]
    values += [compared_value(comparison, (expression,)) for expression in read]
    return values


def level_texts(level: Level) -> list[str]:
    """Expressions whose characters a level reads."""
    tests = (level.edits, level.similar)
    return [test.of for test in tests if test] + ([level.masked] if level.masked else [])


def level_numbers(level: Level) -> list[str]:
    """Expressions a level reads as numbers or dates."""
    tests = (level.days.of if level.days else None, level.digits.of if level.digits else None)
    return [expression for expression in (*tests, level.swapped_day_month) if expression]


def level_pieces(level: Level) -> list[str]:
    """Expressions whose pieces a level counts."""
    return [level.shared.of] if level.shared else []


def level_amounts(level: Level) -> list[str]:
    """Expressions a level reads as amounts."""
    return [level.near.of] if level.near else []


def model_values(model: Model) -> list[Value]:
    """Every coded value a model reads, each once."""
    values = evidence_values(model)
    values += rule_values(model)
    values += [Value((veto.differ,), where=veto.where) for veto in model.vetoes]
    values += [Value((expression,)) for expression in (model.separate, model.between) if expression]
    return list(dict.fromkeys(values))


def evidence_values(model: Model) -> list[Value]:
    """Every coded value the comparisons read."""
    return [value for c in model.comparisons.values() for level in c.levels for value in level_values(c, level)]


def columns_in(model: Model, expressions: Iterable[str]) -> set[str]:
    """Names that expressions may take from a row, each derived one as the names it is made of."""
    found = names_in(expressions)
    for name, expression in reversed(model.derived.items()):
        if name in found:
            found = (found - {name}) | names_in([expression])
    return found


def names_in(expressions: Iterable[str]) -> set[str]:
    """Names that expressions may take from a row: all but functions and what is quoted as text."""
    found: set[str] = set()
    for expression in expressions:
        text = re.sub(r"'[^']*'", "", expression)
        found |= {name.replace('""', '"') for name in re.findall(r'"((?:[^"]|"")+)"', text)}
        text = re.sub(r'"(?:[^"]|"")+"', "", text)
        found |= {name for name in re.findall(r"\b[^\W\d]\w*\b(?!\s*\()", text) if name not in KEYWORDS}
    return found


def rule_values(model: Model) -> list[Value]:
    """The value of every blocking rule, each once."""
    return list(dict.fromkeys(rule_value(model, rule) for rule in model.blocking))


def weighed_by_frequency(model: Model) -> dict[tuple[str, int], Value]:
    """The value of each level that weighs how common it is, by comparison and number of the level."""
    return {
        (name, number): compared_value(comparison, level.same, level)
        for name, comparison in model.comparisons.items()
        for number, level in enumerate(comparison.levels, start=1)
        if level.term_frequency
    }


def rule_value(model: Model, rule: BlockingRule) -> Value:
    """The value a blocking rule sorts by; keys that more rows hold than the largest block are left out."""
    return Value(rule.keys or rule.any_of, bool(rule.any_of), rule.where, rule.largest_block or model.largest_block)


def hash_arguments(value: Value) -> list[str]:
    """SQL of what is hashed for a value: each expression by itself, as text where they are compared with each other."""
    return [f"CAST({e} AS VARCHAR)" if value.is_joint else e for e in value.expressions]


def hash_columns(arguments: list[str]) -> Iterable[str]:
    """SQL of hashes, 0 where there is nothing to hash."""
    for position, argument in enumerate(arguments):
        hashed = f"greatest(hash({argument}), 1)"  # the hash of 0, of false and of 1970-01-01 is 0, which says missing
        yield f"CASE WHEN {argument} IS NOT NULL THEN {hashed} ELSE 0::UBIGINT END AS h{position}"


def condition_columns(conditions: list[str]) -> Iterable[str]:
    """SQL of conditions: 1 where one holds, else 0."""
    for position, condition in enumerate(conditions):
        yield f"CAST(coalesce({condition}, false) AS UTINYINT) AS w{position}"


def text_columns(texts: list[str]) -> Iterable[str]:
    """SQL of texts."""
    for position, expression in enumerate(texts):
        yield f"CAST({expression} AS VARCHAR) AS t{position}"


def number_columns(numbers: list[str]) -> Iterable[str]:
    """SQL of dates as days since 1970 and as decimal digits."""
    for position, expression in enumerate(numbers):
        yield f"coalesce({_number(expression)}, {NO_NUMBER}) AS n{position}"
        yield f"coalesce({_decimal(expression)}, 0) AS d{position}"


def _number(expression: str) -> str:
    """Days since 1970 of dates, the number itself of anything else."""
    return f"CAST(datediff('day', DATE '1970-01-01', TRY_CAST({expression} AS DATE)) AS BIGINT)"


def _decimal(expression: str) -> str:
    day = f"TRY_CAST({expression} AS DATE)"
    return f"CAST(year({day}) * 10000 + month({day}) * 100 + day({day}) AS BIGINT)"


def piece_columns(expressions: list[str]) -> Iterable[str]:
    """SQL of the distinct pieces of texts, hashed: three characters of a word with its ends, two of Chinese."""
    for position, expression in enumerate(expressions):
        padded = f"' ' || {expression} || ' '"
        size = f"CASE WHEN regexp_matches({expression}, '{CHINESE}') THEN 2 ELSE 3 END"
        pieces = f"list_transform(range(1, length({padded}) - ({size}) + 2), lambda i: substr({padded}, i, {size}))"
        inside = f"list_filter({pieces}, lambda piece: piece[2] <> ' ' AND trim(piece) <> '')"
        hashed = f"list_distinct(list_transform({inside}, lambda piece: hash(piece)))"
        yield f"coalesce({hashed}, []::UBIGINT[]) AS p{position}"


def amount_columns(expressions: list[str]) -> Iterable[str]:
    """SQL of amounts; not a number where there is none."""
    for position, expression in enumerate(expressions):
        yield f"coalesce(TRY_CAST({expression} AS DOUBLE), 'nan'::DOUBLE) AS a{position}"
