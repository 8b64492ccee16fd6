"""A port that somebody else starts, in a debugger most likely: it can be served, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_conformance.errors import UsageError
from ldp_conformance.ports.subject import Subject

if TYPE_CHECKING:
    import signal
    from pathlib import Path


class Visitor(Subject):
    """A port whose process is not the suite's to signal, stop or listen to.

    Args:
        scratch: The folder that its handler writes into.
    """

    def __init__(self, scratch: Path) -> None:  # the base class would start a process
        self.command = ("the port that you started",)
        self.scratch = scratch

    @property
    def pid(self) -> int:
        """Unknown."""
        raise self._not_ours()

    @property
    def status(self) -> int | None:
        """None: whether it ended is not known."""
        return None

    @property
    def output(self) -> str:
        """Nothing: it is on its own terminal."""
        return ""

    def output_since(self, moment: float) -> str:  # noqa: ARG002 - as of any port
        """Nothing: it is on its own terminal."""
        return ""

    def wait_heard(self) -> None:
        """Nothing to wait for."""

    def pids(self) -> list[int]:
        """Unknown."""
        raise self._not_ours()

    def write_line(self) -> None:
        """Not possible."""
        raise self._not_ours()

    def send(self, number: signal.Signals) -> None:  # noqa: ARG002 - as of any port
        """Not possible."""
        raise self._not_ours()

    def kill(self) -> None:
        """Not possible."""
        raise self._not_ours()

    def close(self) -> None:
        """Leave it alone."""

    def _signal_all(self, number: signal.Signals) -> None:  # noqa: ARG002 - as of any port
        raise self._not_ours()

    def wait_end(self, within_s: float) -> int | None:  # noqa: ARG002 - as of any port
        """Not possible."""
        raise self._not_ours()

    def _not_ours(self) -> UsageError:
        return UsageError(
            "this check signals or listens to the port's process, which `serve` did not start",
            hint="Use `run --only` with the port's command for it.",
        )
