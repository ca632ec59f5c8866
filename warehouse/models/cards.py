"""Model cards: what a model learnt from, how well it does out of time, against what, and how far the world moved."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

CARD_FILE = "model_card.json"
DIGITS = 6
LOWER_IS_BETTER = ("wape", "error_share_of_purchases")


@dataclass(frozen=True)
class ModelCard:
    """One model of one night. `metric` is measured out of time where there is enough history, and says so if not."""

    model: str
    used_for: str
    approach: str
    as_of_date: date
    features: tuple[str, ...]
    metric: str
    is_fallback: bool = False  # the rule answered, for want of rows to learn from
    note: str = ""
    trained_from: date | None = None
    trained_until: date | None = None
    training_rows: int = 0
    positive_rows: int | None = None
    metric_value: float | None = None
    baseline: str = ""
    baseline_value: float | None = None
    drift_psi: float | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def beats_baseline(self) -> bool | None:
        """Whether the model did better than the baseline; None where either could not be measured."""
        if self.metric_value is None or self.baseline_value is None:
            return None
        sign = -1 if self.metric in LOWER_IS_BETTER else 1
        return sign * self.metric_value > sign * self.baseline_value

    def row(self, table: str) -> dict[str, Any]:
        """The card as a row of `ops_model_card`; `model_sha256` names what was learnt."""
        told: dict[str, Any] = rounded(asdict(self))
        learnt = json.dumps([told["approach"], told["features"], told.pop("parameters")], sort_keys=True, default=str)
        return told | {
            "table_name": table,
            "beats_baseline": self.beats_baseline,
            "as_of_date": self.as_of_date.isoformat(),
            "trained_from": self.trained_from and self.trained_from.isoformat(),
            "trained_until": self.trained_until and self.trained_until.isoformat(),
            "features": json.dumps(self.features, ensure_ascii=False),
            "metrics": json.dumps(told["metrics"], sort_keys=True, ensure_ascii=False),
            "model_sha256": hashlib.sha256(learnt.encode()).hexdigest(),
        }


def rounded(value: Any) -> Any:
    """`value` with every float in it cut to digits that do not vary by machine."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list | tuple) else value


def save_cards(folder: Path, table: str, cards: Iterable[ModelCard]) -> None:
    """Leave the cards of one table beside its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [card.row(table) for card in cards]
    (folder / CARD_FILE).write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def saved_cards(build: Path) -> list[dict[str, Any]]:
    """Every card of a build, by model."""
    rows = [row for path in build.glob(f"*/{CARD_FILE}") for row in json.loads(path.read_text(encoding="utf-8"))]
    return sorted(rows, key=lambda row: row["model"])
