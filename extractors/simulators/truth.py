"""What really is, written beside what the systems say, so that every claim about matching can be judged."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractors.simulators.damage import Recording
from extractors.simulators.families import CHILD, FOREIGN, HONG_KONG, MINORITY
from extractors.simulators.lives import MOVED, NEW_MOBILE, RENAMED, News
from extractors.simulators.organisations import Organisations
from extractors.simulators.people import People
from extractors.simulators.streams import Ints
from extractors.simulators.texts import Days, choose, constant, day_text, empty, pick

SEXES = (None, "male", "female")
ORIGINS = ("han", "minority", "foreign", "hong_kong", "macau", "taiwan")
ROLES = ("head", "spouse", "child", "parent")
SHORTEST_NAME = 2
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
FILE_SCHEMA = pa.schema([(name, pa.string()) for name in ("source", "file", "business_date", "fault", "known_from")])
PERSON_COLUMNS = (
    "person_id", "party_type", "household_id", "name", "pinyin", "former_name", "sex", "birth_date", "document",
    "mobile", "mobile_since", "former_mobile", "email", "address", "address_since", "former_address", "twin_of",
    "deceased_on", "origin", "family_role", "city", "owner_id", "slices",
)  # fmt: skip


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


def person_rows(people: People) -> pa.Table:
    """Table `truth_person`."""
    everyone = np.arange(len(people))
    families = people.families
    household = pick(people.person_id, families.head)
    return pa.table(
        {
            "person_id": people.person_id,
            "party_type": constant("person", len(people)),
            "household_id": household,
            "name": people.names.plain,
            "pinyin": people.names.pinyin,
            "former_name": choose(people.names.is_renamed, people.names.former, None),
            "sex": pick(SEXES, families.sex),
            "birth_date": day_text(families.birth),
            "document": people.documents.number,
            "mobile": people.mobile,
            "mobile_since": day_text(people.mobile_since),
            "former_mobile": people.former_mobile,
            "email": people.email,
            "address": people.home.full(everyone),
            "address_since": day_text(np.where(people.has_moved, people.home_since, np.datetime64("NaT"))),
            "former_address": choose(people.has_moved, people.former_home.full(everyone), None),
            "twin_of": choose(families.twin_of >= 0, pick(people.person_id, np.maximum(families.twin_of, 0)), None),
            "deceased_on": day_text(people.died_on),
            "origin": pick(ORIGINS, families.origin),
            "family_role": pick(ROLES, families.role),
            "city": people.home.city(everyone),
            "owner_id": empty(len(people)),
            "slices": slices_of(people),
        }
    )


def slices_of(people: People) -> pa.Array:
    """Of each person, the kinds of hard case that accuracy is reported on, as `kind; kind`."""
    families, names = people.families, people.names
    has_twin = families.twin_of >= 0
    has_twin[families.twin_of[has_twin]] = True
    uses_parents = (families.role == CHILD) & (people.mobile_of == families.head)
    uses_parents[families.head[uses_parents]] = True
    length = np.asarray(pc.utf8_length(names.plain))
    kinds = {
        "twin": has_twin,
        "parent and child on one phone": uses_parents,
        "two-character name": names.is_composed & (length == SHORTEST_NAME),
        "compound surname": names.has_compound_surname(),
        "minority name": families.origin == MINORITY,
        "foreigner": families.origin == FOREIGN,
        "hong kong, macau or taiwan": families.origin >= HONG_KONG,
        "renamed": names.is_renamed,
        "moved": people.has_moved,
    }
    return labelled(len(people), {kind: np.flatnonzero(flags) for kind, flags in kinds.items()})


def organisation_rows(organisations: Organisations, people: People) -> pa.Table:
    """Table `truth_person` for companies and sole traders; `household_id` names the owner's household."""
    count = len(organisations)
    known = {
        "person_id": organisations.party_id,
        "party_type": choose(organisations.is_company, "organisation", constant("sole_trader", count)),
        "household_id": pick(people.person_id, people.families.head[organisations.owner]),
        "name": organisations.name,
        "document": organisations.code,
        "address": organisations.address,
        "owner_id": pick(people.person_id, organisations.owner),
        "slices": choose(organisations.is_company, "company", constant("sole trader", count)),
    }
    return pa.table({name: known.get(name, pa.nulls(count, pa.string())) for name in PERSON_COLUMNS})


def life_events(people: People) -> pa.Table:
    """Table `truth_event`: moves, new numbers, deaths, grievances and leavings with their days."""
    moved = _events(people, np.flatnonzero(people.has_moved), people.home_since, "moved")
    renumbered = _events(people, np.arange(len(people)), people.mobile_since, "new mobile")
    grievances = people.grievances
    upset = [
        _events(people, np.flatnonzero(~np.isnat(days)), days, event)
        for days, event in (
            (grievances.failed_on, "transfer failed"),
            (grievances.complained_on, "complained"),
            (grievances.left_on, "left"),
            (people.hardship.begins_on, "hard times begin"),
            (people.hardship.ends_on, "hard times end"),
        )
    ]
    died = _events(people, np.flatnonzero(~np.isnat(people.died_on)), people.died_on, "died")
    return pa.concat_tables([moved, renumbered, died, *upset])


def _events(people: People, rows: Ints, days: Days, event: str, value: pa.Array | None = None) -> pa.Table:
    columns = {"person_id": pick(people.person_id, rows), "business_date": day_text(days[rows])}
    told = empty(len(rows)) if value is None else value
    return pa.table(columns | {"event": constant(event, len(rows)), "value": told})


def daily_events(people: People, news: News, day: np.datetime64) -> pa.Table:
    """Table `truth_event` for one later day, with the new mobile, address or name."""
    days = np.full(len(people), day)
    values = {NEW_MOBILE: pick(people.mobile, news[NEW_MOBILE]), MOVED: people.home.full(news[MOVED])}
    values |= {RENAMED: pick(people.names.plain, news[RENAMED])}
    return pa.concat_tables([_events(people, who, days, kind, values.get(kind)) for kind, who in news.items()])


def defects_by_record(recording: Recording) -> pa.Array:
    """Defects of each record as `field: defect; ...`, empty for a clean one."""
    rows_of_label: dict[str, Ints] = {}
    for damage in recording.damages:
        rows_of_label[f"{damage.field}: {damage.defect}"] = damage.rows
    return labelled(len(recording), rows_of_label)


def labelled(count: int, rows_of_label: dict[str, Ints]) -> pa.Array:
    """Of each of `count` rows the labels it bears, as `label; label`."""
    rows = np.concatenate([np.empty(0, np.int64), *rows_of_label.values()])
    which = np.repeat(np.arange(len(rows_of_label)), [len(hit) for hit in rows_of_label.values()])
    order = np.lexsort((which, rows))
    offsets = np.searchsorted(rows[order], np.arange(count + 1)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pick(list(rows_of_label), which[order].astype(np.int64)))
    return pc.binary_join(lists, "; ")
