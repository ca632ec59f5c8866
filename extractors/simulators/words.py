"""Names, roads and codes the simulated bank is made of, from words.yml."""

from functools import cache
from pathlib import Path

from warehouse.yamls import read_yaml


@cache
def words(key: str) -> tuple[str, ...]:
    """The words of one block, in order."""
    return tuple(str(_blocks()[key]).split())


@cache
def letters(key: str) -> str:
    """The characters of one block, in order, each once."""
    return "".join(dict.fromkeys("".join(words(key))))


@cache
def pairs(key: str) -> dict[str, str]:
    """A block of `from=to` words, or of two-character words, as a mapping."""
    return dict(_pair(word) for word in words(key))


def _pair(word: str) -> tuple[str, str]:
    left, mark, right = word.partition("=")
    return (left, right) if mark else (word[0], word[1])


@cache
def _blocks() -> dict[str, str]:
    blocks: dict[str, str] = read_yaml(Path(__file__).with_name("words.yml"))
    return blocks
