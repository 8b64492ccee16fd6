"""The explorer's parts: machines at rest, the queue, patches, diagrams, the command line."""

from __future__ import annotations

import re
from collections import deque
from types import SimpleNamespace

import pytest

from ldp_testing.deliveries import REQUEST, arrival
from ldp_testing.explorer.__main__ import main
from ldp_testing.explorer.catalogue import RULES
from ldp_testing.explorer.machines import Machines, canonical, copied
from ldp_testing.explorer.patching import NothingToReplaceError, replaced, wrapped
from ldp_testing.explorer.queues import Queue
from ldp_testing.wire_stage import answering_session, new_session, running_session
from ldp_wire.invocation import Invocation
from ldp_wire.session import ClientSession

NOW_MS = REQUEST.sent_at_ms


def _start(session: ClientSession) -> int:
    return len(session.receive(arrival(), None, NOW_MS))


def test_a_copy_shares_nothing_that_changes() -> None:
    """What happens to a copied session does not happen to the session."""
    session = new_session()
    twin = copied(session)
    _start(twin)

    assert canonical(twin) != canonical(session) == canonical(new_session())
    assert twin._intake._cases is twin._cases, "its parts share one caseload, as the session's do"


def test_equal_states_have_one_form() -> None:
    """Two sessions that came to one state by the same way are equal, others are not."""
    assert canonical(running_session()) == canonical(running_session())
    assert canonical(running_session()) != canonical(answering_session()[0])


@pytest.mark.parametrize("value", [{"a": [1, {2}]}, deque([1, 2]), {3}, (1, 2), None])
def test_containers_are_copied_by_what_they_are(value: object) -> None:
    """Containers keep their kind and their contents."""
    assert copied(value) == value
    assert type(copied(value)) is type(value)
    assert hash(canonical(value)) == hash(canonical(copied(value)))


def test_what_might_hide_a_state_is_refused() -> None:
    """A class that is neither a value nor a machine of the core is not copied in silence."""
    with pytest.raises(TypeError, match="SimpleNamespace"):
        copied([SimpleNamespace()])


def test_a_step_is_taken_once_and_leaves_the_state_before() -> None:
    """The same call on the same state is remembered; the earlier state can be gone on from."""
    machines: Machines[ClientSession] = Machines()
    number = machines.keep(new_session())
    after, actions = machines.step(number, _start)

    assert (after != number, actions) == (True, 1)
    assert machines.step(number, _start) == (after, actions)
    assert canonical(machines.woken(number)) == canonical(new_session())


def test_a_question_changes_nothing() -> None:
    """A call that changes a machine is no question."""
    machines: Machines[ClientSession] = Machines()
    number = machines.keep(new_session())

    assert machines.ask(number, lambda session: session.free_handlers) == 1
    with pytest.raises(TypeError, match="changes the machine"):
        machines.ask(number, _start)


def test_an_old_receipt_handle_finds_a_message_but_has_no_power() -> None:
    """After another receive the message is there, and only the newest handle holds it (SQS-12)."""
    queue = Queue().storing("text", tick=0)
    queue, message, first = queue.handing_out(queue.messages[0], until=5)
    queue, message, second = queue.handing_out(message, until=9)

    assert queue.held_by(first.receipt) is None
    assert queue.found(first.receipt) == queue.held_by(second.receipt) == message
    assert (second.receive_count, second.message_id) == (2, "m0")


def test_a_deleted_message_may_be_kept_to_reappear() -> None:
    """A delete hides a message for good, unless it may come back."""
    queue = Queue().storing("text", tick=0)
    kept = queue.deleting(queue.messages[0], keeps=True)

    assert not kept.messages[0].is_visible(1_000)
    assert kept.found("0.0") is None
    assert kept.remaining().messages == queue.deleting(queue.messages[0], keeps=False).messages
    assert kept.showing(kept.messages[0], 3).messages[0].is_visible(3)


def test_a_rule_whose_code_was_renamed_fails_loudly() -> None:
    """Nothing can be replaced under a name that the core does not use any more."""
    with pytest.raises(NothingToReplaceError, match="Invocation has no may_begin of its own"):
        replaced(Invocation, "may_begin", None).__enter__()
    with pytest.raises(NothingToReplaceError):
        wrapped(Invocation, "may_begin", print).__enter__()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_back_afterwards(name: str) -> None:
    """Switching a rule off and on again leaves the core as it was, and says what it is about."""
    rule = RULES[name]
    before = {cls: dict(vars(cls)) for cls in (Invocation, ClientSession)}
    with rule.switched_off():
        pass

    assert {cls: dict(vars(cls)) for cls in before} == before
    assert rule.about.endswith(").")


def test_the_command_draws_a_counterexample(capsys: pytest.CaptureFixture[str]) -> None:
    """A rule that is switched off is shown to be missed, as a sequence diagram with ticks."""
    status = main(["--without", "an-accepted-lapses"])
    lines = capsys.readouterr().out.splitlines()

    assert status == 0
    assert "FOUND A COUNTEREXAMPLE" in lines[0]
    assert lines[1].split() == [
        *("tick", "caller", "proxy", "requests", "replies", "client", "A", "client", "B")
    ]
    assert "   0  o---------->          |          |          |          |  invocation 1" in lines
    assert (
        "   5  <----------o          |          |          |          |  the fallback's answer"
        in lines
    )
    assert lines[-2].startswith("broken: fallback and client never both run")


def test_the_command_draws_for_documents(capsys: pytest.CaptureFixture[str]) -> None:
    """The same diagram comes in the language of Mermaid, faults as broken arrows."""
    status = main(["--without", "the-oldest-handle-is-kept", "--mermaid"])
    out = capsys.readouterr().out

    assert status == 0
    assert "sequenceDiagram\n    participant caller0 as caller\n" in out
    assert "    requests0--xclient0: " in out
    assert re.search(r"Note over client1: \d: starts the handler on r1\n", out)


def test_the_command_says_when_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    """A search that finds nothing says how many states it saw, and exits with 0."""
    status = main(["wait", "--faults", "0"])

    assert status == 0
    assert "states" in (out := capsys.readouterr().out)
    assert "nothing found" in out


def test_the_command_fails_where_nothing_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    """A search that gave up, and one that found something, exit with 1."""
    assert main(["error", "--most-states", "50"]) == 1
    assert "GAVE UP" in capsys.readouterr().out
    assert main(["wait", "--faults", "1", "--not-excused", "PAUSE", "--property", "TOGETHER"]) == 1
    assert "!! is suspended" in capsys.readouterr().out


def test_the_command_knows_its_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown scenario is answered with those that there are."""
    with pytest.raises(SystemExit, match="2"):
        main(["nowhere"])
    assert "there are wait, error, fallback" in capsys.readouterr().err
