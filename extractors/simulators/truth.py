"""What really is, written beside what the systems say, so that every claim about matching can be judged."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractors.simulators.bank import FileFault
from extractors.simulators.damage import Recording
from extractors.simulators.organisations import Organisations
from extractors.simulators.people import People
from extractors.simulators.streams import Ints
from extractors.simulators.texts import Days, choose, constant, day_text, pick

SEXES = (None, "male", "female")


@dataclass
class Truth:
    """Parts of the truth tables, written together at the end."""

    parts: dict[str, list[pa.Table]] = field(default_factory=dict)

    def add(self, table: str, rows: pa.Table) -> None:
        """Append rows to one truth table."""
        self.parts.setdefault(table, []).append(rows)

    def add_people(self, people: People) -> None:
        """`truth_person`: every person with today's and former values."""
        self.add("truth_person", person_rows(people))
        self.add("truth_event", life_events(people))

    def add_organisations(self, organisations: Organisations, people: People) -> None:
        """`truth_person` for organisations, after the people."""
        like = self.parts["truth_person"][0].schema
        self.add("truth_person", organisation_rows(organisations, people, like))

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

    def add_file_faults(self, faults: Sequence[FileFault]) -> None:
        """`truth_file`: what was done to which file."""
        rows = [
            {
                "source": "card",
                "file": f"{fault.feed}.dat",
                "business_date": f"{fault.business_date:%Y%m%d}",
                "fault": fault.kind,
            }
            for fault in faults
        ]
        schema = pa.schema([(name, pa.string()) for name in ("source", "file", "business_date", "fault")])
        self.add("truth_file", pa.Table.from_pylist(rows, schema))

    def rows(self, table: str) -> int:
        """Rows of one truth table so far."""
        return sum(part.num_rows for part in self.parts[table])

    def write(self, folder: Path) -> None:
        """Write every truth table below `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, parts in self.parts.items():
            pq.write_table(pa.concat_tables(parts), folder / f"{name}.parquet", compression="zstd")


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
        }
    )


def organisation_rows(organisations: Organisations, people: People, like: pa.Schema) -> pa.Table:
    """Table `truth_person` for companies and sole traders; `household_id` names the owner's household."""
    count = len(organisations)
    known = {
        "person_id": organisations.party_id,
        "party_type": choose(organisations.is_company, "organisation", constant("sole_trader", count)),
        "household_id": pick(people.person_id, people.families.head[organisations.owner]),
        "name": organisations.name,
        "document": organisations.code,
        "address": organisations.address,
    }
    return pa.table({name: known.get(name, pa.nulls(count, pa.string())) for name in like.names})


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
        )
    ]
    died = _events(people, np.flatnonzero(~np.isnat(people.died_on)), people.died_on, "died")
    return pa.concat_tables([moved, renumbered, died, *upset])


def _events(people: People, rows: Ints, days: Days, event: str) -> pa.Table:
    columns = {"person_id": pick(people.person_id, rows), "business_date": day_text(days[rows])}
    return pa.table(columns | {"event": constant(event, len(rows))})


def defects_by_record(recording: Recording) -> pa.Array:
    """Defects of each record as `field: defect; ...`, empty for a clean one."""
    labels = [f"{damage.field}: {damage.defect}" for damage in recording.damages]
    rows = np.concatenate([damage.rows for damage in recording.damages] or [np.empty(0, np.int64)])
    which = np.repeat(np.arange(len(labels)), [len(damage.rows) for damage in recording.damages])
    order = np.lexsort((which, rows))
    offsets = np.searchsorted(rows[order], np.arange(len(recording) + 1)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pick(labels, which[order]))
    return pc.binary_join(lists, "; ")
