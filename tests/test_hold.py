"""A failing event is held by a whole client, until its handler is mended or its time is over."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from ldp_testing.client_process import ClientProcess
    from ldp_testing.client_stage import ClientStage

HANDLER: Final = """
from pricing import price

def handler(event, context):
    return price(event)
"""
BROKEN: Final = """
def price(event):
    raise LookupError("no such order")
"""
MENDED: Final = """
def price(event):
    return {"price": 7}
"""
_RENEWALS_PER_LEASE: Final = 4


@pytest.fixture
def holding(clients: ClientStage) -> ClientProcess:
    """A client that holds what fails, with a handler that does, in a module of its own."""
    (clients.folder / "app.py").write_text(HANDLER)
    (clients.folder / "pricing.py").write_text(BROKEN)
    return clients.client("--on-error", "hold", "-vv", folder=clients.folder)


def _mend(client: ClientProcess, source: str) -> None:
    (client.folder / "pricing.py").write_text(source)
    client.type_in("\n")


def test_a_held_event_runs_again_with_mended_code(
    clients: ClientStage, holding: ClientProcess
) -> None:
    """The developer mends a module and presses Enter; the caller gets the answer (SES-36)."""
    exchange = clients.caller.invoke({"order": 1})
    held = holding.wait_for("notice", kind="held")
    assert held["untilMs"] > held["atMs"]
    _mend(holding, MENDED)

    assert exchange.result() == {"price": 7}
    assert holding.wait_for("started")["attempt"] == 2
    holding.wait_for("answered")
    clients.caller.wait_until_requests_left(0)
    assert "LookupError: no such order" in holding.errors.read_text()


def test_code_that_is_no_python_leaves_the_event_held(
    clients: ClientStage, holding: ClientProcess
) -> None:
    """What is wrong with the mended code is told, and the next Enter tries again (SES-36)."""
    exchange = clients.caller.invoke({"order": 1})
    holding.wait_for("notice", kind="held")
    _mend(holding, "def price(event:\n")
    holding.wait_for_error("still held")
    assert "pricing.py, line 1, is no valid Python" in holding.errors.read_text()
    _mend(holding, MENDED)

    assert exchange.result() == {"price": 7}


def test_a_held_event_belongs_to_its_client(clients: ClientStage, holding: ClientProcess) -> None:
    """Its lease is renewed for longer than it lasts, and another client never gets it (SES-7)."""
    exchange = clients.caller.invoke({"order": 1})
    holding.wait_for("notice", kind="held")
    other = clients.client()
    clients.tap.wait_for("ChangeMessageVisibility", 2 * _RENEWALS_PER_LEASE + 1)
    _mend(holding, MENDED)

    assert exchange.result() == {"price": 7}
    other.interrupt()
    assert other.wait_for_exit() == 0
    assert "started" not in other.types()


def test_a_hold_ends_by_itself_with_the_error(clients: ClientStage, holding: ClientProcess) -> None:
    """Shortly before nobody waits, the caller gets the handler's error body verbatim (SES-36)."""
    exchange = clients.caller.invoke({"order": 1}, answer_within_s=6)
    answer = exchange.answer()

    assert answer.error is not None
    assert answer.error.error_type == "LookupError"
    assert isinstance(answer.body, bytes)
    assert holding.wait_for("ended")["resultText"] == answer.body.decode()
    holding.wait_for("notice", kind="hold-ended")
    holding.wait_for("answered")


def test_enter_counts_only_after_the_failure(clients: ClientStage, holding: ClientProcess) -> None:
    """What was typed while nothing was held runs no event again (SES-19)."""
    _mend(holding, MENDED)

    assert clients.caller.invoke({"order": 1}, answer_within_s=6).answer().error is not None


@pytest.mark.parametrize("kill", [False, True], ids=["interrupted", "killed"])
def test_a_client_that_is_started_again_takes_a_held_event_over(
    clients: ClientStage, holding: ClientProcess, *, kill: bool
) -> None:
    """Ctrl-C gives it back at once, a kill within a lease, after its window (SES-32, SES-23)."""
    exchange = clients.caller.send(clients.caller.request({"order": 1}, start_within_s=4))
    holding.wait_for("notice", kind="held")
    (holding.folder / "pricing.py").write_text(MENDED)
    terms = exchange.request.terms
    assert terms is not None
    assert terms.start_by_ms is not None
    Event().wait(max(0.0, terms.start_by_ms / 1000 - time.time()))
    if kill:
        holding.kill_both()
    else:
        holding.interrupt()
        assert holding.wait_for_exit() == 0
        assert [line["kind"] for line in holding.lines if line["type"] == "notice"] == [
            "held",
            "released",
        ]
    clients.client(folder=holding.folder)

    assert exchange.result() == {"price": 7}
    clients.caller.wait_until_requests_left(0)


def test_the_one_event_counts_once_it_is_settled(clients: ClientStage) -> None:
    """With --once a client ends after the run that was answered, not after the one that failed."""
    (clients.folder / "app.py").write_text("def handler(event, context):\n    return event / 0\n")
    client = clients.client("--once", "--on-error", "hold", folder=clients.folder)
    exchange = clients.caller.invoke(42)
    client.wait_for("notice", kind="held")
    client.app.write_text("def handler(event, context):\n    return event // 2\n")
    client.type_in("\n")

    assert exchange.result() == 21
    assert client.wait_for_exit() == 0


@pytest.mark.usefixtures("unmeasured")
def test_a_breakpoint_in_mended_code_reads_what_follows_enter(
    clients: ClientStage, holding: ClientProcess
) -> None:
    """Enter takes its line and no byte of the next, which pdb reads in the second run (SES-36)."""
    exchange = clients.caller.invoke({"order": 1})
    holding.wait_for("notice", kind="held")
    (holding.folder / "pricing.py").write_text(
        "def price(event):\n    answer = 6\n    breakpoint()\n    return answer\n"
    )
    holding.type_in("\nanswer = 7\nc\n")

    assert exchange.result() == 7
