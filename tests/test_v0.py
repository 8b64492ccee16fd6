"""A whole client serves a proxy of version 0 over real queues."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Final

import pytest

from ldp_testing.client_process import ClientProcess
from ldp_testing.moto_server import moto_server, process_environment
from ldp_testing.processes import unmeasured
from ldp_testing.v0_proxy import V0Proxy
from ldp_testing.v0_transcripts import Transcript, transcripts

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.moto_server import MotoServer

__all__ = ["moto_server"]  # a fixture

TRANSCRIPTS: Final = transcripts()
PLAYED: Final = [
    *("object", "string", "number", "array", "true", "null"),
    *("large object", "unusual event", "client context and identity"),
]
#: A handler that returns the bytes of a file, and keeps what it was given in others.
APP: Final = """
import json
from pathlib import Path
from ldp_client import raw_event

def handler(event, context):
    name = context.aws_request_id
    Path(f"{name}.event").write_bytes(raw_event())
    sent = context.client_context
    told = {"functionName": context.function_name, "memory": context.memory_limit_in_mb}
    told["appTitle"] = sent and sent.client.app_title
    told["identity"] = context.identity.cognito_identity_id
    Path(f"{name}.context").write_text(json.dumps(told))
    return Path(f"{name}.result").read_bytes()
"""


class Stage:
    """A proxy, and a folder for clients."""

    def __init__(self, server: MotoServer, folder: Path, *, is_old: bool = False) -> None:
        self.proxy = V0Proxy(server, is_old=is_old)
        self._environment = unmeasured(process_environment(server.url)) | self.proxy.environment()
        self._folder = folder

    def client(self, *options: str, app: str = APP) -> ClientProcess:
        """Start a client."""
        return ClientProcess(self._folder, self._environment, *options, app=app)

    def invoke(self, transcript: Transcript, for_s: int = 60) -> str:
        """What the caller of a transcript gets, if the handler returns its result."""
        name = transcript.aws_request_id
        (self._folder / f"{name}.result").write_bytes(transcript.result)
        return self.proxy.invoke(transcript.at(round(time.time() + for_s) * 1000))

    def event(self, transcript: Transcript) -> bytes:
        """What the handler of a transcript was given."""
        return (self._folder / f"{transcript.aws_request_id}.event").read_bytes()

    def context(self, transcript: Transcript) -> dict[str, object]:
        """What it saw of its context."""
        text = (self._folder / f"{transcript.aws_request_id}.context").read_text()
        context: dict[str, object] = json.loads(text)
        return context


@pytest.fixture
def stage(moto_server: MotoServer, tmp_path: Path) -> Stage:
    """A proxy as the origin's is now."""
    return Stage(moto_server, tmp_path)


def test_every_kind_of_result_reaches_the_caller(stage: Stage) -> None:
    """The origin's proxy reads each answer, and the handler had the event that it sent (V0-4)."""
    with stage.client() as client:
        for transcript in (TRANSCRIPTS[name] for name in PLAYED):
            assert stage.invoke(transcript) == transcript.result.decode(), client.told()
            assert stage.event(transcript) == transcript.event
        told = stage.context(TRANSCRIPTS["client context and identity"])
        client.interrupt()
        assert client.wait_for_exit() == 0

    assert told == {
        "functionName": "orders",
        "memory": "128",
        "appTitle": "Shop",
        "identity": "eu-west-1:identity",
    }
    notices = [line["kind"] for line in client.lines if line["type"] == "notice"]
    assert notices == ["version-0"]
    assert stage.proxy.requests_left == 0


def test_a_proxy_from_before_compression_is_served(moto_server: MotoServer, tmp_path: Path) -> None:
    """It is known by its context, and gets a string as a string (V0-4)."""
    stage = Stage(moto_server, tmp_path, is_old=True)
    with stage.client():
        assert stage.invoke(TRANSCRIPTS["string to an old proxy"]) == '"pong"'


FAILING: Final = "def handler(event, context):\n    raise ValueError('no such order')\n"


def test_an_error_is_held_until_it_is_mended(stage: Stage) -> None:
    """Without being asked to hold, since a reported error would look like a result (V0-6)."""
    transcript = TRANSCRIPTS["object"]
    with stage.client(app=FAILING) as client:

        def mend() -> None:
            client.wait_for("notice", kind="held")
            client.app.write_text(APP)
            client.type_in("\n")

        developer = threading.Thread(target=mend)
        developer.start()
        assert stage.invoke(transcript) == transcript.result.decode()
        developer.join()


def test_an_error_is_reported_if_that_is_asked_for(stage: Stage) -> None:
    """The error body goes as if it were a result (V0-6)."""
    with stage.client("--v0-errors", "report", app=FAILING):
        answer = json.loads(stage.invoke(TRANSCRIPTS["object"]))

    assert (answer["errorType"], answer["errorMessage"]) == ("ValueError", "no such order")
