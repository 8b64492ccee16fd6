"""Lines on a console: prose wrapped, foreign text left in one piece so that it can be copied."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

_WIDEST: Final = 100


class Page:
    """What text is printed on, line by line.

    Args:
        console: Where to.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def line(self, text: str = "", style: str = "", *, indent: int = 0) -> None:
        """Print a text as it is, its own lines indented; a terminal may fold what is too long."""
        for each in text.split("\n"):
            spaced = f"{' ' * indent}{self._encodable(each)}" if each else ""
            self._console.print(Text(spaced, style=style), soft_wrap=True, highlight=False)

    def prose(self, text: str, style: str = "", *, indent: int = 0) -> None:
        """Print a text wrapped between words."""
        width = max(20, min(_WIDEST, self._console.width) - indent)
        for paragraph in text.split("\n"):
            wrapped = textwrap.wrap(
                paragraph, width, break_long_words=False, break_on_hyphens=False
            )
            for each in wrapped or [""]:
                self.line(each, style, indent=indent)

    def rule(self) -> None:
        """Print a line across."""
        self.line("-" * min(_WIDEST, self._console.width), "dim")

    def _encodable(self, text: str) -> str:
        encoding = self._console.encoding
        return text.encode(encoding, "backslashreplace").decode(encoding)
