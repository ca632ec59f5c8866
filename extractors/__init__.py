"""Reaches each source and lands what it sent, unchanged."""
