"""Great Expectations at work: judges one gate's suites and shows them as Data Docs, without a value of any customer."""

import re
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.report import Finding
from expectations.suites import Total, great_expectations, totals_suite

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations import ExpectationSuite

OUTSIDE = re.compile(r"<link[^>]*https?://[^>]*>|<script[^>]*https?://[^>]*>\s*</script>|<img[^>]*https?://[^>]*>")
# the keys of failing rows are found by SQL; a result that held them or their values would show them in the pages
COUNTS_ONLY = {"result_format": "BASIC", "exclude_unexpected_values": True}
STYLE = Path(__file__).with_name("data_docs.css")


class JudgementError(RuntimeError):
    """Great Expectations could not evaluate an expectation; the message names it."""


@dataclass(frozen=True)
class Verdict:
    """What Great Expectations says of one rule."""

    passed: bool
    failed: int


class DataDocs:
    """The suites of one gate, judged one after the other, and their pages in the folder `site`."""

    def __init__(self, site: Path, stage: str, business_date: date) -> None:
        library = great_expectations()
        from great_expectations.core.run_identifier import RunIdentifier

        self._site = site
        self._judged: set[str] = set()
        self._run = RunIdentifier(run_name=stage, run_time=datetime.combine(business_date, datetime.min.time()))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._context = library.get_context(mode="ephemeral", project_config=_project(site))
            self._source = self._context.data_sources.add_pandas("build")

    def judge_rows(self, name: str, suite: "ExpectationSuite", frame: "pd.DataFrame") -> dict[str, Verdict]:
        """Verdict by rule on the rows of a table, or on one row of totals."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            batch = self._source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("build")
            added = self._context.suites.add(suite)
            definition = great_expectations().ValidationDefinition(name=name, data=batch, suite=added)
            result = self._context.validation_definitions.add(definition).run(
                batch_parameters={"dataframe": frame}, result_format=COUNTS_ONLY, run_id=self._run
            )
        self._judged.add(name)
        return {each.expectation_config.meta["rule"]: _verdict(name, each) for each in result.results}

    def judge_totals(self, name: str, totals: Sequence[Total]) -> dict[str, Verdict]:
        """Verdict by rule on counts that SQL found."""
        if not totals:
            return {}
        import pandas as pd

        frame = pd.DataFrame({total.rule: [total.failed] for total in totals})
        return self.judge_rows(name, totals_suite(name, totals), frame)

    def write(self, findings: Sequence[Finding]) -> Path:
        """Write the pages, which ask nothing of the network; returns the one to open first, of all gates."""
        shutil.rmtree(self._site, ignore_errors=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._context.build_data_docs()
        style = f"<style>{STYLE.read_text(encoding='utf-8')}</style></head>"
        for page in self._site.rglob("*.html"):
            text = OUTSIDE.sub("", page.read_text(encoding="utf-8"))
            page.write_text(text.replace("</head>", style, 1), encoding="utf-8")
        (self._site / "index.html").write_text(self._front_page(findings, style), encoding="utf-8")
        gates = self._site.parent / "index.html"
        gates.write_text(_gates_page(self._site.parent, style), encoding="utf-8")
        return gates

    def _front_page(self, findings: Sequence[Finding], style: str) -> str:
        """Every table of the gate with all it promises and how much of that broke; needs no script."""
        title = f"Gate {self._run.run_name}, {self._run.run_time.date().isoformat()}"
        by_table = {name: list(found) for name, found in groupby(findings, key=lambda finding: finding.table_name)}
        rows = "".join(
            f"<tr><td>{name}</td><td>{_promises(found)}</td><td>{_broken(found)}</td></tr>"
            for name, found in by_table.items()
        )
        pages = " &middot; ".join(f'<a href="{self._page(name)}">{name}</a>' for name in sorted(self._judged))
        head = "<thead><tr><th>table</th><th>promises</th><th>broken</th></tr></thead>"
        return _page_of(title, f"<p>{pages}</p><table>{head}<tbody>{rows}</tbody></table>", style)

    def _page(self, name: str) -> str:
        return next((self._site / "validations" / name).rglob("*.html")).relative_to(self._site).as_posix()


def _project(site: Path) -> Any:
    """Everything in memory but the pages; no progress bars, no buttons that explain what a gate is."""
    from great_expectations.data_context.types import base

    pages = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)}
    index = {"class_name": "DefaultSiteIndexBuilder"}
    # a page of verdicts holds its suite too
    sections = {"expectations": "None", "profiling": "None"}
    builder = {"class_name": "SiteBuilder", "store_backend": pages, "site_index_builder": index}
    return base.DataContextConfig(
        store_backend_defaults=base.InMemoryStoreBackendDefaults(),
        data_docs_sites={"gate": {**builder, "site_section_builders": sections, "show_how_to_buttons": False}},
        progress_bars=base.ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )


def _gates_page(folder: Path, style: str) -> str:
    """The gates judged so far, each with its own front page."""
    gates = sorted(page.parent.name for page in folder.glob("*/index.html"))
    return _page_of("Gates", "".join(f'<p><a href="{gate}/index.html">{gate}</a></p>' for gate in gates), style)


def _page_of(title: str, body: str, style: str) -> str:
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head = f'<meta charset="utf-8"><title>{title}</title>{viewport}{style}'
    return f"<!DOCTYPE html><html><head>{head}<body><h4>{title}</h4>{body}</body></html>\n"


def _promises(findings: Sequence[Finding]) -> str:
    """How many promises a table makes; opened, each in words with the rows that break it."""
    listed = "".join(
        f"<li>{escape(each.description)} ({each.severity}; {each.failed:,} of {each.total:,})</li>" for each in findings
    )
    return f"<details><summary>{len(findings)}</summary><ul>{listed}</ul></details>"


def _broken(findings: Sequence[Finding]) -> str:
    rules = [each.rule for each in findings if not each.passed]
    return f'<span class="broken">{len(rules)}</span>: {", ".join(rules)}' if rules else "0"


def _verdict(name: str, judged: Any) -> Verdict:
    if judged.exception_info.get("raised_exception", True):
        rule = judged.expectation_config.meta["rule"]
        raise JudgementError(f"Great Expectations could not judge {name} {rule}; see {judged.expectation_config.type}")
    result = judged.result
    found = result["unexpected_count"] if "unexpected_count" in result else result["observed_value"]
    # columns are told by name there, not counted
    return Verdict(bool(judged.success), 0 if isinstance(found, list) else int(found))
