"""One event, and official runtimes in five languages that answer it, each as AWS made it.

The local Lambda hosts the proxy's zip, moto's server holds the queues, and `lambda-debug run --`
starts the runtime. What arrives is compared with what the same runtime posts when nothing of this
repository is between.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from ldp_client.local_lambda import InvokeOptions
from ldp_testing.direct_runtime import posted
from ldp_testing.languages import COMMANDS, MEMORY_MB, TIMEOUT_S, built, deployed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_client.local_lambda import InvokeResult, LocalLambda
    from ldp_testing.languages import Handler
    from ldp_testing.moto_server import MotoServer

# A virtual machine that starts beside a compiler takes its time.
pytestmark = [pytest.mark.languages, pytest.mark.timeout(300)]

#: Whatever JSON text can look like: no two serialisers write all of this alike.
AWKWARD: Final = (
    '{"do" : "echo",\t"value":[1.10, 1E2, -0.0, 12345678901234567890123, "ü \u2028 \U0001f600", '
    '"\\u00fc \\ud83d\\ude00 \\/ \\"<&>", {"b":[ [{ }] ],\r\n"a" :null}, true ]}'
).encode()
#: What a runtime that parses and writes JSON itself makes of a text, by its language without it.
SERIALISERS: Final = {
    "python": (
        "python",
        "-c",
        "import json, sys; sys.stdout.write(json.dumps(json.load(sys.stdin.buffer)))",
    ),
    **dict.fromkeys(
        ("node3", "node4"),
        (
            "node",
            "-e",
            "process.stdout.write(JSON.stringify(JSON.parse(fs.readFileSync(0, 'utf8'))))",
        ),
    ),
}
#: The type and the members of a handler's own error, in the order in which the runtime writes them.
FAILURES: Final = {
    "python": ("OutOfStockError", ["errorMessage", "errorType", "requestId", "stackTrace"]),
    "go": ("OutOfStockError", ["errorMessage", "errorType"]),
    "rust": (
        "&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>",
        ["errorType", "errorMessage"],
    ),
    "java": ("example.OutOfStockException", ["errorMessage", "errorType", "stackTrace"]),
    "node3": ("OutOfStockError", ["errorType", "errorMessage", "trace"]),
    "node4": ("OutOfStockError", ["errorType", "errorMessage", "trace"]),
}
#: What Lambda says of a program that does not load: type, and a part of the message.
BROKEN: Final = {
    "python": ("RuntimeError", "not today"),
    "go": ("Runtime.ExitError", "Runtime exited with error: exit status 2"),
    "rust": ("Runtime.ExitError", "Runtime exited with error: exit status 101"),
    "java": ("java.lang.IllegalStateException", "not today"),
    "node3": ("RangeError", "not today"),
    "node4": ("RangeError", "not today"),
}
#: Rust's runtime refuses an event whose client lacks one of these.
CLIENT: Final = {
    "installation_id": "i-1",
    "app_title": "shop",
    "app_version_name": "one",
    "app_version_code": "1",
    "app_package_name": "com.example",
}
MESSAGE: Final = "no ü \u2028 left"


@dataclass(frozen=True, slots=True)
class Course:
    """A handler of a language, and the function that leads to it."""

    language: str
    handler: Handler
    function: LocalLambda
    endpoint: str

    def invoke(self, options: InvokeOptions | None = None, **event: object) -> InvokeResult:
        """Invoke the function with an event."""
        return self.function.invoke(
            json.dumps(event, ensure_ascii=False).encode(), options or InvokeOptions()
        )

    def told(self, options: InvokeOptions | None = None) -> dict[str, Any]:
        """What the handler is told of its invocation."""
        result = self.invoke(options, do="context")
        assert result.function_error is None, result
        members: dict[str, Any] = json.loads(result.payload)
        return members

    def posted(self, event: bytes, request_id: str) -> bytes:
        """What the same runtime posts without any bridge."""
        environment = self.handler.environment(self.endpoint)
        return posted(self.handler.command, self.handler.folder, environment, event, request_id)

    def echoed(self, event: bytes) -> bytes:
        """What the language makes of an event that its runtime parses; else the event."""
        serialiser = SERIALISERS.get(self.language)
        if serialiser is None:
            return event
        environment = self.handler.environment(self.endpoint)
        done = subprocess.run(
            serialiser, input=event, env=environment, check=True, capture_output=True
        )
        return done.stdout


@pytest.fixture(scope="module", params=list(COMMANDS))
def course(
    request: pytest.FixtureRequest,
    moto_server: MotoServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Course]:
    """One client, which keeps its runtime warm over the tests of a language."""
    handler = built(request.param)
    folder = tmp_path_factory.mktemp("course")
    with deployed(handler, handler.command, moto_server, folder) as function:
        yield Course(request.param, handler, function, moto_server.url)


def test_every_byte_is_the_runtimes_own(course: Course) -> None:
    """The caller gets what the runtime posted; those that take bytes give back the event's."""
    result = course.function.invoke(AWKWARD)

    assert result.function_error is None, result
    assert result.payload == course.posted(AWKWARD, result.request_id)
    assert result.payload == course.echoed(AWKWARD)


def test_the_context_is_the_functions(course: Course) -> None:
    """The handler is told the request, the function and the time that the proxy has (ENV-12)."""
    settings = course.function.settings
    options = InvokeOptions(
        client_context=json.dumps({"client": CLIENT, "custom": {"key": "value"}}),
        cognito_identity='{"cognitoIdentityId":"me","cognitoIdentityPoolId":"us"}',
        tenant_id="tenant 1",
        trace_id="Root=1-5e1b4151-5ac6c58f5e1b4151;Parent=5e1b41515e1b4151;Sampled=0",
    )
    result = course.invoke(options, do="context")
    told: dict[str, Any] = json.loads(result.payload)
    told.pop("pid")

    assert TIMEOUT_S / 2 < told.pop("remainingMs") / 1000 <= TIMEOUT_S
    assert told.pop("logStreamName")
    assert told == {
        "requestId": result.request_id,
        "functionName": settings.name,
        "functionVersion": "$LATEST",
        "invokedFunctionArn": settings.arn,
        "memoryLimitInMb": MEMORY_MB,
        "logGroupName": f"/aws/lambda/{settings.name}",
        "traceId": options.trace_id,
        "tenantId": options.tenant_id,
        "appTitle": "shop",
        "custom": {"key": "value"},
        "identityId": "me",
    }


def test_a_runtime_stays_warm(course: Course) -> None:
    """One process serves one event after another, and tells each of its own request."""
    first, second = course.told(), course.told()

    assert first["pid"] == second["pid"]
    assert first["requestId"] != second["requestId"]


def test_a_failure_has_the_runtimes_own_shape(course: Course) -> None:
    """An error arrives byte for byte as the runtime posted it, as an error (ENV-27, ERR-15)."""
    event = json.dumps({"do": "fail", "message": MESSAGE}).encode()
    result = course.function.invoke(event)
    error = json.loads(result.payload)
    error_type, members = FAILURES[course.language]

    assert result.function_error == "Unhandled"
    assert result.payload == course.posted(event, result.request_id)
    assert (error["errorType"], error["errorMessage"]) == (error_type, MESSAGE)
    assert list(error) == members


def test_a_process_that_dies_is_replaced(course: Course) -> None:
    """Its caller gets Lambda's error for that, and the next event is served by a new process."""
    before = course.told()
    died = course.invoke(do="exit")
    after = course.told()

    assert died.function_error == "Unhandled"
    assert json.loads(died.payload) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {died.request_id} Error: "
        "Runtime exited with error: exit status 3",
    }
    assert before["pid"] != after["pid"]


@pytest.mark.parametrize("language", list(COMMANDS))
def test_a_handler_that_does_not_load_is_told_of(
    language: str, moto_server: MotoServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The caller gets what the runtime says of it, or that it ended, where it says nothing."""
    handler = built(language)
    folder = tmp_path_factory.mktemp("broken")
    with deployed(handler, handler.broken, moto_server, folder) as function:
        result = function.invoke(b"{}")
    error = json.loads(result.payload)
    error_type, words = BROKEN[language]

    assert result.function_error == "Unhandled"
    assert error["errorType"] == error_type
    assert words in error["errorMessage"]


def test_a_panic_of_go_has_its_frames_as_objects(
    moto_server: MotoServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Path, line and label of each frame arrive as they were posted, and the process ends."""
    handler = built("go")
    folder = tmp_path_factory.mktemp("panic")
    event = json.dumps({"do": "panic", "message": MESSAGE}).encode()
    with deployed(handler, handler.command, moto_server, folder) as function:
        result = function.invoke(event)
        course = Course("go", handler, function, moto_server.url)
        again = course.told()
    error = json.loads(result.payload)

    assert result.function_error == "Unhandled"
    assert result.payload == course.posted(event, result.request_id)
    assert list(error) == ["errorMessage", "errorType", "stackTrace"]
    assert {"path", "line", "label"} == set(error["stackTrace"][0])
    assert again["requestId"] != result.request_id


@pytest.mark.parametrize("language", ["node3", "node4"])
def test_nodes_streams_arrive_byte_for_byte(
    language: str, moto_server: MotoServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What a streaming handler writes is put together, and nobody parses it (PAY-2)."""
    handler = built(language)
    command = tuple(word.replace(".handler", ".streaming") for word in handler.command)
    parts = ["[1.10,", AWKWARD.decode(), ', "😀" ]']
    event = json.dumps({"parts": parts}).encode()
    folder = tmp_path_factory.mktemp("stream")
    with deployed(handler, command, moto_server, folder) as function:
        result = function.invoke(event)

    assert result.function_error is None, result
    assert result.payload == "".join(parts).encode()


def test_the_readme_shows_what_is_tested() -> None:
    """Each command of the README starts an official runtime here."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.split("<!-- commands: programs -->\n```sh\n")[1].split("```")[0]
    shown = [shlex.split(line, comments=True) for line in block.splitlines()]
    tested = [["lambda-debug", "run", "--", *command.split()] for command, _ in COMMANDS.values()]

    assert shown
    assert all(command in tested for command in shown)
