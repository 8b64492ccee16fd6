from __future__ import annotations

import threading

import pytest

import ldp_client
from ldp_client.config import REQUEST_QUEUE, RESPONSE_QUEUE
from ldp_client.errors import ConfigError, HandlerNotCallable, NotMainThread
from ldp_testing.runtime_side import LIMIT_S

BASE = "https://sqs.eu-west-1.amazonaws.com/123456789012"


@pytest.fixture
def _queues(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two queues that are never asked."""
    monkeypatch.setenv(REQUEST_QUEUE, f"{BASE}/A")
    monkeypatch.setenv(RESPONSE_QUEUE, f"{BASE}/B")


@pytest.mark.usefixtures("_queues")
def test_what_is_no_function_is_refused_before_anything_starts() -> None:
    """A handler that cannot be called is found out at once, with a hint."""
    with pytest.raises(HandlerNotCallable, match="was given a int"):
        ldp_client.run(42)  # type: ignore[arg-type]


@pytest.mark.usefixtures("_queues")
def test_another_thread_is_refused() -> None:
    """`run` outside the main thread says so, since Ctrl-C and pdb would not reach it."""
    errors: list[NotMainThread] = []

    def call() -> None:
        try:
            ldp_client.run(print)
        except NotMainThread as exc:
            errors.append(exc)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join(LIMIT_S)

    assert "not in the main thread" in str(errors[0])


def test_the_library_reads_the_same_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a queue `run` raises the sentence that the command prints."""
    monkeypatch.delenv(REQUEST_QUEUE, raising=False)

    with pytest.raises(ConfigError, match=f"Set {REQUEST_QUEUE} to the URL"):
        ldp_client.run(print)
