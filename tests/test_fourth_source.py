"""A stranger adds a source as the README says: one extractor and one contract in a copy of the project, no more."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("dags", "extractors", "cleansing", "matching", "expectations", "warehouse")
MEMBERS = 100


@pytest.fixture(scope="module")
def project(folder) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    added = Path(__file__).parent / "fourth_source"
    shutil.copy(added / "loyalty.py", folder / "extractors")
    shutil.copy(added / "stg_loyalty__member.yml", folder / "warehouse/tables/staging")
    return folder


def c360(project: Path, *words: str) -> str:
    environment = os.environ | {"C360_HOME": str(project / "home"), "PYTHONPATH": str(project)}
    command = [sys.executable, "-m", "dags.cli", *words]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def hand_over_members(project: Path) -> None:
    """Some people of the bank join the programme under their own name, phone and birthday."""
    people = pq.read_table(project / "home/sources/truth/truth_person.parquet").to_pylist()
    grown = [person for person in people if person["mobile"] and person["birth_date"] < "20000101"][:MEMBERS]
    folder = project / "home/sources/loyalty"
    folder.mkdir()
    with (folder / "members_20260131.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["MEMBER_NO", "NAME", "SEX", "BIRTHDAY", "PHONE", "JOINED", "TIER"])
        for number, person in enumerate(grown):
            sex = {"male": "男", "female": "女"}[person["sex"]]
            writer.writerow(
                [f"L{number:05}", person["name"], sex, person["birth_date"], person["mobile"], "2024/05/01", "GOLD"]
            )


def test_a_fourth_source_is_linked_the_same_night(project):
    c360(project, "simulate", "--customers", "600")
    hand_over_members(project)
    assert "loyalty 100" in c360(project, "run")
    query = """
        SELECT count(*) AS members, count(*) FILTER (WHERE golden_customer.records > 1) AS known
        FROM customer_xref INNER JOIN golden_customer USING (customer_id) WHERE source = 'loyalty'
    """
    (row,) = json.loads(c360(project, "sql", "--format", "json", query))
    assert row["members"] == MEMBERS
    assert row["known"] >= 0.95 * MEMBERS
