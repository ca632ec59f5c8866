"""Numbers and days as text: what the tables give is what formatting gives."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.simulators.json_lines import json_object, moments, text
from extractors.simulators.texts import amount, day_text, moment_text, number, pick

DAYS = st.lists(st.dates(date(1900, 1, 1), date(2099, 12, 31)), max_size=20)


@settings(deadline=None)
@given(st.lists(st.integers(-(10**16), 10**16), max_size=20))
def test_an_amount_is_the_cents_with_a_point(cents: list[int]):
    spelt = [f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}" for value in cents]
    assert amount(np.array(cents, np.int64)).to_pylist() == spelt


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**15), max_size=20), st.integers(0, 18))
def test_a_number_is_padded_and_never_cut(values: list[int], width: int):
    assert number(np.array(values, np.int64), width).to_pylist() == [f"{value:0{width}d}" for value in values]


@settings(deadline=None)
@given(DAYS, st.integers(0, 86_399))
def test_days_and_moments_are_as_python_spells_them(days: list[date], second: int):
    column = np.array(days, dtype="datetime64[D]")
    assert day_text(column).to_pylist() == [f"{day:%Y%m%d}".zfill(8) for day in days]
    clock = f"{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}"
    assert moment_text(column, np.full(len(days), second)).to_pylist() == [f"{day:%Y%m%d}{clock}" for day in days]


def test_no_day_is_null_and_the_endless_one_is_spelt():
    days = np.array(["NaT", "9999-12-31", "2026-01-31"], dtype="datetime64[D]")
    assert day_text(days).to_pylist() == [None, "99991231", "20260131"]


@pytest.mark.parametrize(
    ("style", "spelt"),
    [(0, '"2026-01-31T23:59:01+08:00"'), (1, '"2026-01-31T15:59:01Z"'), (2, "1769875141000")],
)
def test_a_moment_is_the_same_in_every_style(style: int, spelt: str):
    days, seconds = np.array(["2026-01-31", "2026-01-30"], "datetime64[D]"), np.array([86_341, 0])
    assert moments(days, seconds, np.array([style, 0])).to_pylist() == [spelt, '"2026-01-30T00:00:00+08:00"']


def test_text_in_json_is_escaped_and_null_leaves_a_field_out():
    words = pick(('a"b', "c\\d", None), np.arange(3))
    lines = json_object({"n": number(np.arange(3)), "w": text(words)}).to_pylist()
    assert lines == ['{"n":0,"w":"a\\"b"}', '{"n":1,"w":"c\\\\d"}', '{"n":2}']
