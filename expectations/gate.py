"""The gate: holds the tables of one stage against all they promise, then lets the night go on or stops it.

Every promise of a table is counted in one pass of SQL. Great Expectations spends 8 milliseconds on an expectation, so
it judges a table that keeps every promise by the number of broken ones, and a table that breaks any promise by promise.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from expectations.across import Rule, due, read_rules, references
from expectations.data_docs import DataDocs, Verdict
from expectations.measure import (
    Built,
    count,
    count_offenders,
    count_rule_offenders,
    offender_keys,
    read_built,
    read_rows,
    write_keys,
)
from expectations.promises import COLUMNS, CRITICAL, Promise, columns_in_order, promises
from expectations.report import Finding, GateFailure, GateResult, write_report
from expectations.suites import Total, row_suite
from warehouse.contract import Contract
from warehouse.settings import Settings

# Great Expectations copies the frame for every expectation: 50,000 rows x 40 columns x 60 promises took 3 seconds,
# so of a table whose product is above this it judges the counts that SQL found.
CELLS_IN_FRAME = 10_000_000
ACROSS, KEPT = "across_tables", "tables_that_keep_every_promise"
STORED, STORAGE = "storage", "Every column is stored as its type says."


def check(
    settings: Settings,
    contracts: Mapping[str, Contract],
    tables: Sequence[str],
    stage: str,
    business_date: date,
    connection: duckdb.DuckDBPyConnection,
) -> GateResult:
    """Judge `tables`, views of `connection`, and the rules due with them; raises GateFailure on a critical failure.

    Writes Data Docs and a JSON report below docs/, and the keys of failing rows below work/gate/<stage>/.
    """
    rules = due(read_rules() + references(contracts), contracts, set(tables), _tables_of(connection))
    gate = _Gate(connection, DataDocs(settings.docs / "data_docs" / stage, stage, business_date))
    built = [read_built(connection, contracts[name]) for name in sorted(tables)]
    cases = gate.judge_tables(built) + gate.judge_across(built, rules)
    findings = _with_keys(connection, cases, settings.work / "gate" / stage)
    result = GateResult(stage, business_date, tuple(sorted(findings, key=lambda each: (each.table_name, each.rule))))
    gate.docs.write(result.findings)
    write_report(result, settings.docs / "gate" / f"{business_date.isoformat()}.{stage}.json")
    if result.failed:
        raise GateFailure(result)
    return result


@dataclass(frozen=True)
class _Case:
    """A finding, and the SELECT of the keys behind it where rows can be named."""

    finding: Finding
    keys: str | None = None


@dataclass(frozen=True)
class _Counted:
    """A table and what SQL found of it: of each promise how many rows break it."""

    built: Built
    promised: Sequence[Promise]
    failed: Sequence[int]

    def broken(self, severity: str | None = None) -> int:
        """How many promises (of one severity) more rows break than may; columns in the wrong place count once."""
        return sum(
            failed > promise.tolerated(self.built.rows)
            for promise, failed in zip(self.promised, self.failed, strict=True)
            if severity in (None, promise.severity)
        )

    def summaries(self) -> list[Total]:
        """The number of broken promises, by severity."""
        counts = Counter(promise.severity for promise in self.promised)
        return [
            Total(self.summary(severity), severity, f"All {count} {severity} promises hold.", self.broken(severity))
            for severity, count in sorted(counts.items())
        ]

    def summary(self, severity: str) -> str:
        """Name of the rule that stands for all promises of one severity."""
        return f"{self.built.contract.name} {severity}"


@dataclass(frozen=True)
class _Gate:
    """One run: the build to look at and the pages to write."""

    connection: duckdb.DuckDBPyConnection
    docs: DataDocs

    def judge_tables(self, tables: Sequence[Built]) -> list[_Case]:
        """Judge what contracts promise of their tables' own rows; only the columns of a table where these are wrong."""
        counted = [self._count(table) for table in tables]
        kept = [table for table in counted if not table.broken()]
        verdicts = self.docs.judge_totals(KEPT, [total for table in kept for total in table.summaries()])
        cases = []
        for table in counted:
            if table in kept:
                passed = [verdicts[table.summary(promise.severity)].passed for promise in table.promised]
                each = [Verdict(ok, failed) for ok, failed in zip(passed, table.failed, strict=True)]
            else:
                each = self._one_by_one(table)
            cases += [_case(table.built, *judged) for judged in zip(table.promised, each, strict=True)]
        return cases

    def _count(self, built: Built) -> _Counted:
        promised = promises(built.contract) if built.is_readable else [columns_in_order(built.contract)]
        return _Counted(built, promised, count_offenders(self.connection, built, promised))

    def _one_by_one(self, table: _Counted) -> list[Verdict]:
        """Verdict on each promise: from the rows, or of a large table from the counts."""
        built, name = table.built, table.built.contract.name
        if built.rows * len(built.columns) * len(table.promised) <= CELLS_IN_FRAME:
            verdicts = self.docs.judge_rows(name, row_suite(name, table.promised), read_rows(self.connection, built))
        else:
            verdicts = self.docs.judge_totals(name, _totals(table))
        return [verdicts[promise.rule] for promise in table.promised]

    def judge_across(self, built: Sequence[Built], rules: Sequence[Rule]) -> list[_Case]:
        """Judge how tables are stored and what holds between them; rules on unreadable tables wait until they are."""
        unreadable = {table.contract.name for table in built if not table.is_readable}
        judged = [rule for rule in rules if not rule.reads & unreadable]
        rows = {table.contract.name: table.rows for table in built}
        cases = [_Case(_stored(table)) for table in built]
        cases += [_Case(self._ruled(rule, rows), rule.query) for rule in judged]
        totals = [Total(STORED, CRITICAL, STORAGE, sum(table.misstored for table in built))]
        totals += [
            Total(f"{rule.about} {rule.name}", rule.severity, rule.description, case.finding.failed)
            for rule, case in zip(judged, cases[len(built) :], strict=True)
        ]
        verdicts = self.docs.judge_totals(ACROSS, totals)
        names = [STORED] * len(built) + [total.rule for total in totals[1:]]
        return [
            replace(case, finding=replace(case.finding, passed=verdicts[name].passed or not case.finding.failed))
            for name, case in zip(names, cases, strict=True)
        ]

    def _ruled(self, rule: Rule, rows: Mapping[str, int]) -> Finding:
        return Finding(
            table_name=rule.about,
            rule=rule.name,
            dimension="consistency",
            severity=rule.severity,
            failed=count_rule_offenders(self.connection, rule),
            tolerated=0,
            total=rows[rule.about] if rule.about in rows else count(self.connection, rule.about),
            passed=False,
            description=rule.description,
        )


def _totals(table: _Counted) -> list[Total]:
    return [
        Total(promise.rule, promise.severity, promise.description, failed, promise.tolerated(table.built.rows))
        for promise, failed in zip(table.promised, table.failed, strict=True)
    ]


def _stored(built: Built) -> Finding:
    name = built.contract.name
    return Finding(
        name,
        "storage",
        "validity",
        CRITICAL,
        built.misstored,
        0,
        len(built.contract.columns),
        passed=False,
        description=STORAGE,
    )


def _case(built: Built, promise: Promise, verdict: Verdict) -> _Case:
    is_about_columns = promise.rule == COLUMNS
    finding = Finding(
        table_name=built.contract.name,
        rule=promise.rule,
        dimension=promise.dimension,
        severity=promise.severity,
        failed=built.misplaced if is_about_columns else verdict.failed,
        tolerated=promise.tolerated(built.rows),
        total=len(built.contract.columns) if is_about_columns else built.rows,
        passed=verdict.passed,
        description=promise.description,
    )
    return _Case(finding, None if is_about_columns else offender_keys(built.contract, promise))


def _with_keys(connection: duckdb.DuckDBPyConnection, cases: Sequence[_Case], folder: Path) -> Iterator[Finding]:
    """The findings; behind each broken one that has rows to name, a file of their keys."""
    shutil.rmtree(folder, ignore_errors=True)
    for case in cases:
        finding = case.finding
        if finding.passed or case.keys is None:
            yield finding
            continue
        target = folder / f"{finding.table_name}.{finding.rule}.csv"
        write_keys(connection, case.keys, target)
        yield replace(finding, keys=target)


def _tables_of(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT table_name FROM information_schema.tables").fetchall()}
