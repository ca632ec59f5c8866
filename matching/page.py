"""The paper linkage pages are written on: one HTML file, no scripts, nothing to fetch, readable on a telephone."""

from html import escape

STYLE = """
:root{--ink:#1d2429;--soft:#5c6a73;--line:#dde3e7;--paper:#fff;--track:#f3f6f7;--for:#2a7f62;--against:#b5443b;
--other:#3a6ea5}
@media(prefers-color-scheme:dark){:root{--ink:#dde4e8;--soft:#95a3ac;--line:#37424a;--paper:#14191c;--track:#1d2529;
--for:#4fb08d;--against:#d9746b;--other:#7aaad8}}
body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:var(--ink);
background:var(--paper)}
h1{font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2rem 0 .25rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem}p{margin:.25rem 0 .75rem;max-width:44rem}.soft{color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
td,th{padding:.2rem .75rem .2rem 0;text-align:left;vertical-align:top}th{font-weight:600;color:var(--soft)}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.first td{border-top:1px solid var(--line)}td.bar{width:30%;min-width:6rem}
.fill{display:block;height:.75em;margin-top:.4em;min-width:1px}.for{background:var(--for)}
.against{background:var(--against)}
svg{width:100%;height:auto;max-width:44rem;display:block}svg text{fill:var(--soft);font-size:12px}
.step{display:grid;grid-template-columns:15rem 1fr 4rem;gap:.75rem;align-items:center;padding:.3rem 0;
border-top:1px solid var(--line)}
.step b{font-weight:600}.step small{display:block;color:var(--soft)}
.track{position:relative;height:1.2rem;background:var(--track)}
.track i{position:absolute;top:0;bottom:0;min-width:2px}.track u{position:absolute;top:0;bottom:0;width:1px;
background:var(--soft)}
.step .n{text-align:right;font-variant-numeric:tabular-nums}
@media(max-width:40rem){.step{grid-template-columns:1fr 4rem}.step .track{grid-column:1/3;grid-row:2}}
"""


def page(title: str, body: str) -> str:
    """A whole page; `body` is HTML."""
    head = "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
    return f"{head}<title>{escape(title)}</title><style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>\n"


def bar(value: float, largest: float) -> str:
    """A cell with a bar as long as the value, for or against by its sign."""
    width = 100 * abs(value) / max(largest, 1e-9)
    return (
        f"<td class=bar><span class='fill {'for' if value >= 0 else 'against'}' style='width:{width:.1f}%'></span></td>"
    )
