"""A seeded population of bank customers as three systems record it, with the truth beside it, for linkage only.

Columns are those of customer_record plus person_id and slice. Same seed, same rows.
"""

import datetime
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pypinyin import lazy_pinyin

SURNAMES = list(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛段郝顾龚邵覃武钱戴严莫孔向常"
)
GIVEN = list(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红梅兰建国文志海波斌辉鹏飞宇浩然子轩梓涵欣怡佳雨晨"
    "思雪琪嘉慧颖莹婷倩璐瑶洁琳薇玲燕云凤莲珍翠香月美春秋冬夏松柏林森山川江河湖清泉源天地宏伯仲少长永安康宁福"
    "禄寿喜庆吉祥如意德仁义礼智信忠孝廉新民生光耀祖宗才俊彦博学深远达通顺利兴旺发财金银铜铁钢石岩峰岭"
)
HOMOPHONES = {
    "伟": "玮",
    "芳": "方",
    "娜": "那",
    "敏": "闵",
    "静": "敬",
    "丽": "莉",
    "强": "墙",
    "磊": "雷",
    "明": "鸣",
}
CHECK_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECK_DIGITS = np.array(list("10X98765432"))
SOURCES = ("core_banking", "card", "channel")
HOLDS = (0.85, 0.55, 0.75)
DUPLICATES = (0.03, 0.04, 0.05)
MONTHS = 12
OPENED = datetime.date(2020, 1, 1)
Text = NDArray[np.object_]


def chance(generator: np.random.Generator, rows: int, share: float) -> NDArray[np.bool_]:
    return generator.random(rows) < share


def zipf_choice(generator: np.random.Generator, values: list[str], rows: int, power: float) -> Text:
    weights = 1.0 / np.arange(2, len(values) + 2) ** power
    return np.array(values, dtype=object)[generator.choice(len(values), rows, p=weights / weights.sum())]


def people(people_count: int, seed: int) -> dict[str, NDArray]:
    """True people: households share phone, address and surname; twins share nearly everything."""
    generator = np.random.default_rng(seed)
    n = people_count
    surname = zipf_choice(generator, SURNAMES, n, 0.9)
    first, second = zipf_choice(generator, GIVEN, n, 0.75), zipf_choice(generator, GIVEN, n, 0.75)
    second[chance(generator, n, 0.25)] = ""
    birth = np.datetime64("1940-01-01") + generator.integers(0, 366 * 66, n).astype("timedelta64[D]")
    gender = generator.integers(0, 2, n)
    region = 110000 + generator.integers(0, 3000, n) * 100 + 1
    mobile = 13_000_000_000 + generator.integers(0, 69, n) * 100_000_000 + generator.integers(0, 100_000_000, n)
    street, door = generator.integers(0, 4000, n), generator.integers(0, 2500, n)
    parent = np.full(n, -1)
    household = chance(generator, n, 0.30)
    household[0] = False
    head = np.maximum.accumulate(np.where(~household, np.arange(n), 0))
    shares_surname = household & chance(generator, n, 0.55)
    surname[shares_surname] = surname[head[shares_surname]]
    shares_home = household & chance(generator, n, 0.8)
    street[shares_home], door[shares_home] = street[head[shares_home]], door[head[shares_home]]
    shares_phone = household & chance(generator, n, 0.5)
    mobile[shares_phone] = mobile[head[shares_phone]]
    parent[household] = head[household]
    twin = household & chance(generator, n, 0.015)
    for values in (birth, surname, region, street, door, mobile):
        values[twin] = values[head[twin]]
    shares_character = twin & chance(generator, n, 0.5)
    first[shares_character] = first[head[shares_character]]
    gender[twin] = np.where(chance(generator, int(twin.sum()), 0.7), gender[head[twin]], 1 - gender[head[twin]])
    sequence = generator.integers(0, 500, n) * 2 + gender
    documents = resident_ids(region, birth, sequence)
    given = first + second
    return {
        "surname": surname, "given": given, "birth": birth, "gender": gender, "document": documents,
        "mobile": mobile, "old_mobile": 13_000_000_000 + generator.integers(0, 6_900_000_000, n),
        "street": street, "door": door, "household": household, "twin": twin, "region": region,
    }  # fmt: skip


def resident_ids(region: NDArray, birth: NDArray, sequence: NDArray) -> Text:
    """18 characters after GB 11643: region, birth date, sequence, check character."""
    days = birth.astype("datetime64[D]").astype(object)
    body = [f"{r:06d}{d:%Y%m%d}{s:03d}" for r, d, s in zip(region, days, sequence, strict=True)]
    digits = np.array(body, dtype="U17").view("U1").reshape(-1, 17).astype(np.int64)
    check = CHECK_DIGITS[(digits @ CHECK_WEIGHTS) % 11]
    return np.array([b + c for b, c in zip(body, check, strict=True)], dtype=object)


def records(people_count: int, seed: int = 1) -> pa.Table:
    """Every record of every system, shuffled."""
    truth = people(people_count, seed)
    generator = np.random.default_rng(seed + 1)
    tables = []
    core_key = np.full(people_count, "", dtype=object)
    for number, source in enumerate(SOURCES):
        holders = np.flatnonzero(chance(generator, people_count, HOLDS[number]))
        person = np.concatenate([holders, holders[chance(generator, len(holders), DUPLICATES[number])]])
        keys = np.array([f"{source}:{900000 + i}" for i in generator.permutation(len(person))], dtype=object)
        if number == 0:
            core_key[person] = keys
        tables.append(render(truth, person, keys, number, core_key, generator))
    table = pa.concat_tables(tables)
    return table.take(generator.permutation(table.num_rows))


def render(  # noqa: PLR0915 (one system's defects, in reading order)
    truth: dict[str, NDArray], person: NDArray, keys: Text, source: int, core_key: Text, generator: np.random.Generator
) -> pa.Table:
    """One system's records with that system's defects."""
    n = len(person)

    def hit(*shares: float) -> NDArray[np.bool_]:
        return chance(generator, n, shares[source])

    surname, given = truth["surname"][person].copy(), truth["given"][person].copy()
    changed = hit(0.003, 0.004, 0.004)
    given[changed] = zipf_choice(generator, GIVEN, int(changed.sum()), 0.75)
    readings = {c: "".join(lazy_pinyin(c)) for c in {*SURNAMES, *GIVEN, *HOMOPHONES.values()}}
    slip = hit(0.004, 0.006, 0.004)
    given[slip] = ["".join(HOMOPHONES.get(c, c) for c in g) for g in given[slip]]
    pinyin = np.array(
        [readings[s] + " " + "".join(readings[c] for c in g) for s, g in zip(surname, given, strict=True)], dtype=object
    )
    name = surname + given
    name[hit(0.005, 0.015, 0.01)] = None
    document, status = documents(truth["document"][person].copy(), hit, generator)
    birth = truth["birth"][person].copy()
    birth[hit(0.005, 0.01, 0.2)] = np.datetime64("NaT")
    swapped = hit(0.0005, 0.001, 0.003) & ~np.isnat(birth)
    birth[swapped] = [swap_day_month(d) for d in birth[swapped].astype(object)]
    gender = np.where(truth["gender"][person] == 1, "male", "female").astype(object)
    gender[hit(0.02, 0.005, 0.10)] = None
    mobile = np.array([f"+86{m}" for m in truth["mobile"][person]], dtype=object)
    stale = hit(0.12, 0.15, 0.05)
    mobile[stale] = [f"+86{m}" for m in truth["old_mobile"][person][stale]]
    mobile[hit(0.05, 0.04, 0.03)] = None
    mobile[hit(0.001, 0.001, 0.001)] = "+8613800138000"
    other = np.where(hit(0.15, 0.1, 0.0), [f"+86{m}" for m in truth["old_mobile"][person]], None)
    address = np.array(
        [f"路{s}号{d}" for s, d in zip(truth["street"][person], truth["door"][person], strict=True)], object
    )
    moved = hit(0.08, 0.08, 0.0)
    address[moved] = [f"路{s}号{d}" for s, d in generator.integers(0, 2500, (int(moved.sum()), 2))]
    address[hit(0.05, 0.05, 1.0)] = None
    email = np.array([f"user{p}@mail{p % 7}.cn" for p in person], dtype=object)
    email[hit(0.5, 0.4, 0.5)] = None
    linked = np.where(hit(0.0, 0.7, 0.35), core_key[person], None)
    wrong = hit(0.0, 0.0005, 0.001)
    linked[wrong] = generator.permutation(core_key[person][wrong])
    linked[linked == ""] = None
    people_slices = np.where(truth["twin"][person], "twin", np.where(truth["household"][person], "household", "single"))
    columns = {
        "record_key": keys, "source": [SOURCES[source]] * n, "source_key": [k.partition(":")[2] for k in keys],
        "party_type": ["person"] * n, "name": name, "name_key": name, "name_pinyin": pinyin,
        "name_readings": pa.nulls(n, pa.string()),
        "identity_document": document, "identity_status": status,
        "birth_date": pa.array(birth.astype("datetime64[D]"), pa.date32()), "gender": gender,
        "mobile": mobile, "other_phone": pa.array(other, pa.string()), "email": email, "email_key": email,
        "address": pa.array(address, pa.string()), "address_key": pa.array(address, pa.string()),
        "nationality": ["CN"] * n, "linked_record": pa.array(linked, pa.string()), "verified": [source == 0] * n,
        "opened_on": pa.array([OPENED] * n), "updated_at": pa.array([OPENED] * n).cast(pa.timestamp("us")),
        "person_id": [f"p{p}" for p in person], "slice": people_slices,
    }  # fmt: skip
    return pa.table(columns)


def documents(document: Text, hit, generator: np.random.Generator) -> tuple[Text, Text]:  # noqa: ANN001
    """Documents as this system sends them, standardised, and what they are worth."""
    status = np.full(len(document), "valid", dtype=object)
    upgraded = hit(0.03, 0.01, 0.0)
    status[upgraded] = "upgraded"
    slipped = hit(0.003, 0.004, 0.002)
    at = generator.integers(6, 16, int(slipped.sum()))
    document[slipped] = [d[:i] + d[i + 1] + d[i] + d[i + 2 :] for d, i in zip(document[slipped], at, strict=True)]
    status[slipped] = "bad_checksum"
    masked = hit(0.0, 0.0, 0.55)
    document[masked] = [d[:6] + "********" + d[14:] for d in document[masked]]
    status[masked] = "masked"
    missing = hit(0.016, 0.013, 0.25)
    document[missing], status[missing] = None, None
    return document, status


def swap_day_month(day: datetime.date) -> datetime.date:
    return day.replace(month=day.day, day=day.month) if day.day <= MONTHS else day


if __name__ == "__main__":
    pq.write_table(records(int(sys.argv[1])), Path(sys.argv[2]))
