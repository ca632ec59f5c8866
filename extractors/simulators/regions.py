"""Counties of China with their region codes, and which code was valid when an identity number was issued."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from extractors.simulators.streams import Ints

# Residents in millions (census of 2020), shared evenly by a province's counties.
RESIDENTS = {
    "广东省": 126.0, "山东省": 101.5, "河南省": 99.4, "江苏省": 84.7, "四川省": 83.7, "河北省": 74.6,
    "湖南省": 66.4, "浙江省": 64.6, "安徽省": 61.0, "湖北省": 57.8, "广西壮族自治区": 50.1, "云南省": 47.2,
    "江西省": 45.2, "辽宁省": 42.6, "福建省": 41.5, "陕西省": 39.5, "贵州省": 38.6, "山西省": 34.9,
    "重庆市": 32.1, "黑龙江省": 31.9, "新疆维吾尔自治区": 25.9, "甘肃省": 25.0, "上海市": 24.9, "吉林省": 24.1,
    "内蒙古自治区": 24.0, "北京市": 21.9, "天津市": 13.9, "海南省": 10.1, "宁夏回族自治区": 7.2, "青海省": 5.9,
    "西藏自治区": 3.6,
}  # fmt: skip


@dataclass(frozen=True)
class Regions:
    """One entry per county, all columns aligned."""

    code: Ints
    province: pa.Array
    city: pa.Array
    district: pa.Array
    former_code: Ints
    former_until: Ints
    residents: np.ndarray

    def code_when_issued(self, county: Ints, year: Ints) -> Ints:
        """Region code valid for `county` in `year`."""
        return np.where(year <= self.former_until[county], self.former_code[county], self.code[county])


@cache
def regions() -> Regions:
    """Every county, in code order."""
    table = pyarrow.csv.read_csv(Path(__file__).with_name("regions.csv"))
    provinces, counties = np.unique(table["province"].to_numpy(), return_inverse=True)
    share = np.array([RESIDENTS[name] for name in provinces]) / np.bincount(counties)
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    return Regions(
        code=columns["code"].to_numpy(),
        province=columns["province"],
        city=columns["city"],
        district=columns["district"],
        former_code=columns["former_code"].fill_null(0).to_numpy(zero_copy_only=False),
        former_until=columns["former_until"].fill_null(0).to_numpy(zero_copy_only=False),
        residents=share[counties],
    )
