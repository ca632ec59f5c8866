"""Rows of the truth about people and organisations: who they are, what happened to them, what makes them hard cases."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.families import CHILD, FOREIGN, HONG_KONG, MINORITY
from extractors.simulators.grievances import FADES_FOR_DAYS
from extractors.simulators.lives import MOVED, NEW_MOBILE, RENAMED, News
from extractors.simulators.organisations import Organisations
from extractors.simulators.people import People
from extractors.simulators.streams import Ints
from extractors.simulators.texts import Days, choose, constant, day_text, empty, pick, put

SEXES = (None, "male", "female")
ORIGINS = ("han", "minority", "foreign", "hong_kong", "macau", "taiwan")
ROLES = ("head", "spouse", "child", "parent")
SHORTEST_NAME, DAYS_A_YEAR = 2, 365
PERSON_COLUMNS = (
    "person_id", "party_type", "household_id", "name", "pinyin", "former_name", "sex", "birth_date", "document",
    "mobile", "mobile_since", "former_mobile", "email", "address", "address_since", "former_address", "twin_of",
    "deceased_on", "origin", "family_role", "city", "owner_id", "slices",
)  # fmt: skip


def person_rows(people: People) -> pa.Table:
    """Table `truth_person`."""
    everyone, movers = np.arange(len(people)), np.flatnonzero(people.has_moved)
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
            "former_address": put(empty(len(people)), movers, people.former_home.full(movers)),
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
    """Table `truth_event`: births, moves, new numbers and names, deaths, grievances and leavings with their days."""
    movers, renamed = np.flatnonzero(people.has_moved), np.flatnonzero(~np.isnat(people.renamed_on))
    born = np.flatnonzero(people.families.birth > people.as_of - DAYS_A_YEAR)
    told = [
        _events(people, born, people.families.birth, "born"),
        _events(people, movers, people.home_since, "moved", people.home.full(movers)),
        _events(people, np.arange(len(people)), people.mobile_since, "new mobile", people.mobile),
        _events(people, renamed, people.renamed_on, "renamed", pick(people.names.plain, renamed)),
    ]
    hard = [
        _known_events(people, np.arange(len(people)), days, event)
        for days, event in (
            (people.hardship.begins_on, "hard times begin"),
            (people.hardship.ends_on, "hard times end"),
        )
    ]
    died = _events(people, np.flatnonzero(~np.isnat(people.died_on)), people.died_on, "died")
    return pa.concat_tables([*told, died, *_grievances(people, np.arange(len(people))), *hard])


def _grievances(people: People, rows: Ints) -> list[pa.Table]:
    """What happened to some people and what will come of it, also on days that are not simulated."""
    grievances = people.grievances
    kinds = ((grievances.failed_on, "transfer failed"), (grievances.complained_on, "complained"))
    return [_known_events(people, rows, days, event) for days, event in (*kinds, (grievances.left_on, "left"))]


def _known_events(people: People, rows: Ints, days: Days, event: str) -> pa.Table:
    return _events(people, rows[~np.isnat(days[rows])], days, event)


def _events(people: People, rows: Ints, days: Days, event: str, value: pa.Array | None = None) -> pa.Table:
    columns = {"person_id": pick(people.person_id, rows), "business_date": day_text(days[rows])}
    told = empty(len(rows)) if value is None else value
    return pa.table(columns | {"event": constant(event, len(rows)), "value": told})


def daily_events(people: People, news: News, day: np.datetime64) -> pa.Table:
    """Table `truth_event` for one later day, with the new mobile, address or name, and what is bound to come."""
    days = np.full(len(people), day)
    values = {NEW_MOBILE: pick(people.mobile, news[NEW_MOBILE]), MOVED: people.home.full(news[MOVED])}
    values |= {RENAMED: pick(people.names.plain, news[RENAMED])}
    lives = [_events(people, who, days, kind, values.get(kind)) for kind, who in news.items()]
    grievances = people.grievances
    upset = (grievances.failed_on == day) | (grievances.left_on == day + FADES_FOR_DAYS)
    return pa.concat_tables([*lives, *_grievances(people, np.flatnonzero(upset))])


def labelled(count: int, rows_of_label: dict[str, Ints]) -> pa.Array:
    """Of each of `count` rows the labels it bears, as `label; label`."""
    rows = np.concatenate([np.empty(0, np.int64), *rows_of_label.values()])
    which = np.repeat(np.arange(len(rows_of_label)), [len(hit) for hit in rows_of_label.values()])
    order = np.lexsort((which, rows))
    offsets = np.searchsorted(rows[order], np.arange(count + 1)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pick(list(rows_of_label), which[order].astype(np.int64)))
    return pc.binary_join(lists, "; ")
