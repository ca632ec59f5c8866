"""Codes of a source to the words of the contract; a code nobody declared stops the load."""

import pyarrow as pa
import pyarrow.compute as pc

from cleansing.values.registry import CLEANERS
from warehouse.contract import Contract

_SHOWN = 5  # unknown codes named in a message
_LONGEST_SHOWN = 8  # characters of each: a shifted column must not put customers into a log


class UnknownCodeError(ValueError):
    """A landed code is not declared; guessing would put wrong data into every table that follows."""


def map_codes(contract: Contract, name: str, raw: pa.Array) -> pa.Array:
    """Landed codes as the contract's values; null where nothing was sent; raises UnknownCodeError."""
    column = contract.columns[name]
    words = column.codes or {value: value for value in column.values}
    sent = CLEANERS["text.clean_code"].clean(raw).values.dictionary_encode()
    known = pc.index_in(sent.dictionary, pa.array(list(words), pa.string()))
    if known.null_count:
        _refuse(contract, name, sent.dictionary.filter(known.is_null()).to_pylist(), list(words))
    return pa.array(list(words.values()), pa.string()).take(known).take(sent.indices)


def _refuse(contract: Contract, name: str, unknown: list[str], known: list[str]) -> None:
    shown = ", ".join(repr(code[:_LONGEST_SHOWN]) for code in sorted(unknown)[:_SHOWN])
    more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
    plural = "are" if len(unknown) > 1 else "is"
    raise UnknownCodeError(
        f"{contract.name}.{name}: {shown}{more} {plural} not in codes [{', '.join(known)}]; add to the contract "
        f"({contract.path.name})"
    )
