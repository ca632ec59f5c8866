"""Reference tables: where each comes from is written beside it, and nothing comes from where it may not."""

import re
from pathlib import Path

import pytest

from cleansing.values import tables
from cleansing.values.han import plain_readings, simplified, surname_readings
from cleansing.values.tables import read_table
from cleansing.values.tables.rebuild_regions import rebuild

FOLDER = Path(tables.__file__).parent
SOURCES = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
USABLE = ("Apache-2.0", "MIT", "WTFPL")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.csv")), ids=lambda path: path.name)
def test_a_table_names_its_source_its_licence_and_how_it_is_rebuilt(path: Path):
    line = next((line for line in SOURCES.splitlines() if re.search(rf"\b{re.escape(path.name)}", line)), "")
    columns = [cell.strip() for cell in line.strip("|").split("|")]
    assert len(columns) == 5, f"add {path.name} to SOURCES.md"
    assert columns[3].startswith(USABLE)
    assert columns[4] == "by hand" or "python -m" in columns[4] or columns[4] == "the same command"


def test_a_command_of_the_sources_is_a_module_that_stands_there():
    for module in re.findall(r"python -m cleansing\.values\.tables\.(\w+)", SOURCES):
        assert (FOLDER / f"{module}.py").exists()


def test_regions_are_rebuilt_from_the_three_levels_without_their_placeholders(tmp_path: Path):
    (tmp_path / "provinces.csv").write_text('code,name\n"11","北京市"\n', encoding="utf-8")
    (tmp_path / "cities.csv").write_text('code,name,provinceCode\n"1101","市辖区","11"\n', encoding="utf-8")
    (tmp_path / "areas.csv").write_text('code,name\n"110101","东城区"\n', encoding="utf-8")
    assert rebuild(tmp_path, tmp_path / "regions.csv") == 5
    lines = (tmp_path / "regions.csv").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "code,name", "110000,北京市", "110101,东城区", "710000,台湾省", "810000,香港特别行政区", "820000,澳门特别行政区"
    ]  # fmt: skip


@pytest.mark.parametrize("row", read_table("variants"), ids="".join)
def test_a_variant_sounds_like_the_character_it_compares_by_and_is_folded_once(row: tuple[str, str]):
    variant, folded = row
    assert simplified(folded) == folded

    def sounds(character: str) -> set[str | None]:
        return {plain_readings().get(character), surname_readings().get(character)} - {None}

    assert sounds(variant) & sounds(folded)


def test_a_former_region_leads_to_one_of_today():
    today = {code for code, _ in read_table("regions")}
    assert [row for row in read_table("former_regions") if row[1] not in today or row[0] in today] == []
