"""One HTTP server on loopback in a thread of its own, for all services, on one event loop.

It reads calls, has them carried out, writes down in the log how each began and ended, and cuts
connections. A caller that goes away ends its call.
"""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from aiohttp import web
from aiohttp.web_request import BaseRequest

from ldp_conformance.errors import EnvironmentFault
from ldp_conformance.witness import troubles
from ldp_conformance.witness.asks import Answer, Ask, Severed
from ldp_conformance.witness.calls import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.witness.asks import Errand
    from ldp_conformance.witness.calls import CallLog
    from ldp_conformance.witness.fault_box import FaultBox

HOST: Final = "127.0.0.1"
#: The largest body: 6 MiB in S3, or a message of 1 MiB whose characters are all escaped.
_MAX_BODY_BYTES: Final = 64 * 1024 * 1024
_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)")
_LOGGED_HEADERS: Final = ("user-agent", "amz-sdk-request", "content-encoding")
_START_LIMIT_S: Final = 30.0
#: How long calls in progress may take to notice the end; zero would mean for ever.
_SHUTDOWN_S: Final = 0.1


class Server:
    """The server; it runs from `start` to `close`.

    Args:
        understand: Makes an errand of a call.
        sender_of: Whose an access key is.
        calls: Where calls are written down.
        everywhere: The faults that meet every call.
        clock_ms: The time.
    """

    def __init__(
        self,
        understand: Callable[[Ask], Errand],
        sender_of: Callable[[str], str],
        calls: CallLog,
        everywhere: FaultBox,
        clock_ms: Callable[[], int],
    ) -> None:
        self._understand = understand
        self._sender_of = sender_of
        self._calls = calls
        self._everywhere = everywhere
        self._clock_ms = clock_ms
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="witness", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self.port = 0

    def start(self) -> None:
        """Listen on a free port.

        Raises:
            EnvironmentFault: This machine has none.
        """
        self._thread.start()
        self._ready.wait(_START_LIMIT_S)
        if self._failure is not None or not self.port:
            raise EnvironmentFault(
                f"the witness cannot listen on {HOST}: {self._failure}",
                hint="Allow programs to listen on 127.0.0.1, and look for exhausted ports.",
            ) from self._failure

    def close(self) -> None:
        """Cut all connections and end."""
        if self._loop is not None and self._ended is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        server = web.Server(
            self._handle,
            request_factory=_request,
            handler_cancellation=True,
            access_log=None,
            keepalive_timeout=3_600.0,
        )
        try:
            listener = await self._loop.create_server(server, HOST, 0, backlog=1_024)
        except OSError as error:
            self._failure = error
            self._ready.set()
            return
        self.port = listener.sockets[0].getsockname()[1]
        self._ready.set()
        await self._ended.wait()
        listener.close()
        await server.shutdown(_SHUTDOWN_S)

    async def _handle(self, request: BaseRequest) -> web.StreamResponse:
        ask = await self._read(request)
        errand = self._understand(ask)
        call = self._calls.begin(self._call(ask, errand))
        answer, was_cut = Answer(0), True
        try:
            answer = await troubles.carry_out(errand, ask, self._everywhere)
            was_cut = request.transport is None or request.transport.is_closing()
        except Severed as severed:
            answer = Answer(0, message_ids=severed.message_ids)
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._end(call, answer, was_cut=was_cut)
        return web.Response(status=answer.status or 500, body=answer.body, headers=answer.headers)

    async def _read(self, request: BaseRequest) -> Ask:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if "100-continue" in headers.get("expect", "").lower() and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        match = _CREDENTIAL.search(headers.get("authorization", ""))
        path, _, _ = request.raw_path.partition("?")
        return Ask(
            sender=self._sender_of(match[1] if match else ""),
            method=request.method,
            path=path,
            query=dict(request.query),
            headers=headers,
            body=await request.read(),
        )

    def _call(self, ask: Ask, errand: Errand) -> Call:
        return Call(
            number=0,
            sender=ask.sender,
            operation=errand.operation,
            queue=errand.queue,
            begun_ms=self._clock_ms(),
            request=errand.request,
            headers={name: ask.headers[name] for name in _LOGGED_HEADERS if name in ask.headers},
        )

    def _end(self, call: Call, answer: Answer, *, was_cut: bool) -> None:
        self._calls.end(
            replace(
                call,
                ended_ms=self._clock_ms(),
                status=answer.status or None,
                error=answer.error,
                message_ids=answer.message_ids,
                was_cut=was_cut,
            )
        )


def _request(
    message: object, payload: object, protocol: object, writer: object, task: asyncio.Task[None]
) -> BaseRequest:
    """A request whose body may be large; the server's own takes 1 MiB."""
    loop = asyncio.get_running_loop()
    return BaseRequest(
        message,  # type: ignore[arg-type] # passed on as they came
        payload,  # type: ignore[arg-type]
        protocol,  # type: ignore[arg-type]
        writer,  # type: ignore[arg-type]
        task,
        loop,
        client_max_size=_MAX_BODY_BYTES,
    )
