import hashlib
import os
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors import landing
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


def die_at(step: str, call: int) -> None:
    """Make this process kill itself at one call of one step of landing."""
    real = getattr(landing, step)
    calls = iter(range(1, call + 1))

    def dying(*arguments: object) -> object:
        if next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)

    setattr(landing, step, dying)


@pytest.mark.parametrize("step", ["_write_receipt", "_finish_moving", "_replace_folder", "digest_of", "_sync"])
@pytest.mark.parametrize("call", [1, 2, 3, 5])
def test_a_kill_at_any_step_leaves_the_old_day_or_the_new(home: Settings, step: str, call: int):
    land(home, "card", DAY, [sent("card", a=["old"]), sent("posting", a=["old"])])
    child = os.fork()
    if not child:
        try:
            die_at(step, call)
            land(home, "card", DAY, [sent("card", a=["new"]), sent("posting", a=["new"])])
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    seen = set()
    for table in ("card", "posting"):
        verify_landing(home, "card", table, DAY)
        seen.add(pq.read_table(landed_rows(home, "card", table, DAY))["a"][0].as_py())
    assert len(seen) == 1
    land(home, "card", DAY, [sent("card", a=["new"]), sent("posting", a=["new"])])
    assert pq.read_table(partition(home, "card", "posting", DAY) / "rows.parquet")["a"].to_pylist() == ["new"]


@pytest.mark.parametrize("column", ["pin", "cvv2", "card_pin_block", "track2", "login_password", "PWD", "face_id"])
def test_a_secret_column_is_refused_by_name(home: Settings, column: str):
    with pytest.raises(SourceFault, match=rf"card\.{column}:"):
        land(home, "card", DAY, [sent("card", **{column: ["x"]})])


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
