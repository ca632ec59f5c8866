"""What the report asks, as data: one YAML file a chapter, read strictly, in the order of the file names."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from warehouse.yamls import read_yaml

CHAPTERS = Path(__file__).with_name("chapters")
LISTED = ("table", "cards")
NUMBER_FORMATS = {"count": ",.0f", "share": ".1%", "money": ".3~s", "decimal": ",.2~f"}


class ReportError(ValueError):
    """A chapter is wrong; the message names file, key and remedy."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Strict):
    """One chart or table: what it shows, the query behind it, and which of its columns are drawn how.

    `bar` draws `x` for each `y`; `column` and `line` draw `y` over `x`; `interval` draws `x` between `low` and `high`
    for each `y`; `colour` tells series apart. A line with `low` and `high` has a band around it. `table` and
    `cards` show every column; a card is a row, its first column the heading, JSON folded away.
    """

    title: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    query: str = Field(min_length=1)
    chart: Literal["bar", "column", "line", "interval", "table", "cards"]
    x: str | None = None
    y: str | None = None
    colour: str | None = None
    low: str | None = None
    high: str | None = None
    number: Literal["count", "share", "money", "decimal"] = "count"
    note: str | None = None
    note_zh: str | None = None

    @model_validator(mode="after")
    def _drawn(self) -> "Figure":
        if self.chart not in LISTED and not (self.x and self.y):
            raise ValueError(f"a {self.chart} needs x and y; name two columns of its query")
        if self.chart == "interval" and not (self.low and self.high):
            raise ValueError("an interval needs low and high; name two columns of its query")
        return self

    @property
    def drawn(self) -> tuple[str, ...]:
        """Columns of the query that are drawn."""
        return tuple(name for name in (self.x, self.y, self.colour, self.low, self.high) if name)


class Chapter(_Strict):
    """One question, its answer in a sentence (a query for `en` and `zh`), and the figures behind it."""

    question: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    figures: list[Figure] = Field(min_length=1)


def read_chapters(folder: Path = CHAPTERS) -> dict[str, Chapter]:
    """Every chapter by its file's name without number; raises ReportError naming file, key and remedy."""
    chapters: dict[str, Chapter] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            chapters[path.stem.partition("_")[2]] = Chapter.model_validate(read_yaml(path))
        except ValidationError as error:
            problems = (
                f"{path}: {'.'.join(map(str, each['loc'])) or 'document'}: {each['msg']}" for each in error.errors()
            )
            raise ReportError("\n".join(problems)) from error
        except ValueError as error:
            raise ReportError(str(error)) from error
    return chapters
