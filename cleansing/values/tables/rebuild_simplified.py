"""Rebuild simplified.csv from opencc; run it where opencc is installed, which is nowhere in the pipeline.

python -m cleansing.values.tables.rebuild_simplified
"""

import csv
from importlib import import_module
from pathlib import Path

_BMP_END = 0x10000
_BLOCKS = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))


def rebuild() -> int:
    """Write each traditional character with its simplified form; returns how many there are.

    A character of GB 2312 is itself simplified (於, 乾, 麴 are surnames or given names of their own) and left out.
    """
    convert = import_module("opencc").OpenCC("t2s").convert
    characters = (chr(code) for block in _BLOCKS for code in block)
    folds = [(sent, convert(sent)) for sent in characters if not _is_gb2312(sent)]
    rows = [(sent, simple) for sent, simple in folds if simple != sent and len(simple) == 1 and ord(simple) < _BMP_END]
    with Path(__file__).with_name("simplified.csv").open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([("traditional", "simplified"), *rows])
    return len(rows)


def _is_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


if __name__ == "__main__":
    rebuild()
