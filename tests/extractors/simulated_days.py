"""Business dates of the simulated bank of these tests."""

from datetime import date

FIRST = date(2026, 1, 31)
SECOND = date(2026, 2, 1)
THIRD = date(2026, 2, 2)
