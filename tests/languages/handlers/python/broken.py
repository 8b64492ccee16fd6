"""A module that does not load."""

raise RuntimeError("not today")
