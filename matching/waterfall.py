"""The match-weight waterfall of one pair: how each piece of evidence moves it from the prior to the decision."""

from html import escape

from matching.explain import Explanation
from matching.page import page


def waterfall_page(told: Explanation) -> str:
    """HTML of an explanation; it names the two records and shows no value of theirs."""
    steps = [("before looking", "two records of this bank", told.prior_weight)]
    steps += [(part.comparison, f"{part.level}; {part.words}", part.weight) for part in told.evidence]
    ends, total = [], 0.0
    for _, _, weight in steps:
        ends.append((total, total + weight))
        total += weight
    low, high = min(0.0, *(min(end) for end in ends)), max(0.0, *(max(end) for end in ends))
    rows = [
        _step(what, found, f"{weight:+.2f}", _track(start, stop, low, high))
        for (what, found, weight), (start, stop) in zip(steps, ends, strict=True)
    ]
    rows.append(_step("together", f"probability {told.probability:.4f}", f"{total:+.2f}", _track(0, total, low, high)))
    body = f"<p><b>{escape(told.decision.capitalize())}</b>, probability {told.probability:.4f}. {_notes(told)}</p>"
    scale = (
        "<p class=soft>In bits: each doubles, or halves, the odds that two records are one. The line is even odds.</p>"
    )
    return page(f"{told.left} and {told.right}", body + scale + "".join(rows))


def _notes(told: Explanation) -> str:
    rules = f"Compared because of: {escape(', '.join(told.blocking_rules) or 'no blocking rule')}."
    household = " Weighed as people of one household." if told.household else ""
    veto = " A hard fact keeps them apart, whatever the weight." if told.vetoed else ""
    return rules + household + veto


def _step(what: str, found: str, weight: str, track: str) -> str:
    label = f"<div><b>{escape(what)}</b><small>{escape(found)}</small></div>"
    return f"<div class=step>{label}{track}<div class=n>{weight}</div></div>"


def _track(start: float, stop: float, low: float, high: float) -> str:
    span = max(high - low, 1e-9)
    left, width = 100 * (min(start, stop) - low) / span, 100 * abs(stop - start) / span
    side = "for" if stop >= start else "against"
    even = f"<u style='left:{100 * -low / span:.1f}%'></u>"
    return f"<div class=track><i class={side} style='left:{left:.1f}%;width:{width:.1f}%'></i>{even}</div>"
