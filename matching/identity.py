"""Gives today's clusters their golden ids, so that what was said of an id yesterday stays true of it.

An id goes to the cluster that holds most of its records, the greatest overlap first; ties go to the least id, then to
the part that holds the least record key. Ids are never reused; a retired one redirects to its survivor.
"""

from collections.abc import Collection, Mapping
from datetime import date

import duckdb
import pyarrow as pa

from matching.assignment import Assignment
from matching.events import chain
from matching.identity_tables import Identity, IdentityError

__all__ = ["Identity", "IdentityError", "assign_ids"]


def assign_ids(
    clusters: pa.Table,
    yesterday: Identity | None,
    business_date: date,
    *,
    replaced: Collection[str] = (),
    rekeyed: Mapping[str, str] | None = None,
) -> Identity:
    """Identity at the end of `business_date`; the same again when run again, unchanged when the clusters are.

    `clusters` has record_key, cluster and confidence. `replaced` are record keys a source now uses for somebody else;
    `rekeyed` maps keys a source dropped to those it uses instead.
    """
    before = yesterday or Identity.empty()
    with duckdb.connect() as connection:
        state = Assignment(connection, clusters, before, business_date, replaced, rekeyed or {})
        state.keep_ids()
        state.reinstate_ids()
        state.mint_ids()
        return Identity(state.xref(), state.redirect(), chain(state.events(), business_date, before.events))
