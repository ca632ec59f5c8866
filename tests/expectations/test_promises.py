"""A promise has two readings, and they name the same rows."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from expectations.data_docs import DataDocs, Verdict
from expectations.measure import count_offenders, read_built, read_rows
from expectations.promises import promises
from expectations.report import GateResult
from expectations.suites import row_suite, suite
from warehouse.contract import Contract, ContractError
from warehouse.settings import Settings

Mount = Callable[..., None]
TEXTS = st.sampled_from(
    ["C000000000001", "C00000000000", "C000000000001\n", "　", "", "+8613900000001", "male", "é\x00"]
)
ACCOUNT_ROW = st.tuples(
    st.none() | st.sampled_from(["6222", "62220", "62 2", "6222\n"]),
    st.none() | st.dates(date(2026, 12, 30), date(2027, 1, 2)),
    st.none() | TEXTS,
    st.none() | st.decimals(Decimal("-0.02"), Decimal("0.02"), places=2),
    st.none() | st.datetimes(datetime(1999, 12, 31, 23), datetime(2000, 1, 1, 1)) | st.just(datetime(9999, 12, 31)),  # noqa: DTZ001
    st.none() | st.integers(-1, 1) | st.just(2**53 + 1),
)
CUSTOMER_ROW = st.tuples(
    st.none() | TEXTS,
    st.none() | TEXTS,
    st.none() | TEXTS,
    st.none() | st.dates(date(1900, 1, 1), date(1900, 1, 4)) | st.just(date(9999, 12, 31)),
    st.none() | st.floats(-0.5, 1.5) | st.sampled_from([float("nan"), float("inf"), -0.0]),
)


@given(accounts=st.lists(ACCOUNT_ROW, max_size=40), customers=st.lists(CUSTOMER_ROW, max_size=40))
@examples(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_and_counts_name_as_many_offenders(
    settings: Settings, contracts: dict[str, Contract], accounts: list[tuple], customers: list[tuple]
) -> None:
    with duckdb.connect() as connection:
        for name, rows in (("account", accounts), ("customer", customers)):
            columns = contracts[name].columns.items()
            connection.execute(f"CREATE TABLE {name} ({', '.join(f'{key} {c.semantic.sql}' for key, c in columns)})")
            if rows:
                connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)

        docs = DataDocs(settings.docs, "golden", date(2026, 1, 31))
        for name, contract in contracts.items():
            built, promised = read_built(connection, contract), promises(contract)
            counted = count_offenders(connection, built, promised)
            by_rows = docs.judge_rows(name, row_suite(name, promised), read_rows(connection, built))
            for promise, failed in zip(promised, counted, strict=True):
                assert by_rows[promise.rule] == Verdict(failed <= promise.tolerated(built.rows), failed), promise.rule


def test_every_promise_of_a_contract_is_an_expectation_of_its_suite(contracts: dict[str, Contract]) -> None:
    for contract in contracts.values():
        rules = [expectation.meta["rule"] for expectation in suite(contract).expectations]
        assert rules == [promise.rule for promise in promises(contract)]


def test_severity_and_limits_come_from_the_contract(contracts: dict[str, Contract]) -> None:
    found = {each.meta["rule"]: each for each in suite(contracts["customer"]).expectations}
    assert found["mobile.pattern"].severity == "warning"
    assert found["customer_id.pattern"].severity == "critical"
    assert found["birth_date.range"].min_value == date(1900, 1, 2)
    assert found["birth_date.null_share"].mostly == 0.5
    assert found["gender.codes"].value_set == ["male", "female"]
    assert found["columns"].column_list == list(contracts["customer"].columns)


def test_the_tighter_of_type_and_column_limits_holds(write_contract: Callable[..., Contract]) -> None:
    looser = write_contract("golden/share", "{type: probability, minimum: '-1', maximum: '0.5', description: d, zh: z}")
    (promise,) = [each for each in promises(looser) if each.rule == "value.range"]
    assert promise.arguments == {"column": "value", "min_value": 0.0, "max_value": 0.5}


def test_a_masked_value_is_not_held_to_the_form_of_its_type(write_contract: Callable[..., Contract]) -> None:
    column = "{type: phone, required: true, description: d, zh: z}"
    assert "value.pattern" in [each.rule for each in promises(write_contract("golden/number", column))]
    masked = [each.rule for each in promises(write_contract("marts/number", column))]
    assert masked == ["columns", "grain", "value.required"]


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ("{type: text, minimum: b, description: d, zh: z}", "text has neither minimum nor maximum"),
        ("{type: date, maximum: tomorrow, description: d, zh: z}", "Invalid isoformat string: 'tomorrow'"),
        ("{type: count, values: [one], description: d, zh: z}", "invalid literal for int"),
    ],
)
def test_a_bound_that_is_no_value_of_the_column_is_refused_with_its_place(
    write_contract: Callable[..., Contract], column: str, problem: str
) -> None:
    with pytest.raises(ContractError, match=rf"bad.yml: columns.value: {problem}.*; correct the bound or code"):
        promises(write_contract("golden/bad", column))


def test_a_gate_result_tells_its_counts(settings: Settings) -> None:
    result = GateResult("golden", date(2026, 1, 31), ())
    assert (result.checks, result.failed, result.warnings, result.rows()) == (0, 0, 0, [])
