"""Which landed columns a contract reads, and the refusal when they are not the landed ones."""

from collections.abc import Collection

from warehouse.contract import Contract

SOURCE_ROW = "source_row"  # added on reading: 1-based position in the landing partition


class HeaderDriftError(ValueError):
    """Landed columns and contract disagree; every landed column is used or ignored by name."""


def landed_column(origin: str) -> str:
    """The landed column of a `from`: all of it, or what stands before the first dot of a JSON path.

    >>> landed_column("cif_no"), landed_column("payload.address.city")
    ('cif_no', 'payload')
    """
    return origin.partition(".")[0]


def used_columns(contract: Contract) -> list[str]:
    """Landed columns the contract reads, each once, in the order of their first use."""
    origins = (column.landed for column in contract.columns.values())
    return list(dict.fromkeys(landed_column(origin) for origin in origins if origin))


def check_header(contract: Contract, landed: Collection[str]) -> None:
    """Raise HeaderDriftError unless every landed column is used or ignored, and every used one has landed."""
    used, known = used_columns(contract), set(used_columns(contract)) | set(contract.ignore)
    unknown = sorted(set(landed) - known - {SOURCE_ROW})
    absent = sorted((set(used) | set(contract.ignore)) - set(landed))
    complaints = []
    if unknown:
        complaints.append(
            f"landed but not declared: {', '.join(unknown)}; add a column with from, or list it in ignore"
        )
    if absent:
        complaints.append(
            f"declared but not landed: {', '.join(absent)}; ask the source, or take it out of the contract"
        )
    if complaints:
        where = f"{contract.name} (landing {contract.source}/{contract.landing})"
        raise HeaderDriftError(f"{where}: {'; '.join(complaints)} ({contract.path.name})")
