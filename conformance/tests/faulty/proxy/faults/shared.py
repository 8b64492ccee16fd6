"""Faults in what becomes of replies to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faulty.proxy.errors import BadInputError
from faulty.proxy.fallback import Proxy
from faulty.proxy.faults.registry import fault

if TYPE_CHECKING:
    from faulty.proxy.envelopes import Reply


@fault(
    "deletes-foreign",
    "EXC-11",
    red={"proxy.shared.released": "was deleted", "proxy.shared.others-released": "was deleted"},
    green=("proxy.answer.own-only",),
)
class DeletesForeign(Proxy):
    """It deletes replies that are not its own."""

    def take_foreign(self, url: str, reply: Reply) -> None:
        self.delete(url, reply.receipt)


@fault(
    "keeps-foreign",
    "EXC-11",
    red={"proxy.shared.released": "and not released"},
    green=("proxy.answer.own-only",),
)
class KeepsForeign(Proxy):
    """It does nothing with replies that are not its own."""

    def take_foreign(self, url: str, reply: Reply) -> None:
        """Nothing is done."""


@fault(
    "late-release",
    "EXC-11",
    red={"proxy.shared.released": "visibility of 0 s"},
    green=("proxy.shared.expired",),
)
class LateRelease(Proxy):
    """It releases foreign replies a second later."""

    def hide(self, url: str, receipt: str, visibility_s: int) -> None:
        super().hide(url, receipt, max(1, visibility_s))


@fault("no-pause", "EXC-11", red={"proxy.shared.pause": "it does not pause"})
class NoPause(Proxy):
    """It receives again at once after a release."""

    pause_s = 0.0


@fault("long-pause", "EXC-11", red={"proxy.shared.pause": "it pauses for longer"})
class LongPause(Proxy):
    """It pauses for up to 0.3 s."""

    pause_s = 0.3


@fault("no-hide-pause", "EXC-12", red={"proxy.shared.hide-pause": "it does not pause"})
class NoHidePause(Proxy):
    """It receives again at once after it hid an answer."""

    hide_pause_s = 0.0


@fault("long-hide-pause", "EXC-12", red={"proxy.shared.hide-pause": "it pauses for longer"})
class LongHidePause(Proxy):
    """It pauses for up to 1.5 s then."""

    hide_pause_s = 1.5


@fault(
    "never-hides",
    "EXC-12",
    red={"proxy.shared.hidden": "not released twice, then hidden"},
    green=("proxy.shared.released", "proxy.shared.counted-anew"),
)
class NeverHides(Proxy):
    """It never hides what nobody collects."""

    def is_uncollected(self, reply: Reply) -> bool:
        del reply
        return False


@fault(
    "counts-all-receives",
    "EXC-12",
    red={"proxy.shared.counted-anew": "at first sight"},
    green=("proxy.shared.hidden",),
)
class CountsAllReceives(Proxy):
    """It counts the receives of others as its own."""

    def is_uncollected(self, reply: Reply) -> bool:
        return reply.receive_count >= 3


@fault(
    "counts-its-own-receives",
    "EXC-12",
    red={"proxy.shared.not-alone": "somebody else had received it"},
    green=("proxy.shared.hidden", "proxy.shared.counted-anew"),
)
class CountsItsOwnReceives(Proxy):
    """It does not look whether others received an answer in between."""

    def is_uncollected(self, reply: Reply) -> bool:
        _, times = self.sightings.get(reply.message_id, (0, 0))
        self.sightings[reply.message_id] = (reply.receive_count, times + 1)
        return times + 1 >= 3


@fault(
    "deletes-nothing-foreign",
    "EXC-13",
    red={"proxy.shared.expired": "was put back", "proxy.shared.old-notices": "was put back"},
    green=("proxy.shared.released", "proxy.shared.unbelievable"),
)
class DeletesNothingForeign(Proxy):
    """It never deletes a foreign reply."""

    def is_abandoned(self, reply: Reply, now_ms: int) -> bool:
        del reply, now_ms
        return False


@fault(
    "deletes-too-soon",
    "EXC-13",
    red={"proxy.shared.expired": "before its time", "proxy.shared.old-notices": "after 5 s"},
    green=("proxy.shared.released",),
)
class DeletesTooSoon(Proxy):
    """It gives foreign replies no time beyond their end."""

    def is_abandoned(self, reply: Reply, now_ms: int) -> bool:
        return super().is_abandoned(reply, now_ms + 5_500)


@fault(
    "believes-anything",
    "EXC-14",
    red={"proxy.shared.unbelievable": "was believed", "proxy.shared.far-future": "was put back"},
    green=("proxy.shared.expired",),
)
class BelievesAnything(Proxy):
    """It believes any time."""

    def believed_ms(self, reply: Reply) -> int:
        return reply.answer_by_ms or 0


@fault(
    "believes-nothing",
    "EXC-14",
    red={"proxy.shared.expired": "was put back"},
    green=("proxy.shared.unbelievable",),
)
class BelievesNothing(Proxy):
    """It gives every foreign answer 900 s."""

    def believed_ms(self, reply: Reply) -> int:
        return reply.sent_at_ms + 900_000


@fault(
    "other-majors-are-garbage",
    "EXC-17",
    red={"proxy.shared.other-major": "was deleted"},
    green=("proxy.shared.released",),
)
class OtherMajorsAreGarbage(Proxy):
    """It deletes what is of another major version."""

    def read(self, message: dict[str, Any]) -> Reply:
        reply = super().read(message)
        if not reply.is_known:
            raise BadInputError("another major version")
        return reply
