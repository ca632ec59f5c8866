import pyarrow as pa
import pytest

from cleansing.dimensions import DIMENSION_OF
from cleansing.poison import is_poison, poison_values
from cleansing.values.findings import Outcome

RECORDS = pa.table(
    {
        "mobile": ["+861", "+861", "+861", "+861", "+862", "+862", None, None, None],
        "record_key": ["a", "b", "c", "c", "d", "e", "f", "g", "h"],
    }
)


def test_a_value_too_many_records_hold_is_poison_and_repeats_of_one_record_count_once():
    assert poison_values(RECORDS, "mobile", "record_key", 2).to_pylist() == [{"mobile": "+861", "holders": 3}]


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_the_order_of_rows_changes_nothing(order: slice):
    shuffled = RECORDS.take(list(range(9))[order])
    assert poison_values(shuffled, "mobile", "record_key", 1) == poison_values(RECORDS, "mobile", "record_key", 1)


def test_null_is_no_poison():
    poison = poison_values(RECORDS, "mobile", "record_key", 2)
    assert is_poison(RECORDS["mobile"], poison).to_pylist() == [True] * 4 + [False] * 5


def test_every_rule_standardising_records_has_a_dimension():
    rules = {outcome.value for outcome in Outcome} - {Outcome.OK.value} | {"pattern", "minimum", "maximum"}
    assert set(DIMENSION_OF) == rules
