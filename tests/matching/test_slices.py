import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matching.slices import judge


@pytest.fixture
def bank(tmp_path):
    """Twins put together, a company rightly linked, a person whose masked record was missed."""

    def write(name, rows):
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path

    people = {"t1": "twin", "t2": "twin; moved", "co": "company", "p": "two-character name"}
    write("truth_person", [{"person_id": p, "name": p, "city": "x", "slices": kinds} for p, kinds in people.items()])
    linked = [
        ("a", "t1", "C1"),
        ("b", "t2", "C1"),
        ("c", "co", "C2"),
        ("d", "co", "C2"),
        ("e", "p", "C3"),
        ("f", "p", "C4"),
    ]
    truth = {"source": "card", "business_date": "2026-01-31", "defects": "name: romanised"}
    write("truth_record", [{"source_key": key, "person_id": person, **truth} for key, person, _ in linked])
    record = write(
        "record",
        [
            {
                "record_key": f"card:{key}",
                "identity_status": "masked" if key == "f" else None,
                "identity_document": None,
            }
            for key, _, _ in linked
        ],
    )
    links = [{"record_key": f"card:{key}", "customer_id": customer} for key, _, customer in linked]
    xref = write("xref", [link | {"valid_to": None} for link in links])
    pairs = [("a", "b", 0.95), ("c", "d", 0.99), ("e", "f", 0.4)]
    columns = ("record_key_left", "record_key_right", "match_probability")
    pair = write("pair", [dict(zip(columns, (f"card:{a}", f"card:{b}", p), strict=True)) for a, b, p in pairs])
    return judge(record, xref, pair, tmp_path)


def test_a_linkage_is_judged_by_slice_with_intervals(bank):
    assert (bank["records"], bank["people"]) == (6, 4)
    assert bank["pairwise"]["precision"] == bank["pairwise"]["recall"] == 0.5
    assert bank["slices"]["twins"]["precision"] == 0.0
    assert bank["slices"]["companies"]["f1"] == 1.0
    assert bank["slices"]["masked ids"] | {"records": 1, "recall": 0.0} == bank["slices"]["masked ids"]
    low, high = bank["slices"]["pinyin only"]["recall_interval"]
    assert 0 < low < 0.5 < high < 1
    assert "foreigners" not in bank["slices"]


def test_precision_and_recall_are_told_by_threshold(bank):
    at = {point["threshold"]: (point["precision"], point["recall"]) for point in bank["thresholds"]}
    assert at[0.3] == (pytest.approx(2 / 3), 1.0)
    assert at[0.99] == (1.0, 0.5)
