"""The error a person is told without a traceback."""


class ToldError(Exception):
    """What went wrong and what to do next, in words for the person at the command."""
