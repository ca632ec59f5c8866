"""What a table promises, declared once in YAML beside it and read strictly.

`warehouse/tables/<layer>/<table>.yml` is one contract. Storage, cleaning, gates, masks and docs are rendered from it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warehouse.types import TYPES, SemanticType
from warehouse.yamls import read_yaml

LAYERS = ("staging", "seeds", "identity", "golden", "facts", "marts", "feeds", "quality")
PUBLISHED_LAYERS = LAYERS[1:]


class ContractError(ValueError):
    """One or more contracts are wrong; the message lists every mistake with file, column and remedy."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Column(_Strict):
    """One column: its semantic type, where it comes from when landed, and what else must hold of it."""

    type: str
    description: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    landed: str | None = Field(default=None, alias="from")
    required: bool = False
    default: str | None = None
    codes: dict[str, str] = {}
    values: list[str] = []
    minimum: str | None = None
    maximum: str | None = None
    max_null_share: float | None = Field(default=None, ge=0, le=1)
    references: str | None = Field(default=None, pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")
    severity: Literal["critical", "warning"] = "critical"

    @property
    def semantic(self) -> SemanticType:
        """The semantic type, with storage, cleaner, validity and mask."""
        return TYPES[self.type]

    @property
    def allowed(self) -> tuple[str, ...]:
        """The closed list of values of a code column; empty where the list is open."""
        return tuple(self.values) or tuple(dict.fromkeys(self.codes.values()))


class _Declaration(_Strict):
    """The YAML document as written."""

    description: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    grain: list[str] = Field(min_length=1)
    order: Literal["grain", "select"] = "grain"
    entity: Literal["customer"] | None = None
    landing: str | None = None
    ignore: list[str] = []
    unites: Literal["customer"] | None = None
    made_by: str | None = None
    model: str | None = Field(default=None, pattern=r"^[a-z_]+$")
    columns: dict[str, Column] = Field(min_length=1)


@dataclass(frozen=True)
class Contract:
    """One table: what it is, one row per what, its columns, and where its rows come from."""

    name: str
    layer: str
    path: Path
    description: str
    zh: str
    owner: str
    grain: tuple[str, ...]
    order: (
        str  # of the rows: that of the grain, or as the SELECT gives them (it reads and joins; a sort would cost most)
    )
    entity: str | None
    ignore: tuple[str, ...]
    unites: str | None
    made_by: str | None
    model: str | None  # module of warehouse/models that makes the rows from those of the SELECT beside the contract
    columns: dict[str, Column]
    landing: str | None

    @property
    def sql_path(self) -> Path | None:
        """The SELECT that builds the table, where one stands beside the contract."""
        path = self.path.with_suffix(".sql")
        return path if path.exists() else None

    @property
    def is_select(self) -> bool:
        """Whether a SELECT makes the table: its own file, its seed, or the union of an entity."""
        return self.sql_path is not None or self.unites is not None or self.layer == "seeds"

    @property
    def source(self) -> str | None:
        """Source system of a staging table, else None."""
        return _staging_parts(self.name)[0] if self.layer == "staging" else None

    @property
    def is_published(self) -> bool:
        """Whether the table leaves the house in a published version."""
        return self.layer in PUBLISHED_LAYERS


def arrow_schema(contract: Contract) -> pa.Schema:
    """Arrow schema of the table: contracted columns in order, required ones not nullable."""
    return pa.schema(
        [pa.field(name, column.semantic.storage, not column.required) for name, column in contract.columns.items()]
    )


def create_table(contract: Contract) -> str:
    """DDL of the table: contracted columns in order, required ones NOT NULL, a required grain as primary key."""
    lines = [
        f"{name} {column.semantic.sql}{' NOT NULL' if column.required else ''}"
        for name, column in contract.columns.items()
    ]
    if all(contract.columns[key].required for key in contract.grain):
        lines.append(f"PRIMARY KEY ({', '.join(contract.grain)})")
    return f"CREATE TABLE {contract.name} ({', '.join(lines)})"


def read_contracts(folders: Sequence[Path]) -> dict[str, Contract]:
    """Every contract below `folders` by table name; raises ContractError with all mistakes of all files."""
    mistakes: list[str] = []
    contracts: dict[str, Contract] = {}
    for path in sorted(path for folder in folders for path in folder.glob("*/*.yml")):
        try:
            contract = read_contract(path)
        except ContractError as error:
            mistakes.append(str(error))
            continue
        if contract.name in contracts:
            mistakes.append(
                f"{path}: {contract.name} is already declared in {contracts[contract.name].path}; rename one"
            )
        contracts[contract.name] = contract
    mistakes += _dangling_references(contracts)
    if mistakes:
        raise ContractError("\n".join(mistakes))
    return contracts


def read_contract(path: Path) -> Contract:
    """One contract; raises ContractError listing every mistake of the file."""
    stat = path.stat()
    return _read_once(path, stat.st_mtime_ns, stat.st_size, is_built=path.with_suffix(".sql").exists())


@lru_cache(maxsize=1024)
def _read_once(path: Path, _changed_at: int, _size: int, *, is_built: bool) -> Contract:  # noqa: ARG001 (part of the key)
    """The contract of a file as it stands: a process of many nights parses it once."""
    try:
        declared = _Declaration.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ContractError("\n".join(f"{path}: {line}" for line in _explain(error))) from error
    except ValueError as error:
        raise ContractError(str(error)) from error
    mistakes = list(_mistakes(path, declared))
    if mistakes:
        raise ContractError("\n".join(f"{path}: {mistake}" for mistake in mistakes))
    return Contract(
        name=path.stem,
        layer=path.parent.name,
        path=path,
        grain=tuple(declared.grain),
        ignore=tuple(declared.ignore),
        landing=_landing_table(path, declared),
        **{field: getattr(declared, field) for field in _CARRIED},
    )


_CARRIED = ("description", "zh", "owner", "order", "entity", "unites", "made_by", "model", "columns")


def _staging_parts(name: str) -> tuple[str, str]:
    source, _, thing = name.removeprefix("stg_").partition("__")
    return source, thing


def _landing_table(path: Path, declared: _Declaration) -> str | None:
    if path.parent.name != "staging" or path.with_suffix(".sql").exists():
        return None
    return declared.landing or _staging_parts(path.stem)[1]


def _explain(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"]) or "document"
        remedy = "remove it or correct its spelling" if problem["type"] == "extra_forbidden" else problem["msg"]
        yield f"{where}: {remedy}"


def _mistakes(path: Path, declared: _Declaration) -> Iterator[str]:
    if path.parent.name not in LAYERS:
        yield f"layer '{path.parent.name}' is unknown; use one of {', '.join(LAYERS)}"
    for key in declared.grain:
        if key not in declared.columns:
            yield f"grain: column '{key}' is not declared; add it to columns"
    is_landed = _landing_table(path, declared) is not None
    if path.parent.name == "staging" and not re.fullmatch(r"stg_[a-z0-9_]+?__[a-z0-9_]+", path.stem):
        yield "a staging table is named stg_<source>__<thing>; rename the file"
    is_built = path.with_suffix(".sql").exists() or declared.unites or declared.made_by or path.parent.name == "seeds"
    if not (is_landed or is_built):
        yield "nothing builds this table; add a .sql beside it or name the step in made_by"
    if declared.entity and not {"source_key", "name_key"} <= set(declared.columns):
        yield "entity: rows that describe customers need the columns source_key and name_key; add them"
    for name, column in declared.columns.items():
        yield from _column_mistakes(name, column, is_landed=is_landed)


def _column_mistakes(name: str, column: Column, *, is_landed: bool) -> Iterator[str]:
    if column.type not in TYPES:
        yield f"columns.{name}: type '{column.type}' is unknown; add it to warehouse/types.py or use one of it"
    elif column.type == "code" and not column.allowed:
        yield f"columns.{name}: a code needs its closed list; add codes (landed) or values (built)"
    if is_landed and column.landed is None:
        yield f"columns.{name}: says not where it is landed; add from"
    if not is_landed and (column.landed or column.codes):
        yield f"columns.{name}: from and codes belong to landed tables; remove them"


def _dangling_references(contracts: dict[str, Contract]) -> Iterator[str]:
    for contract in contracts.values():
        for name, column in contract.columns.items():
            if column.references is None:
                continue
            table, _, key = column.references.partition(".")
            if table not in contracts or key not in contracts[table].columns:
                yield f"{contract.path}: columns.{name}: references {column.references}, which is not declared"
