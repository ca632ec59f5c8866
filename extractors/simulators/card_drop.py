"""Where the card system puts one business date's files: columns come in parts and leave as complete files."""

from pathlib import Path

import pyarrow as pa

from extractors.card_layout import FEEDS
from extractors.simulators.bank import Bank
from extractors.simulators.card_mishaps import deliver, fault_of, made_good_on
from extractors.simulators.fixed_width import FeedWriter
from extractors.simulators.streams import Streams
from extractors.simulators.truth import Truth

Columns = dict[str, pa.Array]


class CardDrop:
    """All files of one business date, written part by part; a silent one only tells what went wrong with them."""

    def __init__(self, folder: Path, number_of_day: int, bank: Bank, *, is_silent: bool) -> None:
        self.bank, self.number_of_day = bank, number_of_day
        self.folder, self.day = folder, f"{bank.day(number_of_day):%Y%m%d}"
        place, feeds = folder / self.day, () if is_silent else FEEDS.items()
        self.writers = {name: FeedWriter(place, feed, self.day, number_of_day + 1) for name, feed in feeds}

    def add(self, feeds: dict[str, Columns]) -> None:
        """Append records to some files."""
        for name, columns in feeds.items():
            if name in self.writers:
                self.writers[name].add(columns)

    def close(self) -> None:
        """Leave the files as they are."""
        for writer in self.writers.values():
            writer.file.close()

    def hand_over(self, streams: Streams, truth: Truth) -> None:
        """End every file with its trailer and deliver it, with what goes wrong on the way."""
        for name in FEEDS:
            fault = fault_of(self.bank, streams, name, self.number_of_day)
            if fault:
                truth.add_file_fault("card", f"{name}.dat", self.day, fault, made_good_on(self.day, fault))
            if name in self.writers:
                deliver(self.folder, self.writers[name].finish(), self.day, fault)
