"""Messages sent together, so that the client never idles, and each judged by itself."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.cases.client_values import Sent
from ldp_conformance.check import NonConformance
from ldp_conformance.fuzz.dialect import Dialect
from ldp_conformance.fuzz.expectation import Expected, Outcome, expected
from ldp_conformance.outcomes import Role
from ldp_conformance.vectors.trial import surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.fuzz.recipe import Recipe
    from ldp_conformance.vectors.filling import Surroundings

#: For how long a volley may take to be dealt with, in seconds, beside some for each message.
PATIENCE_S: Final = 15.0
_EACH_S: Final = 0.3
#: A request is deleted after its answer is there, so nothing is waited for any more then.
_GLANCE_S: Final = 0.3
#: How often it is looked whether the client still lives, in seconds.
_LOOK_S: Final = 0.5
#: Results may not fit into replies that are smaller than this.
_SURE_REPLY_BYTES: Final = 40_000


@dataclass(frozen=True, slots=True)
class Shot:
    """A message of a volley.

    Attributes:
        recipe: What it was made from.
        sent: The message.
        around: What its placeholders stand for.
        expected: What has to follow.
    """

    recipe: Recipe
    sent: Sent
    around: Surroundings
    expected: Expected


@dataclass(frozen=True, slots=True)
class Miss:
    """A message that was not dealt with as it has to be.

    Attributes:
        recipe: What it was made from.
        verdict: What is wrong.
    """

    recipe: Recipe
    verdict: NonConformance


class Range:
    """Where volleys are fired: a client, and how often its handler ran so far.

    Args:
        case: The client.
    """

    def __init__(self, case: ClientCase) -> None:
        features = case.manifest.side(Role.CLIENT).features
        self.dialect = Dialect.of(case.manifest, features)
        self._case = case
        self._told_bytes = 0
        self._runs: Counter[str] = Counter()

    def fire(self, recipes: list[Recipe], patience_s: float = PATIENCE_S) -> list[Miss]:
        """Send messages together, and judge each; those that missed, in order.

        Args:
            recipes: What they are made from.
            patience_s: For how long all of them may take, beside some for each.
        """
        shots = [self._send(recipe) for recipe in recipes]
        self._settle(time.monotonic() + patience_s + _EACH_S * len(shots))
        misses = [miss for shot in shots for miss in self._missed(shot)]
        if not misses:
            misses = [miss for shot in shots for miss in self._afterwards(shot)]
        self._case.requests.forget()
        self._case.reply_queue.forget()
        return misses

    def _send(self, recipe: Recipe) -> Shot:
        case = self._case
        around = surroundings(case)
        body = recipe.body(around)
        due = expected(body, around, self.dialect)
        case.sent_texts[:] = [body]
        request_id = _member(body, "requestId")
        sent = Sent(
            message_id=case.requests.send(body),
            request_id=request_id if isinstance(request_id, str) else "",
            nonce=_nonce(body, around.names["nonce"]),
            body=body,
            at_ms=around.now_ms,
        )
        return Shot(recipe, sent, around, due)

    def _settle(self, until: float) -> None:
        """Wait until every message is deleted, the client has ended, or the time is over."""
        while self._case.port.status is None and time.monotonic() < until:
            left = {each.id for each in self._case.requests.messages() if not each.is_deleted}
            if not left:
                return
            self._case.requests.wait(
                lambda each, left=left: each.id in left and each.is_deleted,  # type: ignore[misc]
                within_s=min(_LOOK_S, max(0.0, until - time.monotonic())),
            )

    def _missed(self, shot: Shot) -> list[Miss]:
        try:
            self._judge(shot)
        except NonConformance as exc:
            exc.requirements = exc.requirements or shot.expected.requirements
            # The client had much longer, as long as it lived; see `_settle`.
            exc.sentence = exc.sentence.replace(f" within {_GLANCE_S:g} s", "")
            return [Miss(shot.recipe, exc)]
        return []

    def _judge(self, shot: Shot) -> None:
        outcome = shot.expected.outcome
        if outcome in _REPLIED:
            response = self._case.response(shot.sent, within_s=_GLANCE_S)
            _expect_echo(self._case, shot, response)
            _REPLIED[outcome](self, shot, response)
        self._case.gone(shot.sent, within_s=_GLANCE_S)

    def _answered(self, shot: Shot, response: dict[str, Any]) -> None:
        if _is_too_large(shot, response):
            return
        body = self._case.payload_of(response)
        try:
            result = texts.loads(body)
        except ValueError as exc:
            raise NonConformance(
                f"the answer is no JSON text: {exc}", came=repr(body[:500])
            ) from exc
        if not self.dialect.is_same(result, shot.expected.result):
            self._case.expect_equal(
                result, shot.expected.result, "the answer is not what the handler returned"
            )
            raise NonConformance("the answer is not what the handler returned", came=repr(body))

    def _handed_over(self, shot: Shot, response: dict[str, Any]) -> None:
        kind = response.get("error", {}).get("errorType", "")
        self._case.expect(
            not kind.startswith("Client.") or _is_too_large(shot, response),
            f"the client answers {kind} to a valid request",
            came=json.dumps(response),
        )

    def _refused(self, shot: Shot, response: dict[str, Any]) -> None:
        error = response.get("error", {})
        self._case.expect(
            error.get("errorType") == "Client.BadRequest",
            f"bad input ({shot.expected.why}) is not refused with Client.BadRequest",
            came=json.dumps(response),
        )

    def _afterwards(self, shot: Shot) -> list[Miss]:
        """What only shows when all of them are dealt with: silence, and how often it ran."""
        runs, outcome = self._runs_of(shot.sent.nonce), shot.expected.outcome
        why = f" ({shot.expected.why})" if shot.expected.why else ""
        sentence = ""
        if outcome in _NOT_RUN and runs:
            sentence = f"the handler ran for bad input{why}"
        elif outcome in _RUN_ONCE and runs != 1:
            sentence = f"the handler ran {runs} times for one request"
        elif outcome in _SILENT and self._case.replies(shot.sent):
            sentence = f"what nobody may answer is answered{why}"
        elif outcome in _REPLIED and len(self._case.replies(shot.sent, "response")) > 1:
            sentence = "one request is answered more than once"
        self._case.observe()
        if not sentence:
            return []
        broken = NonConformance(sentence, requirements=shot.expected.requirements)
        return [Miss(shot.recipe, broken)]

    def _runs_of(self, nonce: str) -> int:
        """How often the handler began, read on from where the last look ended."""
        path = self._case.port.scratch / "runs.jsonl"
        if path.exists():
            with path.open("rb") as runs:
                runs.seek(self._told_bytes)
                told = runs.read()
            whole = told[: told.rfind(b"\n") + 1]
            self._told_bytes += len(whole)
            for line in whole.decode().split("\n")[:-1]:
                run = texts.loads(line)
                self._runs[str(run.get("nonce"))] += run.get("phase") == "began"
        return self._runs[nonce]


def _expect_echo(case: ClientCase, shot: Shot, response: dict[str, Any]) -> None:
    asked = _member(shot.sent.body, "answerByMs")
    case.expect(
        response["answerByMs"] == asked and response["version"] == "1.0",
        f"version {response['version']} and answerByMs {response['answerByMs']} answer a request "
        f"of {asked}",
        requirements=("ENV-14", "ENV-9"),
        came=json.dumps(response),
    )


def _is_too_large(shot: Shot, response: dict[str, Any]) -> bool:
    """Whether the result does not fit, which other checks judge."""
    limit = _member(shot.sent.body, "maxReplyBytes")
    is_small = isinstance(limit, int | float) and limit < _SURE_REPLY_BYTES
    kind = response.get("error", {}).get("errorType")
    return is_small and kind == "Client.ResultTooLarge"


def _nonce(body: str, meant: str) -> str:
    """The nonce that the handler will tell: a change somewhere in the message can hit it, too."""
    payload = _member(body, "payload")
    data = payload.get("data") if isinstance(payload, dict) else None
    found = _member(data, "nonce") if isinstance(data, str) else None
    return found if isinstance(found, str) else meant


def _member(body: str, name: str) -> Any:
    try:
        envelope = texts.loads(body)
    except ValueError:
        return None
    return envelope.get(name) if isinstance(envelope, dict) else None


_NOT_RUN: Final = {Outcome.REFUSED, Outcome.DROPPED, Outcome.BAD}
_RUN_ONCE: Final = {Outcome.ANSWERED, Outcome.RAN}
_SILENT: Final = {Outcome.DROPPED, Outcome.RAN}
_REPLIED: Final[dict[Outcome, Callable[[Range, Shot, dict[str, Any]], None]]] = {
    Outcome.ANSWERED: Range._answered,  # noqa: SLF001 - a table of its own methods
    Outcome.HANDED_OVER: Range._handed_over,  # noqa: SLF001
    Outcome.REFUSED: Range._refused,  # noqa: SLF001
}
