from __future__ import annotations

import os
import signal
import threading

import pytest

from ldp_client.handlers.signals import Signals, leave_signals_to_main_thread, say


def send(number: int) -> None:
    """A signal to this process, which Python takes before the next line."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_interrupts(number: int) -> None:
    """The first raises nothing; each further one raises KeyboardInterrupt (SES-32, SES-33)."""
    calls: list[str] = []
    with Signals(lambda: calls.append("first"), lambda: calls.append("next")) as taken:
        send(number)
        assert not taken.abandoned
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                send(number)
        assert taken.abandoned

    assert calls == ["first", "next", "next"]


def test_what_was_there_before_comes_back() -> None:
    """After the session, signals do what they did before it."""
    before = (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))
    with Signals(lambda: None, lambda: None):
        assert signal.getsignal(signal.SIGINT) != before[0]

    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_handler_that_python_did_not_set_gives_way_to_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What `getsignal` cannot name is followed by the system's default."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(signal, "getsignal", lambda _number: None)
    with Signals(lambda: None, lambda: None):
        pass
    try:
        monkeypatch.undo()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_a_signal_that_somebody_took_is_taken_back() -> None:
    """After `arm`, the signals are the session's again, whoever had them."""
    calls: list[str] = []
    with Signals(lambda: calls.append("first"), lambda: None) as taken:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        taken.arm()
        send(signal.SIGINT)

    assert calls == ["first"]


def test_a_thread_can_leave_the_signals_to_the_main_thread() -> None:
    """A thread of ours is not woken for a signal, so the main thread is."""
    masks: list[set[int]] = []

    def run() -> None:
        leave_signals_to_main_thread()
        masks.append({int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())})

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert {signal.SIGINT, signal.SIGTERM} <= masks[0]


def test_a_sentence_is_written_past_pythons_buffers(capfd: pytest.CaptureFixture[str]) -> None:
    """What is said from a signal handler is out at once, on standard error."""
    say("Ending.")

    assert capfd.readouterr().err == "lambda-debug: Ending.\n"


def test_a_sentence_on_a_terminal_begins_a_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal has just shown ^C."""
    monkeypatch.setattr(os, "isatty", lambda _fd: True)
    say("Ending.")

    assert capfd.readouterr().err == "\nlambda-debug: Ending.\n"
