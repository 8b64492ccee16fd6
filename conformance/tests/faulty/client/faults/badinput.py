"""Faults in what becomes of bad messages."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from faulty.client.badbox import BadBox
from faulty.client.faults.registry import fault
from faulty.client.requests import Bad
from faulty.client.rules import Wrong

if TYPE_CHECKING:
    from faulty.client.requests import Frozen
    from faulty.client.sqs import Message


@fault(
    "ends-at-a-bad-message",
    "SES-29",
    red={
        "client.envelope.no-request-id": "the request is not deleted within",
        "client.bad-input.goes-on": "the request is not deleted within",
        "client.payload.bomb": "MiB of event: the request is not deleted within",
    },
    green=("client.payload.no-utf-8",),
)
class EndsAtABadMessage(BadBox):
    """It ends when a message is no valid request."""

    def take(self, _message: Message, _bad: Bad) -> None:
        self.port.ending.abandon()


@fault(
    "stands-still-at-a-bad-message",
    "SES-29",
    red={
        "client.bad-input.terms": "a request with /sentAtMs being null: the request is not delete"
    },
    green=("client.start.answers",),
)
class StandsStillAtABadMessage(BadBox):
    """It does nothing any more after a message that is no valid request."""

    def take(self, message: Message, bad: Bad) -> None:
        super().take(message, bad)
        time.sleep(3600)


@fault(
    "loses-bad-messages",
    "SES-30",
    red={
        "client.trust.kept-untrusted": "it was deleted, and its body is in no file of the client'"
    },
    green=("client.start.answers",),
)
class LosesBadMessages(BadBox):
    """It deletes a bad message without a trace."""

    def keep(self, message: Message, bad: Bad) -> None:
        """Nothing is kept."""


@fault(
    "keeps-bad-bodies-only",
    "SES-30",
    red={"client.bad-input.kept": "what is kept does not say that /context/memoryLimitInMb is"},
    green=("client.trust.kept-untrusted",),
)
class KeepsBadBodiesOnly(BadBox):
    """It keeps the body of a bad message, and not what was wrong with it."""

    def keep(self, message: Message, _bad: Bad) -> None:
        super().keep(message, Bad(Wrong("", ""), None))


@fault(
    "keeps-bad-reasons-only",
    "SES-30",
    red={
        "client.bad-input.kept": "a bad message was deleted, and its body is in no file of the cl"
    },
    green=("client.start.answers",),
)
class KeepsBadReasonsOnly(BadBox):
    """It keeps what was wrong with a bad message, and not its body."""

    def keep(self, message: Message, bad: Bad) -> None:
        body, message.body = message.body, ""
        super().keep(message, bad)
        message.body = body


@fault(
    "deletes-bad-messages-first",
    "SES-30",
    red={
        "client.trust.kept-untrusted": "it was deleted, and its body is in no file of the client'"
    },
    green=("client.start.answers",),
)
class DeletesBadMessagesFirst(BadBox):
    """It deletes a bad message, and keeps it half a second later."""

    def take(self, message: Message, bad: Bad) -> None:
        self.delete(message)
        time.sleep(0.5)
        super().take(message, bad)


@fault(
    "leaves-bad-messages",
    "SES-30",
    red={"client.bad-input.kept": "the request is not deleted within"},
    green=("client.start.answers",),
)
class LeavesBadMessages(BadBox):
    """It leaves a bad message in the queue, which brings it again and again."""

    def delete(self, message: Message) -> None:
        """Nothing is done."""


@fault(
    "refuses-in-silence",
    "SES-31",
    "ERR-13",
    red={
        "client.payload.foreign-claim": "no response came",
        "client.payload.no-bucket": "no response came",
    },
    green=("client.start.answers",),
)
class RefusesInSilence(BadBox):
    """It does not tell the proxy that its request is bad."""

    def refuse(self, frozen: Frozen, bad: Bad) -> None:
        """Nothing is sent."""


@fault(
    "refuses-twins-of-what-is-in-work",
    "SES-31",
    "SES-14",
    red={"client.bad-input.twin": "the answer is the error Client.BadRequest"},
    green=("client.bad-input.goes-on", "client.bad-input.terms"),
)
class RefusesTwinsOfWhatIsInWork(BadBox):
    """It answers a bad message that has the ID of a request in work."""

    def is_new(self, frozen: Frozen) -> bool:
        return not self.port.journal.is_over(frozen.request_id)


@fault(
    "refuses-twins-of-what-is-answered",
    "SES-31",
    "SES-14",
    red={"client.bad-input.twin": "a bad message with the ID of an answered request is answered"},
    green=("client.bad-input.terms",),
)
class RefusesTwinsOfWhatIsAnswered(BadBox):
    """It answers a bad message that has the ID of an answered request."""

    def is_new(self, frozen: Frozen) -> bool:
        return frozen.request_id not in self.port.active


@fault(
    "refuses-with-the-body",
    "ERR-2",
    "SEC-4",
    red={"client.error.discretion": "the error shows the payload"},
    green=("client.start.answers",),
)
class RefusesWithTheBody(BadBox):
    """It quotes the bad request to the caller."""

    body = ""

    def take(self, message: Message, bad: Bad) -> None:
        self.body = message.body
        super().take(message, bad)

    def sentence(self, bad: Bad) -> str:
        return f"{super().sentence(bad)} It was: {self.body}"


@fault(
    "keeps-bad-messages-in-one-file",
    "SES-30",
    red={
        "client.bad-input.kept": "a bad message was deleted, and its body is in no file of the cl"
    },
    green=("client.trust.kept-untrusted",),
)
class KeepsBadMessagesInOneFile(BadBox):
    """It keeps the last bad message, and writes it over the one before."""

    def keep(self, message: Message, bad: Bad) -> None:
        name, message.id = message.id, "last"
        super().keep(message, bad)
        message.id = name


@fault(
    "hands-bad-messages-over",
    "SES-29",
    red={
        "client.bad-input.one-way": "a request with oneWay, and /payload/encoding wrong reached t",
        "client.bad-input.no-way-back": "a request with /replyTo missing reached the handler",
    },
    green=("client.payload.no-utf-8",),
)
class HandsBadMessagesOver(BadBox):
    """It runs the handler on the event of a bad request, if it has one."""

    def take(self, message: Message, bad: Bad) -> None:
        try:
            event = json.loads(json.loads(message.body)["payload"]["data"])
            self.port.handler.handle(event, {})
        except Exception as error:  # noqa: BLE001 - whatever is wrong, the message is bad
            os.write(2, f"{type(error).__name__}\n".encode())
        super().take(message, bad)


@fault(
    "loses-what-redrives",
    "SES-30",
    red={
        "client.bad-input.redrive": "a bad message was deleted that the queue would have moved el"
    },
    green=("client.bad-input.kept",),
)
class LosesWhatRedrives(BadBox):
    """It deletes without a trace what the queue would have moved elsewhere."""

    def take(self, message: Message, bad: Bad) -> None:
        if self.leaves_alone():
            self.delete(message)
        else:
            super().take(message, bad)
