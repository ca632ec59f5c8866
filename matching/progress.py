"""How a linkage says where it is: what it does, and the share of its pairs compared (0 before, 1 after)."""

from collections.abc import Callable

Progress = Callable[[str, float], None]


def silent(_doing: str, _share: float) -> None:
    """Say nothing."""
