"""Published versions in object storage: Parquet and contracts first, the manifest last, then the pointer.

A version exists when its manifest does and never changes; `current` names the one to read. The DuckDB file of a version
holds paths of this machine, so it stays here; other machines make their own.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from warehouse.contract import Contract
from warehouse.engine import ROWS
from warehouse.landing import digest_of
from warehouse.publish import MANIFEST, POINTER, Version, current_version, make_current, restore_version
from warehouse.settings import Settings
from warehouse.storage import Store, open_store


def push(settings: Settings, version: Version) -> None:
    """Write a version and the pointer to the current one to the store of this installation, if it has one."""
    if settings.published_store is None:
        return
    store, current = open_store(settings.published_store), current_version(settings)
    for complete in dict.fromkeys((version, current)):
        _push_version(store, complete)
    store.write(POINTER, f"{current.name}\n".encode())
    _prune(store, settings.versions_kept, current.name)


def _push_version(store: Store, version: Version) -> None:
    manifest = (version.folder / MANIFEST).read_bytes()
    if store.read(f"{version.name}/{MANIFEST}") == manifest:
        return
    for path in sorted((*version.parquet.rglob(ROWS), *version.folder.glob("contracts/*"))):
        store.put(f"{version.name}/{path.relative_to(version.folder).as_posix()}", path)
    store.write(f"{version.name}/{MANIFEST}", manifest)


def pull_versions(settings: Settings, contracts: Mapping[str, Contract], before: date) -> list[Version]:
    """Fetch what a night needs of the store: the version before a business date, and the current one."""
    if settings.published_store is None:
        return []
    store = open_store(settings.published_store)
    pointer = (store.read(POINTER) or b"").decode().strip()
    manifests = _manifests(store)
    earlier = [name for name, told in manifests.items() if told["business_date"] < before.isoformat()]
    latest = sorted(earlier, key=lambda name: (manifests[name]["business_date"], manifests[name]["sequence"]))[-1:]
    wanted = [Version(settings.published / name) for name in {*latest, pointer} & set(manifests)]
    fetched = [version for version in wanted if not (version.folder / MANIFEST).exists()]
    for version in fetched:
        _fetch(store, settings, contracts, version, manifests[version.name])
    if pointer in manifests:
        make_current(settings, Version(settings.published / pointer))
    return fetched


def _fetch(
    store: Store, settings: Settings, contracts: Mapping[str, Contract], version: Version, manifest: dict[str, Any]
) -> None:
    settings.work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="fetched-", dir=settings.work) as folder:
        tables = {}
        for name, told in manifest["tables"].items():
            path, key = Path(folder) / name / ROWS, f"{version.name}/parquet/{name}/{ROWS}"
            store.fetch(key, path)
            if digest_of(path) != told["sha256"]:
                message = f"{key}: is not what its manifest says; restore the object, or publish that day again"
                raise ValueError(message)
            tables[name] = path
        restore_version(version, contracts, tables, manifest)


def _manifests(store: Store) -> dict[str, dict[str, Any]]:
    """Manifest of every complete version in the store, by name."""
    keys = [key for key in store.names() if key.count("/") == 1 and key.endswith(f"/{MANIFEST}")]
    return {key.partition("/")[0]: json.loads(store.read(key) or b"{}") for key in keys}


def _prune(store: Store, kept: int, current: str) -> None:
    """Delete the oldest versions beyond those kept, manifest first."""
    manifests = _manifests(store)
    in_order = sorted(manifests, key=lambda name: (manifests[name]["business_date"], manifests[name]["sequence"]))
    for name in in_order[:-kept]:
        if name != current:
            store.delete(f"{name}/{MANIFEST}")
            for key in store.names(name):
                store.delete(key)
