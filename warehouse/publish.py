"""Publishes a build as a complete, immutable version and makes it current by replacing one pointer file.

A reader resolves the pointer once and stays on that version. A version exists when its manifest does; the manifest is
written last, so a folder without one is the rest of an interrupted run and is replaced.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from warehouse.catalog import write_catalog
from warehouse.contract import Contract
from warehouse.engine import ROWS
from warehouse.errors import ToldError
from warehouse.settings import Settings

POINTER = "current"
MANIFEST = "manifest.json"


class NothingPublishedError(ToldError):
    """No version has been published yet."""


@dataclass(frozen=True)
class Version:
    """One published version; its folder never changes again."""

    folder: Path

    @property
    def name(self) -> str:
        """Business date and content hash."""
        return self.folder.name

    @property
    def manifest(self) -> dict[str, Any]:
        """Business date, content hash, and rows, bytes and sha256 of each table."""
        content: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        return content

    @property
    def business_date(self) -> date:
        """The day the version shows the bank at."""
        return date.fromisoformat(self.manifest["business_date"])

    @property
    def parquet(self) -> Path:
        """One folder of Parquet per table."""
        return self.folder / "parquet"

    @property
    def database(self) -> Path:
        """DuckDB catalogue of masked, described views over exactly these files."""
        return self.folder / "customer360.duckdb"


def current_version(settings: Settings) -> Version:
    """The version readers see now; raises NothingPublishedError when there is none."""
    pointer = settings.published / POINTER
    if not pointer.exists():
        raise NothingPublishedError(f"nothing is published in {settings.published}; run `c360 run` first")
    return Version(settings.published / pointer.read_text(encoding="utf-8").strip())


def versions(settings: Settings) -> list[Version]:
    """Every complete version, oldest business date first."""
    return [Version(path.parent) for path in sorted(settings.published.glob(f"*/{MANIFEST}"))]


def version_before(settings: Settings, business_date: date) -> Version | None:
    """The version that yesterday's identities come from: the latest of an earlier business date, if any.

    Where one date was published more than once, the one it was made current with last wins.
    """
    earlier = [version for version in versions(settings) if version.business_date < business_date]
    return max(earlier, key=lambda version: (version.business_date, _sequence(version)), default=None)


def publish(
    settings: Settings, contracts: Mapping[str, Contract], tables: Mapping[str, Path], business_date: date
) -> Version:
    """Publish built `tables` (name to Parquet file); the same content is the same version.

    It becomes current unless readers are on a later business date: a day run again never takes them back.
    """
    described = {name: _describe(path) for name, path in sorted(tables.items())}
    content = hashlib.sha256(json.dumps([(n, d["sha256"]) for n, d in described.items()]).encode()).hexdigest()
    version = Version(settings.published / f"{business_date.isoformat()}-{content[:12]}")
    if not (version.folder / MANIFEST).exists():
        manifest = {
            "business_date": business_date.isoformat(),
            "content_sha256": content,
            "sequence": 1 + max((_sequence(known) for known in versions(settings)), default=0),
            "tables": described,
        }
        _write_version(version, {name: contracts[name] for name in described}, tables, manifest)
    if not _is_behind(settings, business_date):
        make_current(settings, version)
        _prune(settings, version)
    return version


def roll_back(settings: Settings, name: str | None = None) -> Version:
    """Make an earlier version current again: the named one, else the one before the current.

    Raises ToldError naming the versions there are, or the table whose file is no longer what its manifest says.
    """
    current, known = current_version(settings), versions(settings)
    before = [version for version in known if _sequence(version) < _sequence(current)]
    wanted = [version for version in known if version.name == name] if name else before
    if not wanted:
        there = ", ".join(version.name for version in known)
        raise ToldError(f"there is no {name or 'earlier version'} to go back to; there are {there}")
    version = max(wanted, key=_sequence)
    for table, told in version.manifest["tables"].items():
        if _describe(version.parquet / table / ROWS)["sha256"] != told["sha256"]:
            raise ToldError(f"{version.name} is damaged: {table} is not what its manifest says; choose another")
    make_current(settings, version)
    return version


def restore_version(
    version: Version, contracts: Mapping[str, Contract], tables: Mapping[str, Path], manifest: dict[str, Any]
) -> None:
    """Write a version published by another machine here, from its manifest and its tables (name to Parquet file)."""
    _write_version(version, {name: contracts[name] for name in tables}, tables, manifest)


def make_current(settings: Settings, version: Version) -> None:
    """Point readers who come from now on to `version`, in one atomic step."""
    _write_durably(settings.published / POINTER, version.name + "\n")


def _sequence(version: Version) -> int:
    return int(version.manifest["sequence"])


def _is_behind(settings: Settings, business_date: date) -> bool:
    try:
        return business_date < current_version(settings).business_date
    except NothingPublishedError:
        return False


def _prune(settings: Settings, current: Version) -> None:
    """Delete the oldest versions beyond those kept; a session still open on one of them loses its files."""
    for version in versions(settings)[: -settings.versions_kept]:
        if version != current:
            (version.folder / MANIFEST).unlink()
            shutil.rmtree(version.folder)


def _write_version(
    version: Version, contracts: Mapping[str, Contract], tables: Mapping[str, Path], manifest: dict[str, Any]
) -> None:
    if version.folder.exists():
        shutil.rmtree(version.folder)
    for name, path in tables.items():
        folder = version.parquet / name
        folder.mkdir(parents=True)
        shutil.copyfile(path, folder / ROWS)
        (folder / ROWS).chmod(0o444)
    declarations = version.folder / "contracts"
    declarations.mkdir()
    for contract in contracts.values():
        shutil.copyfile(contract.path, declarations / contract.path.name)
    write_catalog(version.database, contracts, {name: version.parquet / name / ROWS for name in tables})
    version.database.chmod(0o444)
    for path in sorted(version.folder.rglob("*")):
        _flush(path)
    _write_durably(version.folder / MANIFEST, json.dumps(manifest, indent=2, sort_keys=True) + "\n")


def _describe(path: Path) -> dict[str, Any]:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {"rows": pq.read_metadata(path).num_rows, "bytes": path.stat().st_size, "sha256": digest}


def _write_durably(path: Path, text: str) -> None:
    """Replace `path` by `text` so that a crash leaves the old content or the new."""
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    _flush(unfinished)
    unfinished.replace(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
