"""Turns landed text into typed, valid values; knows no source by name."""
