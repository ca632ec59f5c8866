"""Each model over its records of one night: on top of the standing linkage where that may be, else everybody again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from matching.changes import changes
from matching.decisions import Standing as Decisions
from matching.decisions import read_decisions, standing
from matching.incremental import update
from matching.link import Linkage, Resources
from matching.model import MODELS, Model, read_model
from matching.standing import Standing, stand
from matching.standing_files import load_standing, save_standing
from matching.weight_table import frequency_rows, usable_weights, weight_rows
from matching.weights import Weights
from warehouse.settings import Settings

MODEL_NAMES = ("person", "organisation")
LARGEST_CHANGE = 0.2


@dataclass(frozen=True)
class Night:
    """Linkages by model, and the weights that made them as tables."""

    linkages: list[Linkage]
    link_weight: pa.Table
    link_frequency: pa.Table


def link_night(settings: Settings, records: Path, business_date: date, yesterday: Mapping[str, Path]) -> Night:
    """Link `records`; weights learnt before go on as they are, so that scores do not drift by the day."""
    decided = standing_decisions(settings, business_date)
    learnt, frequency = (
        pq.read_table(yesterday[name]) if name in yesterday else None for name in ("link_weight", "link_frequency")
    )
    linkages, weights, frequencies = [], [], []
    settings.work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="linkage-", dir=settings.work) as spill:
        resources = Resources(settings.memory_limit, settings.threads, Path(spill))
        for name in MODEL_NAMES:
            model = read_model(MODELS / f"{name}.yml")
            frozen, trained_on = usable_weights(learnt, frequency, model, business_date) or (None, business_date)
            linked = _link(settings.work / "linkage" / name, records, model, frozen, decided, resources)
            linkages.append(linked.linkage())
            weights.append(weight_rows(model, linked.weights, trained_on))
            frequencies.append(frequency_rows(linked.weights))
    return Night(linkages, pa.concat_tables(weights), pa.concat_tables(frequencies))


def standing_decisions(settings: Settings, business_date: date) -> Decisions:
    """What stewards decided that is in force on the day."""
    return standing(read_decisions(settings.decisions), business_date)


def _link(
    folder: Path, records: Path, model: Model, frozen: Weights | None, decided: Decisions, resources: Resources
) -> Standing:
    before = load_standing(folder, model, frozen) if frozen else None
    linked = _updated(before, records, decided, resources) if before else None
    if linked is None:
        must, cannot = decided.must_link, decided.cannot_link
        linked = stand(records, model, must_link=must, cannot_link=cannot, weights=frozen, resources=resources)
    save_standing(linked, folder)
    return linked


def _updated(before: Standing, records: Path, decided: Decisions, resources: Resources) -> Standing | None:
    """The standing linkage with what changed; None where so much changed that linking everybody costs less."""
    must, cannot = decided.must_link, decided.cannot_link
    with resources.connect() as connection:
        changed, gone = changes(before.population, records, connection)
        if changed.num_rows + len(gone) > LARGEST_CHANGE * before.report["records"]:
            return None
        return update(
            before,
            changed,
            gone,
            must_link=must,
            cannot_link=cannot,
            resources=resources,
            connection=connection,
        )
