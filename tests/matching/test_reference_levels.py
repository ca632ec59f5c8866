import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matching.blocking import Pairs
from matching.evidence import compare
from matching.link import Resources
from matching.records import read_records

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "link_reference.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("link_reference", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    sys.modules["link_reference"] = module
    spec.loader.exec_module(module)
    return module


def test_levels_are_those_recordlinkage_finds_pair_by_pair(population, benchmark):
    table, model = population.slice(0, 160), benchmark.levels_model()
    with Resources().connect() as connection:
        records = read_records(table, model, connection)
    left, right = (side.astype(np.int32) for side in np.triu_indices(len(records), 1))
    frame = table.select(["record_key", *benchmark.COLUMNS]).to_pandas().sort_values("record_key", ignore_index=True)
    reference = benchmark.theirs(frame, pd.MultiIndex.from_arrays([left, right]))
    for name, comparison in model.comparisons.items():
        assert np.array_equal(compare(records, comparison, Pairs(left, right), with_text=True), reference[name]), name
