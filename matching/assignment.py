"""One day's assignment of golden ids: the engine holds the records, Python only the clusters that changed."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

import duckdb
import pyarrow as pa

from matching.events import Event
from matching.identity_tables import REDIRECT_SCHEMA, XREF_SCHEMA, Identity, IdentityError
from matching.ids import mint_ids


class Assignment:
    """Ids of one day: kept, reinstated or minted, in this order; then the tables and events that follow."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        clusters: pa.Table,
        before: Identity,
        business_date: date,
        replaced: Collection[str],
        rekeyed: Mapping[str, str],
    ) -> None:
        self._connection = connection
        self._day = business_date
        self._before = before
        self._ids: dict[str, str] = {}
        connection.register("clusters", clusters)
        connection.register("xref", before.xref.select(XREF_SCHEMA.names))
        connection.register("redirect", before.redirect.select(REDIRECT_SCHEMA.names))
        connection.register("replaced", pa.table({"record_key": pa.array(sorted(replaced), pa.string())}))
        old, new = list(rekeyed), list(rekeyed.values())
        connection.register("rekeyed", pa.table({"old": pa.array(old, pa.string()), "new": pa.array(new, pa.string())}))
        self._refuse_earlier_days()
        connection.execute(
            """
            CREATE TABLE today AS SELECT record_key, cluster, confidence FROM clusters;
            CREATE TABLE held AS
            SELECT coalesce(rekeyed.new, xref.record_key) AS record_key, xref.customer_id
            FROM xref
            LEFT JOIN rekeyed ON rekeyed.old = xref.record_key
            WHERE xref.valid_to IS NULL AND xref.record_key NOT IN (SELECT record_key FROM replaced);
            """
        )

    def keep_ids(self) -> None:
        """Every id goes on with the cluster that holds most of its records."""
        self._give(
            """
            SELECT today.cluster, held.customer_id, count(*) AS records, min(today.record_key) AS least_key
            FROM today JOIN held USING (record_key) GROUP BY ALL
            """
        )

    def reinstate_ids(self) -> None:
        """A part that splits off takes back the id that was retired when the same records were merged."""
        self._connection.register("given", self._given())
        self._give(
            """
            SELECT today.cluster, former.customer_id, count(*) AS records, min(today.record_key) AS least_key
            FROM today
            JOIN held USING (record_key)
            JOIN xref AS former USING (record_key)
            JOIN redirect ON redirect.retired_id = former.customer_id
                AND redirect.redirected_on = former.valid_to
                AND redirect.customer_id = held.customer_id
            WHERE today.cluster NOT IN (SELECT cluster FROM given)
            GROUP BY ALL
            """
        )

    def mint_ids(self) -> None:
        """Clusters that are nobody's continuation get new ids."""
        self._connection.register("given", self._given())
        rows = self._connection.execute(
            """
            SELECT cluster, min(record_key) FROM today
            WHERE cluster NOT IN (SELECT cluster FROM given) GROUP BY cluster ORDER BY 2
            """
        ).fetchall()
        taken = self._connection.execute(
            "SELECT customer_id FROM xref UNION SELECT retired_id FROM redirect UNION SELECT customer_id FROM redirect"
        ).fetchall()
        minted = mint_ids([least_key for _, least_key in rows], self._day, {customer_id for (customer_id,) in taken})
        self._ids.update(zip((cluster for cluster, _ in rows), minted, strict=True))
        self._connection.register("given", self._given())
        self._connection.execute(
            """
            CREATE TABLE assigned AS
            SELECT today.record_key, given.customer_id, today.confidence FROM today JOIN given USING (cluster)
            """
        )

    def xref(self) -> pa.Table:
        """Open intervals of today, closed intervals of before, and those that close today."""
        return self._table(
            f"""
            WITH kept AS (
                SELECT xref.* REPLACE (
                    CASE
                        WHEN xref.valid_to IS NOT NULL THEN xref.valid_to
                        WHEN assigned.customer_id = xref.customer_id AND replaced.record_key IS NULL THEN NULL
                        ELSE {self._sql_day}
                    END AS valid_to,
                    CASE WHEN xref.valid_to IS NULL THEN coalesce(assigned.confidence, xref.confidence)
                        ELSE xref.confidence END AS confidence
                )
                FROM xref
                LEFT JOIN assigned USING (record_key)
                LEFT JOIN replaced USING (record_key)
            ),
            opened AS (
                SELECT
                    assigned.record_key, split_part(assigned.record_key, ':', 1) AS source,
                    substr(assigned.record_key, strpos(assigned.record_key, ':') + 1) AS source_key,
                    assigned.customer_id, {self._sql_day} AS valid_from, NULL::DATE AS valid_to, assigned.confidence
                FROM assigned
                ANTI JOIN (SELECT * FROM kept WHERE valid_to IS NULL) USING (record_key)
            )
            SELECT * FROM kept WHERE valid_to IS NULL OR valid_to > valid_from
            UNION ALL
            SELECT * FROM opened
            ORDER BY record_key, valid_from
            """,
            XREF_SCHEMA,
        )

    def redirect(self) -> pa.Table:
        """Every retired id with the id it stands for today: chains collapsed, reinstated ids gone."""
        survivors = self._survivors()
        self._connection.register(
            "survivor",
            pa.table(
                {"retired_id": pa.array(list(survivors), pa.string()),
                 "customer_id": pa.array(list(survivors.values()), pa.string())}
            ),
        )  # fmt: skip
        return self._table(
            f"""
            SELECT redirect.retired_id, coalesce(survivor.customer_id, redirect.customer_id) AS customer_id,
                redirect.redirected_on
            FROM redirect LEFT JOIN survivor ON survivor.retired_id = redirect.customer_id
            WHERE redirect.retired_id NOT IN (SELECT customer_id FROM assigned)
            UNION ALL
            SELECT retired_id, customer_id, {self._sql_day} FROM survivor
            ORDER BY 1
            """,
            REDIRECT_SCHEMA,
        )

    def events(self) -> Iterator[Event]:
        """What changed between yesterday and today."""
        survivors, origins = self._survivors(), self._origins()
        for (customer_id,) in self._rows(
            "SELECT DISTINCT customer_id FROM assigned ANTI JOIN held USING (customer_id)"
        ):
            origin = origins.get(customer_id)
            yield Event("split", customer_id, origin) if origin else Event("created", customer_id)
        gone = "SELECT DISTINCT customer_id FROM xref ANTI JOIN assigned USING (customer_id) WHERE valid_to IS NULL"
        for (customer_id,) in self._rows(gone):
            survivor = survivors.get(customer_id)
            yield Event("merged", survivor, customer_id) if survivor else Event("retired", customer_id)
        yield from self._record_events(survivors, origins)

    def _record_events(self, survivors: Mapping[str, str], origins: Mapping[str, str]) -> Iterator[Event]:
        changed = """
            SELECT record_key, assigned.customer_id, held.customer_id
            FROM assigned FULL JOIN held USING (record_key)
            WHERE assigned.customer_id IS DISTINCT FROM held.customer_id
        """
        existing = {customer_id for (customer_id,) in self._rows("SELECT DISTINCT customer_id FROM held")}
        retired = existing - {customer_id for (customer_id,) in self._rows("SELECT DISTINCT customer_id FROM assigned")}
        for record_key, new, old in self._rows(changed):
            if old is None and (new in existing or new in origins):
                yield Event("added", new, "", record_key)
            elif new is None and old not in retired:
                yield Event("removed", old, "", record_key)
            elif new and old and survivors.get(old) != new and origins.get(new) != old:
                yield Event("moved", new, old, record_key)

    def _give(self, overlap_query: str) -> None:
        """Give each id to one cluster and each cluster one id, the greatest overlap first."""
        taken = set(self._ids.values())
        for cluster, customer_id, *_ in self._rows(f"{overlap_query} ORDER BY 3 DESC, 2, 4"):
            if cluster not in self._ids and customer_id not in taken:
                self._ids[cluster] = customer_id
                taken.add(customer_id)

    def _survivors(self) -> dict[str, str]:
        """Ids that end today by the id that has most of their records (ties: the least id)."""
        rows = self._rows(
            """
            SELECT held.customer_id, assigned.customer_id, count(*)
            FROM held JOIN assigned USING (record_key)
            WHERE held.customer_id NOT IN (SELECT customer_id FROM assigned)
            GROUP BY ALL ORDER BY 3 DESC, 2
            """
        )
        return _first_of_each(rows)

    def _origins(self) -> dict[str, str]:
        """Ids that begin today by the id most of their records come from (ties: the least id)."""
        rows = self._rows(
            """
            SELECT assigned.customer_id, held.customer_id, count(*)
            FROM held JOIN assigned USING (record_key)
            WHERE assigned.customer_id NOT IN (SELECT customer_id FROM held)
            GROUP BY ALL ORDER BY 3 DESC, 2
            """
        )
        return _first_of_each(rows)

    def _given(self) -> pa.Table:
        return pa.table(
            {"cluster": pa.array(list(self._ids), pa.string()),
             "customer_id": pa.array(list(self._ids.values()), pa.string())}
        )  # fmt: skip

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        return self._connection.execute(query).fetchall()

    def _table(self, query: str, schema: pa.Schema) -> pa.Table:
        return self._connection.sql(query).to_arrow_table().select(schema.names).cast(schema)

    @property
    def _sql_day(self) -> str:
        return f"DATE '{self._day:%Y-%m-%d}'"

    def _refuse_earlier_days(self) -> None:
        (latest,) = self._connection.execute("SELECT max(greatest(valid_from, valid_to)) FROM xref").fetchone() or (
            None,
        )
        if latest is not None and latest > self._day:
            raise IdentityError(
                f"customer_xref already knows {latest}, later than {self._day}: ids cannot be decided in the past; "
                f"run the days in order, or rerun {latest} with the late records"
            )


def _first_of_each(rows: list[tuple[str, ...]]) -> dict[str, str]:
    first: dict[str, str] = {}
    for key, value, *_ in rows:
        first.setdefault(key, value)
    return first
