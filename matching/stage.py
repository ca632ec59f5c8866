"""One night of linkage: customer_record in; match_pair, link_weight, xref, redirects and identity events out."""

import logging
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from matching.charts import linkage_page
from matching.events import count_kinds
from matching.explain import Explanation, explain, hidden
from matching.identity import Identity, assign_ids
from matching.link import Linkage, Resources
from matching.model import MODELS, read_model
from matching.nightly import MODEL_NAMES, Night, link_night
from matching.review import decision_rows
from matching.weight_table import usable_weights
from warehouse.contract import arrow_schema, read_contract
from warehouse.engine import ROWS, quoted
from warehouse.settings import Settings

logger = logging.getLogger(__name__)
IDENTITY_TABLES = ("customer_xref", "customer_redirect", "identity_event")


def link_customers(
    settings: Settings,
    tables: Mapping[str, Path],
    folder: Path,
    business_date: date,
    yesterday: Mapping[str, Path],
) -> dict[str, int | float]:
    """Link customer_record of `tables` with the ids and weights of `yesterday`; writes below `folder`; counts."""
    records = tables["customer_record"]
    night = link_night(settings, records, business_date, yesterday)
    linkages = night.linkages
    replaced, rekeyed = changed_keys(records, yesterday.get("customer_record"))
    identity = assign_ids(
        pa.concat_tables([linkage.clusters for linkage in linkages]),
        _read_identity(yesterday),
        business_date,
        replaced=replaced,
        rekeyed=rekeyed,
    )
    pairs = pa.concat_tables([linkage.pairs for linkage in linkages], promote_options="default")
    _write(settings, folder, "match_pair", pairs)
    _write(settings, folder, "link_weight", night.link_weight)
    _write(settings, folder, "link_frequency", night.link_frequency)
    _write(settings, folder, "steward_decision", decision_rows(settings, business_date))
    for name, table in zip(IDENTITY_TABLES, (identity.xref, identity.redirect, identity.events), strict=True):
        _write(settings, folder, name, table)
    _write_page(settings, night, pairs, identity, business_date)
    counts = _counts(linkages, identity, business_date)
    logger.info(
        "linked %s: %d records, %d pairs, %d customers",
        business_date,
        counts["records"],
        counts["pairs"],
        counts["customers"],
    )
    return counts


def explain_pair(
    settings: Settings, tables: Mapping[str, Path], left: str, right: str, show: Callable[[str, Any], str] = hidden
) -> Explanation:
    """Evidence on two records of a build or version, with the weights that decided there; values as `show` tells them.

    Raises ExplanationError naming a record that is not there.
    """
    records = pq.read_table(tables["customer_record"])
    pair = records.filter(pc.is_in(records["record_key"], pa.array([left, right], pa.string())))
    is_person = set(pair["party_type"].to_pylist()) <= {"person"}
    model = read_model(MODELS / f"{MODEL_NAMES[0] if is_person else MODEL_NAMES[1]}.yml")
    learnt = pq.read_table(tables["link_weight"])
    frequency = pq.read_table(tables["link_frequency"])
    usable = usable_weights(learnt, frequency, model, max(learnt["trained_on"].to_pylist()))
    resources = Resources(settings.memory_limit, settings.threads)
    return explain(records, model, left, right, weights=usable[0] if usable else None, show=show, resources=resources)


def changed_keys(today: Path, yesterday: Path | None) -> tuple[set[str], dict[str, str]]:
    """Record keys a source now uses for somebody else, and keys it dropped with those it uses instead.

    Somebody else: of name, birth date and document at least two are known on both days, and all known ones differ.
    Instead: a key new today and one gone since yesterday that alone share source, document, name and birth date.
    """
    if yesterday is None:
        return set(), {}
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW today AS FROM read_parquet({quoted(today)})")
        connection.execute(f"CREATE VIEW yesterday AS FROM read_parquet({quoted(yesterday)})")
        replaced = connection.execute(_REPLACED).fetchall()
        rekeyed = connection.execute(_REKEYED).fetchall()
    return {record_key for (record_key,) in replaced}, dict(rekeyed)


_REPLACED = """
    WITH compared AS (
        SELECT today.record_key,
            [today.name_pinyin <> yesterday.name_pinyin, today.birth_date <> yesterday.birth_date,
             today.identity_document <> yesterday.identity_document] AS differs
        FROM today JOIN yesterday USING (record_key)
    )
    SELECT record_key FROM compared
    WHERE len(list_filter(differs, lambda d: d IS NOT NULL)) >= 2 AND NOT list_contains(differs, false)
"""
_REKEYED = """
    WITH fresh AS (SELECT * FROM today ANTI JOIN yesterday USING (record_key)),
    gone AS (SELECT * FROM yesterday ANTI JOIN today USING (record_key))
    SELECT min(gone.record_key), min(fresh.record_key)
    FROM gone JOIN fresh USING (source, party_type, identity_document, name_pinyin, birth_date)
    WHERE gone.identity_status IN ('valid', 'upgraded')
    GROUP BY source, identity_document
    HAVING count(*) = 1
    ORDER BY 1
"""


def _read_identity(yesterday: Mapping[str, Path]) -> Identity | None:
    if not all(name in yesterday for name in IDENTITY_TABLES):
        return None
    return Identity(*(pq.read_table(yesterday[name]) for name in IDENTITY_TABLES))


def _write(settings: Settings, folder: Path, name: str, table: pa.Table) -> None:
    """Columns in contracted order, rows sorted by grain, whole file or none."""
    found = next(path for root in settings.tables for path in [root / "identity" / f"{name}.yml"] if path.exists())
    contract = read_contract(found)
    schema = arrow_schema(contract)
    ordered = table.select(schema.names).sort_by([(key, "ascending") for key in contract.grain]).cast(schema)
    target = folder / name / ROWS
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".unfinished")
    pq.write_table(ordered, unfinished, compression="zstd")
    unfinished.replace(target)


def _write_page(settings: Settings, night: Night, pairs: pa.Table, identity: Identity, business_date: date) -> None:
    """The page about this night's linkage, for people."""
    standing = identity.xref.filter(pc.is_null(identity.xref["valid_to"]))
    sizes = [row["counts"] for row in pc.value_counts(standing["customer_id"]).to_pylist()]
    reports = dict(zip(MODEL_NAMES, (linkage.report for linkage in night.linkages), strict=True))
    html = linkage_page(f"Linkage of {business_date.isoformat()}", night.link_weight, pairs, sizes, reports)
    settings.docs.mkdir(parents=True, exist_ok=True)
    (settings.docs / "linkage.html").write_text(html, encoding="utf-8")


def _counts(linkages: list[Linkage], identity: Identity, business_date: date) -> dict[str, int | float]:
    reports = [linkage.report for linkage in linkages]
    totals = {
        name: sum(report[name] for report in reports)
        for name in (
            "records",
            "candidate_pairs",
            "pairs",
            "matches",
            "clusters",
            "split_clusters",
            "must_links_refused",
            "compared_again",
        )
    }
    linked = sum(report["match_rate"] * report["records"] for report in reports)
    open_links = identity.xref.filter(pc.is_null(identity.xref["valid_to"]))
    return {
        **totals,
        "customers": pc.count_distinct(open_links["customer_id"]).as_py(),
        "match_rate": round(linked / max(totals["records"], 1), 6),
        "largest_cluster": max(report["largest_cluster"] for report in reports),
        "threshold": reports[0]["threshold"],
        **count_kinds(identity.events, business_date),
    }
