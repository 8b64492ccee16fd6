"""The fallback function over the Lambda API: what is asked at start-up, and its one invocation.

Nothing here decides whether the fallback may run (`ldp_proxy.absence`). An invocation is one
attempt of the SDK's, in a thread that is left behind when the time is up: the SDK's own limits
bound each step of a call, and the caller's time bounds all of them together.
"""

from __future__ import annotations

import base64
from contextlib import closing, contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from ldp_proxy.absence import FallbackAnswer
from ldp_proxy.config import WHEN_ABSENT
from ldp_proxy.errors import (
    ConfigError,
    FunctionMissing,
    LambdaCredentialsError,
    LambdaDenied,
    LambdaError,
    LambdaThrottled,
    LambdaUnreachable,
)
from ldp_proxy.fallback_target import FUNCTION, running_version
from ldp_queues.errors import clock_hint
from ldp_queues.sdk_errors import About, Dialect
from ldp_queues.sdk_session import READ_GRACE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ldp_proxy.fallback_target import Target
    from ldp_queues.sdk_session import SdkSession
    from ldp_wire.envelopes import Context

#: The proxy takes one place of a reservation, and the fallback another (EXC-26).
_FEWEST_RESERVED: Final = 2
#: Pauses before asking again what was throttled, together far less than the init phase may take.
_PAUSES_S: Final = (0.2, 0.5, 1.0)


class _LambdaApi(Protocol):
    """What is used of the SDK's Lambda client."""

    def invoke(self, **arguments: object) -> Mapping[str, Any]: ...

    def get_alias(self, **arguments: str) -> Mapping[str, Any]: ...

    def get_function_concurrency(self, **arguments: str) -> Mapping[str, Any]: ...


def _clock_error(message: str, server_at_ms: int | None, local_at_ms: int) -> LambdaError:
    return LambdaError(message, hint=clock_hint(server_at_ms, local_at_ms))


LAMBDA: Final = Dialect(
    service="lambda",
    other=LambdaError,
    denied=LambdaDenied,
    credentials=LambdaCredentialsError,
    clock=_clock_error,
    throttled=LambdaThrottled,
    unreachable=LambdaUnreachable,
    codes={"ResourceNotFound": FunctionMissing},
)


class FallbackFunction:
    """A version or an alias that answers in place of a client; it is a `Fallback`.

    Args:
        session: The process's way to AWS.
        target: The version or alias.
    """

    def __init__(self, session: SdkSession, target: Target) -> None:
        self._session = session
        self._target = target
        self._settings = {"region_name": target.region}

    def check(self, pause: Callable[[float], object]) -> None:
        """Make sure that it is not the proxy itself, and can run beside it (EXC-25, EXC-26).

        Only a version of the proxy's own function can fail, so nothing is asked of another's.

        Args:
            pause: Lets so many seconds pass.

        Raises:
            ConfigError: It is refused, or Lambda does not say enough to let it pass.
            LambdaError: The SDK cannot be set up.
        """
        self._client()
        if not self._target.is_own:
            return
        try:
            self._check_version(pause)
            self._check_concurrency(pause)
        except LambdaError as exc:
            reason = f"cannot be checked: {str(exc).rstrip('.')}. {exc.hint}"
            raise ConfigError(FUNCTION, reason) from exc

    def _check_version(self, pause: Callable[[float], object]) -> None:
        target = self._target
        if not target.is_alias:
            return

        def get_alias() -> Mapping[str, Any]:
            with self._asking("GetAlias") as client:
                return client.get_alias(FunctionName=target.function, Name=target.qualifier)

        alias = _patiently(get_alias, pause)
        routing = alias.get("RoutingConfig") or {}
        weights = routing.get("AdditionalVersionWeights") or {}
        if target.running.version in (alias.get("FunctionVersion"), *weights):
            raise ConfigError(FUNCTION, running_version(target))

    def _check_concurrency(self, pause: Callable[[float], object]) -> None:
        name = self._target.running.name

        def get_concurrency() -> Mapping[str, Any]:
            with self._asking("GetFunctionConcurrency") as client:
                return client.get_function_concurrency(FunctionName=name)

        reserved = _patiently(get_concurrency, pause).get("ReservedConcurrentExecutions")
        if reserved is not None and reserved < _FEWEST_RESERVED:
            raise ConfigError(
                WHEN_ABSENT,
                f"is 'fallback', but the function {name} has a reserved concurrency of {reserved}, "
                "which covers all of its versions: the fallback could never run while the proxy "
                f"waits; reserve {_FEWEST_RESERVED} for each event at a time, or nothing.",
            )

    def invoke(self, event: bytes, context: Context, limit_s: float) -> FallbackAnswer:
        """Invoke it once, within a time; see `Fallback.invoke`.

        Not where the proxy itself was invoked as its fallback, since an alias was moved after the
        check: that could go on for as long as Lambda lets it.
        """
        if self._target.is_invoked_as(context.invoked_function_arn):
            reason = f"{self._target} leads to the proxy by now"
            raise LambdaError(reason, hint="Point the alias to a version with the function's code.")
        answers: SimpleQueue[FallbackAnswer | Exception] = SimpleQueue()

        def work() -> None:
            try:
                answers.put(self._invoke(event, context, limit_s))
            except Exception as exc:  # noqa: BLE001 - raised again by whom it matters to
                answers.put(exc)

        Thread(target=work, daemon=True).start()
        try:
            answer = answers.get(timeout=limit_s)
        except Empty:
            raise LambdaUnreachable(f"no answer of {self._target} within {limit_s:.0f} s") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _invoke(self, event: bytes, context: Context, limit_s: float) -> FallbackAnswer:
        arguments = {
            "ClientContext": _base64(context.client_context),
            "TenantId": context.tenant_id,
        }
        with self._asking("Invoke", limit_s) as client:
            answer = client.invoke(
                FunctionName=self._target.function,
                Qualifier=self._target.qualifier,
                InvocationType="RequestResponse",
                Payload=event,
                **{name: value for name, value in arguments.items() if value is not None},
            )
            with closing(answer["Payload"]) as stream:
                payload = stream.read()
        if "ExecutedVersion" not in answer:  # the SDK takes any 200, also that of a log-in page
            raise LAMBDA.not_ours(self._about("Invoke"), "an answer without a version")
        return FallbackAnswer(payload, "FunctionError" in answer, answer["ExecutedVersion"])

    @contextmanager
    def _asking(self, operation: str, limit_s: float = 0.0) -> Iterator[_LambdaApi]:
        """A client for a call that may take so long, whose errors are this package's.

        Raises:
            LambdaError: The call failed, or there can be no client.
        """
        client = self._client(limit_s)
        with self._session.asking(self._about(operation), LAMBDA):
            yield client

    def _client(self, limit_s: float = 0.0) -> _LambdaApi:
        wait_s = max(0, int(limit_s) - READ_GRACE_S)
        return cast("_LambdaApi", self._session.client(LAMBDA, wait_s, self._settings))

    def _about(self, operation: str) -> About:
        return About(operation, str(self._target), self._session.clock_ms)


def _patiently(
    ask: Callable[[], Mapping[str, Any]], pause: Callable[[float], object]
) -> Mapping[str, Any]:
    """Ask again what was throttled: many environments may start at once.

    Raises:
        LambdaError: It failed, or is still throttled.
    """
    for pause_s in _PAUSES_S:
        try:
            return ask()
        except LambdaThrottled:  # noqa: PERF203 - it fails rarely, and asks a network
            pause(pause_s)
    return ask()


def _base64(text: str | None) -> str | None:
    return None if text is None else base64.b64encode(text.encode()).decode()
