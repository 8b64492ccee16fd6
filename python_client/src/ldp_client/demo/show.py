"""What the demo prints: a line as each thing happens, a table at the end, and never a payload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ldp_client.demo.verdict import Reply

_KIB: Final = 1024
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One round trip, or many at once, judged.

    Attributes:
        name: What was sent.
        sent_bytes: How large it was.
        reply: What came back.
        fault: What is wrong with that, or None.
        answers: How many answers it stands for.
    """

    name: str
    sent_bytes: int
    reply: Reply
    fault: str | None
    answers: int = 1

    @property
    def verdict(self) -> str:
        """The judgement, with a colour."""
        if self.fault is not None:
            return f"[red]wrong: {escape(self.fault)}[/]"
        return "[green]right[/], an error" if self.reply.is_error else "[green]right[/]"


class Show:
    """The demo's output.

    Args:
        console: Where it goes.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._left_out: list[str] = []

    def say(self, text: str = "") -> None:
        """A line of the demo's own, with rich's markup."""
        self._console.print(text)

    def client_line(self, line: str) -> None:
        """A line that the client reported."""
        if not any(function in line.split() for function in self._left_out):
            self._console.print(f"  [dim]client │ {escape(line)}[/]")

    def leave_out(self, function: str) -> None:
        """Show no more of the client's lines about this function: there are too many."""
        self._left_out.append(function)

    def sending(self, name: str, size_bytes: int) -> None:
        """The caller sends an event."""
        self._console.print(f"  caller │ {name}: {size(size_bytes)}")

    def answered(self, row: Row) -> None:
        """The caller has an answer."""
        took = f"{row.reply.elapsed_ms:.0f} ms"
        self._console.print(f"  caller │ {row.name}: {row.verdict}, {took}")

    def table(self, rows: Sequence[Row]) -> None:
        """All round trips."""
        table = Table(title="What the caller sent and got back")
        table.add_column("event")
        for name in ("sent", "received"):
            table.add_column(name, justify="right")
        table.add_column("verdict")
        table.add_column("ms", justify="right")
        for row in rows:
            sizes = (size(row.sent_bytes), size(len(row.reply.body)))
            table.add_row(row.name, *sizes, row.verdict, f"{row.reply.elapsed_ms:.0f}")
        self._console.print(table)


def size(size_bytes: int) -> str:
    """A size in the units of AWS's limits: `188 B`, `1.1 KiB`, `5.0 MiB`."""
    if size_bytes < _KIB:
        return f"{size_bytes} B"
    if size_bytes < _MIB:
        return f"{size_bytes / _KIB:.1f} KiB"
    return f"{size_bytes / _MIB:.1f} MiB"
