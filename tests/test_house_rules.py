"""What the house style asks and a machine can check; each failure names the file and what to do."""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from warehouse.contract import Contract, read_contracts
from warehouse.settings import Settings
from warehouse.types import TYPES

ROOT = Path(__file__).parent.parent
PACKAGES = ("dags", "extractors", "cleansing", "matching", "expectations", "warehouse")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
CONTRACTS = read_contracts(Settings(home=ROOT).tables)
BUILT_BY_SQL = [contract for contract in CONTRACTS.values() if contract.sql_path]
QUERIES = sorted(
    path for folder in ("warehouse/tables", "expectations/rules") for path in (ROOT / folder).rglob("*.sql")
)

LONGEST_MODULE = 250
LONGER_MODULES: dict[str, str] = {}  # path: why it is one thing
READS_ENVIRONMENT = {
    "warehouse/settings.py": "the one place that reads it",
    "expectations/suites.py": "tells Great Expectations, before it loads, to send nothing home",
    "dags/local_airflow.py": "Airflow takes its own settings from the environment of the processes it starts",
}
ASKS_THE_CLOCK = {"dags/cli_quarantine.py": "when a steward corrected a row is a fact of the decision"}
DAG_FILES = ("dags/land_sources.py", "dags/customer_360.py", "dags/crm_feeds.py")
HEAVY = {
    "pandas", "pyarrow", "duckdb", "great_expectations", "recordlinkage", "numpy", "scipy", "sqlalchemy", "sklearn",
    "statsmodels",
}  # fmt: skip
ONLY_IN = {
    "airflow": "dags",
    "great_expectations": "expectations",
    "recordlinkage": "matching",
    "sklearn": "warehouse",
    "statsmodels": "warehouse",
}
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}
CLOCK_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
COUNTED_BY_BOUNDARY = {"YEAR", "QUARTER", "MONTH"}
UNPORTABLE = {
    "jaro_winkler_similarity": "it differs between engines near thresholds; compare in matching",
    "strip_accents": "Spark has none; clean the value in cleansing",
    "datesub": "Spark has none; subtract dates",
    "random": "a build must be repeatable; order by a key",
    "uuid": "a build must be repeatable; mint ids in matching",
    "now": "the day is a parameter: $business_date",
    "today": "the day is a parameter: $business_date",
    "get_current_timestamp": "the day is a parameter: $business_date",
}
UNPORTABLE_NODES = {
    exp.CurrentDate: UNPORTABLE["today"],
    exp.CurrentTimestamp: UNPORTABLE["now"],
    exp.CurrentTime: UNPORTABLE["now"],
    exp.CurrentDatetime: UNPORTABLE["now"],
    exp.Rand: UNPORTABLE["random"],
    exp.Uuid: UNPORTABLE["uuid"],
    exp.JarowinklerSimilarity: UNPORTABLE["jaro_winkler_similarity"],
}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def of_contract(contract: Contract) -> str:
    return contract.name


# tables


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=of_contract)
def test_a_table_has_an_owner_a_grain_that_is_never_null_and_described_columns(contract: Contract) -> None:
    assert contract.owner
    for key in contract.grain:
        assert contract.columns[key].required, f"{contract.path}: {key} is of the grain; say required: true"
    for name, column in contract.columns.items():
        assert column.description.strip(), f"{contract.path}: say what {name} means"
        assert not column.zh.isascii(), f"{contract.path}: say in Chinese what {name} means"


def test_a_table_is_described_in_chinese() -> None:
    assert [contract.name for contract in CONTRACTS.values() if contract.zh.isascii()] == []


def test_a_semantic_type_is_described_in_english_and_in_chinese() -> None:
    for name, semantic in TYPES.items():
        assert semantic.description.isascii(), f"warehouse/types.py: say in English what {name} means"
        assert not semantic.zh.isascii(), f"warehouse/types.py: say in Chinese what {name} means"


@pytest.mark.parametrize("contract", BUILT_BY_SQL, ids=of_contract)
def test_a_table_built_by_sql_has_a_golden_case(contract: Contract) -> None:
    cases = [path.parent.name for path in (ROOT / "tests" / "golden" / contract.name).glob("*/expect.csv")]
    assert cases, f"add tests/golden/{contract.name}/<what the case shows>/ with its inputs and expect.csv"


@pytest.mark.parametrize("contract", [each for each in BUILT_BY_SQL if not each.model], ids=of_contract)
def test_a_select_names_the_contracted_columns_in_order(contract: Contract) -> None:
    assert contract.sql_path is not None
    query = sqlglot.parse_one(contract.sql_path.read_text(encoding="utf-8"), dialect="duckdb")
    assert query.named_selects == list(contract.columns), f"{named(contract.sql_path)}: name them as the contract does"


def test_one_column_name_has_one_type_everywhere() -> None:
    tables: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for contract in CONTRACTS.values():
        for name, column in contract.columns.items():
            tables[name][column.type].append(contract.name)
    several = {name: dict(types) for name, types in tables.items() if len(types) > 1}
    assert not several, f"rename a column or give it the type it has elsewhere: {several}"


@pytest.mark.parametrize("path", QUERIES, ids=named)
def test_sql_means_the_same_on_every_engine_and_every_day(path: Path) -> None:
    assert list(unportable(path.read_text(encoding="utf-8"))) == [], f"{named(path)}: write it otherwise"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT date_diff('year', a, b) FROM t",
        "SELECT datediff('month', a, b) FROM t",
        "SELECT now()",
        "SELECT today()",
        "SELECT current_date",
        "SELECT current_timestamp",
        "SELECT random()",
        "SELECT gen_random_uuid()",
        "SELECT regexp_replace(a, 'x', 'y') FROM t",
        "SELECT regexp_replace(a, 'x', 'y', 'i') FROM t",
        "SELECT strip_accents(a) FROM t",
        "SELECT jaro_winkler_similarity(a, b) FROM t",
        "SELECT quantile_cont(a, 0.5) FROM t",
        "SELECT date_sub('day', a, b) FROM t",
        "SELECT * FROM t UNION ALL BY NAME SELECT * FROM u",
        "SELECT row_number() OVER (PARTITION BY a) FROM t",
    ],
)
def test_unportable_sql_is_found(query: str) -> None:
    assert list(unportable(query))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT date_diff('day', a, b) FROM t",
        "SELECT $business_date",
        "SELECT regexp_replace(a, 'x', 'y', 'g') FROM t",
        "SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM t",
        "SELECT row_number() OVER best_first FROM t WINDOW best_first AS (ORDER BY a)",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t",
        "SELECT sum(a) OVER (PARTITION BY b) FROM t",
    ],
)
def test_portable_sql_is_let_through(query: str) -> None:
    assert list(unportable(query)) == []


def unportable(query: str) -> Iterator[str]:
    """What in a DuckDB query would mean something else on another engine, or on another day."""
    for node in sqlglot.parse_one(query, dialect="duckdb").walk():
        name = node.name.lower() if isinstance(node, exp.Anonymous) else node.key
        if name in UNPORTABLE or type(node) in UNPORTABLE_NODES:
            yield f"{name}: {UNPORTABLE.get(name) or UNPORTABLE_NODES[type(node)]}"
        yield from _engines_differ(node)


def _engines_differ(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.DateDiff) and node.text("unit").upper() in COUNTED_BY_BOUNDARY:
        yield "date_diff counts boundaries here and completed units elsewhere; subtract years or months"
    if isinstance(node, exp.DateSub | exp.TsOrDsDiff) or (isinstance(node, exp.Anonymous) and node.name == "date_sub"):
        yield "date_sub with three arguments: Spark has none; subtract dates"
    if isinstance(node, exp.PercentileCont) and not isinstance(node.parent, exp.WithinGroup):
        yield "quantile_cont: Spark has none; say percentile_cont WITHIN GROUP"
    if isinstance(node, exp.RegexpReplace) and "g" not in node.text("modifiers"):
        yield "regexp_replace replaces the first match here and every one elsewhere; say 'g'"
    if isinstance(node, exp.SetOperation) and node.args.get("by_name"):
        yield "UNION BY NAME: Spark has none; name the columns in order"
    if isinstance(node, exp.Window) and isinstance(node.this, exp.RowNumber) and not _is_ordered(node):
        yield "row_number without ORDER BY numbers rows by chance; order down to a unique key"


def _is_ordered(window: exp.Window) -> bool:
    """Whether the window says an order, itself or by naming one of the WINDOW clause."""
    return bool(window.args.get("order") or window.args.get("alias"))


# modules


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_MODULE or named(path) in LONGER_MODULES, (
        f"{named(path)} has {lines} lines; split it by what it does"
    )


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [named(path) for path in MODULES if path.stem in VAGUE_NAMES or path.parent.name in VAGUE_NAMES] == []


def test_the_environment_is_read_at_the_edge_only() -> None:
    readers = {named(path) for path in MODULES if any(_reads_environment(node) for node in ast.walk(syntax(path)))}
    assert readers <= set(READS_ENVIRONMENT), "take it from warehouse/settings.py"


def test_no_stage_asks_the_clock() -> None:
    askers = {named(path) for path in MODULES if any(_asks_clock(node) for node in ast.walk(syntax(path)))}
    assert askers <= set(ASKS_THE_CLOCK), "the business date is a parameter"


@pytest.mark.parametrize(("library", "folder"), ONLY_IN.items())
def test_a_library_is_known_to_one_folder(library: str, folder: str) -> None:
    knowing = {path for path in MODULES if library in {name.split(".")[0] for name in _imports(syntax(path))}}
    assert {named(path) for path in knowing if path.relative_to(ROOT).parts[0] != folder} == set()


# dags


@pytest.mark.parametrize("name", DAG_FILES)
def test_parsing_a_dag_loads_no_heavy_library(name: str) -> None:
    loaded = _loaded_with(ROOT / name)
    assert {library: by for library, by in loaded.items() if library in HEAVY} == {}, "import it inside the function"


@pytest.mark.parametrize("name", DAG_FILES)
def test_the_body_of_a_task_is_one_call(name: str) -> None:
    tasks = [node for node in ast.walk(syntax(ROOT / name)) if isinstance(node, ast.FunctionDef) and _is_task(node)]
    assert tasks
    for task in tasks:
        body = task.body[1:] if ast.get_docstring(task) else task.body
        assert len(body) == 1, f"{name}: {task.name}: one call into pipeline.py"
        assert isinstance(getattr(body[0], "value", None), ast.Call), f"{name}: {task.name}: one call into pipeline.py"


# the outside


def test_every_verb_of_the_command_is_in_the_readme() -> None:
    from dags.cli import main

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [verb for verb in main.commands if f"c360 {verb}" not in readme] == []


def test_the_lock_names_no_address() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")


def _imports(tree: ast.AST) -> Iterator[str]:
    """Names of the modules a piece of syntax imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _loaded_with(path: Path) -> dict[str, str]:
    """Top-level library to the file of ours that loads it, for everything that importing `path` loads."""
    loaded: dict[str, str] = {}
    waiting, seen = [path], {path}
    while waiting:
        current = waiting.pop()
        for name in _imports_at_once(syntax(current)):
            loaded.setdefault(name.split(".")[0], named(current))
            found = set(_files_of(name)) - seen
            seen |= found
            waiting += sorted(found)
    return loaded


def _imports_at_once(tree: ast.Module) -> Iterator[str]:
    """Names imported when the module is, so neither inside a function nor for type checkers only."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(node)
        elif isinstance(node, ast.If | ast.Try | ast.With) and "TYPE_CHECKING" not in ast.dump(node):
            yield from (name for part in node.body for name in _imports(part) if not isinstance(part, ast.FunctionDef))


def _files_of(name: str) -> Iterator[Path]:
    """The files of ours that importing `name` runs: its packages and, where it is one, its module."""
    parts = name.split(".")
    if parts[0] in PACKAGES:
        for depth in range(1, len(parts) + 1):
            stem = ROOT.joinpath(*parts[:depth])
            yield from (path for path in (stem / "__init__.py", stem.with_suffix(".py")) if path.exists())


def _reads_environment(node: ast.AST) -> bool:
    is_attribute = isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    return is_attribute or (isinstance(node, ast.alias) and node.name in {"environ", "getenv"})


def _asks_clock(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCK_CALLS
    )


def _is_task(function: ast.FunctionDef) -> bool:
    called = [node.func if isinstance(node, ast.Call) else node for node in function.decorator_list]
    return any(isinstance(node, ast.Name) and node.id == "task" for node in called)


def test_these_rules_would_catch_a_heavy_import() -> None:
    assert "great_expectations" not in _loaded_with(ROOT / "expectations" / "gate.py")
    assert _loaded_with(ROOT / "expectations" / "gate.py")["duckdb"] == "expectations/gate.py"
    assert sys.version_info[:2] == (3, 11)
