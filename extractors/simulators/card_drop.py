"""Where the card system puts one business date's files: columns come in parts and leave as complete files."""

from pathlib import Path

import pyarrow as pa

from extractors.card_layout import FEEDS
from extractors.simulators.bank import Bank
from extractors.simulators.card_mishaps import deliver, fault_of
from extractors.simulators.fixed_width import FeedWriter
from extractors.simulators.streams import Streams
from extractors.simulators.truth import Truth

Columns = dict[str, pa.Array]


class CardDrop:
    """All files of one business date, written part by part."""

    def __init__(self, folder: Path, day: str, sequence: int) -> None:
        self.folder = folder
        self.writers = {name: FeedWriter(folder, feed, day, sequence) for name, feed in FEEDS.items()}

    def add(self, feeds: dict[str, Columns]) -> None:
        """Append records to some files."""
        for name, columns in feeds.items():
            self.writers[name].add(columns)

    def close(self) -> None:
        """Leave the files as they are."""
        for writer in self.writers.values():
            writer.file.close()

    def hand_over(self, bank: Bank, streams: Streams, number_of_day: int, truth: Truth) -> None:
        """End every file with its trailer and deliver it, with what goes wrong on the way."""
        for name, writer in self.writers.items():
            fault = fault_of(bank, streams, name, number_of_day)
            known_from = deliver(self.folder.parent, writer.finish(), self.folder.name, fault)
            if fault:
                truth.add_file_fault(f"{name}.dat", self.folder.name, fault, known_from)
