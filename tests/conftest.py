"""What every test starts from: an empty installation of its own."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", memory_limit="1GB", threads=2)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder the database's own user can reach too: another pytest closes pytest's own folders."""
    with TemporaryDirectory(prefix="c360-", ignore_cleanup_errors=True) as name:
        yield Path(name)
