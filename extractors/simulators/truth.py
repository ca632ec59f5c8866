"""What really is, written beside what the systems say, so that every claim about matching can be judged."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractors.simulators.damage import Recording
from extractors.simulators.organisations import Organisations
from extractors.simulators.people import People
from extractors.simulators.streams import Ints
from extractors.simulators.texts import constant, pick
from extractors.simulators.truth_people import labelled, life_events, organisation_rows, person_rows

ROWS_AT_ONCE = 100_000
REPEATED = (
    "source",
    "table",
    "business_date",
    "field",
    "defect",
    "event",
    "party_type",
    "sex",
    "origin",
    "family_role",
    "city",
    "slices",
    "defects",
    "effect",
    "fault",
)  # columns with few values
WRONG_PERSON = "tied to the wrong person"
FILE_SCHEMA = pa.schema([(name, pa.string()) for name in ("source", "file", "business_date", "fault", "known_from")])


class Truth:
    """The truth tables below a folder, written as they come; they replace those of before when all is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.writers: dict[str, pq.ParquetWriter] = {}
        self.waiting: dict[str, list[pa.Table]] = {}
        self.counts: dict[str, int] = {}
        self.unfinished = folder.with_name(f".unfinished-{folder.name}")
        shutil.rmtree(self.unfinished, ignore_errors=True)
        self.unfinished.mkdir(parents=True)
        self.add("truth_file", FILE_SCHEMA.empty_table())

    def add(self, table: str, rows: pa.Table) -> None:
        """Append rows to one truth table."""
        waiting = self.waiting.setdefault(table, [])
        waiting.append(rows)
        self.counts[table] = self.counts.get(table, 0) + rows.num_rows
        if sum(part.num_rows for part in waiting) >= ROWS_AT_ONCE:
            self._write(table)

    def add_people(self, people: People) -> None:
        """`truth_person`: every person with today's and former values."""
        self.add("truth_person", person_rows(people))
        self.add("truth_event", life_events(people))

    def add_organisations(self, organisations: Organisations, people: People) -> None:
        """`truth_person` for organisations, after the people."""
        self.add("truth_person", organisation_rows(organisations, people))

    def add_records(
        self, source: str, table: str, day: str, people: People, who: Ints, key: pa.Array, recording: Recording
    ) -> None:
        """`truth_record` and `truth_value`: whose each record is, and what was damaged."""
        self.add_party_records(source, table, day, pick(people.person_id, who), key, recording)

    def add_party_records(
        self, source: str, table: str, day: str, party: pa.Array, key: pa.Array, recording: Recording
    ) -> None:
        """The same for any party, person or organisation, named by its identifier."""
        count = len(key)
        columns = {
            "source": constant(source, count),
            "table": constant(table, count),
            "source_key": key,
            "business_date": constant(day, count),
            "person_id": party,
            "defects": defects_by_record(recording),
        }
        self.add("truth_record", pa.table(columns))
        for damage in recording.damages:
            hit = len(damage.rows)
            values = {
                "source": constant(source, hit),
                "source_key": pick(key, damage.rows),
                "business_date": constant(day, hit),
                "field": constant(damage.field, hit),
                "defect": constant(damage.defect, hit),
                "clean_value": damage.clean,
            }
            self.add("truth_value", pa.table(values))

    def add_wrong_links(
        self, source: str, day: str, field: str, key: pa.Array, held: pa.Array, right: pa.Array
    ) -> None:
        """`truth_value` of rows tied to the wrong person: what `held` should say; null for none is no mistake."""
        wrong = pc.fill_null(pc.not_equal(held, right), False)  # noqa: FBT003 (its only spelling)
        keys = key.filter(wrong)
        named = {"source": source, "source_key": keys, "business_date": day, "field": field, "defect": WRONG_PERSON}
        columns = {name: constant(said, len(keys)) if isinstance(said, str) else said for name, said in named.items()}
        self.add("truth_value", pa.table(columns | {"clean_value": right.filter(wrong)}))

    def add_file_fault(self, source: str, file: str, day: str, fault: str, known_from: str | None) -> None:
        """`truth_file`: what went wrong with a file, and on which delivery day it was made good, if ever."""
        row = {"source": source, "file": file, "business_date": day, "fault": fault, "known_from": known_from}
        self.add("truth_file", pa.Table.from_pylist([row], FILE_SCHEMA))

    def rows(self, table: str) -> int:
        """Rows of one truth table so far."""
        return self.counts.get(table, 0)

    def finish(self) -> None:
        """Put every truth table in place."""
        for table, waiting in self.waiting.items():
            if waiting:
                self._write(table)
            self.writers[table].close()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.unfinished.rename(self.folder)

    def _write(self, table: str) -> None:
        rows = pa.concat_tables(self.waiting[table]).combine_chunks()
        if table not in self.writers:
            path = self.unfinished / f"{table}.parquet"
            repeated = [name for name in rows.schema.names if name in REPEATED]
            self.writers[table] = pq.ParquetWriter(
                path, rows.schema, compression="lz4", use_dictionary=repeated, write_statistics=False
            )
        self.writers[table].write_table(rows)
        self.waiting[table] = []


def defects_by_record(recording: Recording) -> pa.Array:
    """Defects of each record as `field: defect; ...`, empty for a clean one."""
    rows_of_label: dict[str, Ints] = {}
    for damage in recording.damages:
        rows_of_label[f"{damage.field}: {damage.defect}"] = damage.rows
    return labelled(len(recording), rows_of_label)
