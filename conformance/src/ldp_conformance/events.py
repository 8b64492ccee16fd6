"""What a run tells while it goes on: one stream, of which every report is made.

A stream is one `RunStarted`, then what happens to each check, then one `RunEnded`. Written down,
each event is a JSON object on a line of its own, with its name as `event`; what `reports.stream`
writes it reads back as it was, so that a report can be made long after its run.
"""

from __future__ import annotations

from dataclasses import dataclass

from ldp_conformance.outcomes import Result  # noqa: TC001 - `reports.stream` asks for the types


@dataclass(frozen=True, slots=True)
class PortAbout:
    """What is known of the port.

    Attributes:
        name: Its name; that of its program if it has no manifest.
        version: Its version; empty if not told.
        language: The language that it is written in; empty if not told.
        command: What starts it, as words.
        features: The optional features that it declares.
        issues_url: Where its issues are; empty if not told.
    """

    name: str
    version: str
    language: str
    command: tuple[str, ...]
    features: tuple[str, ...]
    issues_url: str = ""


@dataclass(frozen=True, slots=True)
class CheckAbout:
    """What is known of a check before it runs.

    Attributes:
        id: Its permanent ID.
        title: What it states, in one sentence.
        requirements: The IDs of the requirements that it judges.
        level: `must` or `should`.
    """

    id: str
    title: str
    requirements: tuple[str, ...]
    level: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins.

    Attributes:
        at_ms: When, epoch milliseconds.
        suite_version: The version of this package.
        protocol_version: The version of the protocol that is judged.
        role: `client` or `proxy`.
        level: The lowest level whose failures count: `must` or `should`.
        seed: What everything random is drawn from.
        port: What is judged.
        checks: What will be judged, in order.
        digests: The digest of each requirement's clause, by its ID.
    """

    at_ms: int
    suite_version: str
    protocol_version: str
    role: str
    level: str
    seed: int
    port: PortAbout
    checks: tuple[CheckAbout, ...]
    digests: dict[str, str]


@dataclass(frozen=True, slots=True)
class CheckStarted:
    """A check begins.

    Attributes:
        at_ms: When, epoch milliseconds.
        check: Its ID.
    """

    at_ms: int
    check: str


@dataclass(frozen=True, slots=True)
class CheckProgressed:
    """A check of many cases is on its way.

    Attributes:
        at_ms: When, epoch milliseconds.
        check: Its ID.
        done: How many cases are through.
        planned: How many there will be.
        note: What it is doing, such as `shrinking`.
    """

    at_ms: int
    check: str
    done: int
    planned: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckEnded:
    """A check ended.

    Attributes:
        at_ms: When, epoch milliseconds.
        result: What became of it.
    """

    at_ms: int
    result: Result


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run ended.

    Attributes:
        at_ms: When, epoch milliseconds.
        exit_status: 0 conforms, 1 does not, 3 the runner or the environment failed.
        sentence: The verdict in one sentence.
        remarks: What else the user has to know, such as a stale entry of a list.
    """

    at_ms: int
    exit_status: int
    sentence: str
    remarks: tuple[str, ...] = ()


Event = RunStarted | CheckStarted | CheckProgressed | CheckEnded | RunEnded
