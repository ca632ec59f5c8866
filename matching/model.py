"""What makes two rows one thing: blocking rules, evidence and thresholds, declared in YAML and read strictly.

A level holds when all of its tests hold; the first level that holds counts. Expressions are DuckDB SQL over one row.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warehouse.errors import ToldError
from warehouse.yamls import read_yaml

MODELS = Path(__file__).parent / "models"
EXACT_TESTS = ("same", "any_of", "crossed", "refers", "masked", "swapped_day_month", "days", "digits", "near")
FUZZY_TESTS = ("edits", "similar", "shared")
TESTS = (*EXACT_TESTS, *FUZZY_TESTS)


class ModelError(ToldError, ValueError):
    """A linkage model is wrong; the message lists every mistake with file, key and remedy."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class AtMost(_Strict):
    """A value of both rows may differ by this much."""

    of: str
    at_most: int = Field(ge=0)


class AtLeast(_Strict):
    """A text of both rows is this similar, 0 to 1.

    `similar` is Jaro-Winkler by code point. `shared` is the cosine of the pieces of both texts (three characters of a
    word, two of Chinese) weighed by how rare they are in the table: word order, endings and common words hardly matter.
    """

    of: str
    at_least: float = Field(gt=0, le=1)


class Near(_Strict):
    """Numbers of both rows differ by no more than `at_most`, or than this `share` of the greater."""

    of: str
    at_most: float = Field(default=0, ge=0)
    share: float = Field(default=0, ge=0, lt=1)


class Reference(_Strict):
    """One row names the other: `value` of one is `to` of the other; `within` tells whose keys are meant."""

    value: str
    to: str
    within: tuple[str, str]


class Level(_Strict):
    """One step of agreement; `m` is the starting share of true pairs on it, replaced by training."""

    name: str = Field(min_length=1)
    where: str | None = None
    same: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    crossed: tuple[str, str] | None = None
    refers: Reference | None = None
    masked: str | None = None
    swapped_day_month: str | None = None
    days: AtMost | None = None
    digits: AtMost | None = None
    edits: AtMost | None = None
    similar: AtLeast | None = None
    shared: AtLeast | None = None
    near: Near | None = None
    term_frequency: bool = False
    m: float | None = Field(default=None, gt=0, lt=1)


class Comparison(_Strict):
    """One kind of evidence: levels in order, then `otherwise`; a value missing on either side is no evidence."""

    levels: tuple[Level, ...] = Field(min_length=1)
    otherwise: str = "different"
    implausible_above: int | None = Field(default=None, ge=2)

    @property
    def level_names(self) -> tuple[str, ...]:
        """Names by level number: 0 missing, 1 the first level, last `otherwise`."""
        return ("missing", *(level.name for level in self.levels), self.otherwise)


class BlockingRule(_Strict):
    """Rows that agree on all `keys`, or share any value of `any_of`, are compared; null agrees with nothing.

    Keys that more than `largest_block` rows hold are left out and reported.
    """

    name: str = Field(min_length=1)
    keys: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    where: str | None = None
    largest_block: int | None = Field(default=None, ge=2)


class Veto(_Strict):
    """Two rows for which `where` holds and whose `differ` differs are never one thing, whatever the score."""

    name: str = Field(min_length=1)
    differ: str
    where: str | None = None


class Household(_Strict):
    """Pairs at this level of `comparison` are often people who live together: the other evidence weighs less there."""

    comparison: str
    levels: tuple[str, ...] = Field(min_length=1)


class Thresholds(_Strict):
    """When a pair is decided: at least `match`, and as high as the stated `precision` of all matches asks for."""

    precision: float = Field(default=0.995, gt=0, lt=1)
    match: float = Field(default=0.9, gt=0, lt=1)
    review: float = Field(default=0.3, gt=0, lt=1)
    keep: float = Field(default=0.05, gt=0, lt=1)


class Model(_Strict):
    """A linkage model as written."""

    description: str = Field(min_length=1)
    version: str = Field(pattern=r"[a-z0-9_]+-[0-9]+")
    key: str
    rows: str | None = None
    trim_text: bool = False  # columns are read as text: lower case, trimmed, empty and "unknown" as null
    derived: dict[str, str] = Field(default_factory=dict)  # names for expressions; each may use those before it
    separate: str | None = None  # rows that differ in this are never one thing
    between: str | None = None  # rows that agree in this are never compared
    largest_block: int = Field(default=300, ge=2)
    largest_cluster: int = Field(default=50, ge=2)
    thresholds: Thresholds = Thresholds()
    vetoes: tuple[Veto, ...] = ()
    households: tuple[Household, ...] = ()
    blocking: tuple[BlockingRule, ...] = Field(min_length=1)
    comparisons: dict[str, Comparison] = Field(min_length=1)


def read_model(path: Path) -> Model:
    """One model; raises ModelError listing every mistake of the file."""
    try:
        document = read_yaml(path)
    except (ValueError, OSError) as error:
        raise ModelError(str(error)) from error
    return parse_model(document, str(path))


def parse_model(document: Any, where: str) -> Model:
    """A model from its document; `where` names it in mistakes."""
    try:
        model = Model.model_validate(document)
    except ValidationError as error:
        raise ModelError("\n".join(f"{where}: {line}" for line in _explain(error))) from error
    if mistakes := [*_comparison_mistakes(model), *_rule_mistakes(model)]:
        raise ModelError("\n".join(f"{where}: {mistake}" for mistake in mistakes))
    return model


def _explain(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"]) or "document"
        remedy = "remove it or correct its spelling" if problem["type"] == "extra_forbidden" else problem["msg"]
        yield f"{where}: {remedy}"


def _comparison_mistakes(model: Model) -> Iterator[str]:
    for name, comparison in model.comparisons.items():
        if len(set(comparison.level_names)) < len(comparison.level_names):
            yield f"comparisons.{name}: two levels have one name (missing and otherwise included); rename one"
        for level in comparison.levels:
            where = f"comparisons.{name}.{level.name}"
            if not tests_of(level):
                yield f"{where}: tests nothing; add one of {', '.join(TESTS)}"
            if level.term_frequency and not level.same:
                yield f"{where}: term_frequency counts equal values; add same or remove term_frequency"


def _rule_mistakes(model: Model) -> Iterator[str]:
    for rule in model.blocking:
        if bool(rule.keys) == bool(rule.any_of):
            yield f"blocking.{rule.name}: needs either keys or any_of; keep one"
    names = [rule.name for rule in model.blocking]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"blocking.{name}: stands twice; rename one"
    for household in model.households:
        comparison = model.comparisons.get(household.comparison)
        if comparison is None:
            yield f"households.{household.comparison}: no such comparison; name one of {', '.join(model.comparisons)}"
            continue
        for level in sorted(set(household.levels) - set(comparison.level_names)):
            yield f"households.{household.comparison}: no level '{level}'; name one of its levels"
    thresholds = model.thresholds
    if not thresholds.keep <= thresholds.review <= thresholds.match:
        yield "thresholds: keep, review and match must not decrease; reorder them"


@cache
def tests_of(level: Level) -> dict[str, Any]:
    """The tests of a level by name, as written."""
    tests = {name: getattr(level, name) for name in TESTS}
    return {name: test for name, test in tests.items() if test}
