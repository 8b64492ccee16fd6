"""The steps about how events come to the function: how many at once, and how often again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ldp_account.attachments.functions import qualified
from ldp_account.attachments.site import Found, either

if TYPE_CHECKING:
    from ldp_account.attachments.site import Site

_RETRIES: Final = "MaximumRetryAttempts"
_AGE: Final = "MaximumEventAgeInSeconds"
_ASYNCHRONOUS: Final = {_RETRIES: 0, _AGE: 60}


@dataclass(frozen=True, slots=True)
class ConcurrencyStep:
    """The reserved concurrency, which one response queue for all needs to be 1."""

    site: Site
    title: str = "reserved concurrency"

    def found(self) -> Found:
        """What it is."""
        now, manifest = self.site.function.concurrency(), self.site.manifest
        return either(before=now == manifest.concurrency, after=now == manifest.reserved)

    def do(self) -> None:
        """Set it."""
        self._set(self.site.manifest.reserved)

    def undo(self) -> None:
        """Set it to what it was."""
        self._set(self.site.manifest.concurrency)

    def foreign(self) -> list[str]:
        """What it is now."""
        now, was = self.site.function.concurrency(), self.site.manifest.concurrency
        return [f"the reserved concurrency is {now}, and was {was}"]

    def _set(self, wanted: int | None) -> None:
        function = self.site.function
        with function.aws.calling():
            if wanted is None:
                function.client.delete_function_concurrency(FunctionName=function.name)
            else:
                function.client.put_function_concurrency(
                    FunctionName=function.name, ReservedConcurrentExecutions=wanted
                )


@dataclass(frozen=True, slots=True)
class EventInvokeStep:
    """Retries and age of asynchronous events; their destinations stay as they are."""

    site: Site
    title: str = "asynchronous events: no retries, none older than 60 s"

    def found(self) -> Found:
        """How they are treated."""
        now, before = self._now(), self.site.manifest.event_invoke
        return either(before=_times(now) == _times(before), after=_times(now) == _ASYNCHRONOUS)

    def do(self) -> None:
        """Set it."""
        self._put(_ASYNCHRONOUS)

    def undo(self) -> None:
        """Set it to what it was; if that was nothing, take it away."""
        before = _times(self.site.manifest.event_invoke)
        if before is not None:
            self._put(before)
            return
        function = self.site.function
        with function.aws.calling():
            function.client.delete_function_event_invoke_config(
                FunctionName=function.name, **qualified(self.site.manifest.wish.alias)
            )

    def foreign(self) -> list[str]:
        """What it is now."""
        return [f"asynchronous events: {_times(self._now())}"]

    def _now(self) -> Any:
        return self.site.function.event_invoke(self.site.manifest.wish.alias)

    def _put(self, times: dict[str, Any]) -> None:
        function, now = self.site.function, self._now() or {}
        kept = {k: now[k] for k in ("DestinationConfig",) if k in now}
        with function.aws.calling():
            function.client.put_function_event_invoke_config(
                FunctionName=function.name,
                **qualified(self.site.manifest.wish.alias),
                **{**times, **kept},
            )


def _times(configuration: Any) -> dict[str, Any] | None:
    if configuration is None:
        return None
    return {key: configuration[key] for key in (_RETRIES, _AGE) if key in configuration}
