"""What became of a check, and everything that explains it to a stranger.

A verdict is made in one place (`runner`), read in many (the reports). Nothing here judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class ExitStatus(IntEnum):
    """With what the command line ends."""

    CONFORMS = 0
    FAILS = 1
    USAGE = 2
    BROKEN = 3  #: the suite or this machine failed; nothing is said of the port


class Role(Enum):
    """Which side of the protocol a port plays."""

    CLIENT = "client"
    PROXY = "proxy"


class Outcome(Enum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"  #: a MUST is broken
    WARNED = "warned"  #: a SHOULD is not met, and the run is at level MUST
    KNOWN = "known"  #: it failed as the list of known failures says
    FIXED = "fixed"  #: it is on that list and passed, so the list is stale: a failure of the run
    NOT_APPLICABLE = "not applicable"  #: it needs a feature that the port does not declare
    BLOCKED = (
        "blocked"  #: not run, because another one failed that it stands on, or that ends the run
    )
    ABORTED = "aborted"  #: environment or suite is at fault; says nothing about the port


class Blame(Enum):
    """Who has to mend something."""

    PORT = "port"  #: the client or the proxy
    HARNESS = "harness"  #: the port's conformance handler, or its manifest
    ENVIRONMENT = "environment"  #: this machine
    SUITE = "suite"  #: a bug here


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where what came is not what had to come.

    Attributes:
        pointer: JSON pointer (RFC 6901) to the place; empty for the whole.
        expected: What had to be there, as text; None if nothing.
        actual: What was there, as text; None if nothing.
    """

    pointer: str
    expected: str | None
    actual: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript.

    Attributes:
        at_ms: Milliseconds since the check began.
        who: `suite`, `port`, or what else did it.
        text: What happened, such as `SendMessage LAMBDA_PROXY_RESP 312 bytes`.
        detail: The body or the error, cut to a readable length; empty if there is none.
    """

    at_ms: int
    who: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a check did not pass, so that whoever has to mend it need not ask.

    Attributes:
        blame: Who has to mend something.
        sentence: What is wrong, in one sentence.
        requirements: The IDs of the clauses that are broken, the most telling first.
        sent: What the suite sent that led to it; empty if nothing.
        came: What came; empty if nothing did.
        differences: Where the two disagree, structurally.
        hint: What to look at first.
        port_output: What the port wrote to its standard error and output meanwhile.
        reproduce: One line for a shell that shows it again.
    """

    blame: Blame
    sentence: str
    requirements: tuple[str, ...] = ()
    sent: str = ""
    came: str = ""
    differences: tuple[Difference, ...] = ()
    hint: str = ""
    port_output: str = ""
    reproduce: str = ""


@dataclass(frozen=True, slots=True)
class VectorResult:
    """What became of one vector of a check that goes through several.

    Attributes:
        id: The vector's permanent ID.
        outcome: PASSED or FAILED.
        finding: Why it failed.
    """

    id: str
    outcome: Outcome
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one check.

    Attributes:
        check: Its ID.
        outcome: What became of it.
        duration_ms: How long it took.
        observations: How many messages and calls of the port the verdict rests on.
        cases: How many generated or fixed cases it went through; 1 for a plain check.
        finding: Why it did not pass; None if it did.
        reason: Why it was not run, or why its failure is known; empty otherwise.
        vectors: What became of its vectors.
        transcript: What happened on the wire, the last part of it where it is long.
    """

    check: str
    outcome: Outcome
    duration_ms: int
    observations: int = 0
    cases: int = 1
    finding: Finding | None = None
    reason: str = ""
    vectors: tuple[VectorResult, ...] = ()
    transcript: tuple[Line, ...] = ()
