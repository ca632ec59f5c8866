"""Promises that take more than one table: the rules beside this module, and the references that contracts declare.

A rule is a query that returns the keys of the offenders, under a header that says whose promise it is.
"""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from warehouse.contract import LAYERS, Contract
from warehouse.transforms import MASKED_LAYERS, dependencies
from warehouse.types import KEEP

RULES = Path(__file__).parent / "rules"
HEADINGS = ("table", "severity", "description", "zh")
SEVERITIES = ("critical", "warning")


class RuleError(ValueError):
    """A rule is written wrongly or cannot be judged; the message names it and what to change."""


@dataclass(frozen=True)
class Rule:
    """One promise across tables; `query` selects the keys of the rows of `about` that break it.

    It is judged when `table` is gated: the last of its tables to be built.
    """

    name: str
    about: str
    table: str
    severity: str
    description: str
    zh: str
    query: str

    @property
    def reads(self) -> set[str]:
        """Every table the query reads, and the table the promise is about."""
        return dependencies(self.query) | {self.table}


def read_rules(folder: Path = RULES) -> list[Rule]:
    """The hand-written rules of `folder` by file name; raises RuleError when a header is incomplete."""
    return [read_rule(path) for path in sorted(folder.glob("*.sql"))]


def read_rule(path: Path) -> Rule:
    """One rule; its name is the file's. Raises RuleError naming the heading to add or correct."""
    text = path.read_text(encoding="utf-8")
    headings = dict(re.findall(r"^-- (\w+): (\S.*)$", text, flags=re.MULTILINE))
    missing = [heading for heading in HEADINGS if heading not in headings]
    if missing:
        raise RuleError(f"{path}: the header lacks '-- {missing[0]}: ...'; add it")
    if headings["severity"] not in SEVERITIES:
        raise RuleError(f"{path}: severity '{headings['severity']}' is unknown; use one of {', '.join(SEVERITIES)}")
    told = {heading: headings[heading].strip() for heading in HEADINGS}
    return Rule(name=path.stem, about=told["table"], query=text.strip().rstrip(";"), **told)


def references(contracts: Mapping[str, Contract]) -> list[Rule]:
    """One rule per reference a contract declares: every value that is not null exists as the key it points at.

    The later built of the two tables is gated on it; a masked value points at nothing and is left out.
    """
    return [
        _reference(contract, name, column.references, column.severity, contracts)
        for contract in contracts.values()
        for name, column in contract.columns.items()
        if column.references and (contract.layer not in MASKED_LAYERS or column.semantic.mask == KEEP)
    ]


def due(
    rules: Iterable[Rule], contracts: Mapping[str, Contract], gated: Container[str], built: Container[str]
) -> list[Rule]:
    """The rules to judge with the `gated` tables; a rule that reads a table nobody declares yet is left out.

    Raises RuleError when a rule reads a table that is declared but not among the `built`.
    """
    wanted = [rule for rule in rules if rule.table in gated]
    for rule in wanted:
        unbuilt = sorted(table for table in rule.reads if table in contracts and table not in built)
        if unbuilt:
            raise RuleError(f"{rule.name} reads {', '.join(unbuilt)}, not built yet; build it or name a later table")
    return [rule for rule in wanted if all(table in built for table in rule.reads)]


def _reference(contract: Contract, name: str, target: str, severity: str, contracts: Mapping[str, Contract]) -> Rule:
    table, _, key = target.partition(".")
    later = max(contract, contracts[table], key=lambda each: (LAYERS.index(each.layer), each is contract))
    keys = ", ".join(f"pointing.{column}" for column in contract.grain)
    return Rule(
        name=f"{name}.references",
        about=contract.name,
        table=later.name,
        severity=severity,
        description=f"Every {name} of {contract.name} exists as {target}.",
        zh=f"{contract.name} 的每个 {name} 都存在于 {target}。",
        query=(
            f"SELECT {keys} FROM {contract.name} AS pointing "
            f"WHERE pointing.{name} IS NOT NULL "
            f"AND NOT EXISTS (SELECT 1 FROM {table} AS pointed WHERE pointed.{key} = pointing.{name})"
        ),
    )
