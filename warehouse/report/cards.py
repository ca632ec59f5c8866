"""Rows told as cards: a heading, what there is to say of it line by line, and figures folded away."""

import json
from collections.abc import Iterator
from html import escape

import pandas as pd


def draw_cards(rows: pd.DataFrame) -> str:
    """HTML of one card a row: the first column is the heading, empty values are left out, JSON objects are folded."""
    return f'<div class="cards">{"".join(_card(list(row.items())) for row in rows.to_dict("records"))}</div>'


def _card(told: list[tuple[object, object]]) -> str:
    (_, heading), *lines = told
    body = "".join(_line(str(name), value) for name, value in lines if not _is_empty(value))
    return f"<article><h3>{escape(str(heading))}</h3><dl>{body}</dl></article>"


def _line(name: str, value: object) -> str:
    text, term = str(value), escape(name.replace("_", " "))
    if text.startswith("{"):
        listed = "".join(f"<li>{escape(line)}</li>" for line in _flat(json.loads(text)))
        return f"<dt></dt><dd><details><summary>{term}</summary><ul>{listed}</ul></details></dd>"
    return f"<dt>{term}</dt><dd>{escape(text)}</dd>"


def _is_empty(value: object) -> bool:
    return bool(pd.isna(value)) or value in ("", "{}")  # type: ignore[call-overload]


def _flat(value: object, name: str = "") -> Iterator[str]:
    """One line for each value in nested JSON, named by the keys that lead to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name} {key}".strip().replace("_", " "))
    elif isinstance(value, list):
        yield f"{name}: {', '.join(map(str, value)) or '–'}"
    else:
        yield f"{name}: {f'{value:,.4g}' if isinstance(value, float) else value}"
