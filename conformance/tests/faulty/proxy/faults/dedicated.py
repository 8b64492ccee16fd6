"""Faults in reply queues of the proxy's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from faulty.proxy.errors import CallFailed
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.settings import Settings


@fault("made-at-the-start", "EXC-29", red={"proxy.dedicated.name": "before the first invocation"})
class MadeAtTheStart(Proxy):
    """It makes its queue before anybody invoked it."""

    @classmethod
    def prepare(cls, settings: Settings) -> None:
        if settings.is_dedicated:
            made = cls(settings)
            made.make_own(made.now_ms() + 5_000)


@fault("plain-name", "EXC-29", red={"proxy.dedicated.name": "the reply queue is named"})
class PlainName(Proxy):
    """It gives its queue a name that can be guessed."""

    def own_name(self) -> str:
        return f"{self.base_name()}-{self.now_ms()}"


@fault(
    "one-queue-for-all",
    "EXC-29",
    red={"proxy.dedicated.random": "at once share"},
    green=("proxy.dedicated.name",),
)
class OneQueueForAll(Proxy):
    """Its environments share one queue, as if they were forks."""

    shared: ClassVar[dict[str, str]] = {}

    def own_name(self) -> str:
        return self.shared.setdefault("name", super().own_name())


@fault("untagged", "EXC-30", red={"proxy.dedicated.tag": "the tag createdAtMs is ''"})
class Untagged(Proxy):
    """It does not tag its queue."""

    def own_tags(self, created_at_ms: int) -> dict[str, str]:
        return {"madeAtMs": str(created_at_ms)}


@fault("tagged-with-seconds", "EXC-30", red={"proxy.dedicated.tag": "the tag createdAtMs is '"})
class TaggedWithSeconds(Proxy):
    """It tags its queue with seconds."""

    def own_tags(self, created_at_ms: int) -> dict[str, str]:
        return {"createdAtMs": str(created_at_ms // 1000)}


@fault("wasteful", "EXC-29", red={"proxy.dedicated.kept": "has another reply queue"})
class Wasteful(Proxy):
    """It makes a queue for each invocation."""

    def reply_url(self, until_ms: int) -> str:
        self.own_url = ""
        return super().reply_url(until_ms)


@fault(
    "small-queue",
    "ENV-20",
    "SQS-4",
    red={"proxy.dedicated.settings": "not what the queue takes"},
    green=("proxy.dedicated.tag",),
)
class SmallQueue(Proxy):
    """It makes a queue that takes less than it says."""

    def own_attributes(self) -> dict[str, str]:
        return super().own_attributes() | {"MaximumMessageSize": "262144"}


@fault(
    "plain-queue",
    "SQS-4",
    red={"proxy.dedicated.recommended": "the maximum message size is not set"},
    green=("proxy.dedicated.settings",),
)
class PlainQueue(Proxy):
    """It makes a queue as SQS makes it."""

    def own_attributes(self) -> dict[str, str]:
        return {}


@fault("long-retention", "SQS-4", red={"proxy.dedicated.recommended": "the retention is"})
class LongRetention(Proxy):
    """Its queue keeps replies for days."""

    def own_attributes(self) -> dict[str, str]:
        return super().own_attributes() | {"MessageRetentionPeriod": "345600"}


@fault("restless", "EXC-34", red={"proxy.dedicated.rested": "it rested for"})
class Restless(Proxy):
    """It names a new queue at once."""

    rest_s = 0.0


@fault(
    "clings",
    "EXC-35",
    red={"proxy.dedicated.gone": "names it again"},
    green=("proxy.dedicated.kept",),
)
class Clings(Proxy):
    """It keeps a queue that is gone."""

    gone_code = ""


@fault("waits-for-the-gone", "EXC-35", red={"proxy.dedicated.gone": "not Proxy.QueueError"})
class WaitsForTheGone(Proxy):
    """It waits for its queue to come back."""

    def after_failed_receive(self, failure: CallFailed) -> None:
        passing = CallFailed(failure.code, failure.message, is_passing=True)
        super().after_failed_receive(passing)

    def await_answer(self, invocation, running):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        try:
            return super().await_answer(invocation, running)
        except Exception as error:
            raise self.no_response() from error


@fault("never-sweeps", "EXC-31", red={"proxy.sweep.old": "is left"}, green=("proxy.sweep.young",))
class NeverSweeps(Proxy):
    """It never deletes what others left behind."""

    def sweep(self) -> None:
        """Nothing is done."""


@fault(
    "sweeps-early", "EXC-30", red={"proxy.sweep.young": "was deleted"}, green=("proxy.sweep.old",)
)
class SweepsEarly(Proxy):
    """It deletes queues that are 12 h old."""

    def sweep_age_ms(self) -> int:
        return 12 * 3_600_000


@fault("any-tag", "EXC-36", red={"proxy.sweep.untold": "was deleted"}, green=("proxy.sweep.young",))
class AnyTag(Proxy):
    """It takes any number for an age."""

    def is_age(self, tag: str) -> bool:
        return tag.isdigit()


@fault(
    "any-name", "EXC-36", red={"proxy.sweep.others": "was deleted"}, green=("proxy.sweep.young",)
)
class AnyName(Proxy):
    """It sweeps everything that begins with its name."""

    def is_trusted(self, name: str) -> bool:
        return name.startswith(f"{self.base_name()}-")
