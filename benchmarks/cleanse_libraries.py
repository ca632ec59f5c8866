"""The same customers through the usual libraries, one call a value: what whole columns save.

Needs what the pipeline does not: pip install pypinyin opencc python-stdnum phonenumbers cpca email-validator
python -m benchmarks.cleanse_libraries --rows 5000
"""

import argparse
import contextlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.cleanse import CUSTOMER, SEED, clean_all, cpu_seconds, customers, write_contract

Call = Callable[[str], Any]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=5_000, help="rows for the libraries; columns get 50 times more")
    rows = arguments.parse_args().rows
    calls, few = library_calls(), customers(np.random.default_rng(SEED), rows)
    run_libraries(calls, few.slice(0, 10))
    many = customers(np.random.default_rng(SEED), rows * 50)
    with TemporaryDirectory() as folder:
        contract = write_contract(Path(folder), "customer", CUSTOMER)
        clean_all(contract, few)
        ours = rows * 50 / cpu_seconds(lambda: clean_all(contract, many))
    theirs = rows / cpu_seconds(lambda: run_libraries(calls, few))
    print(f"columns: {ours:,.0f} rows/CPU s; library calls: {theirs:,.0f} rows/CPU s; ratio {ours / theirs:,.0f}")


def run_libraries(calls: dict[str, list[Call]], rows: pa.Table) -> None:
    """Every value through every call of its column; what a library refuses costs as much as what it takes."""
    for column, by_column in calls.items():
        for value in rows[column].to_pylist():
            for call in by_column:
                if value is not None:
                    with contextlib.suppress(Exception):
                        call(value)


def library_calls() -> dict[str, list[Call]]:
    """Landed column to what a careful program would call for each of its values."""
    pypinyin, phonenumbers, cpca = (import_module(name) for name in ("pypinyin", "phonenumbers", "cpca"))
    resident, parser, mail = (import_module(name) for name in ("stdnum.cn.ric", "dateutil.parser", "email_validator"))
    convert = import_module("opencc").OpenCC("t2s").convert

    def phone(value: str) -> str:
        parsed = phonenumbers.parse(value, "CN")
        is_valid = phonenumbers.is_valid_number(parsed)
        return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)) if is_valid else ""

    return {
        "cust_nm": [convert, lambda name: pypinyin.lazy_pinyin(convert(name))],
        "cert_no": [resident.validate, resident.get_birth_date],
        "birth_dt": [parser.parse],
        "mobile": [phone],
        "home_phone": [phone],
        "email": [lambda address: mail.validate_email(address, check_deliverability=False)],
        "addr": [lambda address: cpca.transform([address])],
    }


if __name__ == "__main__":
    main()
