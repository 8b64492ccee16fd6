"""Generated replies: what is drawn, what is told of it, and how a faulty proxy is shown by one."""

from __future__ import annotations

import base64
import json
import sys
import zlib
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings

from ldp_conformance.check import check_named
from ldp_conformance.events import CheckEnded
from ldp_conformance.fuzz import reply, reply_strategies
from ldp_conformance.fuzz.endings import End, Ending, reading
from ldp_conformance.fuzz.reply import Form, Replies, Reply, Whose
from ldp_conformance.fuzz.search import Plan, Search
from ldp_conformance.outcomes import Outcome, Result, Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.runner import RunOptions, run
from ldp_conformance.runner.run import run_again
from ldp_conformance.vectors.filling import Surroundings
from ldp_schemas.judge import judge

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase

HERE = Path(__file__).resolve().parents[1]
FEW = settings(max_examples=100, deadline=None, database=None, derandomize=True)
OWN = "0b9d3f6e-6c1f-4b56-8f0e-2f7f4a3c9d10"
AT_MS = 1_795_000_000_000
HEAD = {"version": "1.0", "kind": "response", "requestId": OWN, "answerByMs": AT_MS}
ONE = {"payload": {"encoding": "text", "data": "1"}}
ERROR = {"errorType": "E", "errorMessage": "m", "payload": {"encoding": "base64", "data": "e30="}}
CLAIM = {"encoding": "s3", "bucket": "bbb", "key": "k", "sizeBytes": 1, "sha256": "0" * 64}
BAD = Ending(End.BAD_ANSWER)


def _body(drawn: Reply) -> str:
    names = {"requestId": OWN if drawn.whose is Whose.OWN else "another", "instanceId": "i-1"}
    return drawn.body(Surroundings(AT_MS, {**names, "nonce": "n-1"}))


class Case:
    """What drawing needs of a case."""

    rng = Random(1)


def _drawn(count: int) -> list[Replies]:
    plan: Plan[Replies] = Plan(
        strategy=reply_strategies.cases(),
        cases=count,
        volley=1,
        try_out=lambda _cases, _is_hurried: [],
        dump=reply.dumped,
        tell=str,
    )
    return Search(cast("ProxyCase", Case()), plan).drawn()


@FEW
@given(reply_strategies.cases())
def test_replies_are_read_as_they_were_written(drawn: Replies) -> None:
    """Replies that were written down are the same replies, with the same texts."""
    (again,) = reply.loaded(reply.dumped([drawn]))

    assert again == drawn
    assert [_body(each) for each in again] == [_body(each) for each in drawn]


@pytest.mark.parametrize("text", [b"{", b"[1]", b"[[{}]]", b'[[{"form": "fly"}]]'])
def test_what_holds_no_replies_is_refused(text: bytes) -> None:
    """A text that holds no case is an error with a reason."""
    with pytest.raises(ValueError, match=r"."):
        reply.loaded(text)


@FEW
@given(reply_strategies.right())
def test_right_answers_meet_the_schema_and_end_one_way(drawn: Reply) -> None:
    """What is drawn as right is valid, and the caller has to get what it holds."""
    body = _body(drawn)
    due = reading(body, OWN)

    found = judge(body, kind="response")
    assert {rule for each in found for rule in each.requirements} <= {"ENV-12"}  # a later minor's
    assert [each.end for each in due.endings] == [
        End.ERROR if drawn.form is Form.ERROR else End.RESULT
    ]
    assert not due.goes_on


def test_every_case_ends_and_every_end_comes_up() -> None:
    """No case waits for the deadline; results, errors and bad answers are drawn often."""
    ends: Counter[End] = Counter()
    for replies in _drawn(150):
        due = [reading(_body(each), OWN) for each in replies]
        last = next(place for place, each in enumerate(due) if not each.goes_on)
        ends.update(ending.end for each in due[: last + 1] for ending in each.endings)

    assert all(ends[end] >= 15 for end in End)


@pytest.mark.parametrize(
    ("members", "endings"),
    [
        (ONE, {Ending(End.RESULT, b"1")}),
        ({"error": ERROR}, {Ending(End.ERROR, b"{}")}),
        ({**ONE, "error": ERROR}, {BAD}),
        ({**ONE, "error": None}, {BAD}),
        ({}, {BAD}),
        ({"payload": {"encoding": "gzip+base64", "data": ""}}, {BAD}),
        ({"error": {"errorType": "E", "payload": ONE["payload"]}}, {BAD}),
        ({**ONE, "answerByMs": 1}, {Ending(End.RESULT, b"1")}),
        ({**ONE, "version": "2.0"}, {BAD}),
        ({"error": ERROR, "version": "2.0"}, {Ending(End.ERROR, b"{}")}),
        (
            {"error": ERROR | {"payload": 1}, "version": "2.0"},
            {Ending(End.ERROR, b'{"errorType": "E", "errorMessage": "m"}')},
        ),
        (
            {"payload": CLAIM},
            {BAD},
        ),
    ],
)
def test_first_answers_end_the_exchange(members: dict[str, Any], endings: set[Ending]) -> None:
    """A response to the own request ends it: by what it holds, or as one that cannot be read."""
    due = reading(json.dumps(HEAD | members), OWN)

    assert set(due.endings) == endings
    assert not due.goes_on


@pytest.mark.parametrize(
    ("body", "is_unreadable"),
    [
        ("no JSON", True),
        ("[]", True),
        (json.dumps({**HEAD, **ONE, "requestId": 5}), True),
        (json.dumps({**HEAD, **ONE, "kind": None}), True),
        (json.dumps({**HEAD, **ONE, "kind": "progress"}), False),
        (json.dumps({**HEAD, **ONE, "kind": "accepted"}), False),
        (json.dumps({**HEAD, **ONE, "requestId": OWN.upper()}), False),
    ],
)
def test_what_is_no_answer_ends_nothing(body: str, is_unreadable: bool) -> None:  # noqa: FBT001
    """Neither garbage nor notices nor answers to others end an exchange."""
    due = reading(body, OWN)

    assert (due.endings, due.goes_on, due.is_unreadable) == ((), True, is_unreadable)


@pytest.mark.parametrize(
    "members", [{"version": "01.0"}, {"answerByMs": "soon"}, {"version": 1}, {"answerByMs": None}]
)
def test_where_the_clauses_leave_a_choice_both_are_right(members: dict[str, Any]) -> None:
    """An own answer with a frozen member that is wrong may fail the exchange, or be dropped."""
    due = reading(json.dumps({**HEAD, **ONE, **members}), OWN)

    assert due.endings == (BAD,)
    assert due.goes_on


def _judged(options: RunOptions, replayed: bytes | None = None) -> Result:
    results: list[Result] = []

    def take(event: object) -> None:
        if isinstance(event, CheckEnded):
            results.append(event.result)

    if replayed is None:
        run(options, take)
    else:
        run_again(options, check_named("proxy.fuzz.replies"), replayed, take)
    return results[0]


@pytest.mark.timeout(300)
def test_a_fault_is_made_small_and_shown_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A faulty proxy ends in one reply before the answer, whose token shows the fault again."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    manifest = load(HERE / "faulty/proxy/conformance.toml")
    words = [sys.executable, *manifest.side(Role.PROXY).command[1:]]
    faulty = manifest.started_by(Role.PROXY, [*words, "--fault", "takes-namesakes"])
    options = RunOptions(faulty, role=Role.PROXY, only=("proxy.fuzz.replies",))

    result = _judged(options)

    assert result.outcome is Outcome.FAILED
    assert result.finding is not None
    assert "the answer to another request" in result.finding.sentence
    assert result.finding.requirements == ("EXC-2",)
    reproduce = result.finding.reproduce.split()
    packed = reproduce[reproduce.index("repro") + 1].partition(":")[2]
    token = zlib.decompress(base64.urlsafe_b64decode(packed))
    ((crossed, _),) = reply.loaded(token)
    assert crossed.whose is Whose.LONGER
    again = _judged(options, token)
    assert again.outcome is Outcome.FAILED
    assert again.finding is not None
    assert "the answer to another request" in again.finding.sentence
