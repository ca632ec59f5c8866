"""The batch core: Arrow in, Arrow out, nothing else."""

from pathlib import Path

import pyarrow as pa
import pytest
from landing_days import column, contract_of

from cleansing.batches import clean_batch
from cleansing.codes import UnknownCodeError
from cleansing.header import SOURCE_ROW
from cleansing.landed_values import UNDECODABLE
from cleansing.values.regions import smallest_regions
from warehouse.contract import Contract

NAME = "stg_channel__event"
KEY = column("source_key", type="source_key", from_="id", required="true")


def landed(**columns: list[str | None]) -> pa.RecordBatch:
    rows = len(next(iter(columns.values())))
    arrays = [pa.array(values, pa.string()) for values in columns.values()] + [pa.array(range(1, rows + 1), pa.int64())]
    return pa.RecordBatch.from_arrays(arrays, [*columns, SOURCE_ROW])


def cleaned(contract: Contract, **columns: list[str | None]) -> list[dict[str, object]]:
    return clean_batch(contract, landed(**columns)).rows.to_pylist()


@pytest.mark.parametrize(
    ("document", "mobile", "amount"),
    [
        ('{"who": {"mobile": "13812345678"}, "amount": "1.10"}', "+8613812345678", "1.10"),
        ('{"who": {"mobile": 13812345678}, "amount": 1.5}', "+8613812345678", "1.50"),
        ('{"who": {"mobile": null}}', None, None),
        ('{"who": "nobody"}', None, None),
        ("[]", None, None),
        (None, None, None),
    ],
)
def test_a_dotted_path_reads_into_a_json_column(
    tmp_path: Path, document: str | None, mobile: str | None, amount: str | None
):
    columns = (
        KEY
        + column("mobile", type="phone", from_="payload.who.mobile")
        + column("amount", type="money", from_="payload.amount")
    )
    row = cleaned(contract_of(tmp_path, NAME, columns), id=["1"], payload=[document])[0]
    assert (row["mobile"], row["amount"] and str(row["amount"])) == (mobile, amount)


def test_codes_of_a_flag_are_mapped_before_they_are_read(tmp_path: Path):
    columns = KEY + column("is_staff", type="flag", from_="staff", codes='{"A": "true", "B": "false"}')
    rows = cleaned(contract_of(tmp_path, NAME, columns), id=["1", "2", "3"], staff=["A", "B", None])
    assert [row["is_staff"] for row in rows] == [True, False, None]


def test_an_unknown_code_is_shown_short_so_that_no_customer_gets_into_a_log(tmp_path: Path):
    columns = KEY + column("kind", type="code", from_="kind", codes='{"1": one}')
    with pytest.raises(UnknownCodeError) as error:
        cleaned(contract_of(tmp_path, NAME, columns), id=["1"], kind=["110105194912310021"])
    assert "194912310021" not in str(error.value)


def test_a_grain_of_several_columns_is_joined_and_the_first_broken_column_is_named(tmp_path: Path):
    columns = (
        KEY
        + column("line", type="source_key", from_="line", required="true")
        + column("on", type="date", from_="on", required="true")
    )
    contract = contract_of(tmp_path, NAME, columns)
    contract = type(contract)(**{**vars(contract), "grain": ("source_key", "line")})
    rejected = clean_batch(contract, landed(id=["1", "2"], line=["7", None], on=["x", "x"])).rejected.to_pylist()
    assert [(row["source_key"], row["column_name"], row["rule"]) for row in rejected] == [
        ("1|7", "on", "invalid"),
        ("2|", "line", "missing"),
    ]


def test_row_order_changes_nothing_but_the_order(tmp_path: Path):
    columns = (
        KEY + column("name", type="person_name", from_="name") + column("name_pinyin", type="name_pinyin", from_="name")
    )
    contract = contract_of(tmp_path, NAME, columns)
    ids, names = [str(number) for number in range(6)], ["张伟", "欧阳 靖", "Wei Zhang", None, "不详", "李?"]
    there, back = (cleaned(contract, id=ids[::step], name=names[::step]) for step in (1, -1))
    facts = [{(row["source_key"], row["name"], row["name_pinyin"]) for row in rows} for rows in (there, back)]
    assert facts[0] == facts[1]


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("北京市朝阳区建国路88号", ("110105",)),
        ("朝阳区建国路88号", ("110105", "220104")),
        ("江苏省南京市鼓楼区中山路1号", ("320106",)),
        ("鼓楼区中山路1号", ("320106", "320302", "350102", "410204")),
        ("建国路88号", ()),
    ],
)
def test_an_ambiguous_region_stays_ambiguous(address: str, codes: tuple[str, ...]):
    assert smallest_regions(address) == codes


def test_bytes_that_are_no_text_are_flagged_and_a_cut_text_keeps_what_is_whole(tmp_path: Path):
    columns = KEY + column("memo", type="text", from_="memo")
    contract = contract_of(tmp_path, NAME, columns, f"ignore: [{UNDECODABLE}]\n")
    told = [None, '{"memo": "61ffff"}', '{"memo": "d5c5ce"}', None]
    batch = clean_batch(contract, landed(id=["1", "2", "3", "4"], memo=["a", None, "张", None], undecodable=told))
    assert [row["memo"] for row in batch.rows.to_pylist()] == ["a", None, "张", None]
    issues = [(row["source_row"], row["column_name"], row["rule"]) for row in batch.issues.to_pylist()]
    assert issues == [(2, "memo", "invalid"), (3, "memo", "repaired")]
