"""Rebuild area_codes.csv from the Python package phonenumbers (Apache-2.0); run it where that is installed.

pip install phonenumbers==9.0.43
python -m cleansing.values.tables.rebuild_area_codes
"""

import csv
from importlib import import_module
from pathlib import Path

_CHINA = "86"
_LONGEST = 3  # digits of an area code without its leading zero; longer prefixes are parts of one


def rebuild(target: Path) -> int:
    """Write every area code of the mainland without its zero, two-digit prefixes of several for all; how many."""
    prefixes = import_module("phonenumbers.geodata").GEOCODE_DATA
    national = {prefix.removeprefix(_CHINA) for prefix in prefixes if prefix.startswith(_CHINA)}
    codes = sorted(code for code in national if len(code) <= _LONGEST and (code[0] != "1" or code == "10"))
    with target.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([("prefix",), *((code,) for code in codes)])
    return len(codes)


if __name__ == "__main__":
    rebuild(Path(__file__).with_name("area_codes.csv"))
