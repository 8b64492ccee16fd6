"""Variables that are missing or wrong, and what else is said before the first event."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import NonConformance, proxy_check
from ldp_conformance.ports.setups import Feature, ProxySetup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.ports.stage import Stage

_REQUESTS: Final = "LAMBDA_PROXY_REQ_QUEUE_URL"
_REPLIES: Final = "LAMBDA_PROXY_RESP_QUEUE_URL"


def _with(name: str, value: str | None) -> tuple[str, ProxySetup]:
    return name, ProxySetup(variables=((name, value),))


@proxy_check("config.missing", "ERR-8", "ERR-2")
def missing_variables_are_named(case: ProxyCase) -> None:
    """A variable that is missing is named in `Proxy.Misconfigured`, or where the proxy ends."""
    expect_refused(case, [_with(_REQUESTS, None), _with(_REPLIES, None)])


@proxy_check("config.wrong", "ERR-8", "ERR-2")
def wrong_variables_are_named(case: ProxyCase) -> None:
    """A variable whose value cannot be is named in `Proxy.Misconfigured`, or where it ends."""
    expect_refused(
        case,
        [
            _with(_REQUESTS, "the request queue"),
            _with(_REPLIES, "LAMBDA_PROXY_RESP"),
            _with("LAMBDA_PROXY_MODE", "sometimes"),
            _with("LAMBDA_PROXY_REPLY", "private"),
        ],
    )


@proxy_check("config.wrong-bucket", "ERR-8", needs=[Feature.S3])
def a_wrong_bucket_is_named(case: ProxyCase) -> None:
    """A name that no bucket can have is refused, and the variable is named."""
    expect_refused(case, [_with("LAMBDA_PROXY_PAYLOAD_BUCKET", "Not A Bucket/")])


@proxy_check("config.wrong-window", "ERR-8", needs=[Feature.START_WINDOW])
def a_wrong_start_window_is_named(case: ProxyCase) -> None:
    """A start window that cannot be is refused, and the variable is named."""
    name = "LAMBDA_PROXY_START_WITHIN_S"
    absent = "LAMBDA_PROXY_WHEN_ABSENT"
    wrong = ProxySetup(start_within_s=2, variables=((absent, "panic"),))
    expect_refused(case, [_with(name, "soon"), _with(name, "-3"), (absent, wrong)])


def expect_refused(case: ProxyCase, setups: Iterable[tuple[str, ProxySetup]]) -> None:
    """Go on only if each of these proxies refuses to work, and names the variable.

    Args:
        case: The check's case.
        setups: The variable that has to be named, and the setup that is wrong.
    """
    wrong = list(setups)
    with ThreadPoolExecutor(2) as workers:
        told = list(workers.map(lambda each: _refusal(case, each[1]), wrong))
    for (name, setup), text in zip(wrong, told, strict=True):
        values = dict(setup.variables)
        shown = f"{name}={values[name]}" if values.get(name) is not None else name
        case.expect(text is not None, f"with {shown} the proxy works, and does not say so")
        case.expect(name in (text or ""), f"with {shown} it does not name it", came=text or "")


def _refusal(case: ProxyCase, setup: ProxySetup) -> str | None:
    """What a misconfigured proxy says; None if it works."""
    quick = replace(setup, timeout_s=4)
    with case.beside(quick) as stage:
        until = time.monotonic() + 30
        while stage.subject.status is None and time.monotonic() < until:
            if stage.is_listening():
                return _told_by_error(case, stage)
            time.sleep(0.05)
        return _last_words(stage)


def _last_words(stage: Stage) -> str:
    """What a proxy printed before it ended, or never listened."""
    if stage.subject.status is not None:
        stage.subject.wait_heard()
    return stage.subject.output


def _told_by_error(case: ProxyCase, stage: Stage) -> str | None:
    try:
        result = case.invoke_at(stage.invoke_url)
    except NonConformance:  # it ended while it was asked, and may have said why
        return _last_words(stage) if stage.subject.wait_end(2) is not None else None
    text = result.body.decode(errors="backslashreplace")
    is_refused = result.function_error is not None and "Proxy.Misconfigured" in text
    return text if is_refused else None
