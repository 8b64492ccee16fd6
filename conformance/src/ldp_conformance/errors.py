"""Why a run cannot go on, or never began; what is wrong with a port is no error but a verdict.

ConformanceError            never raised itself; .hint says what to do next
├─ UsageError               what the user asked for or wrote down is wrong; exit status 2
│  ├─ ManifestError         the manifest cannot be used
│  ├─ KnownFailingError     the list of known failures cannot be used
│  ├─ UnknownNameError      there is no such check, vector or requirement
│  └─ RecordError           a record of a run, or another file read back, cannot be used
├─ EnvironmentFault         this machine does not let the suite work; exit status 3
└─ SuiteFault               the suite itself is wrong; exit status 3
"""

from __future__ import annotations


class ConformanceError(Exception):
    """Why a run cannot go on.

    Args:
        message: What is wrong, and where.
        hint: What to do next.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(ConformanceError):
    """What the user asked for or wrote down is wrong."""


class ManifestError(UsageError):
    """The manifest cannot be used."""


class KnownFailingError(UsageError):
    """The list of known failures cannot be used."""


class UnknownNameError(UsageError):
    """There is no check, vector or requirement of that name."""


class RecordError(UsageError):
    """A record of a run, a report or another file that is read back cannot be used."""


class EnvironmentFault(ConformanceError):  # noqa: N818 - whose fault it is, is its name
    """This machine does not let the suite work: no free port, no room, no right."""


class SuiteFault(ConformanceError):  # noqa: N818 - whose fault it is, is its name
    """The suite itself is wrong; a bug to report."""
