"""Standardised values against the truth of a simulated bank: how many come out right, how many were made up.

python benchmarks/cleanse_truth.py --customers 100000
python benchmarks/cleanse_truth.py --home c360-home
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cleansing.standardise import standardise
from cleansing.values.registry import CLEANERS
from dags import pipeline, simulation
from warehouse.engine import connect, quoted
from warehouse.landing import landed_days
from warehouse.settings import Settings
from warehouse.staging import day_folder

SEED = 7
DAY = date(2026, 1, 31)
UNDAMAGED = "none"


@dataclass(frozen=True)
class Field:
    """A field of the truth, its standardised column by source, and what cleaning owes each defect."""

    truth: str  # column of truth_person, text
    cleaner: str  # brings the truth into the form that is compared
    standardised: dict[str, tuple[str, str, str]]  # source: table, key, value as SQL
    repairable: tuple[str, ...] = ()  # must come out as in truth
    lost: tuple[str, ...] = ()  # nothing that looks valid may come out
    target: float = 0.0


def _place(column: str, core: tuple[str, str] | None, *others: str) -> dict[str, tuple[str, str, str]]:
    tables = {"card": ("stg_card__cardholder", "cardholder_number"), "channel": ("stg_channel__profile", "user_id")}
    places = {source: (*tables[source], column) for source in others}
    return places | ({"core_banking": (core[0], "customer_number", core[1])} if core else {})


_SOUND = (
    "CASE WHEN identity_status IN ('valid', 'upgraded', 'other_document') AND identity_document NOT LIKE '%*%' "
    "THEN identity_document END"
)
_MOBILE = "CASE WHEN contact_kind = 'mobile' THEN phone END"
FIELDS = {
    "name": Field(
        "name", "names.clean_name_key", _place("name_key", ("stg_core_banking__cust", "name_key"), "card", "channel"),
        ("full-width space", "zero-width character", "title", "traditional form", "mojibake"), target=0.998,
    ),
    "document": Field(
        "document", "identifiers.clean_identity_document",
        _place(_SOUND, ("stg_core_banking__cert", _SOUND), "card", "channel"),
        ("15 digits",), ("digits transposed", "masked", "missing"), target=0.993,
    ),
    "birth": Field(
        "birth_date", "dates.clean_birth_date",
        _place("birth_date", ("stg_core_banking__cust", "birth_date"), "card", "channel"), (), ("sentinel",), 0.999,
    ),
    "mobile": Field(
        "mobile", "phones.clean_phone", _place("mobile", ("stg_core_banking__contact", _MOBILE), "card", "channel"),
        ("formatted",), ("missing or placeholder", "masked"), 0.999,
    ),
    "email": Field(
        "email", "emails.clean_email_key",
        _place("email_key", ("stg_core_banking__contact", "email_key"), "card", "channel"),
        ("domain misspelt", "upper case"), ("missing",), 0.999,
    ),
    "address": Field(
        "address", "addresses.clean_address_key",
        _place("address_key", ("stg_core_banking__addr", "address_key"), "card"),
        ("abbreviated", "no province", "longer than the field"), target=0.99,
    ),
}  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--customers", type=int, default=100_000)
    arguments.add_argument("--home", type=Path, help="an installation with a simulated bank, instead of a new one")
    arguments.add_argument("--below", type=Path, help="folder to simulate in, instead of the system's for such files")
    given = arguments.parse_args()
    if given.home:
        sys.exit(judge(Settings(home=given.home)))
    with TemporaryDirectory(dir=given.below) as folder:
        settings = Settings(home=Path(folder))
        simulation.simulate(settings, given.customers, SEED, DAY, 1, print)
        sys.exit(judge(settings))


def judge(settings: Settings) -> int:
    """Print what became of every field by defect; how many targets are missed."""
    contracts = pipeline.contracts(settings)
    for name in sorted({place[0] for field in FIELDS.values() for place in field.standardised.values()}):
        contract = contracts[name]
        if DAY not in landed_days(settings, str(contract.source), str(contract.landing)):
            pipeline.land(settings, str(contract.source), DAY)
        standardise(settings, contract, DAY)
    with connect(settings) as connection:
        return sum(judge_field(connection, settings, name, field) for name, field in FIELDS.items())


def judge_field(connection: duckdb.DuckDBPyConnection, settings: Settings, name: str, field: Field) -> int:
    """Print one field by defect; 1 where too few values are as in truth or any was made up."""
    connection.register("really", true_values(connection, settings, field))
    rows = connection.execute(_compared(settings, name, field)).fetchall()
    print(f"\n{name:<46}{'values':>12}{'as in truth':>12}{'empty':>12}{'other':>12}")
    for defects, *counts in rows:
        print(f"  {defects:<44}" + "".join(f"{count:>12,}" for count in counts))
    owed = [row for row in rows if _only(row[0], (UNDAMAGED, *field.repairable))]
    lost = [row for row in rows if set(row[0].split("; ")) & set(field.lost)]
    values, equal = (sum(row[at] for row in owed) for at in (1, 2))
    made_up = sum(row[4] for row in (row for row in owed if row[0] == UNDAMAGED)) + sum(row[4] for row in lost)
    unrepaired = sum(row[4] for row in owed if row[0] != UNDAMAGED)
    share = equal / max(values, 1)
    print(
        f"  => {share:.4%} of {values:,} undamaged or repairable values as in truth (target {field.target:.1%}); "
        f"valid values turned into others {made_up:,}, damage not put right {unrepaired:,}"
    )
    return int(share < field.target or made_up > 0)


def true_values(connection: duckdb.DuckDBPyConnection, settings: Settings, field: Field) -> pa.Table:
    """The value every record should hold, in the form that is compared: source, source_key, value, plain."""
    truth = settings.sources / "truth"
    persons = connection.sql(
        f"SELECT person_id, {field.truth} AS value FROM read_parquet({quoted(truth / 'truth_person.parquet')})"
    ).to_arrow_table()
    cleaned = CLEANERS[field.cleaner].clean(persons["value"].combine_chunks()).values
    connection.register(
        "persons", pa.table({"person_id": persons["person_id"], "value": pc.cast(cleaned, pa.string())})
    )
    return connection.sql(
        f"SELECT source, source_key, value FROM read_parquet({quoted(truth / 'truth_record.parquet')}) "
        f"JOIN persons USING (person_id) WHERE business_date = '{DAY:%Y%m%d}'"
    ).to_arrow_table()


def _compared(settings: Settings, name: str, field: Field) -> str:
    truth = quoted(settings.sources / "truth" / "truth_value.parquet")
    standardised = " UNION ALL ".join(
        f"SELECT '{source}' AS source, {key} AS source_key, max(({value})::VARCHAR) AS value "
        f"FROM read_parquet({quoted(day_folder(settings, table, DAY) / 'rows.parquet')}) GROUP BY ALL"
        for source, (table, key, value) in field.standardised.items()
    )
    return f"""
        WITH standardised AS ({standardised}),
        damage AS (
            SELECT source, source_key, string_agg(DISTINCT defect, '; ' ORDER BY defect) AS defects
            FROM read_parquet({truth}) WHERE field = '{name}' GROUP BY ALL
        )
        SELECT coalesce(defects, '{UNDAMAGED}') AS defects, count(*) AS values,
            count(*) FILTER (WHERE standardised.value = really.value) AS equal,
            count(*) FILTER (WHERE standardised.value IS NULL) AS empty,
            count(*) FILTER (WHERE standardised.value <> really.value) AS other
        FROM really JOIN standardised USING (source, source_key) LEFT JOIN damage USING (source, source_key)
        WHERE really.value IS NOT NULL
        GROUP BY defects ORDER BY values DESC, defects
    """


def _only(defects: str, allowed: Sequence[str]) -> bool:
    return set(defects.split("; ")) <= set(allowed)


if __name__ == "__main__":
    main()
