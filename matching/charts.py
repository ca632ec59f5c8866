"""A page about a linkage: weights of each level, what a threshold costs, blocking rules, records beyond linking.

No customer's value stands on it. Estimates come from the match probabilities themselves; `c360 evaluate` measures.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.curve import threshold_chart
from matching.page import bar, page

Reports = Mapping[str, Mapping[str, Any]]


def linkage_page(
    title: str,
    weights: pa.Table,
    pairs: pa.Table,
    cluster_sizes: Sequence[int],
    reports: Mapping[str, Mapping[str, Any]],
) -> str:
    """HTML of link_weight rows, match_pair rows, records of each cluster, and the report of each model."""
    probability = np.asarray(pairs["match_probability"], dtype=np.float64)
    records = sum(int(report["records"]) for report in reports.values())
    body = [
        f"<p>{records:,} records, {pairs.num_rows:,} pairs that came close, {len(cluster_sizes):,} customers.</p>",
        *(_rules(name, report) for name, report in reports.items()),
        "<h2>What a threshold costs</h2><p>Estimated from the probabilities of all pairs that came close: the share of",
        " accepted pairs that are right, and of right pairs that are accepted.</p>",
        threshold_chart(probability),
        "<h2>Pairs by decision</h2>",
        _counts(pairs["decision"]),
        "<h2>Records of one customer</h2>",
        _counts(pa.chunked_array([pa.array(cluster_sizes, pa.int64())])),
        "<h2>What each level of agreement weighs</h2><p>In bits: each doubles the odds that two records are one. m is",
        " the share of true pairs on the level, u of all others. Within a household, what it shares weighs less.</p>",
        *(_weights(rules, weights) for rules in sorted(set(weights["rule_version"].to_pylist()))),
    ]
    return page(title, "".join(body))


def _rules(name: str, report: Mapping[str, Any]) -> str:
    recall = report["blocking_recall"]
    blocking = report["blocking"].items()
    largest = max((rule["pairs"] for _, rule in blocking), default=1)
    lines = (
        f"<tr><td>{escape(rule)}</td><td class=n>{of['pairs']:,}</td>{bar(of['pairs'], largest)}"
        f"<td class=n>{recall['found_by_this_rule_only'][rule]:,}</td>"
        f"<td class=n>{of['skipped_keys']:,}</td><td class=n>{of['skipped_pairs']:,}</td></tr>"
        for rule, of in blocking
    )
    head = (
        "<tr><th>rule<th class=n>pairs<th><th class=n>matches only it finds"
        "<th class=n>keys too common<th class=n>pairs left out</tr>"
    )
    tonight = f"{report['compared_again']:,} of {report['records']:,} records were compared on this night"
    bare = ", ".join(f"{share:.2%} below {least}" for least, share in report["unlinkable"].items())
    return (
        f"<h2>Records of the model {escape(name)}</h2><p>{tonight}; the rest is of the last night that compared all."
        f" Blocking rules find an estimated {recall['recall']:.2%} of all true pairs, judging by how many matches one"
        f" rule or two alone find.</p><div class=wide><table>{head}"
        f"{''.join(lines)}</table></div><p>Records too bare to be linked, even to themselves: {bare}.</p>"
    )


def _weights(rules: str, weights: pa.Table) -> str:
    rows = weights.filter(pc.equal(weights["rule_version"], rules)).to_pylist()
    largest = max(abs(row["match_weight"]) for row in rows)
    lines = []
    for row in sorted(rows, key=lambda row: row["household"] != "everyone"):
        is_first = row["level_number"] == 1
        told = row["comparison"] + ("" if row["household"] == "everyone" else f", sharing the {row['household']}")
        lines.append(
            f"<tr class='{'first' if is_first else ''}'><td>{escape(told) if is_first else ''}</td>"
            f"<td>{escape(row['level'])}</td><td class=n>{row['m_probability']:.4f}</td>"
            f"<td class=n>{row['u_probability']:.2g}</td><td class=n>{row['match_weight']:+.1f}</td>"
            f"{bar(row['match_weight'], largest)}</tr>"
        )
    head = "<tr><th>evidence<th>level<th class=n>m<th class=n>u<th class=n>weight<th></tr>"
    return f"<h3>{escape(rules)}</h3><div class=wide><table>{head}{''.join(lines)}</table></div>"


def _counts(column: pa.ChunkedArray) -> str:
    counted = sorted((row["values"], row["counts"]) for row in pc.value_counts(column).to_pylist())
    largest = max((count for _, count in counted), default=1)
    lines = (f"<tr><td>{escape(str(of))}</td><td class=n>{n:,}</td>{bar(n, largest)}</tr>" for of, n in counted)
    return f"<table>{''.join(lines)}</table>"
