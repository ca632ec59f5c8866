"""Rebuild readings.csv and other_readings.csv from pypinyin's character table; run it where pypinyin is installed.

python -m cleansing.values.tables.rebuild_readings
"""

import csv
import unicodedata
from importlib import import_module
from pathlib import Path


def rebuild(folder: Path) -> int:
    """Write every toneless syllable with the characters that read so first, and those of GB 2312 that read so too.

    Returns how many syllables there are.
    """
    first: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for point, toned in sorted(import_module("pypinyin.pinyin_dict").pinyin_dict.items()):
        readings = list(dict.fromkeys(_toneless(reading) for reading in toned.split(",")))
        first.setdefault(readings[0], []).append(chr(point))
        if chr(point).encode("gb2312", "ignore"):
            for reading in readings[1:]:
                others.setdefault(reading, []).append(chr(point))
    _write(folder / "readings.csv", first)
    _write(folder / "other_readings.csv", others)
    return len(first)


def _write(target: Path, characters: dict[str, list[str]]) -> None:
    rows = [(syllable, "".join(reading_so)) for syllable, reading_so in sorted(characters.items()) if syllable]
    with target.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([("syllable", "characters"), *rows])


def _toneless(toned: str) -> str:
    plain = unicodedata.normalize("NFD", toned).replace("u\u0308", "v")
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())


if __name__ == "__main__":
    rebuild(Path(__file__).parent)
