"""A page a person can read about a linkage: what each level weighs, how pairs spread, how large clusters are.

One HTML file without scripts or anything to fetch; no customer's value on it.
"""

import itertools
from collections.abc import Sequence
from html import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.mixture import Floats

WIDEST = 260
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>
body{{font:14px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}}
table{{border-collapse:collapse;width:100%}}td,th{{padding:.15rem .5rem;text-align:left;white-space:nowrap}}
td.n{{text-align:right;font-variant-numeric:tabular-nums}}tr.first td{{border-top:1px solid #ddd}}
.bar{{display:inline-block;height:.8em;vertical-align:middle}}.for{{background:#2a7f62}}.against{{background:#b5443b}}
@media(prefers-color-scheme:dark){{body{{background:#161616;color:#ddd}}tr.first td{{border-color:#444}}}}
</style><h1>{title}</h1>{body}</html>"""


def linkage_page(title: str, weights: pa.Table, pairs: pa.Table, cluster_sizes: Sequence[int]) -> str:
    """HTML of link_weight rows, match_pair rows and the number of records in each cluster."""
    probability = np.asarray(pairs["match_probability"], dtype=np.float64)
    body = [
        f"<p>{pairs.num_rows:,} pairs came close; {len(cluster_sizes):,} customers.</p>",
        "<h2>What each level of agreement weighs</h2><p>In bits: each doubles the odds that two records are one.</p>",
        *(_weights(rules, weights) for rules in sorted(set(weights["rule_version"].to_pylist()))),
        "<h2>Pairs by match probability</h2>",
        _histogram(probability, [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 1.0000001]),
        "<h2>Decisions</h2>",
        _counts(pairs["decision"]),
        "<h2>Records of one customer</h2>",
        _counts(pa.chunked_array([pa.array(cluster_sizes, pa.int64())])),
    ]
    return PAGE.format(title=escape(title), body="".join(body))


def _weights(rules: str, weights: pa.Table) -> str:
    rows = weights.filter(pc.equal(weights["rule_version"], rules))
    rows = rows.filter(pc.equal(rows["household"], "everyone")).to_pylist()
    largest = max(abs(row["match_weight"]) for row in rows)
    lines = []
    for row in rows:
        is_first = row["level_number"] == 1
        lines.append(
            f"<tr class='{'first' if is_first else ''}'><td>{escape(row['comparison']) if is_first else ''}</td>"
            f"<td>{escape(row['level'])}</td><td class=n>{row['m_probability']:.4f}</td>"
            f"<td class=n>{row['u_probability']:.2g}</td><td class=n>{row['match_weight']:+.1f}</td>"
            f"<td>{_bar(row['match_weight'], largest)}</td></tr>"
        )
    head = "<tr><th>evidence</th><th>level</th><th>m</th><th>u</th><th>weight</th><th></th></tr>"
    return f"<h3>{escape(rules)}</h3><table>{head}{''.join(lines)}</table>"


def _histogram(values: Floats, edges: Sequence[float]) -> str:
    counts, _ = np.histogram(values, edges)
    names = [f"{low:g} to {min(high, 1):g}" for low, high in itertools.pairwise(edges)]
    return _bars(list(zip(names, counts.tolist(), strict=True)))


def _counts(column: pa.ChunkedArray) -> str:
    counted = sorted((row["values"], row["counts"]) for row in pc.value_counts(column).to_pylist())
    return _bars([(str(name), count) for name, count in counted])


def _bars(rows: Sequence[tuple[str, int]]) -> str:
    largest = max((count for _, count in rows), default=1)
    lines = (
        f"<tr><td>{escape(name)}</td><td class=n>{count:,}</td><td>{_bar(count, largest)}</td></tr>"
        for name, count in rows
    )
    return f"<table>{''.join(lines)}</table>"


def _bar(value: float, largest: float) -> str:
    width = round(WIDEST * abs(value) / max(largest, 1e-9))
    return f"<span class='bar {'for' if value >= 0 else 'against'}' style='width:{width}px'></span>"
