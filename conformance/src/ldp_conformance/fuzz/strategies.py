"""Strategies for whole messages: right ones, ones with one fault, and ones with a spoilt text.

What a request has is read from its schema, so that a member that the protocol gets is drawn too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from ldp_conformance.fuzz import corpus, values
from ldp_conformance.fuzz.recipe import PARTS, Recipe, Splice, Wrapping
from ldp_schemas import REGISTRY
from ldp_schemas.inline import inlined

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from ldp_conformance.fuzz.dialect import Dialect

_REQUEST: Final = "https://lambda-debug-proxy.dev/schemas/v1/bundles/request.schema.json"
#: Members that only requests with an answer have.
_OF_AN_ANSWER: Final = {"replyTo", "startByMs", "answerByMs", "maxReplyBytes", "acceptEncodings"}
#: Members that are only drawn as broken ones.
_BROKEN_ONLY: Final = ("/context/identity/", "/payload/")
#: Objects that unknown members are put into.
_OBJECTS: Final = ("", "/context", "/payload")
#: What Lambda tells a runtime in headers of HTTP, and which characters these carry without loss.
_IN_HEADERS: Final = tuple(
    f"/context/{name}" for name in ("invokedFunctionArn", "traceId", "tenantId", "invocationId")
)
_MOST_STRANGE: Final = 256  # characters, of the shortest of these members
_VISIBLE: Final = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a request.

    Attributes:
        pointer: Where it is.
        schema: What it has to be.
        is_required: Whether it has to be there.
    """

    pointer: str
    schema: dict[str, Any]
    is_required: bool


@cache
def members() -> dict[str, Member]:
    """The members of a request and of its context, by pointer."""
    request = inlined(dict(REGISTRY.contents(_REQUEST)))  # type: ignore[arg-type]
    found = members_of(request, "", {*request["required"], *_OF_AN_ANSWER} - {"startByMs"})
    context = request["properties"]["context"]
    found += members_of(context, "/context", set(context["required"]))
    identity = context["properties"]["identity"]
    found += members_of(identity, "/context/identity", set())
    payload = request["properties"]["payload"]
    found += members_of(payload, "/payload", set(payload["required"]))
    found.append(Member("/payload/data", {"type": "string"}, is_required=True))
    return {member.pointer: member for member in found}


def members_of(schema: dict[str, Any], pointer: str, required: set[str]) -> list[Member]:
    """The members of an object at a place, by its schema."""
    return [
        Member(f"{pointer}/{name}", member, name in required)
        for name, member in schema["properties"].items()
    ]


def events(dialect: Dialect) -> SearchStrategy[str]:
    """Events that ask for something back, as JSON text with a place for the nonce."""
    return st.one_of(
        values.json_values(dialect).map(_echo),
        values.texts(dialect)
        .filter(lambda text: dialect.can_hold(text) and not _is_halved(text))
        .map(lambda text: event_text("measure", text=text)),
        st.sampled_from(values.known(dialect)).map(_echo),
    )


def _echo(value: Any) -> str:
    return event_text("echo", value=value)


def _is_halved(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def event_text(do: str, **more: Any) -> str:
    """An event as JSON text."""
    return json.dumps({"do": do, "nonce": "{{nonce}}", **more})


def _special(dialect: Dialect) -> dict[str, SearchStrategy[Any]]:
    """What members hold whose meaning a schema does not tell."""
    version = st.integers(0, 9999).map(lambda minor: f"1.{minor}")
    future = st.one_of(
        st.integers(20_000, 600_000).map(lambda ms: f"{{{{now+{ms}}}}}"), st.just(2**53 - 1)
    )
    hosts = ("http://127.0.0.1:9", "https://queue.invalid", "https://h/a/b", "http://[::1]:1/-")
    special: dict[str, SearchStrategy[Any]] = {
        "/version": version,
        "/requestId": values.fitting({"type": "string", "pattern": ""}, dialect).map(
            lambda text: f"{{{{requestId}}}}-{text}"
        ),
        "/replyTo": st.sampled_from(hosts).map(
            lambda host: f"{host}/{{{{account}}}}/{{{{replyQueue}}}}"
        ),
        "/answerByMs": future,
        "/context/clientContext": st.dictionaries(
            st.sampled_from(["custom", "env", "client"]),
            st.dictionaries(values.texts(dialect), values.texts(dialect), max_size=2),
            max_size=2,
        ).map(json.dumps),
        "/context/identity": st.just({}),
    }
    for pointer in (*_IN_HEADERS, "/context/awsRequestId"):
        # Rarely what no header can carry: nobody but a stranger sends that, who ends no client.
        visible = st.text(_VISIBLE, min_size=1, max_size=40)
        strange = values.texts(dialect).filter(lambda text: 0 < len(text) <= _MOST_STRANGE)
        special[pointer] = values.weighted((visible, 3), (strange, 1))
    if dialect.has_start_window:
        special["/startByMs"] = future
    return special


def _right_edits(dialect: Dialect, *, one_way: bool) -> SearchStrategy[dict[str, Any]]:
    """Other right values for some members, by pointer."""
    special = _special(dialect)
    left_out = {"/kind", "/oneWay", "/context", "/payload", "/environment", "/signature"}
    if not dialect.has_start_window:
        left_out.add("/startByMs")
    if one_way:
        left_out |= {f"/{name}" for name in _OF_AN_ANSWER}
    choices = [
        st.tuples(
            st.just(member.pointer),
            special[member.pointer]
            if member.pointer in special
            else values.fitting(member.schema, dialect),
        )
        for member in members().values()
        if member.pointer not in left_out and not member.pointer.startswith(_BROKEN_ONLY)
    ]
    names = values.texts(dialect).map(lambda text: text.replace("~", "~0").replace("/", "~1"))
    unknown = st.tuples(
        st.builds("{}/later {}".format, st.sampled_from(_OBJECTS), names),
        values.json_values(dialect),
    )
    return st.lists(st.one_of(*choices, unknown), max_size=3).map(dict)


def right(dialect: Dialect) -> SearchStrategy[Recipe]:
    """Messages that are valid, or very nearly always."""
    one_way = st.builds(
        _changed, st.just("one-way"), _right_edits(dialect, one_way=True), events(dialect)
    )
    waits = st.builds(
        _changed, st.just("request"), _right_edits(dialect, one_way=False), events(dialect)
    )
    return values.weighted((waits, 9), (one_way, 1))


def _changed(base: str, change: dict[str, Any], event: str) -> Recipe:
    return Recipe({"base": base, "change": {**change, "/payload/data": event}})


def broken(dialect: Dialect) -> SearchStrategy[Recipe]:
    """Messages that have one member too few, or one that they can hardly have."""
    return st.builds(_broken, right(dialect), st.one_of(*map(breaks, members().values())))


def breaks(member: Member) -> SearchStrategy[tuple[str, str, Any]]:
    """What can be wrong with a member: its pointer, how, and with which value."""
    place = st.just(member.pointer)
    ways = [
        st.tuples(place, st.just("change"), values.unfitting(member.schema)),
        st.tuples(place, st.just("raw"), st.sampled_from(corpus.LITERALS)),
    ]
    if member.is_required:
        ways.append(st.tuples(place, st.just("remove"), st.none()))
    return st.one_of(*ways)


def _broken(recipe: Recipe, fault: tuple[str, str, Any]) -> Recipe:
    pointer, how, value = fault
    if recipe.given["base"] == "one-way" and pointer[1:] in _OF_AN_ANSWER and how == "remove":
        return recipe  # it is not there
    change = {
        place: right_value
        for place, right_value in recipe.given["change"].items()
        if not f"{place}/".startswith(f"{pointer}/")
    }
    given: dict[str, Any] = {**recipe.given, "change": change}
    if pointer.startswith("/context/identity/"):
        change["/context/identity"] = {}
    if how == "remove":
        given["remove"] = [pointer]
    elif how == "raw":
        given["raw"] = {pointer: value}
    else:
        change[pointer] = value
    return Recipe(given)


def spoilt(dialect: Dialect) -> SearchStrategy[Recipe]:
    """Messages whose text is cut, doubled, or has in it what does not belong there."""
    return st.builds(
        lambda recipe, splices: Recipe(recipe.given, splices=tuple(splices)),
        right(dialect),
        st.lists(splice(), min_size=1, max_size=2),
    )


def splice(most: int = 3) -> SearchStrategy[Splice]:
    """Changes to a text."""
    return st.builds(
        Splice,
        st.integers(0, PARTS),
        st.one_of(st.integers(0, most), st.just(1_000_000)),
        st.one_of(st.just(""), st.sampled_from(corpus.SNIPPETS)),
    )


def envelopes(dialect: Dialect) -> SearchStrategy[Recipe]:
    """Messages of all three sorts; those that are right are half of them."""
    good = right(dialect)
    return values.weighted((good, 4), (broken(dialect), 3), (spoilt(dialect), 1))


def wrapped(dialect: Dialect) -> SearchStrategy[Recipe]:
    """Valid requests whose payload is encoded in any way, and often damaged."""
    whole = events(dialect).filter(lambda text: "\\ud" not in text)
    spoils = st.lists(byte_splice(), max_size=1).map(tuple)
    plain = st.builds(Wrapping, st.just("text"), whole)
    coded = st.builds(Wrapping, st.just("base64"), whole, scratch=spoils)
    zipped = st.builds(
        Wrapping,
        st.just("gzip+base64"),
        whole,
        level=st.integers(0, 9),
        members=st.integers(1, 3),
        damage=spoils,
        scratch=spoils,
    )
    wrappings = st.one_of(zipped, zipped, coded, plain)
    return wrappings.map(lambda wrapping: Recipe({"base": "request"}, wrapping))


def byte_splice() -> SearchStrategy[Splice]:
    """Changes to compressed bytes, or to base64 text."""
    return st.builds(
        Splice,
        st.integers(0, PARTS),
        st.one_of(st.integers(0, 2), st.just(1_000_000)),
        st.sampled_from(["", "\x00", "\xff", "=", "A", "-", "\n", " ", "=="]),
    )
