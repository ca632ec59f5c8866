"""Finds the sources: every module of this package that offers `extract` is one, so adding a source is adding a file."""

import ast
import importlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.landing import read_delivered, received_days
from warehouse.settings import Settings

if TYPE_CHECKING:
    from extractors.landing import Sent

ONE_DAY = timedelta(days=1)
REOPENED_FOR = timedelta(days=14)  # how long what comes late for a business date is still taken


def sources(folder: Path = Path(__file__).parent) -> list[str]:
    """Names of all sources, in order; reads the modules without importing them."""
    return sorted(path.stem for path in folder.glob("*.py") if _offers_extract(path))


def extract(settings: Settings, source: str, business_date: date) -> "Iterator[Sent]":
    """What `source` hands over for one business date; raises SourceFault or SourceUnavailable."""
    if source not in sources():
        message = f"'{source}' is no source; known are {', '.join(sources())}"
        raise LookupError(message)
    module = importlib.import_module(f"extractors.{source}")
    batches: Iterator[Sent] = module.extract(settings, business_date)
    return batches


def fingerprints(settings: Settings, source: str, first: date, last: date) -> dict[date, str]:
    """What `source` has handed over for each business date, where it can tell; another fingerprint is other content."""
    tell = getattr(importlib.import_module(f"extractors.{source}"), "delivered", None)
    found: dict[date, str] = tell(settings, first, last) if tell else {}
    return found


def reopened(settings: Settings, source: str, business_date: date) -> list[date]:
    """Days before `business_date` to land first: other files were handed over for them since, or they never landed.

    A day that could not land on its own night lands with the next one, so that nobody has to remember it.
    """
    received = received_days(settings, source)
    if not received:
        return []
    first = max(business_date - REOPENED_FOR, received[0])
    said = fingerprints(settings, source, first, business_date - ONE_DAY)
    landed = {day: read_delivered(settings, source, day) for day in sorted(said)}
    return [day for day in landed if day not in received or landed[day] not in (None, "", said[day])]


def _offers_extract(path: Path) -> bool:
    if path.stem in (Path(__file__).stem, "__init__"):
        return False
    module = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == "extract" for node in module.body)
