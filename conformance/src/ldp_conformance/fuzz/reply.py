"""A generated reply as data: what it is made of, to whose request it is, and what is done to it.

A case is several of them, put into the reply queue of one request in order. A reply says nothing of
what has to follow; `endings` tells that from the text.
"""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from ldp_conformance.fuzz.recipe import splices_of, wrapping_of
from ldp_conformance.vectors.filling import altered, body_from

if TYPE_CHECKING:
    from ldp_conformance.fuzz.recipe import Splice, Wrapping
    from ldp_conformance.vectors.filling import Surroundings


class Form(Enum):
    """What a reply begins as."""

    RESULT = "result"
    ERROR = "error"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TEXT = "text"  #: no envelope at all


class Whose(Enum):
    """To whose request it is, by its `requestId`."""

    OWN = "own"
    NEIGHBOUR = "neighbour"  #: one of another invocation that waits just then
    FINISHED = "finished"  #: the one before, on the same reply queue
    STRANGER = "stranger"  #: none of this proxy
    AWS = "aws"  #: Lambda's ID of the invocation instead
    UPPER = "upper"  #: its own in capitals
    LONGER = "longer"  #: its own and two characters
    SHORTER = "shorter"  #: its own but for the last character


_CLIENT: Final = {"instanceId": "{{instanceId}}"}
_HEAD: Final = {"version": "1.0", "requestId": "{{requestId}}", "answerByMs": "{{now}}"}
_BASES: Final[dict[Form, dict[str, Any]]] = {
    Form.RESULT: {**_HEAD, "kind": "response"},
    Form.ERROR: {
        **_HEAD,
        "kind": "response",
        "error": {"errorType": "E", "errorMessage": "for people"},
    },
    Form.ACCEPTED: {**_HEAD, "kind": "accepted", "client": _CLIENT},
    Form.DECLINED: {**_HEAD, "kind": "declined", "client": _CLIENT, "reason": "filtered"},
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply.

    Attributes:
        form: What it begins as.
        whose: To whose request it is.
        wrapping: The payload of a result, or of an error.
        given: What is done to its members, in the words of the vectors: change, raw, remove; or
            the text of one that is no envelope.
        splices: What is done to the text in the end.
        copies: How often it is sent.
    """

    form: Form = Form.RESULT
    whose: Whose = Whose.OWN
    wrapping: Wrapping | None = None
    given: dict[str, Any] = field(default_factory=dict)
    splices: tuple[Splice, ...] = ()
    copies: int = 1

    def body(self, around: Surroundings) -> str:
        """The message's text; `now` is the request's `answerByMs`."""
        text = body_from(self.given, around) if self.form is Form.TEXT else self._written(around)
        for splice in self.splices:
            text = splice.apply(text)
        return text or " "  # SQS takes no empty message

    def _written(self, around: Surroundings) -> str:
        envelope = copy.deepcopy(_BASES[self.form])
        if self.wrapping is not None:
            holder = envelope["error"] if self.form is Form.ERROR else envelope
            holder["payload"] = self.wrapping.payload(around)
        return altered(envelope, self.given, around)


#: What is put into a reply queue, in order.
Replies = tuple[Reply, ...]


def dumped(cases: list[Replies]) -> bytes:
    """Cases as JSON text, which `loaded` reads."""
    rows = [[asdict(reply) for reply in replies] for replies in cases]
    return json.dumps(rows, default=lambda word: word.value).encode()


def loaded(text: bytes) -> list[Replies]:
    """The cases that `dumped` wrote.

    Raises:
        ValueError: It is no such text.
    """
    try:
        return [tuple(map(_reply, replies)) for replies in json.loads(text)]
    except (KeyError, TypeError) as exc:
        raise ValueError(f"no replies: {exc}") from exc


def _reply(raw: dict[str, Any]) -> Reply:
    return Reply(
        Form(raw["form"]),
        Whose(raw["whose"]),
        wrapping_of(raw["wrapping"]),
        raw["given"],
        splices_of(raw["splices"]),
        raw["copies"],
    )
