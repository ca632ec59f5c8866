"""Rebuild readings.csv and other_readings.csv from pypinyin's tables; run it where pypinyin is installed.

python -m cleansing.values.tables.rebuild_readings
"""

import csv
import unicodedata
from collections import Counter, defaultdict
from importlib import import_module
from pathlib import Path

_RARE = 0.03  # share of the phrases with a character below which a reading is not expected in a name


def rebuild(folder: Path) -> int:
    """Write every toneless syllable with the characters that read so first, and those of GB 2312 that read so too.

    A further reading that hardly any phrase with the character has is left out. Returns how many syllables there are.
    """
    heard = _heard()
    first: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for point, toned in sorted(import_module("pypinyin.pinyin_dict").pinyin_dict.items()):
        readings = list(dict.fromkeys(_toneless(reading) for reading in toned.split(",")))
        first.setdefault(readings[0], []).append(chr(point))
        if chr(point).encode("gb2312", "ignore"):
            for reading in readings[1:]:
                if heard[chr(point)][reading] >= _RARE * heard[chr(point)].total():
                    others.setdefault(reading, []).append(chr(point))
    _write(folder / "readings.csv", first)
    _write(folder / "other_readings.csv", others)
    return len(first)


def _heard() -> dict[str, Counter[str]]:
    """How many phrases read a character in each way."""
    heard: dict[str, Counter[str]] = defaultdict(Counter)
    for phrase, readings in import_module("pypinyin.phrases_dict").phrases_dict.items():
        for character, (toned, *_) in zip(phrase, readings, strict=False):
            heard[character][_toneless(toned)] += 1
    return heard


def _write(target: Path, characters: dict[str, list[str]]) -> None:
    rows = [(syllable, "".join(reading_so)) for syllable, reading_so in sorted(characters.items()) if syllable]
    with target.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([("syllable", "characters"), *rows])


def _toneless(toned: str) -> str:
    plain = unicodedata.normalize("NFD", toned).replace("u\u0308", "v")
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())


if __name__ == "__main__":
    rebuild(Path(__file__).parent)
