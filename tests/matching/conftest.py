"""A small seeded population, made by the benchmark's generator, linked once for all tests."""

import importlib.util
import sys
from pathlib import Path

import pytest

from matching.link import link
from matching.model import MODELS, read_model

GENERATOR = Path(__file__).parents[2] / "benchmarks" / "link_population.py"


@pytest.fixture(scope="session")
def population():
    spec = importlib.util.spec_from_file_location("link_population", GENERATOR)
    module = importlib.util.module_from_spec(spec)
    sys.modules["link_population"] = module
    spec.loader.exec_module(module)
    return module.records(1500, seed=7)


@pytest.fixture(scope="session")
def person_model():
    return read_model(MODELS / "person.yml")


@pytest.fixture(scope="session")
def linkage(population, person_model):
    return link(population, person_model)
