"""Strategies for replies: a right answer, and before and after it what a proxy has to sort out.

What a response has is read from its schema, so that a member that the protocol gets is drawn too.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from ldp_conformance.fuzz import corpus, values
from ldp_conformance.fuzz.dialect import Dialect, has_lone_surrogate
from ldp_conformance.fuzz.expectation import Reader
from ldp_conformance.fuzz.recipe import Wrapping
from ldp_conformance.fuzz.reply import Form, Reply, Whose
from ldp_conformance.fuzz.strategies import Member, breaks, byte_splice, members_of, splice
from ldp_schemas import REGISTRY
from ldp_schemas.inline import inlined

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from ldp_conformance.fuzz.reply import Replies

_RESPONSE: Final = "https://lambda-debug-proxy.dev/schemas/v1/bundles/response.schema.json"
#: Nobody reads a payload on its way, so it may hold all that JSON has.
_ALL: Final = Dialect(has_exact_numbers=True, has_lone_surrogates=True, has_start_window=False)
#: An envelope is read by everybody, so it may hold what all parsers read alike.
_COMMON: Final = Dialect(has_exact_numbers=False, has_lone_surrogates=False, has_start_window=False)
#: JSON texts that are right, however parsers read them.
_RIGHT_LITERALS: Final = (
    *("-0", "-0.0", "1.0", "1E+2", "1e400", "-1e400", "9007199254740993", "1" + "0" * 400),
    *('"\\ud800"', '"\\u0000"', '"\\/"', '{"a": 1, "a": 2}', '{"": {"": {}}}'),
)
_FROZEN: Final = ("/version", "/kind", "/requestId", "/answerByMs")
_MOST_TOLD_BYTES: Final = 1_024
_KINDS: Final = ("accepted", "declined", "request", "progress", "Response", "response ", "")
_VERSIONS: Final = ("2.0", "17.4", "10.0", "1", "1.", "01.0", "1.00", "1.0.0", "v1.0", "-1.0", "")
_WHOLE: Final = '{"payload": {"encoding": "text", "data": "1"}, "requestId": "{{requestId}}"}'


@cache
def members(form: Form) -> tuple[Member, ...]:
    """The members of a response with a result, or with an error, that can be broken."""
    response = inlined(dict(REGISTRY.contents(_RESPONSE)))  # type: ignore[arg-type]
    top = {member.pointer: member for member in members_of(response, "", set(response["required"]))}
    payload = response["properties"]["payload"]
    holder = "/payload"
    found = [top[f"/{name}"] for name in response["required"]]
    if form is Form.ERROR:
        error = response["properties"]["error"]
        found += [Member("/error", error, is_required=True)]
        found += members_of(error, "/error", set(error["required"]))
        holder = "/error/payload"
    else:
        found.append(Member("/payload", payload, is_required=True))
    found.append(Member(f"{holder}/encoding", {"type": "string"}, is_required=True))
    found.append(Member(f"{holder}/data", {"type": "string"}, is_required=True))
    return tuple(found)


def _results() -> SearchStrategy[str]:
    """JSON texts of results, with a place for the nonce."""
    drawn = values.json_values(_ALL)
    return st.one_of(
        drawn.map(lambda value: _result(json.dumps(value))),
        drawn.map(lambda value: _result(json.dumps(value, ensure_ascii=False))).filter(
            lambda text: not has_lone_surrogate(text)
        ),
        st.sampled_from(_RIGHT_LITERALS).map(_result),
    )


def _result(literal: str) -> str:
    return f' {{"nonce":"{{{{nonce}}}}" ,\n"value": {literal}}}\t'


def _errors() -> SearchStrategy[str]:
    """Error bodies with any type and message, and with members that no runtime has."""
    names = values.texts(_ALL)
    return st.builds(
        lambda kind, words, more: json.dumps(
            {"errorType": kind, "errorMessage": words, "{{nonce}}": more, "stackTrace": []}
        ),
        names,
        names,
        values.json_values(_ALL),
    )


def _wrappings(bodies: SearchStrategy[str]) -> SearchStrategy[Wrapping]:
    zipped = st.builds(
        Wrapping,
        st.just("gzip+base64"),
        bodies,
        level=st.integers(0, 9),
        members=st.integers(1, 2),
    )
    plain = (st.builds(Wrapping, st.just(name), bodies) for name in ("text", "base64"))
    return st.one_of(*plain, zipped)


def _edits(form: Form) -> SearchStrategy[dict[str, Any]]:
    """Other right values for some members, and members that version 1.0 does not know."""
    holders = ("", "/error", "/error/payload") if form is Form.ERROR else ("", "/payload")
    common = values.json_values(_COMMON).filter(_is_common)
    unknown = st.tuples(
        st.builds(
            "{}/later {}".format,
            st.sampled_from(holders),
            values.texts(_COMMON).map(lambda text: text.replace("~", "~0").replace("/", "~1")),
        ),
        common,
    )
    minor = st.tuples(st.just("/version"), st.integers(0, 9999).map("1.{}".format))
    reserved = st.tuples(st.sampled_from(["/environment", "/signature"]), common)
    choices = [unknown, minor, reserved]
    if form is Form.ERROR:
        told = values.texts(_COMMON).filter(lambda text: len(text.encode()) <= _MOST_TOLD_BYTES)
        choices.append(
            st.tuples(st.sampled_from(["/error/errorType", "/error/errorMessage"]), told)
        )
    return st.lists(st.one_of(*choices), max_size=2).map(dict)


def _is_common(value: Any) -> bool:
    reader = Reader()
    reader.read(json.dumps(value))
    return not reader.is_wild


def right() -> SearchStrategy[Reply]:
    """Answers that have to reach the caller, if no other reply comes before them."""
    results = st.builds(
        lambda wrapping, change: Reply(Form.RESULT, wrapping=wrapping, given={"change": change}),
        _wrappings(_results()),
        _edits(Form.RESULT),
    )
    errors = st.builds(
        lambda wrapping, change: Reply(Form.ERROR, wrapping=wrapping, given={"change": change}),
        _wrappings(_errors()),
        _edits(Form.ERROR),
    )
    return values.weighted((results, 2), (errors, 1))


def _broken() -> SearchStrategy[Reply]:
    """Answers with one member that is missing, or that they can hardly have."""
    return right().flatmap(
        lambda reply: _faults(reply.form).map(lambda fault: _with(reply, *fault))
    )


def _faults(form: Form) -> SearchStrategy[tuple[str, str, Any]]:
    """What can be wrong: a pointer, how, and with which value; the payload more often."""
    chances = [(breaks(member), 1 if member.pointer in _FROZEN else 3) for member in members(form)]
    return values.weighted(*chances, (_other(form), 4))


def _other(form: Form) -> SearchStrategy[tuple[str, str, Any]]:
    """What else can be wrong: other kinds and versions, other times, and both halves at once."""
    both: dict[str, Any] = {"encoding": "text", "data": "{}"}
    if form is Form.RESULT:
        both = {"errorType": "E", "errorMessage": "m", "payload": both}
    name = "/error" if form is Form.RESULT else "/payload"
    choices = [
        *(("/kind", "change", kind) for kind in _KINDS),
        *(("/version", "change", version) for version in _VERSIONS),
        *(("/answerByMs", "change", at) for at in ("{{now-86400000}}", "{{now+1}}", 0, 2**53 - 1)),
        (name, "change", both),
        (name, "change", None),
    ]
    return st.sampled_from(choices)


def _with(reply: Reply, pointer: str, how: str, value: Any) -> Reply:
    if how == "remove":
        return replace(reply, given={**reply.given, "remove": [pointer]})
    if how == "raw":
        return replace(reply, given={**reply.given, "raw": {pointer: value}})
    change = {**reply.given["change"], pointer: value}
    return replace(reply, given={**reply.given, "change": change})


def _damaged() -> SearchStrategy[Reply]:
    """Answers whose encoded payload is changed somewhere."""
    return st.builds(
        lambda wrapping, spoil, is_text: Reply(
            wrapping=replace(wrapping, **{"scratch" if is_text else "damage": (spoil,)}),
            given={"change": {}},
        ),
        _wrappings(_results()).filter(lambda wrapping: wrapping.encoding != "text"),
        byte_splice(),
        st.booleans(),
    )


def _garbage() -> SearchStrategy[Reply]:
    """Texts that are no envelopes, or no longer."""
    words = (*corpus.LITERALS, "{{requestId}}", _WHOLE, f"[{_WHOLE}]", json.dumps(_WHOLE))
    plain = st.sampled_from([word for word in words if word])
    texts = plain.map(lambda word: Reply(Form.TEXT, given={"text": [word]}))
    spoilt = st.builds(
        lambda reply, splices: replace(reply, splices=tuple(splices)),
        right(),
        st.lists(splice(), min_size=1, max_size=2),
    )
    return values.weighted((texts, 2), (spoilt, 1))


def _crossed() -> SearchStrategy[Reply]:
    """Right replies to other requests."""
    others = st.sampled_from([whose for whose in Whose if whose is not Whose.OWN])
    replies = values.weighted((right(), 3), (_notices(), 1))
    return st.builds(lambda reply, whose: replace(reply, whose=whose), replies, others)


def _notices() -> SearchStrategy[Reply]:
    """Words that nobody asked for: that a client runs it, and that it does not; broken ones too."""
    changes = st.sampled_from(
        [
            *({}, {}, {"/version": "1.7"}, {"/client/name": "Zo\u00eb"}, {"/client": None}),
            *({"/client/instanceId": ""}, {"/reason": 5}, {"/answerByMs": 0}, {"/later": [{}]}),
        ]
    )
    forms = st.sampled_from([Form.ACCEPTED, Form.DECLINED])
    return st.builds(lambda form, change: Reply(form, given={"change": change}), forms, changes)


def cases() -> SearchStrategy[Replies]:
    """Cases: a right answer, and what comes before and after it."""
    noise = values.weighted(
        (_garbage(), 2), (_crossed(), 3), (_notices(), 1), (_broken(), 3), (_damaged(), 1)
    )
    noises = st.lists(_sent(noise), min_size=1, max_size=3)
    before = values.weighted((noises, 5), (st.just([]), 1))
    after = st.lists(_sent(values.weighted((right(), 2), (noise, 1))), max_size=1)
    return st.builds(
        lambda first, answer, last: (*first, answer, *last), before, _sent(right()), after
    )


def _sent(replies: SearchStrategy[Reply]) -> SearchStrategy[Reply]:
    """Some of them twice, as SQS does."""
    copies = values.weighted((st.just(1), 4), (st.just(2), 1))
    return st.builds(lambda reply, count: replace(reply, copies=count), replies, copies)
