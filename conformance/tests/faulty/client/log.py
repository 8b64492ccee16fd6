"""Sentences for the developer, on standard error."""

from __future__ import annotations

import os

from faulty.client.part import Part


class Log(Part):
    """Says what happens; never what is in an event, nor who signs."""

    def say(self, sentence: str) -> None:
        """Write one line."""
        try:
            os.write(2, f"{sentence}\n".encode(errors="backslashreplace"))
        except OSError:
            return  # nobody reads it
