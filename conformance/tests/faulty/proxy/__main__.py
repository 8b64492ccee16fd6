"""The command line of the faulty proxy."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress

from faulty.proxy.errors import ProxyError
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults import faults
from faulty.proxy.server import Function, InvokeHandler, serve


def main() -> None:
    """Start the proxy, with a fault if one is named."""
    parser = argparse.ArgumentParser(prog="faulty.proxy")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--timeout", type=float, required=True)
    parser.add_argument("--name", default="test_function")
    parser.add_argument("--fault", default="")
    options = parser.parse_args()
    kind = faults()[options.fault].kind if options.fault else Proxy

    def environment() -> Proxy:
        made = kind(kind.told(os.environ, options.name, options.timeout))
        made.start()
        return made

    with suppress(ProxyError):  # it is told to whoever invokes
        kind.prepare(kind.told(os.environ, options.name, options.timeout))
    InvokeHandler.function = Function(options.name, options.timeout, environment)
    serve(options.port, InvokeHandler)


if __name__ == "__main__":
    main()
