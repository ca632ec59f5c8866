"""Landing in object storage: each landed day as objects named by content, and its receipt, written last.

The landing folder of a machine is then a copy it works on. A day counts where its receipt in the store says so: the
objects of a newer receipt never overwrite those of the standing one, so a reader sees the old day or the new one.
"""

import json
from datetime import date
from pathlib import Path

from warehouse.landing import MANIFEST, ROWS, digest_of, landed_folder, receipt_path
from warehouse.landing_commit import commit, landing_folder, sync
from warehouse.settings import Settings
from warehouse.storage import Store, open_store

RECEIPTS = "_receipts"
DIGITS = 16  # of a digest in a key


class StoreDamagedError(RuntimeError):
    """An object is not what its receipt or manifest says."""


def push_day(settings: Settings, source: str, business_date: date) -> None:
    """Write a landed day to the store of this installation, if it has one: rows, manifests, then the receipt."""
    if settings.landing_store is None:
        return
    store = open_store(settings.landing_store)
    receipt = receipt_path(settings, source, business_date).read_bytes()
    if store.read(_receipt_key(source, business_date)) == receipt:
        return
    named = set()
    for table, digest in _tables(receipt).items():
        folder = landed_folder(settings, source, table, business_date)
        manifest = _key(source, table, business_date, digest, ".json")
        rows = _key(source, table, business_date, _rows_digest(folder), ".parquet")
        store.put(rows, folder / ROWS)
        store.put(manifest, folder / MANIFEST)
        named |= {rows, manifest}
    store.write(_receipt_key(source, business_date), receipt)
    for key in store.names(source):
        if f"/{_day(business_date)}/" in key and key not in named:
            store.delete(key)  # superseded; nothing names it any more


def pull_landing(settings: Settings, source: str) -> list[date]:
    """Bring the landing folder of a source to what the store says, if there is one; the days that were fetched."""
    if settings.landing_store is None:
        return []
    store, fetched = open_store(settings.landing_store), []
    for key in store.names(f"{source}/{RECEIPTS}"):
        business_date = date.fromisoformat(Path(key).stem)
        receipt, here = store.read(key), receipt_path(settings, source, business_date)
        if receipt is None or (here.exists() and here.read_bytes() == receipt):
            continue
        with landing_folder(settings, source, business_date) as folder:
            for table, digest in _tables(receipt).items():
                _fetch_table(store, _key(source, table, business_date, digest, ".json"), digest, folder / table)
            commit(settings, source, business_date, receipt)
        fetched.append(business_date)
    return fetched


def _fetch_table(store: Store, manifest: str, digest: str, folder: Path) -> None:
    """Copy one table of one day to a folder, its manifest and the rows that one names."""
    store.fetch(manifest, folder / MANIFEST)
    _verify(folder / MANIFEST, digest, manifest)
    sha256 = _rows_digest(folder)
    rows = f"{manifest.rpartition('/')[0]}/{sha256[:DIGITS]}.parquet"
    store.fetch(rows, folder / ROWS)
    _verify(folder / ROWS, sha256, rows)
    for place in (folder / ROWS, folder / MANIFEST, folder):
        sync(place)


def _rows_digest(folder: Path) -> str:
    return str(json.loads((folder / MANIFEST).read_bytes())["sha256"])


def _tables(receipt: bytes) -> dict[str, str]:
    """SHA-256 of the manifest of each table a receipt names."""
    return dict(json.loads(receipt)["tables"])


def _day(business_date: date) -> str:
    return f"business_date={business_date.isoformat()}"


def _receipt_key(source: str, business_date: date) -> str:
    return f"{source}/{RECEIPTS}/{business_date.isoformat()}.json"


def _key(source: str, table: str, business_date: date, digest: str, suffix: str) -> str:
    return f"{source}/{table}/{_day(business_date)}/{digest[:DIGITS]}{suffix}"


def _verify(path: Path, digest: str, key: str) -> None:
    if digest_of(path) != digest:
        message = f"{key}: is not what its receipt names; land that day again, or restore the object"
        raise StoreDamagedError(message)
