"""Lambda's entry point under the managed runtime: `ldp_proxy.handler.handler`.

Everything is wired while Lambda imports this, in the init phase, which has more CPU and no caller
who waits. A proxy that cannot start says so as an init error of its own type (ERR-8).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ldp_proxy import logs
from ldp_proxy.errors import StartError
from ldp_proxy.managed import ManagedEntry, function_error, pass_bytes_through
from ldp_proxy.reply import own_parts
from ldp_proxy.start import start
from ldp_wire.failures import misconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping


def wire(environment: Mapping[str, str]) -> ManagedEntry:
    """The entry that an environment describes.

    Raises:
        Exception: A variable is missing or wrong; the runtime's own kind of error, typed
            `Proxy.Misconfigured`.
    """
    logs.adapt_managed_handlers(environment)
    try:
        return ManagedEntry(start(environment, is_exact=pass_bytes_through()))
    except StartError as exc:
        raise function_error(own_parts(misconfigured(str(exc)))) from None


_entry = wire(os.environ)


def handler(event: object, context: Any) -> object:
    """Answer an invocation; see `ManagedEntry.handle`."""
    return _entry.handle(event, context)
