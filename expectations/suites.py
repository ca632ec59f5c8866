"""Contract to Great Expectations suite: of a table's rows, or of the totals that one SQL query found."""

import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from expectations.promises import Promise, promises
from warehouse.contract import Contract

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.expectation import Expectation


@dataclass(frozen=True)
class Total:
    """How many rows break one rule, counted by SQL, and how many may."""

    rule: str
    severity: str
    description: str
    failed: int
    tolerated: int = 0


def great_expectations() -> ModuleType:
    """The library, loaded on first use (about ten seconds) and told to send nothing home."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as library
        import great_expectations.expectations
    return library


def suite(contract: Contract) -> "ExpectationSuite":
    """Everything the contract promises of the table's rows, as one suite to validate the rows with."""
    return row_suite(contract.name, promises(contract))


def row_suite(name: str, promised: Iterable[Promise]) -> "ExpectationSuite":
    """Suite that judges rows; each expectation carries its rule in `meta`."""
    library = great_expectations()
    made: ExpectationSuite = library.ExpectationSuite(
        name=name, expectations=[_of_rows(library, promise) for promise in promised]
    )
    return made


def totals_suite(name: str, totals: Iterable[Total]) -> "ExpectationSuite":
    """Suite that judges one row of totals: the column of a rule holds how many rows break it."""
    library = great_expectations()
    made: ExpectationSuite = library.ExpectationSuite(name=name, expectations=[_of_total(total) for total in totals])
    return made


def _of_rows(library: ModuleType, promise: Promise) -> "Expectation":
    kind: type[Expectation] = getattr(library.expectations, promise.expectation)
    return kind(**promise.arguments, **_told(promise))


def _of_total(total: Total) -> "Expectation":
    from great_expectations.expectations.core.expect_column_max_to_be_between import ExpectColumnMaxToBeBetween

    return ExpectColumnMaxToBeBetween(column=total.rule, max_value=total.tolerated, **_told(total))


def _told(promise: Promise | Total) -> dict[str, Any]:
    return {"severity": promise.severity, "description": promise.description, "meta": {"rule": promise.rule}}
