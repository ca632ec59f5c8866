"""A standing linkage on disk: rows that came together are written once and mapped, not read; the rest each night.

It is a cache. Whatever it was made from, a night on it equals a full run, or it is not used: other rules, weights or
engine, or too many changes on top of each other, and everybody is linked again.
"""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from matching.blocking import Pairs
from matching.model import Model
from matching.population import Holders, Population, Segment, indexed_values, limited_values
from matching.prepared import HASHED_WITH
from matching.standing import Kept, Standing
from matching.weights import Weights

MANIFEST = "manifest.json"
MOST_SEGMENTS = 32


def save_standing(standing: Standing, folder: Path) -> None:
    """Write what is not there yet; a reader finds the standing linkage of before or this one, never a mixture."""
    manifest, made_with = _manifest(folder), _digest(standing.model, standing.weights)
    number = manifest["number"] + 1 if manifest else 1
    latest = folder / f"{number:06d}"
    shutil.rmtree(latest, ignore_errors=True)
    latest.mkdir(parents=True)
    names = []
    for position, segment in enumerate(standing.population.segments):
        names.append(segment.saved_as or f"{number:06d}/{position:02d}")
        if not segment.saved_as:
            _save_segment(segment, folder / names[-1])
    for name, values in _arrays(standing).items():
        np.save(latest / name, values)
    written = {"number": number, "segments": names, "made_with": made_with, "report": standing.report}
    unfinished = folder / "manifest.unfinished"
    unfinished.write_text(json.dumps({**written, "threshold": standing.threshold}), encoding="utf-8")
    unfinished.replace(folder / MANIFEST)
    _remove_unused(folder, names, latest)


def load_standing(folder: Path, model: Model, weights: Weights) -> Standing | None:
    """The standing linkage of exactly this model and these weights; None where there is none worth going on from."""
    manifest = _manifest(folder)
    if not manifest or manifest["made_with"] != _digest(model, weights) or len(manifest["segments"]) >= MOST_SEGMENTS:
        return None
    held = {path.stem: np.load(path) for path in (folder / f"{manifest['number']:06d}").glob("*.npy")}
    segments: list[Segment] = []
    for name in manifest["segments"]:
        segments.append(_load_segment(folder, name, model, sum(map(len, segments))))
    beyond = {value: held[f"beyond_{place}"] for place, value in enumerate(limited_values(model))}
    return Standing(
        Population(model, tuple(segments), held["alive"], beyond),
        weights,
        Kept(Pairs(held["left"], held["right"]), held["levels"], held["weight"], held["probability"], held["rule"]),
        manifest["threshold"],
        held["cluster"],
        held["component"],
        held["confidence"],
        held["decided"],
        manifest["report"],
    )


def _arrays(standing: Standing) -> dict[str, NDArray[Any]]:
    kept, population = standing.kept, standing.population
    beyond = {f"beyond_{place}": population.beyond[v] for place, v in enumerate(limited_values(population.model))}
    return {
        **beyond,
        "alive": population.alive,
        "left": kept.pairs.left,
        "right": kept.pairs.right,
        "levels": kept.levels,
        "weight": kept.weight,
        "probability": kept.probability,
        "rule": kept.rule,
        "cluster": standing.cluster,
        "component": standing.component,
        "confidence": standing.confidence,
        "decided": standing.decided,
    }


def _save_segment(segment: Segment, folder: Path) -> None:
    folder.mkdir()
    with pa.OSFile(str(folder / "rows.arrow"), "wb") as file, pa.ipc.new_file(file, segment.prepared.schema) as writer:
        writer.write_table(segment.prepared)
    for position, value in enumerate(segment.holders):
        np.save(folder / f"hashes_{position}", segment.holders[value].hashes)
        np.save(folder / f"rows_{position}", segment.holders[value].rows)


def _load_segment(home: Path, name: str, model: Model, first_row: int) -> Segment:
    folder = home / name
    prepared = pa.ipc.open_file(pa.memory_map(str(folder / "rows.arrow"))).read_all()
    mapped = {
        value: Holders(
            np.load(folder / f"hashes_{position}.npy", mmap_mode="r"),
            np.load(folder / f"rows_{position}.npy", mmap_mode="r"),
        )
        for position, value in enumerate(indexed_values(model))
    }
    return Segment(prepared, mapped, first_row, saved_as=name)


def _remove_unused(folder: Path, names: list[str], latest: Path) -> None:
    used = {name.partition("/")[0] for name in names} | {latest.name}
    for old in folder.iterdir():
        if old.is_dir() and old.name not in used:
            shutil.rmtree(old)
        elif old.is_dir() and old != latest:
            for array in old.glob("*.npy"):
                array.unlink()


def _manifest(folder: Path) -> dict[str, Any] | None:
    path = folder / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _digest(model: Model, weights: Weights) -> str:
    """Rules, weights and the engine whose hashes are stored."""
    digest = hashlib.sha256(f"{HASHED_WITH}\n{model.model_dump_json()}\n".encode())
    digest.update(replace(weights, commonness={}).to_json().encode())
    for place, common in sorted(weights.commonness.items()):
        digest.update(f"{place}{common.present}".encode())
        digest.update(common.hashes.tobytes() + common.holders.tobytes())
    return digest.hexdigest()
