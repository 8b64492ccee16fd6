"""Streams of runs as ports cause them: one that conforms, one with many failures, an empty one.

Everything is made of the suite's own requirements, so that a sample reads like a run.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ldp_conformance.events import (
    CheckAbout,
    CheckEnded,
    CheckStarted,
    PortAbout,
    RunEnded,
    RunStarted,
)
from ldp_conformance.outcomes import (
    Blame,
    Difference,
    Finding,
    Line,
    Outcome,
    Result,
    VectorResult,
)
from ldp_conformance.requirements import requirements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ldp_conformance.events import Event

BEGUN_MS = 1_795_450_000_000
#: Markup, control and direction characters, a lone surrogate, what XML forbids, a JSON separator.
HOSTILE = (
    "<script>alert('x')</script> | `code` ``` ]]> &amp; \x1b[31mred\x1b[0m \x00 \u202egnp.exe"
    " \ud800 \ufffe \u2028 {{ 7*7 }} </details> [link](javascript:x) é 日本 😀 \r\n\tend"
)
PORT = PortAbout(
    name="lambda-debug-rs",
    version="0.3.1",
    language="Rust",
    command=("./target/release/lambda-debug-rs", "--once", "handler.so"),
    features=("gzip", "s3", "report"),
    issues_url="https://example.com/lambda-debug-rs/issues",
)
_TITLES = {
    "answer.echo": ("The answer is what the handler returned, for its own request.", "PAY-2"),
    "answer.numbers": ("Big integers and other spellings of numbers survive.", "PAY-1"),
    "answer.gzip": ("A large answer is compressed where the proxy takes that.", "PAY-4"),
    "envelope.unknown-members": ("Members that nobody knows are ignored.", "ENV-2"),
    "envelope.duplicate-names": ("No object that it emits has a name twice.", "ENV-3"),
    "envelope.characters": ("Characters that SQS refuses are escaped.", "ENV-5"),
    "envelope.version": ("Every minor version of major version 1 is taken in.", "ENV-8"),
    "session.lease": ("The message stays invisible while its handler runs.", "SES-9"),
    "session.drain": ("The first SIGTERM lets the running handler end.", "SES-30"),
    "session.duplicate": ("A second copy of a request does not run it twice.", "SES-12"),
    "errors.handler": ("A failing handler's error is the answer, as Lambda writes it.", "ERR-1"),
    "queue.long-poll": ("It asks for messages with long polls.", "SQS-9"),
}


def about(name: str, level: str = "must") -> CheckAbout:
    """What is known of a check of the sample."""
    title, requirement = _TITLES[name]
    extra = ("ENV-14",) if name == "answer.echo" else ()
    return CheckAbout(f"client.{name}", title, (requirement, *extra), level)


ALL = tuple(about(name) for name in _TITLES)


def started(checks: Sequence[CheckAbout] = ALL, *, role: str = "client") -> RunStarted:
    """The beginning of a run of these checks."""
    return RunStarted(
        at_ms=BEGUN_MS,
        suite_version="0.1.0",
        protocol_version="1.0",
        role=role,
        level="must",
        seed=20261123,
        port=PORT,
        checks=tuple(checks),
        digests={each.id: each.digest for each in requirements().values()},
    )


def passed(name: str, *, vectors: int = 0) -> Result:
    """A check of the sample that passed."""
    found = tuple(VectorResult(f"{name}/v{i}", Outcome.PASSED) for i in range(1, vectors + 1))
    return Result(
        f"client.{name}", Outcome.PASSED, 38, observations=6, vectors=found, transcript=wire()
    )


def finding(sentence: str = "The answer is not what the handler returned.") -> Finding:
    """Why the echo failed."""
    sent = {"version": "1.0", "kind": "request", "requestId": "q7Jz-41", "payload": "…"}
    return Finding(
        blame=Blame.PORT,
        sentence=sentence,
        requirements=("PAY-2",),
        sent=json.dumps(sent),
        came='{"encoding": "text", "data": "{\\"n\\":9007199254740992}"}',
        differences=(
            Difference("/payload/data/n", "9007199254740993", "9007199254740992"),
            Difference("/payload/data/extra", None, '"1.1"'),
        ),
        hint="Does the client parse the answer and write it again? Pass its bytes through.",
        port_output="INFO received q7Jz-41\nINFO answered q7Jz-41 in 12 ms\n",
        reproduce="lambda-debug-conformance repro client.answer.echo --seed 20261123 -- ./port",
    )


def wire() -> tuple[Line, ...]:
    """What happened on the wire."""
    return (
        Line(0, "suite", "SendMessage requests 412 bytes", '{"version":"1.0","kind":"request"}'),
        Line(4, "port", "ReceiveMessage requests: 1 message, visibility 2 s"),
        Line(19, "port", "SendMessage replies 288 bytes", '{"version":"1.0","kind":"response"}'),
        Line(23, "port", "DeleteMessage requests"),
    )


def failed(name: str, cause: Finding | None = None) -> Result:
    """A check of the sample that failed."""
    return Result(
        f"client.{name}",
        Outcome.FAILED,
        1_204,
        observations=4,
        finding=cause or finding(),
        transcript=wire(),
    )


def other(name: str, outcome: Outcome, reason: str) -> Result:
    """A check of the sample that was not run, or whose outcome needs a reason."""
    return Result(f"client.{name}", outcome, 0, reason=reason)


def run(
    results: Iterable[Result],
    checks: Sequence[CheckAbout] = ALL,
    *,
    role: str = "client",
    remarks: tuple[str, ...] = (),
) -> list[Event]:
    """A whole run in which these results came, ended as the runner ends it."""
    begin, found = started(checks, role=role), list(results)
    events: list[Event] = [begin]
    at_ms = BEGUN_MS
    for result in found:
        events.append(CheckStarted(at_ms, result.check))
        at_ms += result.duration_ms
        events.append(CheckEnded(at_ms, result))
    status, sentence = _ended(found)
    return [*events, RunEnded(at_ms, status, sentence, remarks)]


def _ended(results: Sequence[Result]) -> tuple[int, str]:
    count = Counter(result.outcome for result in results)
    failed = count[Outcome.FAILED] + count[Outcome.FIXED] + count[Outcome.BLOCKED]
    if failed:
        return 1, f"Does not conform: {failed} of {len(results)} checks failed. Look at the port."
    if count[Outcome.ABORTED]:
        return 3, "No verdict: checks could not be run; the port is not at fault."
    if not count[Outcome.PASSED]:
        return 1, "Does not conform: no check passed, so nothing was shown."
    return 0, f"Conforms: {count[Outcome.PASSED]} checks passed."


def passing() -> list[Event]:
    """A run in which everything passes that applies."""
    results = [passed(name, vectors=3 if name == "answer.numbers" else 0) for name in _TITLES]
    results[2] = other("answer.gzip", Outcome.NOT_APPLICABLE, "the port does not declare gzip")
    return run(results)


def failing() -> list[Event]:
    """A run with every outcome, long bodies, and a failed vector."""
    numbers = (
        VectorResult("numbers/v1", Outcome.PASSED),
        VectorResult("numbers/v2", Outcome.FAILED, finding("A big integer lost its last digit.")),
        *(VectorResult(f"numbers/v{i}", Outcome.FAILED, _long(i)) for i in range(3, 11)),
    )
    warned = replace(failed("queue.long-poll", _blamed(Blame.PORT)), outcome=Outcome.WARNED)
    known = replace(
        failed("session.drain"), outcome=Outcome.KNOWN, reason="issue 12: no signals on Windows"
    )
    fixed = replace(
        passed("envelope.version"), outcome=Outcome.FIXED, reason="it is on the list: issue 7"
    )
    aborted = replace(failed("session.lease", _blamed(Blame.ENVIRONMENT)), outcome=Outcome.ABORTED)
    results = [
        failed("answer.echo"),
        replace(failed("answer.numbers", _long(1)), vectors=numbers, cases=10),
        other("answer.gzip", Outcome.NOT_APPLICABLE, "the port does not declare gzip"),
        failed("envelope.unknown-members", _blamed(Blame.HARNESS)),
        passed("envelope.duplicate-names"),
        failed("envelope.characters", hostile_finding()),
        fixed,
        aborted,
        known,
        other("session.duplicate", Outcome.BLOCKED, "client.answer.echo failed"),
        other("errors.handler", Outcome.BLOCKED, "client.answer.echo failed"),
        warned,
    ]
    return run(results, remarks=("known-failing.toml names client.envelope.version, which passed",))


def empty() -> list[Event]:
    """A run without a single check."""
    return run([], checks=())


def hostile_finding() -> Finding:
    """A finding whose every text tries to break out of where it is shown."""
    return Finding(
        blame=Blame.PORT,
        sentence=f"It sent a character that SQS refuses: {HOSTILE}",
        sent=HOSTILE,
        came=HOSTILE * 3,
        differences=(Difference(f"/{HOSTILE}", HOSTILE, None),),
        hint=HOSTILE,
        port_output=HOSTILE,
        reproduce=f"repro {HOSTILE}",
    )


def hostile() -> list[Event]:
    """A run in which every text that comes from outside is hostile."""
    check = CheckAbout(f"client.{HOSTILE}", HOSTILE, (HOSTILE, "ENV-5"), "must")
    result = Result(
        check.id,
        Outcome.FAILED,
        3,
        observations=1,
        finding=hostile_finding(),
        reason=HOSTILE,
        vectors=(VectorResult(HOSTILE, Outcome.FAILED, _blamed(Blame.SUITE)),),
        transcript=(Line(1, HOSTILE, HOSTILE, HOSTILE),),
    )
    begin, *rest = run([result], [check], remarks=(HOSTILE,))
    assert isinstance(begin, RunStarted)
    port = PortAbout(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), (HOSTILE,), "javascript:alert(1)")
    return [replace(begin, port=port), *rest]


def crowded(failures: int = 120) -> list[Event]:
    """A run with so many failures, each with long bodies."""
    checks = [
        CheckAbout(f"client.area{i % 7}.check-{i}", f"Statement {i} holds.", (_any(i),), "must")
        for i in range(failures)
    ]
    results = [
        replace(failed("answer.echo", _long(i)), check=checks[i].id) for i in range(failures)
    ]
    return run(results, checks)


def _any(number: int) -> str:
    names = [each for each in requirements() if each.startswith(("ENV", "EXC", "SES"))]
    return names[number % len(names)]


def _long(number: int) -> Finding:
    body = json.dumps({"n": number, "text": "x" * 6_000})
    output = "".join(f"DEBUG line {i} of what the port says\n" for i in range(200))
    return replace(
        finding(f"Case {number} came back changed."),
        requirements=(),
        sent=body,
        came=json.dumps({"n": number, "lines": ["y" * 80] * 60}, indent=1),
        port_output=output,
        differences=tuple(Difference(f"/lines/{i}", "x", "y") for i in range(40)),
    )


def _blamed(blame: Blame) -> Finding:
    return Finding(
        blame=blame,
        sentence="The handler never appended its line to runs.jsonl.",
        hint="Is LAMBDA_DEBUG_CONFORMANCE_DIR passed on to the handler's process?",
    )
