"""What keeps a sandbox from starting."""

from __future__ import annotations


class ProgramUnavailable(Exception):  # noqa: N818 - the name says the state of affairs
    """The program is not there, or may not be executed.

    Attributes:
        hint: What to do next, one sentence for a person.
        program: The program as it was asked for.
        reason: What the system said.
    """

    def __init__(self, program: str, reason: str) -> None:
        super().__init__(f"{program} cannot be started: {reason}")
        self.hint = "Check that it exists and may be executed."
        self.program = program
        self.reason = reason
