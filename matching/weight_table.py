"""Learnt weights as a table that people can read and the next night takes up again."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.commonness import Commonness
from matching.model import Model
from matching.prepared import HASHED_WITH
from matching.values import weighed_by_frequency
from matching.weights import Weights

EVERYONE = "everyone"
TOTAL = "total"
LONGEST_USE = timedelta(days=90)
FREQUENCY_SCHEMA = pa.schema(
    [
        ("rule_version", pa.string()),
        ("comparison", pa.string()),
        ("level_number", pa.int64()),
        ("value_hash", pa.string()),
        ("holders", pa.int64()),
        ("hashed_with", pa.string()),
    ]
)


def weight_rows(model: Model, weights: Weights, trained_on: date) -> pa.Table:
    """One row for each comparison, household and level, as link_weight holds them."""
    rows = []
    for position, (name, comparison) in enumerate(model.comparisons.items()):
        for context, household in enumerate(_households(model)):
            for number, level in enumerate(comparison.level_names[1:], start=1):
                rows.append(
                    {
                        "rule_version": weights.model_version,
                        "comparison": name,
                        "household": household,
                        "level_number": number,
                        "level": level,
                        "m_probability": weights.m[position][number],
                        "u_probability": weights.u[context][position][number],
                        "match_weight": float(weights.log2[position][context, number]),
                        "prior": weights.prior,
                        "trained_on": trained_on,
                        "is_trained": weights.is_trained,
                    }
                )
    return pa.Table.from_pylist(rows)


def frequency_rows(weights: Weights) -> pa.Table:
    """Common values by hash, as link_frequency holds them; the row TOTAL of a level counts records with any value."""
    tables = [FREQUENCY_SCHEMA.empty_table()]
    for (name, level), common in weights.commonness.items():
        hashes = [TOTAL, *(f"{value:016x}" for value in common.hashes.tolist())]
        places = [[weights.model_version] * len(hashes), [name] * len(hashes), [level] * len(hashes)]
        columns = [*places, hashes, [common.present, *common.holders.tolist()], [HASHED_WITH] * len(hashes)]
        tables.append(pa.table(columns, schema=FREQUENCY_SCHEMA))
    return pa.concat_tables(tables)


def usable_weights(
    table: pa.Table | None, frequency: pa.Table | None, model: Model, business_date: date
) -> tuple[Weights, date] | None:
    """Weights of an earlier night and their day; None where rules or engine changed, or they have aged."""
    if table is None or frequency is None:
        return None
    commonness = _commonness(frequency, model)
    if set(commonness) != set(weighed_by_frequency(model)):
        return None
    rows = table.filter(pc.equal(table["rule_version"], model.version)).to_pylist()
    expected = {
        (name, household, number, level)
        for name, comparison in model.comparisons.items()
        for household in _households(model)
        for number, level in enumerate(comparison.level_names[1:], start=1)
    }
    found = {(row["comparison"], row["household"], row["level_number"], row["level"]): row for row in rows}
    if set(found) != expected or not rows[0]["is_trained"] or business_date - rows[0]["trained_on"] > LONGEST_USE:
        return None

    def shares(household: str, column: str) -> tuple[tuple[float, ...], ...]:
        return tuple(
            (0.0, *(found[name, household, n, level][column] for n, level in enumerate(c.level_names[1:], start=1)))
            for name, c in model.comparisons.items()
        )

    u = tuple(shares(household, "u_probability") for household in _households(model))
    m = shares(EVERYONE, "m_probability")
    weights = Weights(model.version, tuple(model.comparisons), m, u, rows[0]["prior"], commonness=commonness)
    return weights, rows[0]["trained_on"]


def _commonness(table: pa.Table, model: Model) -> dict[tuple[str, int], Commonness]:
    """By comparison and level; empty where another engine hashed the values."""
    usable = pc.and_(pc.equal(table["rule_version"], model.version), pc.equal(table["hashed_with"], HASHED_WITH))
    rows, found = table.filter(usable), {}
    for name, level in weighed_by_frequency(model):
        of_level = rows.filter(pc.and_(pc.equal(rows["comparison"], name), pc.equal(rows["level_number"], level)))
        held = dict(zip(of_level["value_hash"].to_pylist(), of_level["holders"].to_pylist(), strict=True))
        if TOTAL in held:
            present = held.pop(TOTAL)
            hashes = np.array([int(text, 16) for text in held], dtype=np.uint64)
            order = np.argsort(hashes)
            found[name, level] = Commonness(present, hashes[order], np.array(list(held.values()), np.int32)[order])
    return found


def _households(model: Model) -> list[str]:
    return [EVERYONE, *(household.comparison for household in model.households)]
