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

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from matching.blocking import Pairs
from matching.model import Model
from matching.population import Holders, Population, Segment, indexed_values, limited_values
from matching.standing import Kept, Standing
from matching.weights import Weights

MANIFEST = "manifest.json"
MOST_SEGMENTS = 32


def save_standing(standing: Standing, folder: Path) -> None:
    """Write what is not there yet; a reader finds the standing linkage of before or this one, never a mixture."""
    manifest = _manifest(folder)
    known = manifest["segments"] if manifest and manifest["made_with"] == _made_with(standing) else []
    number = manifest["number"] + 1 if manifest else 1
    latest = folder / f"{number:06d}"
    shutil.rmtree(latest, ignore_errors=True)
    latest.mkdir(parents=True)
    segments = standing.population.segments
    names = known[: len(segments)]
    for position, segment in enumerate(segments[len(names) :], start=len(names)):
        names = [*names, f"{number:06d}/{position:02d}"]
        _save_segment(segment, folder / names[-1])
    for name, values in _arrays(standing).items():
        np.save(latest / name, values)
    report = {name: value for name, value in standing.report.items() if name != "skipped"}
    written = {"number": number, "segments": names, "made_with": _made_with(standing), "report": report}
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
        segments.append(_load_segment(folder / name, model, sum(map(len, segments))))
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


def _load_segment(folder: Path, model: Model, first_row: int) -> Segment:
    prepared = pa.ipc.open_file(pa.memory_map(str(folder / "rows.arrow"))).read_all()
    bare = Segment(prepared, {}, first_row)
    mapped = {
        value: Holders(
            np.load(folder / f"hashes_{position}.npy", mmap_mode="r"),
            np.load(folder / f"rows_{position}.npy", mmap_mode="r"),
        )
        for position, value in enumerate(indexed_values(model))
    }
    return replace(bare, holders=mapped)


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


def _made_with(standing: Standing) -> str:
    return _digest(standing.model, standing.weights)


def _digest(model: Model, weights: Weights) -> str:
    """Rules, weights and the engine whose hashes are stored."""
    made_with = [model.model_dump_json(), weights.to_json(), duckdb.__version__]
    return hashlib.sha256("\n".join(made_with).encode()).hexdigest()
