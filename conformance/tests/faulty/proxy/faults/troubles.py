"""Faults in the face of calls that fail, of variables that are wrong, and in what is logged."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from faulty.proxy.errors import CallFailed, ProxyError, queue_error
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from faulty.proxy.envelopes import Invocation, Running
    from faulty.proxy.exchange import Outcome
    from faulty.proxy.settings import Settings


@fault(
    "sends-once",
    "EXC-32",
    red={"proxy.trouble.send-passing": "QueueError", "proxy.trouble.hanging-send": "QueueError"},
    green=("proxy.trouble.receive-passing",),
)
class SendsOnce(Proxy):
    """It does not repeat a send that failed for now."""

    def insist(self, name: str, call: Callable[[], Any], until_ms: int) -> Any:
        del until_ms
        try:
            return call()
        except CallFailed as failure:
            raise queue_error(name, failure) from failure


@fault("new-request", "EXC-32", red={"proxy.trouble.sent-twice": "has another ID"})
class NewRequest(Proxy):
    """It repeats a send with another request."""

    def send_request(self, invocation: Invocation, running: Running) -> None:
        body = self.fitting(invocation, running, self.largest_message)
        try:
            self.sqs("SendMessage", QueueUrl=self.settings.request_url, MessageBody=body)
        except CallFailed:
            running.request_id = self.request_id(invocation)
            super().send_request(invocation, running)


@fault("receives-once", "EXC-32", red={"proxy.trouble.receive-passing": "QueueError"})
class ReceivesOnce(Proxy):
    """It gives up when a receive fails."""

    def after_failed_receive(self, failure: CallFailed) -> None:
        raise queue_error("ReceiveMessage", failure) from failure


@fault(
    "insists-on-everything",
    "EXC-32",
    red={"proxy.trouble.send-denied": "will not pass"},
    green=("proxy.trouble.send-passing",),
)
class InsistsOnEverything(Proxy):
    """It repeats a send whatever its failure is."""

    def insist(self, name: str, call: Callable[[], Any], until_ms: int) -> Any:
        def passing() -> Any:
            try:
                return call()
            except CallFailed as failure:
                raise CallFailed(failure.code, failure.message, is_passing=True) from failure

        return super().insist(name, passing, until_ms)


@fault(
    "deaf",
    "EXC-32",
    "ERR-5",
    red={"proxy.trouble.receive-denied": "will not pass"},
    green=("proxy.trouble.receive-passing",),
)
class Deaf(Proxy):
    """It receives on although it may not."""

    def after_failed_receive(self, failure: CallFailed) -> None:
        del failure
        time.sleep(0.2)


@fault(
    "queue-trouble-untold",
    "ERR-5",
    red={
        "proxy.trouble.no-queue": "not Proxy.QueueError",
        "proxy.trouble.send-denied": "not Proxy.QueueError",
    },
)
class QueueTroubleUntold(Proxy):
    """It takes trouble with a queue for silence."""

    def insist(self, name: str, call: Callable[[], Any], until_ms: int) -> Any:
        try:
            return super().insist(name, call, until_ms)
        except ProxyError as error:
            raise self.no_response() from error


@fault(
    "insists-for-ever",
    "EXC-6",
    "EXC-32",
    red={"proxy.trouble.outage": "Sandbox.Timedout"},
    green=("proxy.trouble.send-passing",),
)
class InsistsForEver(Proxy):
    """It repeats a send beyond all time."""

    def insist(self, name: str, call: Callable[[], Any], until_ms: int) -> Any:
        return super().insist(name, call, until_ms + 3_600_000)


@fault("endless-reads", "SQS-10", red={"proxy.trouble.hanging-send": "Sandbox.Timedout"})
class EndlessReads(Proxy):
    """It waits for an answer of SQS as long as it takes."""

    slack_s = 600.0


@fault(
    "impatient-reads",
    "SQS-10",
    red={"proxy.trouble.hanging-receive": "given up while it could still answer"},
    green=("proxy.wait.receives",),
)
class ImpatientReads(Proxy):
    """It gives a receive hardly longer than its wait."""

    slack_s = 0.5


@fault(
    "deletes-first",
    "EXC-33",
    red={"proxy.trouble.delete-fails": "QueueError", "proxy.trouble.deletes-hang": "QueueError"},
    green=("proxy.answer.deleted",),
)
class DeletesFirst(Proxy):
    """It takes no answer whose message it cannot delete."""

    def delete(self, url: str, receipt: str) -> None:
        try:
            self.sqs("DeleteMessage", QueueUrl=url, ReceiptHandle=receipt)
        except CallFailed as failure:
            raise queue_error("DeleteMessage", failure) from failure


@fault("believes-empty", "SQS-12", red={"proxy.trouble.empty-polls": "NoResponse"})
class BelievesEmpty(Proxy):
    """It gives up when a receive brings nothing."""

    def receive(self, url: str, wait_s: int) -> list[dict[str, Any]]:
        messages = super().receive(url, wait_s)
        if not messages:
            raise self.no_response()
        return messages


class _Lenient(Proxy):
    variable = ""
    instead: str | None = None

    @classmethod
    def told(cls, variables: Mapping[str, str], name: str, timeout_s: float) -> Settings:
        try:
            return super().told(variables, name, timeout_s)
        except ProxyError as error:
            if cls.variable not in error.message:
                raise
        others = {key: value for key, value in variables.items() if key != cls.variable}
        instead = {} if cls.instead is None else {cls.variable: cls.instead}
        return super().told(others | instead, name, timeout_s)


@fault("default-queue", "ERR-8", red={"proxy.config.missing": "the proxy works"})
class DefaultQueue(_Lenient):
    """It makes up a response queue where none is configured."""

    variable = "LAMBDA_PROXY_RESP_QUEUE_URL"
    instead = "http://127.0.0.1:9/123456789012/LAMBDA_PROXY_RESP"


@fault(
    "any-mode",
    "ERR-8",
    red={"proxy.config.wrong": "LAMBDA_PROXY_MODE=sometimes the proxy works"},
    green=("proxy.config.missing",),
)
class AnyMode(_Lenient):
    """It takes a mode that it does not know for the usual one."""

    variable = "LAMBDA_PROXY_MODE"


@fault("any-bucket", "ERR-8", red={"proxy.config.wrong-bucket": "the proxy works"})
class AnyBucket(_Lenient):
    """It ignores a bucket that cannot be."""

    variable = "LAMBDA_PROXY_PAYLOAD_BUCKET"


@fault("any-window", "ERR-8", red={"proxy.config.wrong-window": "the proxy works"})
class AnyWindow(_Lenient):
    """It ignores a start window that cannot be."""

    variable = "LAMBDA_PROXY_START_WITHIN_S"


@fault("no-fallback-named", "ERR-8", red={"proxy.fallback.missing": "the proxy works"})
class NoFallbackNamed(_Lenient):
    """It ignores that it has nothing to fall back on."""

    variable = "LAMBDA_PROXY_FALLBACK_FUNCTION"
    instead = "something:1"

    def start(self) -> None:
        """Nothing is looked at."""


@fault(
    "nameless-refusal",
    "ERR-8",
    red={
        "proxy.config.missing": "it does not name it",
        "proxy.config.wrong": "it does not name it",
        "proxy.config.wrong-window": "it does not name it",
    },
)
class NamelessRefusal(Proxy):
    """It refuses wrong variables without saying which."""

    @classmethod
    def told(cls, variables: Mapping[str, str], name: str, timeout_s: float) -> Settings:
        try:
            return super().told(variables, name, timeout_s)
        except ProxyError as error:
            raise ProxyError(error.error_type, "The configuration cannot be used.") from error


@fault(
    "talkative",
    "SEC-4",
    red={
        "proxy.secrecy.payloads": "a payload is in what",
        "proxy.secrecy.debug": "a whole payload",
    },
)
class Talkative(Proxy):
    """It logs events and answers."""

    def exchange(self, invocation: Invocation) -> Outcome:
        self.log("exchange.event", payload=invocation.event.decode(errors="replace"))
        return super().exchange(invocation)


@fault(
    "tells-secrets",
    "SEC-4",
    red={"proxy.secrecy.debug": "a credential", "proxy.secrecy.trace": "a credential"},
    green=("proxy.secrecy.payloads",),
)
class TellsSecrets(Proxy):
    """It logs its variables at the level DEBUG and below."""

    def exchange(self, invocation: Invocation) -> Outcome:
        import os  # noqa: PLC0415 - for this alone

        if self.settings.level != "INFO":
            self.log("proxy.variables", variables=dict(os.environ))
        return super().exchange(invocation)


@fault("curious", "SEC-6", red={"proxy.secrecy.permissions": "it calls GetQueueAttributes"})
class Curious(Proxy):
    """It asks for attributes of its queues."""

    def send_request(self, invocation: Invocation, running: Running) -> None:
        self.sqs("GetQueueAttributes", QueueUrl=self.settings.request_url, AttributeNames=["All"])
        super().send_request(invocation, running)
