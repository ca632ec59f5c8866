"""Refuses to let a broken table go further; the only folder that knows Great Expectations."""
