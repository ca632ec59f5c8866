import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from extractors.discovery import extract, sources
from warehouse.settings import Settings


def test_every_module_offering_extract_is_a_source():
    assert sources() == ["card", "channel", "core_banking"]


def test_a_new_file_is_a_new_source(tmp_path: Path):
    (tmp_path / "wealth.py").write_text("def extract(settings, business_date):\n    yield\n", encoding="utf-8")
    (tmp_path / "wealth_layout.py").write_text("WIDTH = 3\n", encoding="utf-8")
    assert sources(tmp_path) == ["wealth"]


def test_listing_sources_imports_nothing_heavy():
    script = "import sys; from extractors.discovery import sources; sources(); print(*sys.modules)"
    listed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert not {"pandas", "numpy", "pyarrow", "duckdb", "sqlalchemy"} & set(listed.stdout.split())


def test_an_unknown_source_is_named_with_the_known_ones(home: Settings):
    with pytest.raises(LookupError, match="core_banking"):
        extract(home, "atlantis", date(2026, 1, 31))
