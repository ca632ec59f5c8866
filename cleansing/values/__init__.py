"""Pure functions that turn what a source sent into a typed, valid value, one module per kind.

Every kind has `clean_<kind>(raw) -> value | None` for one value and `read_<kind>(raw) -> Finding`, which also says what
became of it. `columns.py` applies a reader to whole Arrow columns with exactly the same answers; `registry.py` names
the cleaner of every semantic type.
"""
