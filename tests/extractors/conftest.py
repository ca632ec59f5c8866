from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from extractors.simulators.simulate import simulate
from warehouse.settings import Settings


@pytest.fixture(scope="session")
def bank() -> Iterator[Settings]:
    """A bank of 600 people over three days, core banking in PostgreSQL."""
    with TemporaryDirectory() as folder:
        settings = Settings(Path(folder))
        simulate(settings.sources, customers=600, seed=11, days=3)
        yield settings


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """An empty installation."""
    return Settings(tmp_path)
