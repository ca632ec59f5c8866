import hashlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors.faults import SourceFault
from extractors.landing import ROW_GROUP_ROWS, Sent, land
from warehouse.landing import (
    NotLanded,
    landed_days,
    landed_rows,
    landed_tables,
    partition,
    read_manifest,
    verify_landing,
)
from warehouse.settings import Settings

DAY = date(2026, 1, 31)


def sent(table: str, **columns: list[str | None]) -> Sent:
    return Sent(
        table, pa.RecordBatch.from_pydict({name: pa.array(values, pa.string()) for name, values in columns.items()})
    )


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_landed_day_reads_back_as_sent(home: Settings):
    land(home, "core_banking", DAY, [sent("cust", cif_no=["1", "2"], cust_nm=["张伟", None])])
    rows = pq.read_table(landed_rows(home, "core_banking", "cust", DAY))
    assert rows.to_pydict() == {"cif_no": ["1", "2"], "cust_nm": ["张伟", None]}
    assert verify_landing(home, "core_banking", "cust", DAY).rows == 2
    assert landed_days(home, "core_banking", "cust") == [DAY]


def test_the_same_input_lands_the_same_bytes_however_it_was_cut_into_batches(home: Settings):
    values = [str(number) for number in range(ROW_GROUP_ROWS + 10)]
    land(home, "card", DAY, [sent("posting", amt=values)])
    whole = tree(home.landing)
    land(home, "card", DAY, (sent("posting", amt=values[at : at + 7001]) for at in range(0, len(values), 7001)))
    assert tree(home.landing) == whole


def test_landing_again_replaces_the_day_and_drops_tables_no_longer_sent(home: Settings):
    land(home, "card", DAY, [sent("card", a=["1"]), sent("posting", a=["1"])])
    land(home, "card", DAY, [sent("card", a=["2"])])
    assert landed_tables(home, "card", DAY) == ["card"]
    assert not partition(home, "card", "posting", DAY).exists()
    assert pq.read_table(landed_rows(home, "card", "card", DAY)).to_pydict() == {"a": ["2"]}


def test_a_source_that_fails_half_way_leaves_the_old_day(home: Settings):
    land(home, "card", DAY, [sent("card", a=["old"])])
    before = tree(home.landing / "card" / "card")

    def failing() -> Iterator[Sent]:
        yield sent("card", a=["new"])
        raise SourceFault("broken off")

    with pytest.raises(SourceFault):
        land(home, "card", DAY, failing())
    assert tree(home.landing / "card" / "card") == before
    assert verify_landing(home, "card", "card", DAY).rows == 1


WRITES = {"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir"}


def killed_at(write: int, settings: Settings, value: str) -> bool:
    """Land the day in a process that is killed before its write of this number; False when it had no so many."""
    child = os.fork()
    if not child:
        counted = iter(range(1, write + 1))

        def die(event: str, arguments: tuple[object, ...]) -> None:
            is_write = event in WRITES and (event != "open" or "r" not in str(arguments[1] or "r"))
            if is_write and str(settings.landing) in str(arguments[0]) and next(counted, write) == write:
                os.kill(os.getpid(), signal.SIGKILL)

        def dying(step: Callable[..., object]) -> Callable[..., object]:
            def do(*arguments: object, **options: object) -> object:
                die("os.mkdir", (settings.landing,))
                return step(*arguments, **options)

            return do

        for place, name in ((pq.ParquetWriter, "write_table"), (pq.ParquetWriter, "close"), (os, "fsync")):
            setattr(place, name, dying(getattr(place, name)))  # what Python does not tell its audit hooks
        sys.addaudithook(die)
        try:
            land(settings, "card", DAY, [sent("card", a=[value]), sent("posting", a=[value])])
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def values(settings: Settings) -> list[str]:
    """The value in each landed table of the day, each verified."""
    tables = landed_tables(settings, "card", DAY)
    for table in tables:
        verify_landing(settings, "card", table, DAY)
    return [pq.read_table(landed_rows(settings, "card", table, DAY))["a"][0].as_py() for table in tables]


@pytest.mark.parametrize("before", [[], ["old", "old"]])
def test_a_kill_before_any_write_leaves_the_old_day_or_the_new(home: Settings, before: list[str]):
    write, outcomes = 0, []
    while True:
        write += 1
        fresh = Settings(home.home / str(write))
        if before:
            land(fresh, "card", DAY, [sent("card", a=["old"]), sent("posting", a=["old"])])
        was_killed = killed_at(write, fresh, "new")
        outcomes.append(values(fresh))
        assert outcomes[-1] in (before, ["new", "new"])
        land(fresh, "card", DAY, [sent("card", a=["new"]), sent("posting", a=["new"])])
        assert values(fresh) == ["new", "new"]
        assert list((fresh.landing / "card" / "_incoming").iterdir()) == []
        if not was_killed:
            break
    assert write > 30
    assert outcomes == sorted(outcomes, key=lambda seen: seen == ["new", "new"])


@pytest.mark.parametrize(
    "column",
    [
        *("pin", "cvv2", "card_pin_block", "track2", "login_password", "PWD", "face_id", "PinBlock", "cardCVV2"),
        *("userPassword", "CARD-PIN", "TRACK_2", "ＰＩＮ", "支付密码", "card pin", "cvn2_code", "FACEID"),
    ],
)
def test_a_secret_column_is_refused_by_name_and_leaves_nothing(home: Settings, column: str):
    with pytest.raises(SourceFault, match=rf"card\.{column}:"):
        land(home, "card", DAY, [sent("posting", a=["before"]), sent("card", **{column: ["x"]})])
    assert tree(home.landing).keys() == {"card/.lock"}


@pytest.mark.parametrize("column", ["shipping", "opinion", "tracking_no", "pinyin", "spin"])
def test_a_harmless_column_that_resembles_a_secret_lands(home: Settings, column: str):
    assert land(home, "card", DAY, [sent("card", **{column: ["x"]})])[0].columns == (column,)


def test_a_typed_column_is_refused(home: Settings):
    with pytest.raises(SourceFault, match="every landed column is text"):
        land(home, "card", DAY, [Sent("card", pa.RecordBatch.from_pydict({"a": [1]}))])


def test_columns_may_not_change_within_a_day(home: Settings):
    with pytest.raises(SourceFault, match="columns changed"):
        land(home, "card", DAY, [sent("card", a=["1"]), sent("card", b=["1"])])


def test_totals_are_exact_and_a_bad_amount_is_refused(home: Settings):
    rows = pa.RecordBatch.from_pydict({"amt": pa.array(["0.10", "-0.30", None])})
    assert land(home, "card", DAY, [Sent("posting", rows, ("amt",))])[0].totals == {"amt": "-0.20"}
    bad = pa.RecordBatch.from_pydict({"amt": pa.array(["1.2.3"])})
    with pytest.raises(SourceFault, match=r"posting\.amt"):
        land(home, "card", DAY, [Sent("posting", bad, ("amt",))])


def test_nothing_at_all_is_a_fault(home: Settings):
    with pytest.raises(SourceFault, match="nothing was sent"):
        land(home, "card", DAY, [])


def test_a_damaged_partition_is_not_accepted(home: Settings):
    land(home, "card", DAY, [sent("card", a=["1"])])
    landed_rows(home, "card", "card", DAY).write_bytes(b"x")
    with pytest.raises(NotLanded, match="land card of that day again"):
        verify_landing(home, "card", "card", DAY)
    land(home, "card", DAY, [sent("card", a=["1"])])
    assert verify_landing(home, "card", "card", DAY).rows == 1


def test_a_day_that_never_landed_says_so(home: Settings):
    with pytest.raises(NotLanded, match="2026-01-31: not landed"):
        read_manifest(home, "card", "card", DAY)
    assert landed_days(home, "card", "card") == []
