"""The gate: holds the tables of one stage against all they promise, then lets the night go on or stops it."""

import shutil
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
# so a table whose product is below this takes about a quarter of a second, and a larger one is counted by SQL.
CELLS_IN_FRAME = 10_000_000
ACROSS = "across_tables"
STORAGE = "Every column is stored as its type says."


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
    cases = [case for table in built for case in gate.judge_table(table)]
    cases += gate.judge_across(built, rules)
    gate.docs.write()
    findings = _with_keys(connection, cases, settings.work / "gate" / stage)
    result = GateResult(stage, business_date, tuple(sorted(findings, key=lambda each: (each.table_name, each.rule))))
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
class _Gate:
    """One run: the build to look at and the pages to write."""

    connection: duckdb.DuckDBPyConnection
    docs: DataDocs

    def judge_table(self, built: Built) -> list[_Case]:
        """Judge what the contract promises of the table's own rows; only its columns when these are wrong."""
        contract = built.contract
        promised = promises(contract) if built.is_readable else [columns_in_order(contract)]
        if built.rows * len(built.columns) * len(promised) <= CELLS_IN_FRAME:
            verdicts = self._by_rows(built, promised)
        else:
            verdicts = self._by_totals(built, promised)
        return [_case(built, promise, verdicts[promise.rule]) for promise in promised]

    def judge_across(self, built: Sequence[Built], rules: Sequence[Rule]) -> list[_Case]:
        """Judge how tables are stored and what holds between them; rules on unreadable tables wait until they are."""
        unreadable = {table.contract.name for table in built if not table.is_readable}
        findings = [_stored(table) for table in built]
        judged = [rule for rule in rules if not rule.reads & unreadable]
        findings += [self._ruled(rule) for rule in judged]
        totals = [
            Total(f"{each.table_name} {each.rule}", each.severity, each.description, each.failed) for each in findings
        ]
        verdicts = self.docs.judge_totals(ACROSS, totals)
        passed = [verdicts[total.rule].passed for total in totals]
        keys = [None] * len(built) + [rule.query for rule in judged]
        return [
            _Case(replace(finding, passed=ok), key) for finding, ok, key in zip(findings, passed, keys, strict=True)
        ]

    def _by_rows(self, built: Built, promised: Sequence[Promise]) -> dict[str, Verdict]:
        name = built.contract.name
        return self.docs.judge_rows(name, row_suite(name, promised), read_rows(self.connection, built))

    def _by_totals(self, built: Built, promised: Sequence[Promise]) -> dict[str, Verdict]:
        counts = count_offenders(self.connection, built, promised)
        totals = [
            Total(promise.rule, promise.severity, promise.description, failed, promise.tolerated(built.rows))
            for promise, failed in zip(promised, counts, strict=True)
        ]
        return self.docs.judge_totals(built.contract.name, totals)

    def _ruled(self, rule: Rule) -> Finding:
        return Finding(
            table_name=rule.about,
            rule=rule.name,
            dimension="consistency",
            severity=rule.severity,
            failed=count_rule_offenders(self.connection, rule),
            tolerated=0,
            total=count(self.connection, rule.about),
            passed=False,
            description=rule.description,
        )


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
