"""What can be said of events only when all loads stand side by side: which came before, and which came far too late.

An event happens once. The first row of an event counts, so that a repetition days later changes nothing that was
published; every other row of it is kept out, by name. An event is counted on the day it happened, whenever it came:
facts and marts are made from all loads each night, so a late one puts its own day right in the next version.
"""

from collections.abc import Mapping, Sequence

from warehouse.contract import Contract
from warehouse.loads import StandardisedDay, rows_of_days

EVENT = "event_id"  # a row keyed on it is something that happened once
HAPPENED = "occurred_at"
LATEST_DAYS = 7  # an event that comes later counts all the same, but somebody should look at its channel
REPEATED, LATE, AHEAD = "repeated", "late", "ahead_of_time"
Days = Sequence[StandardisedDay]


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
    timed = sorted(
        {day.table for day in days if is_event(contracts[day.table]) and HAPPENED in contracts[day.table].columns}
    )
    return " UNION ALL ".join(_untimely(contracts[table], _of(table, days)) for table in timed)


def _of(table: str, days: Days) -> Days:
    return [day for day in days if day.table == table]


def _repeated(contract: Contract, days: Days) -> str:
    loads = rows_of_days([EVENT], _of(contract.name, days))
    return (
        f"SELECT '{contract.source}' AS source, '{contract.landing}' AS table_name, load AS business_date, source_row, "
        f"{EVENT} AS source_key FROM ({loads}) "
        f"QUALIFY row_number() OVER (PARTITION BY {EVENT} ORDER BY load, source_row) > 1"
    )


def _untimely(contract: Contract, days: Days) -> str:
    first = f"DATE '{days[0].business_date.isoformat()}'"
    return (
        f"SELECT '{contract.source}' AS source, '{contract.landing}' AS table_name, load AS business_date, "
        f"'{HAPPENED}' AS column_name, "
        f"CASE WHEN {HAPPENED} < load THEN '{LATE}' ELSE '{AHEAD}' END AS rule, count(*) AS failed "
        f"FROM ({rows_of_days([HAPPENED], days)}) "
        f"WHERE load > {first} AND ({HAPPENED} < load - {LATEST_DAYS} OR {HAPPENED} >= load + 2) GROUP BY ALL"
    )
