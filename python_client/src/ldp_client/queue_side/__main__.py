"""`python -P -m ldp_client.queue_side`: the child's end of the line to the handler's process.

The parent decides when this process ends; signals of a terminal are the parent's alone. When the
parent is gone, its events are given back and the process goes with it (SES-34).

What was received may still be on its way when all is done: SQS hands a message to an open receive
even if nobody reads it any more. So the parent is told at once that all is done, and the process
stays until that receive ends by itself, 20 s at most, silent and cut off from the terminal.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Final

from ldp_client.config import ClientConfig
from ldp_client.queue_side.aws_clock import AwsClock
from ldp_client.queue_side.channel import (
    MMAP_THRESHOLD,
    MMAP_THRESHOLD_BYTES,
    VARIABLE,
    Channel,
    Closed,
    Configure,
    Drain,
    Failed,
    Held,
    Hello,
    HoldEnded,
    Ready,
    Rerun,
)
from ldp_client.queue_side.side import Side
from ldp_client.report.logs import configure_logging
from ldp_client.runtime_api import RuntimeApiError
from ldp_queues.errors import QueueError

if TYPE_CHECKING:
    from queue import SimpleQueue

    from ldp_client.queue_side.channel import Word

#: How often the parent is looked for, in seconds. A process that it forked can keep the line open.
_GLANCE_S: Final = 1.0
_FAILED: Final = 1


def main() -> int:
    """Serve the parent that the environment names; the exit status."""
    parent = os.getppid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    channel = _call_parent(os.environ.pop(VARIABLE, ""))
    if os.environ.get(MMAP_THRESHOLD) == MMAP_THRESHOLD_BYTES:
        del os.environ[MMAP_THRESHOLD]  # the C library has read it, and it is not for programs
    if channel is None:
        sys.stderr.write("This is a part of lambda-debug, which starts it by itself.\n")
        return _FAILED
    first = channel.hear()
    if not isinstance(first, Configure):
        return _FAILED
    return _serve(channel, ClientConfig.from_json(first.config), parent)


def _call_parent(meeting_point: str) -> Channel | None:
    port, _, token = meeting_point.partition(":")
    if not (port.isdigit() and token):
        return None
    try:
        channel = Channel(socket.create_connection(("127.0.0.1", int(port))))
    except OSError:
        return None
    channel.say(Hello(token))
    return channel


def _serve(channel: Channel, config: ClientConfig, parent: int) -> int:
    environment = dict(os.environ)
    configure_logging(config.tracing_level)
    if config.profile is not None:
        _choose_profile(config.profile)
    try:
        side = Side(config, AwsClock(), environment)
        address = side.serve()
    except (QueueError, RuntimeApiError) as exc:
        channel.say(Failed(str(exc), exc.hint))
        return _FAILED
    threading.excepthook = lambda args: _crash(channel, args)
    threading.Thread(target=_listen, args=(channel, side.inbox), daemon=True).start()
    threading.Thread(target=_watch, args=(parent, side.inbox), daemon=True).start()
    channel.say(Ready(address))
    last = _wait_for_end(side, channel)
    side.finish_report()
    channel.say(last)
    _leave_terminal()
    side.wait_for_receive()
    return _FAILED if isinstance(last, Failed) else 0


def _wait_for_end(side: Side, channel: Channel) -> Closed | Failed:
    """Pass words between the parent and the engine until there is nothing left to do."""
    while not isinstance(word := side.inbox.get(), Closed | Failed):
        if isinstance(word, Held | HoldEnded):
            channel.say(word)
        elif isinstance(word, Rerun):
            side.rerun(word.hold)
        elif isinstance(word, Drain):
            side.engine.drain()
        else:  # told to, or nobody is left to tell
            side.engine.abandon()
    if isinstance(word, Failed):
        side.engine.abandon()
    return word


def _listen(channel: Channel, inbox: SimpleQueue[Word | None]) -> None:
    """Pass on what the parent says, and then that the line has ended."""
    word: Word | None = Drain()
    while word is not None:
        word = channel.hear()
        inbox.put(word)


def _watch(parent: int, inbox: SimpleQueue[Word | None]) -> None:
    never = threading.Event()
    while os.getppid() == parent:
        never.wait(_GLANCE_S)
    inbox.put(None)


def _crash(channel: Channel, args: threading.ExceptHookArgs) -> None:
    """End with a thread that died of a bug; what it held comes back within one lease."""
    if args.exc_type is SystemExit or args.exc_value is None:
        return
    traceback.print_exception(args.exc_value)
    sys.stderr.flush()
    name = args.exc_type.__name__
    hint = "This is a bug of lambda-debug; the traceback above says more. Start it again."
    channel.say(Failed(f"the queue side failed with {name}.", hint))
    os._exit(_FAILED)


def _choose_profile(profile: str) -> None:
    """Let the SDK use a profile whatever else the environment offers, as `aws --profile` does."""
    for name in _CREDENTIALS:
        os.environ.pop(name, None)
    os.environ["AWS_PROFILE"] = profile


#: What the SDK prefers to AWS_PROFILE.
_CREDENTIALS: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_DEFAULT_PROFILE",
)


def _leave_terminal() -> None:
    """Let go of the standard streams: whoever reads them to their end waits for no receive."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)


if __name__ == "__main__":
    sys.exit(main())
