"""What can be said of events only when all loads stand side by side: which came before, and which came far too late.

An event happens once. The first row of an event counts, so that a repetition days later changes nothing that was
published; every other row of it is kept out, by name. An event is counted on the day it happened, whenever it came:
facts and marts are made from all loads each night, so a late one puts its own day right in the next version.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from warehouse.contract import Contract
from warehouse.engine import quoted

if TYPE_CHECKING:
    from warehouse.staging import StandardisedDay

EVENT = "event_id"  # a row keyed on it is something that happened once
HAPPENED = "occurred_at"
LATEST_DAYS = 7  # an event that comes later counts all the same, but somebody should look at its channel
REPEATED, LATE, AHEAD = "repeated", "late", "ahead_of_time"
Days = Sequence["StandardisedDay"]


def is_event(contract: Contract) -> bool:
    """Whether rows of a staging table are events."""
    return contract.grain == (EVENT,)


def repeated_rows(contracts: Mapping[str, Contract], days: Days) -> str:
    """SELECT of every row whose event an earlier row has told already: its load, `source_row` and `source_key`."""
    tables = sorted({day.table for day in days if is_event(contracts[day.table])})
    nothing = (
        "SELECT NULL::VARCHAR AS source, NULL::VARCHAR AS table_name, NULL::DATE AS business_date, "
        "NULL::BIGINT AS source_row, NULL::VARCHAR AS source_key WHERE false"
    )
    return " UNION ALL ".join([nothing, *(_repeated(contracts[table], days) for table in tables)])


def untimely_events(contracts: Mapping[str, Contract], days: Days) -> str:
    """SELECT of how many events of each load came later than LATEST_DAYS, or before they happened, as issues.

    The first load of a table brings its history and is not late.
    """
    first: dict[str, StandardisedDay] = {}
    for day in days:
        first.setdefault(day.table, day)
    timed = [
        day
        for day in days
        if day is not first[day.table] and is_event(contracts[day.table]) and HAPPENED in contracts[day.table].columns
    ]
    return " UNION ALL ".join(_untimely(contracts[day.table], day) for day in timed)


def _repeated(contract: Contract, days: Days) -> str:
    loads = " UNION ALL ".join(
        f"SELECT DATE '{day.business_date.isoformat()}' AS business_date, source_row, {EVENT} "
        f"FROM read_parquet({quoted(day.folder / 'rows.parquet')})"
        for day in days
        if day.table == contract.name
    )
    return (
        f"SELECT '{contract.source}' AS source, '{contract.landing}' AS table_name, business_date, source_row, "
        f"{EVENT} AS source_key FROM ({loads}) "
        f"QUALIFY row_number() OVER (PARTITION BY {EVENT} ORDER BY business_date, source_row) > 1"
    )


def _untimely(contract: Contract, day: "StandardisedDay") -> str:
    loaded = f"DATE '{day.business_date.isoformat()}'"
    return (
        f"SELECT '{contract.source}' AS source, '{contract.landing}' AS table_name, {loaded} AS business_date, "
        f"'{HAPPENED}' AS column_name, "
        f"CASE WHEN {HAPPENED} < {loaded} THEN '{LATE}' ELSE '{AHEAD}' END AS rule, count(*) AS failed "
        f"FROM read_parquet({quoted(day.folder / 'rows.parquet')}) "
        f"WHERE {HAPPENED} < {loaded} - {LATEST_DAYS} OR {HAPPENED} >= {loaded} + 2 GROUP BY ALL"
    )
