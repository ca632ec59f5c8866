"""Estimated precision and recall over the threshold, as a chart."""

import numpy as np

from matching.mixture import Floats

THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999)
WIDTH, HEIGHT, MARGIN = 640, 260, 44


def estimated_curve(probability: Floats) -> list[tuple[float, float, float]]:
    """Threshold, estimated precision and recall of the pairs at or above it."""
    total, curve = max(float(probability.sum()), 1e-9), []
    for threshold in THRESHOLDS:
        kept = probability[probability >= threshold]
        curve.append((threshold, float(kept.mean()) if len(kept) else 1.0, float(kept.sum()) / total))
    return curve


def threshold_chart(probability: Floats) -> str:
    """SVG of both over the threshold, with the figures below."""
    curve = estimated_curve(probability)
    lowest = min(0.99, min(min(point[1:]) for point in curve))
    floor = np.floor(lowest * 20) / 20

    def at(number: int, share: float) -> tuple[float, float]:
        x = MARGIN + number * (WIDTH - 2 * MARGIN) / (len(curve) - 1)
        return x, HEIGHT - MARGIN - (share - floor) / (1 - floor) * (HEIGHT - 2 * MARGIN)

    parts = []
    for side, colour in ((1, "var(--for)"), (2, "var(--other)")):
        points = " ".join("{:.1f},{:.1f}".format(*at(i, point[side])) for i, point in enumerate(curve))
        parts.append(f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='2'/>")
    for share in (floor, (1 + floor) / 2, 1.0):
        _, y = at(0, share)
        parts.append(f"<line x1='{MARGIN}' x2='{WIDTH - MARGIN}' y1='{y:.1f}' y2='{y:.1f}' stroke='var(--line)'/>")
        parts.append(f"<text x='0' y='{y + 4:.1f}'>{share:.1%}</text>")
    for i, (threshold, _, _) in enumerate(curve):
        x, y = at(i, floor)
        parts.append(f"<text x='{x:.1f}' y='{y + 18:.1f}' text-anchor='middle'>{threshold:g}</text>")
    key = "<p><span style='color:var(--for)'>━ precision</span> <span style='color:var(--other)'>━ recall</span></p>"
    return f"{key}<svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img'>{''.join(parts)}</svg>{_figures(curve)}"


def _figures(curve: list[tuple[float, float, float]]) -> str:
    lines = (
        f"<tr><td>{threshold:g}</td><td class=n>{precision:.4f}</td><td class=n>{recall:.4f}</td></tr>"
        for threshold, precision, recall in curve
    )
    head = "<tr><th>threshold<th class=n>precision<th class=n>recall</tr>"
    return f"<details><summary>Figures</summary><table>{head}{''.join(lines)}</table></details>"
