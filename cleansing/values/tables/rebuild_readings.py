"""Rebuild readings.csv from pypinyin's character table; run it where pypinyin is installed.

python -m cleansing.values.tables.rebuild_readings
"""

import csv
import unicodedata
from importlib import import_module
from pathlib import Path


def rebuild() -> int:
    """Write every toneless syllable with the characters that read so first; returns how many syllables there are."""
    characters: dict[str, list[str]] = {}
    for point, toned in sorted(import_module("pypinyin.pinyin_dict").pinyin_dict.items()):
        characters.setdefault(_toneless(toned.partition(",")[0]), []).append(chr(point))
    rows = [(syllable, "".join(reading_so)) for syllable, reading_so in sorted(characters.items()) if syllable]
    with Path(__file__).with_name("readings.csv").open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([("syllable", "characters"), *rows])
    return len(rows)


def _toneless(toned: str) -> str:
    plain = unicodedata.normalize("NFD", toned).replace("u\u0308", "v")
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())


if __name__ == "__main__":
    rebuild()
