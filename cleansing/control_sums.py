"""The amounts of a load as sent, landed, corrected, staged and kept out: an account that is exact to the cent."""

from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.batches import CleanedBatch
from cleansing.header import SOURCE_ROW
from warehouse.contract import Contract

EXACT = pa.decimal128(38, 2)


class ControlSums:
    """Adds up the amount columns that the landing manifest totals and the contract keeps, batch by batch.

    What landed plus what stewards corrected is what was staged plus what was kept out.
    """

    def __init__(self, contract: Contract, totals: Mapping[str, str]) -> None:
        self.columns = {
            str(column.landed): name
            for name, column in contract.columns.items()
            if column.landed in totals and pa.types.is_decimal(column.semantic.storage)
        }
        self.sent = sum((Decimal(totals[landed]) for landed in self.columns), Decimal("0.00"))
        self.landed = self.corrected = self.staged = self.quarantined = Decimal("0.00")

    def add(self, landed: pa.RecordBatch, fixed: pa.RecordBatch, cleaned: CleanedBatch) -> None:
        """Take a batch as it landed, with what stewards corrected in it, and what became of its rows."""
        is_out = pc.is_in(fixed.column(SOURCE_ROW), value_set=cleaned.rejected.column(SOURCE_ROW))
        for origin, name in self.columns.items():
            as_landed, as_fixed = (batch.column(origin).cast(EXACT) for batch in (landed, fixed))
            self.landed += _sum(as_landed)
            self.corrected += _sum(as_fixed) - _sum(as_landed)
            self.staged += _sum(cleaned.rows.column(name).cast(EXACT))
            self.quarantined += _sum(as_fixed.filter(is_out))

    def told(self) -> dict[str, str]:
        """The sums by name, for the manifest."""
        names = ("sent", "landed", "corrected", "staged", "quarantined")
        return {f"amount_{name}": str(getattr(self, name)) for name in names}


def _sum(amounts: pa.Array) -> Decimal:
    found: Decimal | None = pc.sum(amounts).as_py()
    return Decimal("0.00") if found is None else found
