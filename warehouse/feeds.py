"""Hands the feeds of a published version to the systems that read them, each whole, with its contract and checksum."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from warehouse.contract import Contract
from warehouse.engine import ROWS
from warehouse.publish import Version
from warehouse.settings import Settings


def deliver(settings: Settings, contracts: Mapping[str, Contract], version: Version) -> dict[str, int]:
    """Write `feeds/<feed>/<version>/` (Parquet, contract, delivery.json last) for every feed; rows by feed."""
    told = version.manifest["tables"]
    feeds = [name for name in told if contracts[name].layer == "feeds"]
    for name in feeds:
        _deliver_one(settings.home / "feeds" / name / version.name, contracts[name], version, told[name])
    return {name: int(told[name]["rows"]) for name in feeds}


def _deliver_one(folder: Path, contract: Contract, version: Version, told: dict[str, object]) -> None:
    if (folder / "delivery.json").exists():
        return
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    shutil.copyfile(version.parquet / contract.name / ROWS, unfinished / f"{contract.name}.parquet")
    shutil.copyfile(contract.path, unfinished / contract.path.name)
    delivery = {"feed": contract.name, "version": version.name, **told}
    (unfinished / "delivery.json").write_text(json.dumps(delivery, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    unfinished.replace(folder)
