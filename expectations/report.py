"""What a gate found, for the people who look, the tables that keep it and the error that stops a night."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Finding:
    """The verdict on one rule of one table."""

    table_name: str
    rule: str
    dimension: str
    severity: str
    failed: int
    tolerated: int
    total: int
    passed: bool
    description: str = field(compare=False)
    keys: Path | None = field(default=None, compare=False)

    @property
    def sentence(self) -> str:
        """What is wrong, how often, and where the keys are; never a value."""
        where = f"; keys in {self.keys}" if self.keys else ""
        return f"{self.table_name} {self.rule}: {self.failed:,} of {self.total:,} ({self.description}){where}"


@dataclass(frozen=True)
class GateResult:
    """All findings of one gate on one business date, sorted by table and rule."""

    stage: str
    business_date: date
    findings: tuple[Finding, ...]

    @property
    def checks(self) -> int:
        """How many promises were judged."""
        return len(self.findings)

    @property
    def critical(self) -> list[Finding]:
        """The broken promises that stop the night."""
        return [finding for finding in self.findings if not finding.passed and finding.severity == "critical"]

    @property
    def warned(self) -> list[Finding]:
        """The broken promises that someone must look at."""
        return [finding for finding in self.findings if not finding.passed and finding.severity != "critical"]

    @property
    def failed(self) -> int:
        """How many critical promises are broken."""
        return len(self.critical)

    @property
    def warnings(self) -> int:
        """How many lesser promises are broken."""
        return len(self.warned)

    def rows(self) -> list[dict[str, Any]]:
        """One row per finding, to keep and to score: counts only, the same for the same data."""
        kept = ("table_name", "rule", "dimension", "severity", "failed", "tolerated", "total", "passed")
        return [
            {
                "business_date": self.business_date,
                "stage": self.stage,
                **{name: getattr(finding, name) for name in kept},
            }
            for finding in self.findings
        ]


class GateFailure(RuntimeError):  # noqa: N818 (a failed gate, not a programming error)
    """Critical promises are broken; `result` holds all findings of the gate."""

    def __init__(self, result: GateResult) -> None:
        super().__init__("\n".join(summary_lines(result)))
        self.result = result


def summary_lines(result: GateResult) -> Iterator[str]:
    """The gate in words: one line of counts, then one line per broken promise, critical ones first."""
    yield (
        f"gate {result.stage} {result.business_date}: {result.checks:,} promises judged, "
        f"{result.failed:,} critical broken, {result.warnings:,} to look at"
    )
    for finding in result.critical + result.warned:
        yield f"{finding.severity}: {finding.sentence}"


def write_report(result: GateResult, target: Path) -> None:
    """Write the findings as JSON; the same data gives the same bytes."""
    findings = [
        {name: value for name, value in asdict(finding).items() if name != "keys"} for finding in result.findings
    ]
    counts = {"checks": result.checks, "failed": result.failed, "warnings": result.warnings}
    day = {"stage": result.stage, "business_date": result.business_date.isoformat()}
    target.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({**day, **counts, "findings": findings}, indent=1, ensure_ascii=False)
    target.write_text(content + "\n", encoding="utf-8")
