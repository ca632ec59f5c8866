"""The bank that does not exist: people, their lives, and how each system records them."""
