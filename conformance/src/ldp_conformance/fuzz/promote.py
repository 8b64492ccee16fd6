"""From a token of a failure to a vector, so that what chance found once is looked at for ever."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ldp_conformance.errors import UsageError
from ldp_conformance.fuzz import recipe as recipes
from ldp_conformance.fuzz.dialect import Dialect
from ldp_conformance.fuzz.expectation import Expected, Outcome, bytes_of, expected
from ldp_conformance.tokens import unpacked
from ldp_conformance.vectors.catalogue import SCHEMA, retired, vectors
from ldp_conformance.vectors.filling import Surroundings
from ldp_schemas.judge import judge

if TYPE_CHECKING:
    from ldp_conformance.fuzz.recipe import Recipe

#: A time that no message has by chance; whatever is near it was a placeholder.
_NOW_MS: Final = 7_777_000_000_000
_TIMES: Final = re.compile(r"\b77[67]\d{10}\b")
_NAMES: Final = ("requestId", "awsRequestId", "uuid", "nonce", "account", "endpoint", "replyQueue")
_MORE: Final = ("requestQueue", "replyTo", "bucket", "prefix")
#: In which file a message of each kind is, and how IDs begin there.
_CHAPTERS: Final = {"payload": ("payloads", "V-PAY-"), "request": ("envelopes", "V-ENV-")}
#: What every language can hold is asked of every language.
_PLAIN: Final = Dialect(has_exact_numbers=False, has_lone_surrogates=False, has_start_window=False)


def promoted(token: str, fact: str) -> tuple[str, dict[str, Any]]:
    """The vector for the message behind a token: its chapter, and its entry there.

    Args:
        token: What a failure printed.
        fact: The vector's statement, a sentence in the present tense.

    Raises:
        UsageError: The token is none of a single message, the message says nothing for sure, or
            the statement is not as vectors have it.
    """
    message = _message(token)
    kind = "payload" if message.wrapping else "request"
    chapter, prefix = _CHAPTERS[kind]
    name = _free_id(prefix)
    around = _around(name)
    body = message.body(around)
    due = expected(body, around, _PLAIN)
    if due.outcome is Outcome.SURVIVED:
        raise UsageError("nothing is asked of a client for this message", hint="Choose another.")
    given = (
        {"payload": _payload(message, around)}
        if message.wrapping
        else _given(message, body, around)
    )
    entry = {
        "id": name,
        "kind": kind,
        "fact": fact,
        "requirements": list(due.requirements or ("SES-29",)),
        "valid": not judge(body),
        "given": given,
        "then": _then(due, message, around),
    }
    _check(entry)
    return chapter, entry


def _message(token: str) -> Recipe:
    _, case = unpacked(token)
    try:
        found = recipes.loaded(case)
    except ValueError as exc:
        raise UsageError(
            f"the token holds no message: {exc}", hint="Programs of deliveries make no vector."
        ) from exc
    if len(found) != 1:
        raise UsageError(
            f"the token holds {len(found)} messages", hint="Only a single one makes a vector."
        )
    return found[0]


def _free_id(prefix: str) -> str:
    used = [int(name.rpartition("-")[2]) for name in (*vectors(), *retired()) if prefix in name]
    return f"{prefix}{max(used) + 1:04}"


def _check(entry: dict[str, Any]) -> None:
    schema = {**json.loads(SCHEMA.read_text(encoding="utf-8")), "$ref": "#/$defs/vector"}
    one = {name: schema[name] for name in ("$schema", "$defs", "$ref")}
    wrong = best_match(Draft202012Validator(one).iter_errors(entry))
    if wrong is not None:
        place = "/".join(str(step) for step in wrong.absolute_path)
        raise UsageError(
            f"{place}: {wrong.message}",
            hint="Say what a client does in a sentence of at most 100 characters and a full stop.",
        )


def _around(name: str) -> Surroundings:
    """Surroundings in which every placeholder stands for itself, but for what has to be read."""
    names = {each: f"{{{{{each}}}}}" for each in (*_NAMES, *_MORE)}
    real = {"requestId": "r-1", "account": "123456789012", "replyQueue": "R", "nonce": name}
    url = {"replyTo": "http://h/123456789012/R", "awsRequestId": "a-1"}
    return Surroundings(_NOW_MS, {**names, **real, **url})


def _given(message: Recipe, body: str, around: Surroundings) -> dict[str, Any]:
    if not message.splices:
        return message.given
    names = {
        "http://h/123456789012/R": "{{replyTo}}",
        "/123456789012/R": "/{{account}}/{{replyQueue}}",
        '"a-1': '"{{awsRequestId}}',
        '"r-1': '"{{requestId}}',
        around.names["nonce"]: "{{nonce}}",
    }
    for text, place in names.items():
        body = body.replace(text, place)
    return {"text": [_TIMES.sub(lambda found: _place(int(found[0])), body)]}


def _place(at_ms: int) -> str:
    offset = at_ms - _NOW_MS
    return f"{{{{now{offset:+d}}}}}" if offset else "{{now}}"


def _payload(message: Recipe, around: Surroundings) -> dict[str, Any]:
    return message.wrapping.payload(around) if message.wrapping else {}


def _then(due: Expected, message: Recipe, around: Surroundings) -> dict[str, Any]:
    then: dict[str, Any] = {"outcome": due.outcome.value}
    if due.outcome is Outcome.ANSWERED:
        then["result"] = due.result
    if message.wrapping and due.outcome in {Outcome.ANSWERED, Outcome.HANDED_OVER}:
        then["bytes"] = base64.b64encode(bytes_of(_payload(message, around))).decode()
    return then
