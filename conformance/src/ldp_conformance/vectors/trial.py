"""One vector tried on a live client: its message is made and sent, and what follows is judged."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance import texts
from ldp_conformance.cases.base58 import unbase58
from ldp_conformance.cases.client_values import Sent
from ldp_conformance.check import SOON_S, NonConformance
from ldp_conformance.vectors.filling import Surroundings, body_of, joined

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.cases.client_case import ClientCase
    from ldp_conformance.vectors.catalogue import Vector

#: How long one vector may take, in seconds; the client has nothing else to do.
WITHIN_S: Final = SOON_S
PREFIX: Final = "ldp"
_ACCOUNT: Final = "123456789012"
_ERROR_TEXT_BYTES: Final = range(1_000, 1_025)


@dataclass(frozen=True, slots=True)
class Trial:
    """A vector on its way.

    Attributes:
        case: The client.
        vector: The vector.
        sent: The message.
        around: What its placeholders stand for.
        mark: Where the calls since it begin.
        runs_before: How often the handler had run for its nonce.
        replies_before: The IDs of the messages that were in the response queue.
    """

    case: ClientCase
    vector: Vector
    sent: Sent
    around: Surroundings
    mark: int
    runs_before: int
    replies_before: frozenset[str]

    def judge(self) -> None:
        """Wait for what has to follow.

        Raises:
            NonConformance: It does not.
        """
        _OUTCOMES[self.vector.outcome](self)

    def expect_silence(self) -> None:
        """Go on only if the handler has not run and nothing was answered.

        Raises:
            NonConformance: It did, or something was.
        """
        self.expect_runs(0)
        calls = self.case.witness.calls.since(
            self.mark, sender=self.case.stage.sender, operation="SendMessage"
        )
        came = str(calls[0].request.get("MessageBody", "")) if calls else ""
        self.case.expect(not calls, "an answer is sent where none may be", came=came)

    def expect_runs(self, count: int) -> None:
        """Go on only if the handler ran so often for this vector.

        Raises:
            NonConformance: It ran more often, or less.
        """
        runs = times_run(self.case, self.sent.nonce) - self.runs_before
        self.case.expect(runs == count, f"the handler ran {runs} times, not {count}")


def begin(case: ClientCase, vector: Vector) -> Trial:
    """Send the message of a vector."""
    around = surroundings(case)
    nonce = vector.id if vector.kind == "payload" else around.names["nonce"]
    if "stored" in vector.given:
        stored = vector.given["stored"]
        case.bucket.put(around.text(stored["key"]), around.text(stored["text"]).encode())
    mark, runs_before = case.witness.calls.mark(), times_run(case, nonce)
    replies_before = frozenset(message.id for message in case.reply_queue.messages())
    body = _body(case, vector, around, nonce)
    case.sent_texts.append(body)
    message_id = case.requests.send(body)
    sent = Sent(message_id, _request_id(body), nonce, body, around.now_ms)
    return Trial(case, vector, sent, around, mark, runs_before, replies_before)


def surroundings(case: ClientCase) -> Surroundings:
    """What the placeholders of a fresh message stand for."""
    endpoint, account = case.reply_queue.url.split(f"/{_ACCOUNT}/")[0], _ACCOUNT
    names = {
        "requestId": case.uuid(),
        "awsRequestId": case.uuid(),
        "uuid": case.uuid(),
        "nonce": case.fresh("nonce"),
        "account": account,
        "endpoint": endpoint,
        "replyQueue": case.reply_queue.name,
        "requestQueue": case.requests.name,
        "replyTo": case.reply_queue.url,
        "bucket": case.bucket.name if case.setup.has_bucket else "",
        "prefix": PREFIX,
    }
    return Surroundings(case.witness.now_ms(), names)


def _body(case: ClientCase, vector: Vector, around: Surroundings, nonce: str) -> str:
    if vector.kind != "error":
        return body_of(vector, around)
    thrown = {"type": vector.given["type"], "message": joined(vector.given["message"])}
    return json.dumps(case.request("throw", nonce=nonce, **thrown))


def _request_id(body: str) -> str:
    envelope = _parsed(body)
    found = envelope.get("requestId") if isinstance(envelope, dict) else None
    return found if isinstance(found, str) else ""


def _parsed(body: str) -> Any:
    try:
        return texts.loads(body)
    except ValueError:
        return None


def times_run(case: ClientCase, nonce: str) -> int:
    """How often the handler began for a nonce, without a look at each line as JSON."""
    path = case.port.scratch / "runs.jsonl"
    if not path.exists():
        return 0
    quoted = json.dumps(nonce)
    lines = path.read_text(encoding="utf-8").split("\n")
    return sum(quoted in line and '"began"' in line for line in lines)


def _answered(trial: Trial) -> None:
    case, sent, then = trial.case, trial.sent, trial.vector.then
    if "queue" in then:
        reply_queue = case.queue_of(trial.around.text(then["queue"]))
        response = case.reply(sent, within_s=WITHIN_S, queue=reply_queue).envelope
    else:
        response = case.response(sent, within_s=WITHIN_S)
    if "result" in then:
        wanted = trial.around.value(then["result"])
        found = case.value_of(response)
        case.expect_equal(found, wanted, "the answer is not what the handler returned")
    if "version" in then:
        case.expect_equal(
            response["version"],
            then["version"],
            "the answer is not in the lower of both versions",
            requirements=("ENV-9",),
        )
    _expect_echo(trial, response)
    case.gone(sent, within_s=WITHIN_S)
    trial.expect_runs(1)


def _expect_echo(trial: Trial, response: dict[str, Any]) -> None:
    asked = _parsed(trial.sent.body)
    trial.case.expect(
        response["answerByMs"] == asked["answerByMs"],
        f"answerByMs is {response['answerByMs']}, not {asked['answerByMs']} as in the request",
        requirements=("ENV-14",),
    )


def _handed_over(trial: Trial) -> None:
    response = trial.case.response(trial.sent, within_s=WITHIN_S)
    kind = response.get("error", {}).get("errorType", "")
    trial.case.expect(
        not kind.startswith("Client."),
        f"the client answers {kind} instead of handing the event to the handler's runtime",
        came=json.dumps(response),
    )
    _expect_echo(trial, response)
    trial.case.gone(trial.sent, within_s=WITHIN_S)


def _failed(trial: Trial) -> None:
    case, then = trial.case, trial.vector.then
    error = case.error(trial.sent, within_s=WITHIN_S)
    case.expect_equal(error.type, then["errorType"], "errorType is not that of the error")
    if "errorMessage" in then:
        wanted = joined(then["errorMessage"])
        case.expect_equal(error.message, wanted, "errorMessage is not that of the error")
    elif "cut" in then:
        whole = joined(trial.vector.given["message"])
        size_bytes = len(error.message.encode())
        case.expect(
            whole.startswith(error.message) and size_bytes in _ERROR_TEXT_BYTES,
            f"errorMessage has {size_bytes} bytes and is not the message up to 1,024 bytes",
            came=error.message,
        )
    case.gone(trial.sent, within_s=WITHIN_S)


def _ran(trial: Trial) -> None:
    trial.case.gone(trial.sent, within_s=WITHIN_S)
    trial.expect_runs(1)
    calls = trial.case.witness.calls.since(
        trial.mark, sender=trial.case.stage.sender, operation="SendMessage"
    )
    trial.case.expect(not calls, "an answer is sent where none may be")


def _answered_v0(trial: Trial) -> None:
    case, then = trial.case, trial.vector.then
    message = case.reply_queue.wait(
        lambda each: each.id not in trial.replies_before and each.sender == case.stage.sender,
        within_s=WITHIN_S,
    )
    if message is None:
        raise case.missing(f"no answer came within {WITHIN_S:g} s")
    case.observe()
    wanted = trial.around.value(then["result"])
    text = message.body if then["form"] == "bare" else _expanded(message.body)
    case.expect_equal(_parsed(text), wanted, f"the answer is not the result, {then['form']}")
    case.gone(trial.sent, within_s=WITHIN_S)


def _expanded(text: str) -> str:
    try:
        return gzip.decompress(unbase58(text)).decode()
    except (ValueError, OSError, EOFError, zlib.error, binascii.Error) as exc:
        raise NonConformance(
            f"the answer is no base58 of gzip: {exc}", requirements=("V0-4",), came=text[:500]
        ) from exc


def _refused(trial: Trial) -> None:
    case = trial.case
    error = case.error(trial.sent, within_s=WITHIN_S)
    wanted = trial.vector.then.get("errorType", "Client.BadRequest")
    case.expect_equal(error.type, wanted, "the refusal is of another type")
    case.gone(trial.sent, within_s=WITHIN_S)
    trial.expect_runs(0)


def _dropped(trial: Trial) -> None:
    trial.case.gone(trial.sent, within_s=WITHIN_S)
    trial.expect_silence()


def _bad(trial: Trial) -> None:
    trial.case.gone(trial.sent, within_s=WITHIN_S)
    trial.expect_runs(0)


def _survived(trial: Trial) -> None:
    trial.case.gone(trial.sent, within_s=WITHIN_S)


_OUTCOMES: Final[dict[str, Callable[[Trial], None]]] = {
    "answered": _answered,
    "handed-over": _handed_over,
    "failed": _failed,
    "ran": _ran,
    "answered-v0": _answered_v0,
    "refused": _refused,
    "dropped": _dropped,
    "bad": _bad,
    "survived": _survived,
}


def bytes_of(vector: Vector) -> bytes:
    """What the handler's runtime is given, as a vector of a payload tells it."""
    return base64.b64decode(vector.then["bytes"])
