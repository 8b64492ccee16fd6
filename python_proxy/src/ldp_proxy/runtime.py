"""A Lambda runtime of the proxy's own: `python -m ldp_proxy.runtime`.

It loses nothing: headers become the context as they are, payloads and error bodies pass as bytes
(ERR-14), and the answer is with its caller before its message is deleted. It stands in for the
managed runtime by way of `AWS_LAMBDA_EXEC_WRAPPER`.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from ldp_proxy import logs
from ldp_proxy.config import Level
from ldp_proxy.context import TRACE_ID_VARIABLE, context_of_headers, read_function
from ldp_proxy.errors import ConfigError, RuntimeApiError, StartError
from ldp_proxy.runtime_api import ADDRESS_VARIABLE, Attempt, RuntimeApi
from ldp_proxy.start import start
from ldp_wire.failures import misconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from ldp_proxy.context import Function
    from ldp_proxy.invoke import Proxy

_logger = logging.getLogger(__name__)


def main() -> int:
    """Serve invocations until Lambda ends the process; the exit status if it cannot."""
    logs.log_json_lines(sys.stderr)
    logs.set_levels(Level.INFO)
    try:
        with closing(_connect_api(os.environ)) as api:
            proxy = _start(api, os.environ)
            if proxy is not None:
                serve(api, proxy, read_function(os.environ))
    except ConfigError as exc:
        _logger.error("runtime.start_failed", extra={"reason": str(exc)})  # noqa: TRY400 - no trace
    except RuntimeApiError as exc:
        _logger.error("runtime.lost", extra={"reason": str(exc)})  # noqa: TRY400 - no trace
    return 1


def _connect_api(environment: Mapping[str, str]) -> RuntimeApi:
    address = environment.get(ADDRESS_VARIABLE)
    if not address:
        raise ConfigError(ADDRESS_VARIABLE, "is missing; only Lambda can start this runtime.")
    return RuntimeApi(address)


def _start(api: RuntimeApi, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy, or None once Lambda has been told why there is none (ERR-8)."""
    try:
        return start(environment, is_exact=True)
    except StartError as exc:
        failure = misconfigured(str(exc))
        _logger.error("runtime.start_failed", extra={"reason": failure.message})  # noqa: TRY400 - no trace
        api.fail_init(failure.body, failure.type.value)
        return None


def serve(api: RuntimeApi, proxy: Proxy, function: Function) -> NoReturn:
    """Answer invocations, one after another.

    Raises:
        RuntimeApiError: The Runtime API is broken or gone.
    """
    while True:
        invocation = api.next()
        context = context_of_headers(invocation.headers, function)
        _leave_trace_id(context.trace_id)
        attempt = Attempt(context.aws_request_id, context.invocation_id)
        reply = proxy.invoke(invocation.body, context)
        if reply.error is None:
            api.respond(attempt, reply.body)
        else:
            api.fail(attempt, reply.body, reply.error.type)
        # Lambda freezes the environment only inside the next /next.
        proxy.discard(reply, context.deadline_ms)


def _leave_trace_id(trace_id: str | None) -> None:
    """Put the X-Ray header where the SDK looks for it, which passes it on with its calls."""
    if trace_id is None:
        os.environ.pop(TRACE_ID_VARIABLE, None)
    else:
        os.environ[TRACE_ID_VARIABLE] = trace_id


if __name__ == "__main__":
    sys.exit(main())
