"""Reference tables of the cleaners; SOURCES.md says where each comes from and how it is rebuilt."""

import csv
from functools import cache
from pathlib import Path


@cache
def read_table(name: str) -> tuple[tuple[str, ...], ...]:
    """Rows of the reference table `name`, all text, without its header."""
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        return tuple(tuple(row) for row in rows)


@cache
def word_list(name: str) -> tuple[str, ...]:
    """One list of words.csv, in its order."""
    return tuple(next(words for listed, words in read_table("words") if listed == name).split())
