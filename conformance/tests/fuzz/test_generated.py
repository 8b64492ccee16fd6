"""What is drawn: it can be written down, it hangs on the seed, and it has what breaks parsers."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import NoSuchExample
from jsonschema import Draft202012Validator

from ldp_conformance.cli.main import commands
from ldp_conformance.errors import UsageError
from ldp_conformance.fuzz import programs, recipe, strategies
from ldp_conformance.fuzz.dialect import Dialect
from ldp_conformance.fuzz.expectation import Outcome, expected
from ldp_conformance.fuzz.promote import promoted
from ldp_conformance.fuzz.recipe import Recipe, Splice, Wrapping
from ldp_conformance.tokens import packed
from ldp_conformance.vectors.catalogue import SCHEMA, Vector, chapter, vectors
from ldp_conformance.vectors.filling import Surroundings, body_from, body_of
from ldp_schemas.judge import judge

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

EXACT = Dialect(has_exact_numbers=True, has_lone_surrogates=True, has_start_window=True)
PLAIN = Dialect(has_exact_numbers=False, has_lone_surrogates=False, has_start_window=False)
NOW_MS = 1_795_000_000_000
AROUND = Surroundings(
    NOW_MS,
    {
        "requestId": "0b9d3f6e-6c1f-4b56-8f0e-2f7f4a3c9d10",
        "awsRequestId": "a-1",
        "uuid": "u-1",
        "nonce": "n-1",
        "account": "123456789012",
        "endpoint": "http://127.0.0.1:4566",
        "replyQueue": "LAMBDA_PROXY_RESP",
        "requestQueue": "LAMBDA_PROXY_REQ",
        "replyTo": "http://127.0.0.1:4566/123456789012/LAMBDA_PROXY_RESP",
        "bucket": "debug-payloads",
        "prefix": "ldp",
    },
)
FEW = settings(max_examples=150, deadline=None, database=None, derandomize=True)


def _drawn(strategy: SearchStrategy[Any], count: int, seed: int = 1) -> list[Any]:
    found: list[Any] = []

    def take(each: Any) -> bool:
        found.append(each)
        return False

    with pytest.raises(NoSuchExample):
        find(
            strategy,
            take,
            settings=settings(
                max_examples=count, database=None, deadline=None, phases=[Phase.generate]
            ),
            random=Random(seed),
        )
    return found


@FEW
@given(strategies.envelopes(EXACT))
def test_recipes_are_read_as_they_were_written(drawn: Recipe) -> None:
    """A recipe that was written down makes the same message."""
    assert recipe.loaded(recipe.dumped([drawn])) == [drawn]


@FEW
@given(strategies.wrapped(EXACT))
def test_wrapped_recipes_are_read_as_they_were_written(drawn: Recipe) -> None:
    """A recipe with an encoded payload that was written down makes the same message."""
    again = recipe.loaded(recipe.dumped([drawn]))[0]

    assert again == drawn
    assert again.body(AROUND) == drawn.body(AROUND)


@FEW
@given(programs.deliveries(reports=True) | programs.outages(reports=False))
def test_programs_are_read_as_they_were_written(drawn: programs.Program) -> None:
    """A program that was written down is the same program."""
    assert programs.loaded(programs.dumped([drawn])) == [drawn]


@pytest.mark.parametrize("text", [b"{", b"[1]", b"[{}]", b'[[["fly", 0, ""]]]'])
def test_what_is_no_case_is_refused(text: bytes) -> None:
    """A text that holds no case is an error with a reason, in both forms."""
    with pytest.raises(ValueError, match=r"."):
        recipe.loaded(text)
    with pytest.raises(ValueError, match=r"."):
        programs.loaded(text)


@FEW
@given(strategies.right(EXACT))
def test_right_messages_meet_the_schemas(drawn: Recipe) -> None:
    """What is drawn as right is valid, but for numbers and names that parsers disagree on."""
    found = judge(drawn.body(AROUND))

    assert {rule for each in found for rule in each.requirements} <= {"ENV-3", "ENV-4"}


def test_every_sort_of_outcome_is_drawn_often() -> None:
    """Of many messages half are answered, and each other outcome comes up, too."""
    drawn = _drawn(strategies.envelopes(EXACT), 600)
    count = Counter(expected(each.body(AROUND), AROUND, EXACT).outcome for each in drawn)

    assert set(count) >= set(Outcome) - {Outcome.HANDED_OVER}
    assert 0.3 < count[Outcome.ANSWERED] / len(drawn) < 0.8


def test_one_seed_draws_the_same_messages() -> None:
    """Messages hang on the seed, and on nothing else."""
    first, second, other = (
        recipe.dumped(_drawn(strategies.envelopes(PLAIN), 60, seed)) for seed in (5, 5, 6)
    )

    assert first == second
    assert first != other


@FEW
@given(strategies.right(PLAIN))
def test_nothing_is_asked_that_the_language_cannot_hold(drawn: Recipe) -> None:
    """A port with doubles is sent no integer beyond them, and none with half a character."""
    data = drawn.given["change"]["/payload/data"]
    event = json.loads(data)

    assert PLAIN.can_hold(event)


def test_the_corpus_is_drawn_soon() -> None:
    """The values that parsers get wrong come up among two thousand events."""
    # One seed is not enough: Hypothesis mixes in constants of all modules that happen to be loaded.
    texts = "\n".join(
        text for seed in range(2) for text in _drawn(strategies.events(EXACT), 1_000, seed)
    )

    for nasty in ("\\u2028", "\\u0000", "\\ufffe", "9007199254740993", "\\ud800", "-0.0", "[]"):
        assert nasty in texts, nasty


def test_languages_differ_in_numbers() -> None:
    """Whether 1 and 1.0 are the same hangs on the port's language; true is neither."""
    assert PLAIN.is_same([1, {"a": 0.0}], [1.0, {"a": -0.0}])
    assert not EXACT.is_same(1, 1.0)
    assert not EXACT.is_same(0.0, -0.0)
    assert not PLAIN.is_same([1], [True])
    assert not PLAIN.is_same([1], [1, 1])
    assert not PLAIN.is_same({"a": 1}, {"b": 1})


def test_the_fixed_vectors_are_expected_to_do_what_they_say() -> None:
    """What is told from a message's text alone agrees with the vectors, where it tells anything."""
    told = {
        vector.id: (vector.outcome, expected(body_of(vector, AROUND), AROUND, EXACT).outcome)
        for name in ("envelopes", "payloads")
        for vector in chapter(name)
    }

    assert {
        name: (said, found.value)
        for name, (said, found) in told.items()
        if found is not Outcome.SURVIVED
        and said != "survived"
        and {said, found.value} not in ({"bad", "dropped"}, {"answered", "handed-over"})
        and said != found.value
    } == {}


@pytest.mark.parametrize("name", ["functionName", "logStreamName"])
def test_no_variable_is_asked_to_hold_what_none_can(name: str) -> None:
    """Whether a client runs or refuses a context with NUL in it is not judged."""
    envelope = json.loads(body_of(chapter("payloads")[0], AROUND))
    envelope["context"][name] = "a\0b"

    assert expected(json.dumps(envelope), AROUND, PLAIN).outcome is Outcome.SURVIVED


def _token(*drawn: Recipe) -> str:
    return packed("client.fuzz.envelopes", recipe.dumped(list(drawn)))


@FEW
@given(strategies.envelopes(PLAIN) | strategies.wrapped(PLAIN))
def test_a_failure_becomes_a_vector(drawn: Recipe) -> None:
    """What a token holds becomes an entry that meets the schema and asks for the same."""
    if expected(drawn.body(AROUND), AROUND, PLAIN).outcome is Outcome.SURVIVED:
        return
    file, row = promoted(_token(drawn), "A message that was found by chance is dealt with.")

    assert row["id"] not in vectors()
    assert row["id"].startswith("V-PAY-" if file == "payloads" else "V-ENV-")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate({"about": "What was found.", "vectors": [row]})
    vector = Vector(row["id"], row["kind"], row["fact"], (), row["given"], row["then"])
    nonce = {**AROUND.names, "nonce": row["id"]} if row["kind"] == "payload" else AROUND.names
    around = Surroundings(NOW_MS, nonce)
    again = expected(body_of(vector, around), around, PLAIN).outcome
    assert again.value == row["then"]["outcome"]


def test_tokens_that_make_no_vector_are_refused() -> None:
    """A token of several messages, of a program, or of nothing, is a wrong use with a hint."""
    program = packed(
        "client.fuzz.deliveries", programs.dumped([(programs.Step(programs.Does.SEND),)])
    )
    unaskable = Recipe({"base": "request", "change": {"/context/awsRequestId": "a/b"}})
    for token, told in {
        _token(Recipe(), Recipe()): "holds 2 messages",
        program: "holds no message",
        "client.fuzz.envelopes:%%%": "cannot be read",
        "": "cannot be read",
        _token(unaskable): "nothing is asked",
    }.items():
        with pytest.raises(UsageError, match=told):
            promoted(token, "It is found by chance.")


def test_a_statement_that_no_vector_may_have_is_refused() -> None:
    """A vector's statement is a sentence, with its full stop and not too long."""
    for fact in ("No", "It has no full stop", f"It is too lo{'n' * 100}g."):
        with pytest.raises(UsageError, match="fact"):
            promoted(_token(Recipe({"base": "request"})), fact)


def test_a_vector_is_printed_as_the_entry_of_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the entry alone, and says beside it where it belongs."""
    assert commands(["promote", _token(Recipe({"text": ["garbage"]})), "Garbage is bad."]) == 0
    said = capsys.readouterr()

    assert json.loads(said.out)["given"] == {"text": ["garbage"]}
    assert "envelopes.json" in said.err


def test_splices_and_damage_are_done_in_order() -> None:
    """A splice replaces characters at a part of the text; damage meets bytes, scratches base64."""
    assert Splice(5_000, 2, "--").apply("abcdef") == "abc--f"
    whole = Wrapping("base64", "{}").payload(AROUND)
    spoilt = Wrapping("base64", "{}", scratch=(Splice(0, 1, "="),)).payload(AROUND)

    assert whole["data"] == "e30="
    assert spoilt["data"] == "=30="
    assert Recipe({"text": [""]}).body(AROUND) == " "
    assert json.loads(body_from({"base": "request", "raw": {"/x": "1.0"}}, AROUND))["x"] == 1.0
