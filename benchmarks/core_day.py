"""What one later day of core banking costs to extract, and what of it the check for vanished keys takes.

`python benchmarks/core_day.py HOME DAY` extracts DAY from the bank of the installation HOME, where the day before has
landed, and lands nothing: seconds and CPU seconds of this process, which the server of the database adds to.
"""

import argparse
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from extractors import core_banking
from warehouse.settings import Settings


class Watch:
    """Seconds and CPU seconds spent within a function, added up over its calls."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, watched."""

        def watched(*arguments: Any) -> Any:
            wall, cpu = time.perf_counter(), sum(os.times()[:2])
            try:
                return function(*arguments)
            finally:
                self.wall += time.perf_counter() - wall
                self.cpu += sum(os.times()[:2]) - cpu

        return watched


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("home", type=Path)
    arguments.add_argument("day", type=date.fromisoformat)
    asked = arguments.parse_args()
    settings = Settings.from_environment(asked.home)
    checks, whole = Watch(), Watch()
    core_banking._has_vanished = checks.around(core_banking._has_vanished)
    rows = whole.around(lambda: sum(sent.rows.num_rows for sent in core_banking.extract(settings, asked.day)))()
    print(f"{asked.day}: {rows:,} rows in {whole.wall:.1f} s, {whole.cpu:.1f} CPU s")
    print(f"of it the check for vanished keys {checks.wall:.1f} s, {checks.cpu:.1f} CPU s")


if __name__ == "__main__":
    main()
