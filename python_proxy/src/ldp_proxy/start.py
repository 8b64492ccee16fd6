"""The init phase, which both entries share: a proxy from an environment.

The garbage collector rests meanwhile, and what was made is frozen: the SDK's tens of thousands of
objects stay for good, and going through them costs a fifth of the cold start, and later a caller
some milliseconds now and then.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ldp_proxy import logs
from ldp_proxy.config import read_config
from ldp_proxy.errors import SdkError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ldp_proxy.config import Config
    from ldp_proxy.invoke import Proxy


def start(environment: Mapping[str, str], *, is_exact: bool) -> Proxy:
    """The proxy that an environment describes, ready for its first invocation.

    Args:
        environment: `os.environ`, or what stands for it.
        is_exact: Whether the entry passes bytes on as they are.

    Raises:
        StartError: A variable is missing or wrong, or the SDK cannot be set up.
    """
    config = read_config(environment)
    logs.set_levels(config.level)
    with _resting_collector():
        proxy = _connect(config)
    logs.log_start(config, is_exact=is_exact)
    return proxy


def _connect(config: Config) -> Proxy:
    # Imported late, so that a missing SDK is reported like everything else that is wrong.
    try:
        from ldp_proxy.wiring import connect_proxy  # noqa: PLC0415
    except ImportError as exc:
        hint = "The boto3 of the Lambda runtime, or one in the function's zip, has to be found."
        raise SdkError(f"The AWS SDK cannot be imported: {exc}", hint=hint) from exc
    return connect_proxy(config)


@contextmanager
def _resting_collector() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
