"""The function that answers where nobody is there: checked at the start, invoked once."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from faulty.proxy.aws import Ask
from faulty.proxy.errors import CallFailed, ProxyError, misconfigured
from faulty.proxy.exchange import Exchange, Outcome
from faulty.proxy.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faulty.proxy.envelopes import Invocation, Running
    from faulty.proxy.settings import Settings

_VARIABLE: Final = "LAMBDA_PROXY_FALLBACK_FUNCTION"
_FORM: Final = re.compile(
    r"(?:arn:[^:]+:lambda:[^:]+:\d{12}:function:|\d{12}:function:)?([0-9A-Za-z_-]+):([0-9A-Za-z_$-]+)"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A version or an alias of a function."""

    name: str
    qualifier: str


class Proxy(Exchange):
    """A whole proxy: one execution environment of its function."""

    running_version = "$LATEST"

    @classmethod
    def told(cls, variables: Mapping[str, str], name: str, timeout_s: float) -> Settings:
        """Read the variables.

        Raises:
            ProxyError: They cannot be used.
        """
        return settings_of(variables, name, timeout_s)

    @classmethod
    def prepare(cls, settings: Settings) -> None:
        """Do what is done before the first invocation: nothing."""

    def start(self) -> None:
        """Do what an environment does when it starts.

        Raises:
            ProxyError: The configuration cannot be used.
        """
        if self.settings.fallback:
            self.check_fallback()

    def target(self) -> Target:
        """The fallback, parted.

        Raises:
            ProxyError: It has no qualifier (EXC-25).
        """
        found = _FORM.fullmatch(self.settings.fallback)
        if not found or found[2] == "$LATEST":
            raise misconfigured(_VARIABLE, "names no published version and no alias")
        return Target(found[1], found[2])

    def check_fallback(self) -> None:
        """Refuse what can never work (EXC-25, EXC-26)."""
        target = self.target()
        if not self.settings.is_dedicated:
            raise misconfigured(_VARIABLE, "needs LAMBDA_PROXY_REPLY=dedicated")
        if target.name != self.settings.name:
            return
        if self.running_version in self.versions_of(target):
            raise misconfigured(_VARIABLE, "is the version that the proxy itself runs as")
        reserved = self._lambda(f"/2019-09-30/functions/{target.name}/concurrency")
        self.check_reservation(reserved.get("ReservedConcurrentExecutions"))

    def check_reservation(self, reserved: int | None) -> None:
        """Refuse a reservation that leaves no room (EXC-26)."""
        if reserved is not None and reserved < 2:
            raise misconfigured(_VARIABLE, "can never run: the reserved concurrency is under 2")

    def versions_of(self, target: Target) -> set[str]:
        """The versions behind a qualifier."""
        if target.qualifier.isdigit():
            return {target.qualifier}
        alias = self._lambda(f"/2015-03-31/functions/{target.name}/aliases/{target.qualifier}")
        routes = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return {str(alias.get("FunctionVersion")), *routes}

    def _lambda(self, path: str) -> dict[str, Any]:
        try:
            answer = self.http("lambda", Ask("GET", path), self.slack_s)
        except CallFailed as failure:
            raise misconfigured(_VARIABLE, f"cannot be checked: {failure.code}") from failure
        if answer.status >= 300:
            raise misconfigured(_VARIABLE, f"cannot be checked: HTTP {answer.status}")
        found: dict[str, Any] = json.loads(answer.body or b"{}")
        return found

    def when_absent(self, invocation: Invocation, running: Running) -> Outcome:
        """Fail, or let the fallback answer (EXC-21, EXC-27)."""
        if not self.settings.fallback:
            return super().when_absent(invocation, running)
        left_s = (running.answer_by_ms - self.now_ms()) / 1000
        if left_s < 1:
            raise fallback_failed("too little time was left; raise the function's timeout")
        self.fell_back[running.request_id] = running.start_by_ms or 0
        return self.fall_back(invocation, left_s)

    def fall_back(self, invocation: Invocation, left_s: float) -> Outcome:
        """Invoke the fallback once."""
        target = self.target()
        path = (
            f"/2015-03-31/functions/{target.name}/invocations?Qualifier={quote(target.qualifier)}"
        )
        headers = {}
        if "clientContext" in invocation.context:
            text = invocation.context["clientContext"].encode()
            headers["X-Amz-Client-Context"] = base64.b64encode(text).decode()
        try:
            ask = Ask("POST", path, invocation.event, headers)
            answer = self.http("lambda", ask, left_s)
        except CallFailed as failure:
            raise fallback_failed(failure.code) from failure
        if answer.status != 200:
            raise fallback_failed(f"HTTP {answer.status}")
        names = {name.lower() for name in answer.headers}
        return Outcome(answer.body, is_error="x-amz-function-error" in names)


def fallback_failed(why: str) -> ProxyError:
    """The fallback could not be invoked (ERR-10)."""
    return ProxyError(
        "Proxy.FallbackFailed",
        f"The fallback function gave no answer: {why}. Look at {_VARIABLE} and the proxy's role.",
    )
