"""The developer's process while a program runs elsewhere, with real signals to this process."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from ldp_client.config import ClientConfig
from ldp_client.errors import Abandoned, ClientError, ProgramsUnsupported, QueueSideLost
from ldp_client.programs.serve import serve_started
from ldp_client.programs.session import Session
from ldp_testing.limits import WAIT_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ldp_testing.scripted_queue_side import ScriptedQueueSide


def interrupt(_address: str = "") -> None:
    """A Ctrl-C, taken before the next line."""
    os.kill(os.getpid(), signal.SIGINT)


def run(queue_side: ScriptedQueueSide, announce: Callable[[str], None] = lambda _: None) -> None:
    """Wait for its end."""
    Session(lambda: queue_side, 7, announce).run()


def test_its_address_is_announced(queue_side: ScriptedQueueSide) -> None:
    """Whoever is to start a program hears where events are to be had."""
    announced: list[str] = []
    queue_side.close()
    run(queue_side, announced.append)

    assert announced == [queue_side.runtime_api]


def test_an_end_in_good_order_is_the_end(queue_side: ScriptedQueueSide) -> None:
    """It is noticed while nothing else happens."""
    run(queue_side, lambda _: threading.Thread(target=queue_side.close).start())

    assert not queue_side.drained.is_set()


def test_a_first_signal_drains(
    queue_side: ScriptedQueueSide, capfd: pytest.CaptureFixture[str]
) -> None:
    """The queue side ends once what runs is answered, and so does the session (SES-32)."""
    run(queue_side, interrupt)

    assert queue_side.drained.is_set()
    assert "Interrupt again to abandon it." in capfd.readouterr().err


def test_a_signal_while_it_starts_drains_it(queue_side: ScriptedQueueSide) -> None:
    """What is not up yet hears of it as soon as it is (SES-32)."""

    def start() -> ScriptedQueueSide:
        interrupt()
        return queue_side

    Session(start, 7, lambda _: None).run()

    assert queue_side.drained.is_set()


def test_a_second_signal_abandons(queue_side: ScriptedQueueSide) -> None:
    """The queue side ends at once, and who started this is told so (SES-33)."""

    def twice(_address: str) -> None:
        interrupt()
        interrupt()

    with pytest.raises(Abandoned, match="Abandoned") as caught:
        run(queue_side, twice)

    assert queue_side.abandoned.is_set()
    assert "within 7 s" in caught.value.hint


def test_two_signals_while_it_starts_abandon(queue_side: ScriptedQueueSide) -> None:
    """There is nobody yet to be told."""

    def start() -> ScriptedQueueSide:
        interrupt()
        interrupt()
        return queue_side

    with pytest.raises(Abandoned):
        Session(start, 7, lambda _: None).run()
    assert not queue_side.abandoned.is_set()


@pytest.mark.parametrize("failure", [None, ClientError("no such queue", hint="Make it.")])
def test_a_loss_is_an_error(queue_side: ScriptedQueueSide, failure: ClientError | None) -> None:
    """What the queue side said last is told, or else that it ended."""
    queue_side.die(failure)

    with pytest.raises(ClientError) as caught:
        run(queue_side)
    assert caught.value is failure or isinstance(caught.value, QueueSideLost)


def test_enter_runs_a_held_event_again(
    queue_side: ScriptedQueueSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts once the hold is shown, and once for each hold (SES-19, SES-36)."""
    read, write = os.pipe()
    os.write(write, b"\n")  # meant for nobody
    enough = threading.Event()

    def press() -> None:
        while not queue_side.asked.is_set() and not enough.wait(0.05):
            os.write(write, b"\n")
        queue_side.close()

    with os.fdopen(read) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        queue_side.hold.show(3)
        developer = threading.Thread(target=press)
        developer.start()
        run(queue_side)
        enough.set()
        developer.join(WAIT_LIMIT_S)
    os.close(write)

    assert queue_side.reruns == [3]


def test_a_system_without_process_groups_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There a program would outlive its end; the hint says what works."""
    monkeypatch.delattr(os, "killpg")
    config = ClientConfig(
        request_queue_url="https://sqs.eu-west-1.amazonaws.com/123456789012/requests",
        response_queue_url=None,
        state_dir=tmp_path,
        command=("true",),
    )

    with pytest.raises(ProgramsUnsupported) as caught:
        serve_started(config)
    assert "--no-start" in caught.value.hint
