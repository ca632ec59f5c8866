from pathlib import Path

import pytest

from extractors.simulators.simulate import simulate
from warehouse.settings import Settings


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A bank of 600 people over three days, core banking in PostgreSQL."""
    settings = Settings(tmp_path_factory.mktemp("bank"))
    simulate(settings.sources, customers=600, seed=11, days=3)
    return settings


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """An empty installation."""
    return Settings(tmp_path)
