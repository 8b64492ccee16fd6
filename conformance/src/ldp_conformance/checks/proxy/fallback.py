"""Another function that answers where nobody is there."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import proxy_check
from ldp_conformance.checks.proxy.configuration import expect_refused
from ldp_conformance.ports.setups import Feature, ProxySetup
from ldp_conformance.ports.stage import FUNCTION_NAME
from ldp_conformance.witness import Delay, FunctionAnswer, ServerError

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.witness import Call

_NEEDS: Final = (Feature.FALLBACK, Feature.DEDICATED, Feature.START_WINDOW)
_VARIABLE: Final = "LAMBDA_PROXY_FALLBACK_FUNCTION"
_EVENT: Final = b'{ "n" : 1.10, "n": 12345678901234567890 , "s":"\\ud800"}'
_ERROR: Final = b'{"errorType": "OrderMissingError",  "errorMessage": "none in the fallback"}'


def _setup(name: str, *, timeout_s: int = 20, reply: str = "dedicated") -> ProxySetup:
    return ProxySetup(timeout_s=timeout_s, reply=reply, start_within_s=3, fallback=name)


def _invokes(case: ProxyCase) -> list[Call]:
    return case.calls("Lambda.Invoke")


@proxy_check(
    "fallback.answers", "EXC-21", "EXC-27", needs=_NEEDS, setup=_setup("stand-in:7"), alone=True
)
def the_fallback_answers(case: ProxyCase) -> None:
    """Where nobody accepts, the fallback gets the event's bytes once, and the caller its bytes."""
    body = b' {"a" : 1.0e2, "a":12345678901234567890}'
    case.witness.create_function("stand-in", lambda _: FunctionAnswer(body), versions=("7",))
    invocation, _ = case.exchange(_EVENT)
    came = case.answer(invocation)
    case.expect(came == body, f"the caller got {came!r}")
    calls = _invokes(case)
    case.expect(len(calls) == 1, f"the fallback was invoked {len(calls)} times")
    case.expect_equal(calls[0].request.get("Qualifier"), "7", "another version was invoked")
    sent = calls[0].request.get("Payload")
    case.expect(sent == _EVENT, f"the fallback got {sent!r}", came=repr(sent))
    kind = calls[0].request.get("InvocationType", "RequestResponse")
    case.expect_equal(kind, "RequestResponse", "it was invoked otherwise")


@proxy_check("fallback.error", "EXC-27", needs=_NEEDS, setup=_setup("failing:7"), alone=True)
def errors_of_the_fallback_pass(case: ProxyCase) -> None:
    """An error of the fallback reaches the caller as it is."""
    answer = FunctionAnswer(_ERROR, error="Unhandled")
    case.witness.create_function("failing", lambda _: answer, versions=("7",))
    invocation, _ = case.exchange()
    error = case.error(invocation)
    case.expect(error.type == "OrderMissingError", f"the error is {error.type}", came=str(error))
    case.expect(error.message == "none in the fallback", f"it says {error.message!r}")
    if Feature.VERBATIM in case.manifest.side(case.stage.role).features:
        case.expect(error.body == _ERROR, "the error body is another", came=repr(error.body))


@proxy_check(
    "fallback.once", "EXC-27", "ERR-10", needs=_NEEDS, setup=_setup("broken:7"), alone=True
)
def the_fallback_is_invoked_once(case: ProxyCase) -> None:
    """A fallback that cannot be invoked is not tried again: `Proxy.FallbackFailed`."""
    function = case.witness.create_function(
        "broken", lambda _: FunctionAnswer(b"null"), versions=("7",)
    )
    function.inject(ServerError("Lambda.Invoke"))
    invocation, _ = case.exchange()
    case.error(invocation, "Proxy.FallbackFailed")
    case.expect(len(_invokes(case)) == 1, f"it was invoked {len(_invokes(case))} times")


@proxy_check(
    "fallback.forbidden",
    "EXC-22",
    "ERR-3",
    needs=_NEEDS,
    setup=_setup("forbidden:7", timeout_s=9),
    alone=True,
)
def nothing_falls_back_after_an_accepted(case: ProxyCase) -> None:
    """After an `accepted` that counts, the fallback is not invoked, whatever happens."""
    case.witness.create_function("forbidden", lambda _: FunctionAnswer(b"0"), versions=("7",))
    invocation, request = case.exchange()
    case.accept(request)
    case.error(invocation, "Proxy.NoResponse")
    case.expect(not _invokes(case), "the fallback was invoked although a client had accepted")


@proxy_check(
    "fallback.in-time",
    "ERR-10",
    "EXC-6",
    needs=_NEEDS,
    setup=_setup("slow:7", timeout_s=10),
    alone=True,
)
def a_slow_fallback_is_given_up(case: ProxyCase) -> None:
    """A fallback that takes longer than the time left ends in `Proxy.FallbackFailed`."""
    is_over = Event()

    def answer(_: bytes) -> FunctionAnswer:
        is_over.wait(20)
        return FunctionAnswer(b"null")

    case.witness.create_function("slow", answer, versions=("7",))
    invocation, _ = case.exchange()
    try:
        case.error(invocation, "Proxy.FallbackFailed")
    finally:
        is_over.set()


@proxy_check("fallback.noticed", "EXC-24", needs=_NEEDS, setup=_setup("twice:7"), alone=True)
def an_accepted_after_the_fallback_is_noticed(case: ProxyCase) -> None:
    """`Proxy.DoubleRun` is logged when an `accepted` that counts comes after the fallback."""
    case.witness.create_function("twice", lambda _: FunctionAnswer(b"0"), versions=("7",))
    invocation, request = case.exchange()
    case.reply_queue_of(request).inject(Delay(seconds=8))
    case.accept(request)
    case.expect(case.answer(invocation) == b"0", "the fallback did not answer")
    second, other = case.exchange()
    until = time.monotonic() + 6
    while "Proxy.DoubleRun" not in case.port.output and time.monotonic() < until:
        time.sleep(0.05)
    case.respond(other)
    case.answer(second)
    case.expect("Proxy.DoubleRun" in case.port.output, "Proxy.DoubleRun is not in the log")


@proxy_check("fallback.unpublished", "EXC-25", "ERR-8", needs=_NEEDS)
def what_is_no_version_is_refused(case: ProxyCase) -> None:
    """A fallback without a published version or alias behind it is refused at start-up."""
    names = ("other", "other:$LATEST")
    expect_refused(case, [(_VARIABLE, _setup(each)) for each in names])


@proxy_check("fallback.missing", "ERR-8", needs=_NEEDS)
def a_fallback_that_is_not_named_is_refused(case: ProxyCase) -> None:
    """To fall back without a function to fall back on is refused, and the variable is named."""
    wanted = ("LAMBDA_PROXY_WHEN_ABSENT", "fallback")
    setup = ProxySetup(reply="dedicated", start_within_s=2, variables=(wanted,))
    expect_refused(case, [(_VARIABLE, setup)])


@proxy_check("fallback.shared", "EXC-26", "ERR-8", needs=_NEEDS)
def a_fallback_with_shared_replies_is_refused(case: ProxyCase) -> None:
    """A fallback with shared replies is refused at start-up."""
    expect_refused(case, [("LAMBDA_PROXY_", _setup("other:7", reply="shared"))])


@proxy_check("fallback.itself", "EXC-25", "EXC-26", "ERR-8", needs=_NEEDS)
def a_proxy_does_not_fall_back_on_itself(case: ProxyCase) -> None:
    """A fallback that is the running version, or finds no room beside it, is refused."""
    live, split, good = (_setup(f"{FUNCTION_NAME}:{each}") for each in ("live", "split", "good"))
    _make_itself(case, reserved=None)
    expect_refused(case, [(_VARIABLE, live), (_VARIABLE, split)])
    _make_itself(case, reserved=1)
    expect_refused(case, [("LAMBDA_PROXY_", good)])


def _make_itself(case: ProxyCase, *, reserved: int | None) -> None:
    """Have the proxy's own function be there, with a version that was published."""
    case.witness.create_function(
        FUNCTION_NAME,
        lambda _: FunctionAnswer(b'"itself"'),
        versions=("7",),
        aliases={"live": "$LATEST", "good": "7", "split": "7"},
        weights={"split": {"$LATEST": 0.1}},
        reserved_concurrency=reserved,
    )
