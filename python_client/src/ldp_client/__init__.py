"""Debug a Lambda function on this machine with the events of the real one.

`run(handler)` is the whole library, with `raw_event()` for inside a handler; `lambda-debug` is
the same for the command line. Importing this package imports nothing else of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from ldp_client.config import Options

__all__ = ["raw_event", "run"]


def run(handler: Callable[[Any, Any], Any], **options: Unpack[Options]) -> None:
    """Serve a handler with the events of the request queue, until Ctrl-C.

    Settings come from the same environment variables that the proxy has, overruled by options.
    Call it from the main thread, in which the handler then runs: breakpoints just work. A script
    that ends with `run(handler)` can be started by an IDE's Run or Debug button.

    Args:
        handler: A function that takes an event and a context.
        options: See `ldp_client.config.Options`.

    Raises:
        ClientError: The session could not start, or ended otherwise than it was asked to; what to
            do next stands in its `hint`, which Python shows with the traceback.
        KeyboardInterrupt: A second signal abandoned the session.
    """
    import os  # noqa: PLC0415 - importing this package stays cheap

    from ldp_client.config import read_config  # noqa: PLC0415 - as above
    from ldp_client.errors import Abandoned  # noqa: PLC0415 - as above
    from ldp_client.handlers.serve import serve  # noqa: PLC0415 - as above

    try:
        serve(handler, read_config(os.environ, **options))
    except Abandoned as exc:
        raise KeyboardInterrupt(str(exc)) from exc


def raw_event() -> bytes:
    """The event that is running, byte for byte as Lambda delivered it.

    For use inside a handler: to keep a copy, or where parsing loses what matters.

    Raises:
        LookupError: No event is running.
    """
    from ldp_client.handlers import current  # noqa: PLC0415 - importing this package stays cheap

    return current.raw_event()
