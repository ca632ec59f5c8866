"""Decides which records are one customer; never what is true of them."""
