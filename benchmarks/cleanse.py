"""What cleaning costs: records per CPU second of a whole customer and of a transaction, and nanoseconds per cleaner.

python -m benchmarks.cleanse --rows 500000
"""

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleansing.batches import clean_batch
from cleansing.header import SOURCE_ROW
from cleansing.values.check_digits import check_digit
from cleansing.values.registry import CLEANERS
from warehouse.contract import Contract, read_contract

SEED = 20260131
BATCH_ROWS = 1 << 17
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉梅红建国文志海燕云鹏飞宇浩欣怡子涵梓轩博晨嘉诗琪雨"
PLACES = [
    "北京市朝阳区",
    "上海市浦东新区",
    "广东省深圳市南山区",
    "浙江省杭州市西湖区",
    "四川省成都市武侯区",
    "湖北武汉市洪山区",
]
ROADS = ["人民路", "解放路", "建设大道", "中山东路", "和平路", "新华街", "文化路", "北京西路", "长江路", "青年大街"]
ESTATES = ["阳光花园", "金色家园", "锦绣小区", "世纪城", "翠苑新村"]
DOMAINS = ["qq.com", "163.com", "126.com", "gmail.com", "sina.com", "QQ.com"]
CUSTOMER = {
    "source_key": ("source_key", "cif_no"), "name": ("person_name", "cust_nm"), "name_key": ("name_key", "cust_nm"),
    "name_pinyin": ("name_pinyin", "cust_nm"), "name_readings": ("name_readings", "cust_nm"),
    "surname_readings": ("surname_readings", "cust_nm"), "identity_document": ("identity_document", "cert_no"),
    "identity_status": ("identity_status", "cert_no"), "document_form": ("document_form", "cert_no"),
    "birth_date": ("birth_date", "birth_dt"), "mobile": ("phone", "mobile"), "mobile_kind": ("phone_kind", "mobile"),
    "other_phone": ("phone", "home_phone"), "email": ("email", "email"), "email_key": ("email_key", "email"),
    "address": ("address", "addr"), "address_key": ("address_key", "addr"),
    "address_region": ("address_region", "addr"), "address_street": ("address_street", "addr"),
    "address_number": ("address_number", "addr"), "address_building": ("address_building", "addr"),
    "address_unit": ("address_unit", "addr"), "address_room": ("address_room", "addr"),
}  # fmt: skip
TRANSACTION = {
    "source_key": ("source_key", "txn_no"), "account_number": ("account_number", "acct_no"), "amount": ("money", "amt"),
    "balance": ("money", "bal"), "booked_on": ("date", "biz_dt"), "booked_at": ("timestamp", "txn_ts"),
    "currency": ("currency", "ccy"), "channel": ("text", "chnl"),
}  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=500_000)
    rows = arguments.parse_args().rows
    stream = np.random.default_rng(SEED)
    for thing, columns, landed in (
        ("customer", CUSTOMER, customers(stream, rows)),
        ("transaction", TRANSACTION, transactions(stream, rows)),
    ):
        with TemporaryDirectory() as folder:
            contract = write_contract(Path(folder), thing, columns)
            seconds = cpu_seconds(lambda contract=contract, landed=landed: clean_all(contract, landed))
        print(f"{thing}: {rows:,} rows x {len(columns)} columns, {seconds:.2f} CPU s, {rows / seconds:,.0f} rows/CPU s")
        for name, (kind, origin) in columns.items():
            print(f"  {name:20}{cleaner_nanoseconds(kind, landed.column(origin)):8.0f} ns a value")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def clean_all(contract: Contract, landed: pa.Table) -> None:
    for batch in landed.to_batches(BATCH_ROWS):
        clean_batch(contract, batch)


def cleaner_nanoseconds(kind: str, column: pa.ChunkedArray) -> float:
    from warehouse.types import TYPES

    cleaner = CLEANERS[TYPES[kind].cleaner]
    chunks = pa.table({"value": column}).to_batches(BATCH_ROWS)
    return cpu_seconds(lambda: [cleaner.clean(chunk.column(0)) for chunk in chunks]) / len(column) * 1e9


def cpu_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def write_contract(folder: Path, thing: str, columns: dict[str, tuple[str, str]]) -> Contract:
    lines = ["description: Benchmark.", "zh: 基准", "owner: benchmarks", "grain: [source_key]", "columns:"]
    lines += [
        f"  {name}: {{type: {kind}, from: {origin}, description: D., zh: 说明}}"
        for name, (kind, origin) in columns.items()
    ]
    path = folder / "staging" / f"stg_benchmark__{thing}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_contract(path)


def customers(stream: np.random.Generator, rows: int) -> pa.Table:
    """Customers with the defects of the simulated bank at about its rates."""

    def pick(words: list[str] | str) -> pa.Array:
        return pa.array(list(words)).take(pa.array(stream.integers(0, len(words), rows)))

    def number(low: int, high: int, width: int = 0) -> pa.Array:
        return pc.utf8_lpad(pa.array(stream.integers(low, high, rows)).cast(pa.string()), width, "0")

    def spoil(column: pa.Array, share: float, bad: pa.Array | str | None) -> pa.Array:
        return pc.if_else(pa.array(stream.random(rows) < share), bad, column)

    def join(*parts: pa.Array | str) -> pa.Array:
        return pc.binary_join_element_wise(*parts, "")

    name = join(pick(SURNAMES), pick(GIVEN), spoil(pick(GIVEN), 0.2, ""))
    for share, bad in (
        (0.006, join(name, "先生")),
        (0.006, pc.utf8_replace_slice(name, 1, 1, "　")),
        (0.01, "ZHANG WEI"),
    ):
        name = spoil(name, share, bad)
    born = pa.array(np.datetime64("1940-01-01") + stream.integers(0, 28_000, rows)).cast(pa.date32())
    birth = pc.strftime(born, "%Y%m%d")
    seventeen = join(pick(["110105", "440305", "330106", "510107"]), birth, number(1, 999, 3))
    document = join(seventeen, pa.array([check_digit(text) for text in seventeen.to_pylist()]))
    old = join(pc.utf8_slice_codeunits(document, 0, 6), pc.utf8_slice_codeunits(document, 8, 17))
    masked = pc.utf8_replace_slice(document, 6, 14, "********")
    for share, bad in (
        (0.03, old),
        (0.003, pc.utf8_replace_slice(document, 10, 12, "13")),
        (0.2, masked),
        (0.01, None),
    ):
        document = spoil(document, share, bad)
    mobile = join("1", pick("356789"), number(0, 999_999_999, 9))
    apart = join(
        pc.utf8_slice_codeunits(mobile, 0, 3),
        "-",
        pc.utf8_slice_codeunits(mobile, 3, 7),
        "-",
        pc.utf8_slice_codeunits(mobile, 7),
    )
    home = spoil(join("010-", number(60_000_000, 69_999_999)), 0.7, None)
    for share, bad in ((0.08, apart), (0.02, join("+86 ", mobile)), (0.03, "13800138000"), (0.02, None)):
        mobile = spoil(mobile, share, bad)
    street = join(pick(PLACES), pick(ROADS), number(1, 400), "号", pick(ESTATES))
    full = join(street, number(1, 40), "号楼", number(1, 6), "单元", number(101, 3200), "室")
    address = spoil(
        spoil(full, 0.1, join(street, number(1, 40), "-2-", number(101, 3200))), 0.02, join(full, "（请先电话联系）")
    )
    email = spoil(join("user", number(1, 9_999_999), "@", pick(DOMAINS)), 0.3, None)
    return _table(
        cif_no=join("C", number(1, 10**10, 10)), cust_nm=name, cert_no=document,
        birth_dt=spoil(birth, 0.005, "19000101"), mobile=mobile, home_phone=home, email=email, addr=address,
    )  # fmt: skip


def transactions(stream: np.random.Generator, rows: int) -> pa.Table:
    """Transactions as core banking sends them."""

    def number(low: int, high: int, width: int = 0) -> pa.Array:
        return pc.utf8_lpad(pa.array(stream.integers(low, high, rows)).cast(pa.string()), width, "0")

    def amount() -> pa.Array:
        return pc.binary_join_element_wise(number(-5000, 100_000), number(0, 100, 2), ".")

    moments = pa.array(np.datetime64("2026-01-01T00:00:00") + stream.integers(0, 2_678_400, rows))
    return _table(
        txn_no=number(0, 10**12, 12), acct_no=number(0, 10**16, 16), amt=amount(), bal=amount(),
        biz_dt=pc.strftime(moments, "%Y%m%d"), txn_ts=pc.strftime(moments, "%Y-%m-%dT%H:%M:%S+08:00"),
        ccy=pa.array(["CNY", "USD", "156"]).take(pa.array(stream.integers(0, 3, rows))),
        chnl=pa.array(["APP", "WEB", "ATM"]).take(pa.array(stream.integers(0, 3, rows))),
    )  # fmt: skip


def _table(**columns: pa.Array) -> pa.Table:
    rows = len(next(iter(columns.values())))
    return pa.table(columns).append_column(SOURCE_ROW, pa.array(np.arange(1, rows + 1)))


if __name__ == "__main__":
    main()
