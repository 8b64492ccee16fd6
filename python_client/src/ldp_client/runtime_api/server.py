"""The Runtime API's server: HTTP on one side, `Invocations` on the other.

It answers `/next` when there is something to run and never before (Python's client crashes on a
204), and every post with 202, because any other answer ends the runtime's process.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import logging
import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from ldp_client.runtime_api.errors import BadRequest
from ldp_client.runtime_api.headers import CONTENT_TYPE, next_headers
from ldp_client.runtime_api.http11 import Answer
from ldp_client.runtime_api.invocations import Posted, Worker
from ldp_client.runtime_api.listener import LOOPBACK, Listener
from ldp_client.runtime_api.routes import Call, Route, find_route

if TYPE_CHECKING:
    from types import TracebackType

    from ldp_client.runtime_api.http11 import HttpConnection, Request
    from ldp_client.runtime_api.invocations import Invocations

_logger = logging.getLogger(__name__)

_JSON = (("Content-Type", CONTENT_TYPE.encode("ascii")),)
_ACCEPTED = Answer(202, _JSON, b'{"status":"OK"}\n')
_ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
_ERROR_BODY = "Lambda-Runtime-Function-Error-Body"
_RESPONSE_MODE = "Lambda-Runtime-Function-Response-Mode"
_WITH_CAUSE = "application/vnd.aws.lambda.error.cause+json"
_OF_THE_CALLER = ("errorMessage", "errorType", "stackTrace")
_JOIN_S = 5.0


class RuntimeApi:
    """A Runtime API on a port of its own; one for each runtime process.

    The port is taken at construction, so that `address` can be put into the environment of a
    process that starts before or after `start`.

    Args:
        invocations: Who has the events.
        port: 0 for a free one.

    Raises:
        PortUnavailable: The port cannot be listened on.
    """

    def __init__(self, invocations: Invocations, *, port: int = 0) -> None:
        self._invocations = invocations
        self._numbers = itertools.count(1)
        self._listener = Listener(self._serve, host=LOOPBACK, port=port)

    @property
    def address(self) -> str:
        """`host:port`, the value of `AWS_LAMBDA_RUNTIME_API`."""
        return self._listener.address

    def start(self) -> Self:
        """Begin to serve."""
        self._listener.start()
        return self

    def close(self) -> None:
        """End all connections; workers that wait in `next` are reported as lost."""
        self._listener.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _serve(self, connection: HttpConnection) -> None:
        _Conversation(connection, self._invocations, Worker(next(self._numbers))).run()


class _Conversation:
    """One connection of a runtime, from its first request to its end."""

    def __init__(
        self, connection: HttpConnection, invocations: Invocations, worker: Worker
    ) -> None:
        self._connection = connection
        self._invocations = invocations
        self._worker = worker
        self._waiting = False
        self._giver: threading.Thread | None = None

    def run(self) -> None:
        try:
            while (request := self._connection.read_request()) is not None:
                self._take(request)
        except BadRequest as exc:
            _logger.warning("runtime_api.bad_request", extra={"reason": str(exc)})
            self._connection.answer(_refusal(exc.status, "BadRequest", str(exc)))
        finally:
            self._worker.gone = True
            if self._waiting:
                _logger.info("worker.lost", extra={"worker": self._worker.number})
                self._invocations.lost(self._worker)
            if self._giver is not None:
                self._giver.join(_JOIN_S)

    def _take(self, request: Request) -> None:
        route = find_route(request.method, request.target)
        if route is None:
            message = f"The Runtime API has no {request.method} {request.target}"
            self._connection.answer(_refusal(404, "NotFound", message))
        elif route.call is Call.NEXT:
            self._waiting = True
            self._giver = threading.Thread(target=self._give, name="next", daemon=True)
            self._giver.start()
        else:
            self._hand_in(route, request)
            self._connection.answer(_ACCEPTED)

    def _give(self) -> None:
        """Answer `/next`, in a thread of its own: the reader meanwhile watches the connection."""
        with ExitStack() as otherwise:
            otherwise.callback(self._connection.close)
            invocation = self._invocations.next(self._worker)
            self._waiting = False
            if invocation is None:
                return
            answer = Answer(200, next_headers(invocation), invocation.event)
            if self._worker.gone or not self._connection.answer(answer):
                _logger.warning("invocation.undelivered", extra={"worker": self._worker.number})
                self._invocations.undelivered(self._worker, invocation)
                return
            otherwise.pop_all()

    def _hand_in(self, route: Route, request: Request) -> None:
        if route.call is Call.INIT_ERROR:
            self._invocations.init_failed(self._worker, _posted(request))
        elif route.call is Call.ERROR:
            self._invocations.failed(self._worker, route.request_id, _posted_error(request))
        elif _broke_off(request):
            self._invocations.failed(self._worker, route.request_id, _posted_midway(request))
        else:
            self._invocations.responded(self._worker, route.request_id, _posted(request))


def _posted(request: Request) -> Posted:
    return Posted(
        body=request.body,
        size_bytes=request.size_bytes,
        content_type=request.header("Content-Type"),
        error_type=request.header(_ERROR_TYPE),
        invocation_id=request.header("Lambda-Runtime-Invocation-Id"),
    )


def _posted_error(request: Request) -> Posted:
    """An error, without the cause for X-Ray that its body may have (AWS's RIE does the same)."""
    posted = _posted(request)
    if posted.content_type != _WITH_CAUSE:
        return posted
    try:
        members = json.loads(posted.body)
    except (ValueError, RecursionError):
        members = None
    told: object = "Invalid error body"
    if isinstance(members, dict):
        told = {name: members[name] for name in _OF_THE_CALLER if name in members}
    body = json.dumps(told, separators=(",", ":")).encode("ascii")
    # The size stays that of the post: a body that was cut is too large, and not invalid.
    size_bytes = max(len(body), posted.size_bytes)
    return replace(posted, body=body, size_bytes=size_bytes, content_type=CONTENT_TYPE)


def _broke_off(request: Request) -> bool:
    """Whether a response ended with an error; the type alone says so of a stream only."""
    is_streamed = bool(request.header(_RESPONSE_MODE))
    return bool(request.header(_ERROR_BODY) or (is_streamed and request.header(_ERROR_TYPE)))


def _posted_midway(request: Request) -> Posted:
    """The error of a response that broke off while it was streamed.

    It comes in a trailer as base64, after a part of the result that is of no use to a caller who
    gets all or nothing. Go's runtime declares the trailer always and fills it in only then.
    """
    error_type = request.header(_ERROR_TYPE)
    unsaid = json.dumps({"errorType": error_type, "errorMessage": ""}).encode("ascii")
    text = request.header(_ERROR_BODY) or base64.b64encode(unsaid).decode("ascii")
    try:
        body = base64.b64decode(text, validate=True)
    except binascii.Error:
        body = text.encode("utf-8")
    return Posted(
        body=body,
        size_bytes=len(body),
        content_type=CONTENT_TYPE,
        error_type=error_type,
        invocation_id=request.header("Lambda-Runtime-Invocation-Id"),
    )


def _refusal(status: int, error_type: str, message: str) -> Answer:
    body = json.dumps({"errorMessage": message, "errorType": error_type})
    return Answer(status, _JSON, body.encode("ascii"))
