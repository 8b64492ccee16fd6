"""One session from the user's function to its end, on the main thread of the user's process.

The handler's module is imported before the queue side is started: a breakpoint at import time
stops in the user's own process, and holds no event.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from ldp_client.errors import HandlerNotCallable, NestedRun
from ldp_client.handlers.environment import set_region
from ldp_client.handlers.loader import load_handler
from ldp_client.handlers.reload import is_reloading, reloader
from ldp_client.handlers.runtime import Runtime, require_main_thread
from ldp_client.handlers.stdout import reserved_stdout
from ldp_client.queue_side.launch import start_queue_side

if TYPE_CHECKING:
    from ldp_client.config import ClientConfig
    from ldp_client.handlers.runner import Handler


def serve(handler: str | Handler, config: ClientConfig) -> None:
    """Run a handler on the events of a queue until the session ends.

    Args:
        handler: The function, or its name for `load_handler`.
        config: The settings.

    Raises:
        NotMainThread: This is not the main thread.
        NestedRun: This is called by code that is being loaded again.
        HandlerError: There is no handler of that name.
        ClientError: The session could not start, or ended otherwise than it was asked to.
    """
    require_main_thread()
    if is_reloading():
        raise NestedRun
    set_region(config.region)
    with ExitStack() as stack:
        is_json = config.report_format == "json"
        stdout = stack.enter_context(reserved_stdout()) if is_json else None
        start = partial(start_queue_side, config, stdout=stdout)
        function = _function(handler)
        Runtime(function, start, config.lease_s, reloader(handler)).run()


def _function(handler: str | Handler) -> Handler:
    if isinstance(handler, str):
        return load_handler(handler)
    if not callable(handler):
        raise HandlerNotCallable(
            f"ldp_client.run was given a {type(handler).__name__}, which cannot be called.",
            hint="Give it a function that takes an event and a context.",
        )
    return handler
