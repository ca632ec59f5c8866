"""Rows a database deletes without a trace: found by counting keys, made good by reading their table whole once more."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from extractors.core_copy import read_rows
from warehouse.landing import landed_days, landed_rows, read_manifest
from warehouse.settings import Settings


def has_vanished(
    settings: Settings,
    connection: sa.Connection,
    table: tuple[str, str],
    held: sa.Select[Any],
    changed: sa.Select[Any],
    day: date,
) -> bool:
    """Whether keys of a table (source and name) that landed before `day` are no longer in the database.

    `held` selects the distinct keys as of the end of `day`, `changed` those of the rows about to land, under their
    landed names. A day that is landed again after later ones is not asked: what is missing may have been there then.
    """
    days = landed_days(settings, *table)
    standing = [each for each in days if each < day]
    if not standing or days[-1] > day:
        return False
    known = _keys_known(settings, connection, table, changed, _since_whole(settings, table, standing))
    held_keys: int = connection.execute(sa.select(sa.func.count()).select_from(held.subquery())).scalar_one()
    return held_keys < known


def _since_whole(settings: Settings, table: tuple[str, str], days: Sequence[date]) -> Sequence[date]:
    """The last of `days` on which the table landed whole, and those after it."""
    whole = [at for at, day in enumerate(days) if read_manifest(settings, *table, day).is_whole]
    return days[whole[-1] :] if whole else days


def _keys_known(
    settings: Settings, connection: sa.Connection, table: tuple[str, str], changed: sa.Select[Any], days: Sequence[date]
) -> int:
    """How many distinct keys landed on `days` or are about to."""
    import duckdb

    files = [str(landed_rows(settings, *table, day)) for day in days]
    coming = pa.Table.from_batches([rows for rows, _ in read_rows(connection, changed)])
    names = ", ".join(f'"{name}"' for name in coming.column_names)
    with duckdb.connect(config={"memory_limit": settings.memory_limit, "threads": settings.threads}) as engine:
        engine.register("coming", coming)
        query = f"SELECT count(*) FROM (SELECT {names} FROM read_parquet(?) UNION SELECT {names} FROM coming)"
        (count,) = engine.execute(query, [files]).fetchone() or (0,)
    return int(count)
