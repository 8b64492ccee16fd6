"""One check on one started port, and the verdict: the only place where a verdict is made."""

from __future__ import annotations

import time
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import NonConformance
from ldp_conformance.errors import ConformanceError, EnvironmentFault
from ldp_conformance.outcomes import Blame, Finding, Outcome, Result, VectorResult
from ldp_conformance.requirements import Level
from ldp_conformance.runner.cases import case_for
from ldp_conformance.runner.transcript import transcript
from ldp_conformance.tokens import packed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.cases.expect import VectorVerdict
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.check import Check
    from ldp_conformance.known_failing import KnownFailure
    from ldp_conformance.outcomes import Line
    from ldp_conformance.ports.stage import Stage
    from ldp_conformance.runner.options import RunOptions

_SHOWN_OUTPUT: Final = 4_000
_SHOWN_BODY: Final = 4_000


def judge_check(
    check: Check,
    stage: Stage,
    options: RunOptions,
    on_progress: Callable[[int, int, str], None],
    replayed: bytes | None = None,
) -> Result:
    """Run a check on a port that is ready, and judge.

    Args:
        check: The check.
        stage: The port.
        options: What the run is asked to do.
        on_progress: Is told of the check's progress: done, planned, and what goes on.
        replayed: A case of the check's to run instead of all; None for all.
    """
    begun, begun_ms = time.monotonic(), stage.witness.now_ms()
    mark = stage.witness.calls.mark()
    case = case_for(check.role, stage, f"{options.seed}:{check.id}", on_progress)
    finding = _finding(check, case, replayed)
    vectors = tuple(_vector(each, check, options) for each in case.vectors)
    if finding is None and stage.subject.status is not None and not check.is_alone:
        finding = Finding(
            Blame.PORT,
            f"the port ended by itself, with status {stage.subject.status}",
            check.requirements,
        )
    if finding is not None:
        if stage.subject.status is not None:
            stage.subject.wait_heard()
        finding = replace(
            finding,
            requirements=finding.requirements or check.requirements,
            sent=_cut(case.sent_texts[-1]) if case.sent_texts else "",
            port_output=stage.subject.output_since(begun)[-_SHOWN_OUTPUT:],
            reproduce=options.line_for(finding.reproduce or f"run --only {check.id}"),
        )
    else:
        finding = next((each.finding for each in vectors if each.finding is not None), None)
    return verdict(
        check,
        finding,
        options,
        duration_ms=round((time.monotonic() - begun) * 1000),
        observations=case.observations,
        lines=transcript(stage, mark=mark, begun_ms=begun_ms),
        vectors=vectors,
    )


def _vector(told: VectorVerdict, check: Check, options: RunOptions) -> VectorResult:
    if told.broken is None:
        return VectorResult(told.id, Outcome.PASSED)
    finding = replace(
        _of(told.broken, check),
        sent=_cut(told.sent),
        reproduce=options.line_for(f"run --only {check.id}"),
    )
    return VectorResult(told.id, Outcome.FAILED, finding)


def _finding(check: Check, case: ClientCase | ProxyCase, replayed: bytes | None) -> Finding | None:
    try:
        if replayed is None:
            check.run(case)
        elif check.replay is not None:
            check.replay(case, replayed)
    except NonConformance as exc:
        return _of(exc, check)
    except ConformanceError as exc:
        blame = Blame.ENVIRONMENT if isinstance(exc, EnvironmentFault) else Blame.SUITE
        return Finding(blame, str(exc), hint=exc.hint)
    except Exception as exc:  # noqa: BLE001 - a bug of the suite's must not be taken for the port's
        return Finding(
            Blame.SUITE,
            f"the check itself failed: {type(exc).__name__}: {exc}",
            came="".join(traceback.format_exception(exc)),
            hint="Please report this with the lines below; it says nothing about the port.",
        )
    if not case.observations:
        return Finding(Blame.SUITE, "the check observed nothing", hint="Please report this.")
    return None


def _of(exc: NonConformance, check: Check) -> Finding:
    again = "" if exc.replay is None else f"repro {packed(check.id, exc.replay)}"
    return Finding(
        blame=exc.blame,
        sentence=exc.sentence,
        requirements=exc.requirements,
        came=_cut(exc.came),
        differences=exc.differences,
        hint=exc.hint,
        reproduce=again,
    )


def verdict(  # noqa: PLR0913 - all but the first have names
    check: Check,
    finding: Finding | None,
    options: RunOptions,
    *,
    duration_ms: int = 0,
    observations: int = 0,
    lines: tuple[Line, ...] = (),
    vectors: tuple[VectorResult, ...] = (),
) -> Result:
    """What a finding, or none, means for the run."""
    known = options.known.get(check.id)
    outcome = _outcome(check, finding, options.level, known)
    return Result(
        check=check.id,
        outcome=outcome,
        duration_ms=duration_ms,
        observations=observations,
        cases=check.cases,
        finding=finding,
        reason=known.told if known and outcome in {Outcome.KNOWN, Outcome.FIXED} else "",
        transcript=lines,
        vectors=vectors,
    )


def _outcome(
    check: Check, finding: Finding | None, level: Level, known: KnownFailure | None
) -> Outcome:
    if finding is None:
        return Outcome.FIXED if known else Outcome.PASSED
    if finding.blame in {Blame.ENVIRONMENT, Blame.SUITE}:
        return Outcome.ABORTED
    if known and known.fragment in finding.sentence:
        return Outcome.KNOWN
    if check.level is Level.SHOULD and level is Level.MUST:
        return Outcome.WARNED
    return Outcome.FAILED


def _cut(text: str) -> str:
    if len(text) <= _SHOWN_BODY:
        return text
    return f"{text[:_SHOWN_BODY]}… ({len(text):,} characters)"
