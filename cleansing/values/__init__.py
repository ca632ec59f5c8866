"""Pure functions that clean one kind of value each."""
