"""Makes a simulated bank and the tables of its first night, without gates and without publishing."""

from pathlib import Path

from dags import pipeline
from extractors.simulators.bank import Bank
from extractors.simulators.simulate import simulate_bank
from warehouse.settings import Settings

SOURCES = ("core_banking", "card", "channel")


def build_one_night(home: Path, bank: Bank) -> Path:
    """Simulate `bank` below `home` and build its first night; returns the folder of the tables."""
    settings, day = Settings(home=home), bank.first_date
    simulate_bank(settings.sources, bank, progress=print)
    for source in SOURCES:
        pipeline.land(settings, source, day)
    for source in pipeline.begin(settings, day):
        pipeline.standardise(settings, source, day)
    pipeline.build(settings, "staging", day)
    pipeline.link(settings, day)
    pipeline.build(settings, "golden", day)
    pipeline.build(settings, "marts", day)
    return pipeline.build_folder(settings)
