import csv
import random
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from matching.generic import FileError, dedupe, link_two, suggest
from matching.model import read_model
from matching.pieces import cosines, weighed_pieces
from matching.profile import create_sample, profile_columns
from matching.suggest import SuggestionError

SYLLABLES = ("bar", "cot", "den", "fal", "gor", "hul", "kes", "lin", "mor", "nep", "ros", "sul", "tam", "vel", "wic")
TRADES = ("foods", "motors", "steel", "textiles", "optics", "marine", "plastics", "energy")
TOWNS = ("Ashton", "Barham", "Colbury", "Denford", "Eastport")


def companies(people: int) -> list[dict[str, str]]:
    """Companies, every other one twice: other legal form, word order, street written otherwise, a phone missing."""
    draw, rows = random.Random(7), []  # noqa: S311 (test data)
    for number in range(people):
        name = "".join(draw.choices(SYLLABLES, k=3)).title()
        trade, street = (
            draw.choice(TRADES),
            f"{draw.randrange(1, 400)} {draw.choice(SYLLABLES)}{draw.choice(SYLLABLES)}",
        )
        phone, staff = f"+1 {draw.randrange(200, 999)} {draw.randrange(10**6, 10**7)}", draw.randrange(5, 9000)
        one = {"company": f"{name} {trade} Ltd", "street": f"{street} street", "city": draw.choice(TOWNS)}
        rows.append({**one, "phone": phone, "employees": str(staff), "entity": str(number)})
        if number % 2:
            other = {"company": draw.choice((f"THE {name} {trade}", f"{trade} {name} Limited, {name[0]}."))}
            other |= {"street": f"{street} st.", "phone": draw.choice(("", phone.replace(" ", "-")))}
            rows.append({**rows[-1], **other, "employees": str(round(staff * draw.uniform(0.95, 1.05)))})
    draw.shuffle(rows)
    return [{"key": str(number), **row} for number, row in enumerate(rows)]


def written(path, rows, *, encoding="utf-8", delimiter=","):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def company_file(tmp_path_factory):
    return written(tmp_path_factory.mktemp("companies") / "companies.csv", companies(400))


def test_companies_written_in_other_words_are_found_without_a_model(company_file, tmp_path):
    quality = dedupe(company_file, tmp_path / "out.csv", id_column="key", truth_column="entity")["quality"]
    assert quality["f1"] >= 0.97


def test_columns_are_told_by_what_they_hold(tmp_path):
    rows = [
        {
            "no": f"A{n:05d}",
            "full name": f"{SYLLABLES[n % 15]}a {SYLLABLES[n // 15 % 15]}o{n % 7}".replace(str(n % 7), "e"),
            "born": f"{1 + n % 28:02d}/{1 + n % 12:02d}/{1940 + n % 60}",
            "mail": f"{SYLLABLES[n % 15]}{n}@mail.cn",
            "tel": f"+86 138 {n:04d} {n * 7 % 10000:04d}",
            "price": f"${n * 1.37:.2f}",
            "year": str(1990 + n % 20),
            "site": f"www.{SYLLABLES[n % 15]}{n}.com",
            "postcode": f"AB{n % 20} {n % 9}XY",
            "sex": "MF"[n % 2],
            "住址": f"北京市朝阳区建国路{n}号{n % 9}栋",
            "nothing": "",
        }
        for n in range(300)
    ]
    with duckdb.connect() as connection:
        connection.register("rows", pa.Table.from_pylist(rows))
        create_sample(connection, "rows", [])
        kinds = {p.column: p.kind for p in profile_columns(connection)}
    assert kinds == {
        "no": "", "full name": "phrase", "born": "date", "mail": "email", "tel": "phone", "price": "amount",
        "year": "amount", "site": "page", "postcode": "mark", "sex": "code", "住址": "phrase", "nothing": "",
    }  # fmt: skip


def test_a_suggested_model_blocks_by_several_columns_and_by_words(company_file, tmp_path):
    saved = tmp_path / "companies.yml"
    saved.write_text(suggest(company_file, id_column="key", ignore=["entity"]), encoding="utf-8")
    model = read_model(saved)
    assert {"company", "street", "phone"} <= set(model.comparisons)
    assert any("company_words[1]" in rule.any_of for rule in model.blocking)
    assert any("phone_digits" in rule.keys for rule in model.blocking)


def test_a_name_put_together_from_other_columns_is_not_counted_twice(tmp_path):
    rows = [
        {"id": str(n), "first": f"{SYLLABLES[n % 15]}a", "last": f"{SYLLABLES[n // 15]}o", "born": str(1900 + n % 90)}
        for n in range(220)
    ]
    path = written(tmp_path / "people.csv", [{**row, "name": f"{row['first']} {row['last']}"} for row in rows])
    compared = yaml.safe_load(suggest(path, id_column="id"))["comparisons"]
    assert set(compared) == {"first", "last", "born"}


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-8", ";"), ("utf-8", "\t"), ("gb18030", ",")]
)
def test_a_csv_is_read_however_it_was_saved(tmp_path, encoding, delimiter):
    people = [("张伟", "1980-01-02"), ("张伟", "1980-01-02"), ("王芳", "1975-05-06"), ("李娜", "1960-07-08")]
    rows = [{"编号": str(n), "姓名": name, "出生日期": born} for n, (name, born) in enumerate(people)]
    path = written(tmp_path / "people.csv", rows, encoding=encoding, delimiter=delimiter)
    report = dedupe(path, tmp_path / "out.parquet", id_column="编号")
    assert (report["records"], report["clusters"]) == (4, 3)
    assert pq.read_table(tmp_path / "out.parquet")["姓名"].to_pylist() == [name for name, _ in people]


def test_a_file_that_is_neither_utf8_nor_gb18030_is_refused(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_bytes(b"id,name\n1,\xff\xff\n")
    with pytest.raises(FileError, match="neither UTF-8 nor GB18030; convert it to UTF-8"):
        dedupe(path, tmp_path / "out.csv")


def test_columns_of_the_file_keep_their_names_and_ours_give_way(tmp_path):
    rows = [{"id": str(n), "cluster": str(n // 2), "group": f"{SYLLABLES[n // 2]} order"} for n in range(20)]
    output = tmp_path / "out.parquet"
    report = dedupe(written(tmp_path / "in.csv", rows), output, id_column="id", truth_column="cluster")
    assert report["columns"] == ["linked_cluster", "confidence"]
    assert pq.read_table(output)["cluster"].to_pylist() == [row["cluster"] for row in rows]


def test_fifty_rows_without_duplicates_stay_apart_and_ten_copies_are_found(tmp_path):
    draw = random.Random(3)  # noqa: S311 (test data)
    rows = [
        {"name": "".join(draw.choices(SYLLABLES, k=5)), "born": date(1950 + n % 40, 1 + n % 12, 1 + n % 28).isoformat()}
        for n in range(50)
    ]
    alone = written(tmp_path / "alone.csv", rows)
    assert dedupe(alone, tmp_path / "out.csv")["clusters"] == 50
    assert dedupe(written(tmp_path / "copies.csv", rows + rows[:10]), tmp_path / "out.csv")["clusters"] == 50


def test_one_row_is_its_own_cluster_and_no_row_is_refused(tmp_path):
    assert dedupe(written(tmp_path / "one.csv", [{"name": "a"}]), tmp_path / "out.csv")["clusters"] == 1
    (tmp_path / "none.csv").write_text("id,name\n", encoding="utf-8")
    with pytest.raises(SuggestionError, match="0 rows, and no column but id can be compared"):
        dedupe(tmp_path / "none.csv", tmp_path / "out.csv", id_column="id")


def test_typed_parquet_is_compared_as_text(tmp_path):
    rows = [
        {"id": n, "name": f"{SYLLABLES[n % 30 % 15]}{SYLLABLES[n % 30 // 2]}", "paid": n % 30 * 1.5} for n in range(40)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    dedupe(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert pq.read_schema(tmp_path / "out.parquet").field("paid").type == pa.float64()


def test_files_with_other_columns_in_another_order_are_linked(company_file, tmp_path):
    with company_file.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    first, second = {}, []
    for row in rows:
        if row["entity"] in first:
            second.append(row)
        else:
            first[row["entity"]] = row
    left = written(
        tmp_path / "a.csv", [{k: row[k] for k in ("key", "company", "street", "city")} for row in first.values()]
    )
    right = written(tmp_path / "b.csv", [{k: row[k] for k in ("street", "phone", "company", "key")} for row in second])
    link_two(left, right, tmp_path / "pairs.parquet", id_column="key")
    pairs = [pair for pair in pq.read_table(tmp_path / "pairs.parquet").to_pylist() if pair["decision"] == "match"]
    entity = {row["key"]: row["entity"] for row in rows}
    right_ones = sum(entity[pair["id_left"]] == entity[pair["id_right"]] for pair in pairs)
    assert right_ones >= 0.97 * len(pairs)
    assert right_ones >= 0.9 * len(second)


def test_pieces_weigh_what_is_rare_and_forget_word_order():
    with duckdb.connect() as connection:
        lists = connection.sql(
            "SELECT unnest([[1, 2, 3], [3, 2, 1], [1, 4, 5], [1, 6, 7], [1, 8, 9], []]::UBIGINT[][]) AS pieces"
        ).to_arrow_table()
    found = cosines(weighed_pieces(lists["pieces"]), *(pa.array(side).to_numpy() for side in ([0, 0, 0], [1, 2, 5])))
    assert found[0] == pytest.approx(1)
    assert 0 < found[1] < 1 / 3  # one of three pieces, the commonest
    assert found[2] == 0


def test_a_linkage_tells_how_far_it_is(company_file, tmp_path):
    told = []
    dedupe(
        company_file, tmp_path / "out.csv", id_column="key", ignore=["entity"], progress=lambda *step: told.append(step)
    )
    comparing = [share for doing, share in told if doing == "comparing candidate pairs"]
    assert comparing == sorted(comparing)
    assert all(0 < share < 1 for share in comparing)
    assert told[0] == ("read 600 records", 0)
    assert told[-1][1] == 1
