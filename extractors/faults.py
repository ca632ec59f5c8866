"""What can go wrong with a source, by what the caller should do about it."""


class SourceFault(Exception):  # noqa: N818 (a fault of the source, not of the program)
    """What the source handed over is wrong; asking again brings the same, so a person must look."""


class SourceUnavailable(Exception):  # noqa: N818 (a state of the source, not of the program)
    """The source cannot be reached or has not handed over yet; asking again later may help."""
