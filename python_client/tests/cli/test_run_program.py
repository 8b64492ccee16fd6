"""`lambda-debug run -- COMMAND` as a process: real runtimes, and programs that die."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from ldp_testing.processes import read_until
from ldp_testing.raw_runtime import RAW
from ldp_wire.envelopes import HandlerError, Inline

if TYPE_CHECKING:
    from ldp_testing.command_stage import CommandStage

README: Final = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
RUNTIME: Final = (sys.executable, "-m", "awslambdaric", "app.handler")
#: What a queue side is started with, and hides from programs.
OF_THE_QUEUE_SIDE: Final = ("LAMBDA_DEBUG_QUEUE_SIDE", "MALLOC_MMAP_THRESHOLD_")
APP: Final = """
    import os

    def handler(event, context):
        print("printed by the handler", flush=True)
        if isinstance(event, str):
            raise LookupError(event)
        names = ("_HANDLER", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_REGION", "HOME")
        return [event, context.function_name, context.memory_limit_in_mb,
                *map(os.getenv, names)]
"""


def fault(stage: CommandStage) -> dict[str, str]:
    """The error body that the caller gets."""
    result = stage.answer().result
    assert isinstance(result, HandlerError)
    assert isinstance(result.payload, Inline)
    body: dict[str, str] = json.loads(result.payload.data)
    assert body["errorType"] == result.error_type
    return body


def test_an_unmodified_runtime_serves(stage: CommandStage) -> None:
    """AWS's runtime client for Python finds its variables, and a context that is right (PAY-1)."""
    stage.write("app.py", APP)
    stage.send('{"a":1.10}')
    status, out, err = stage.run("run", "--once", "--", *RUNTIME)

    assert json.loads(stage.answered_with()) == [
        {"a": 1.1},
        "orders",
        "128",
        "app.handler",
        "$LATEST",
        stage.environment["AWS_REGION"],
        os.environ["HOME"],
    ]
    assert status == 0
    assert out == "printed by the handler\n"
    assert "orders  Lambda direct  returned" in err


def test_json_leaves_standard_output_to_the_report(stage: CommandStage) -> None:
    """With --json what the program prints goes to standard error."""
    stage.write("app.py", APP)
    stage.send("7")
    status, out, err = stage.run("run", "--once", "--json", "--", *RUNTIME)

    assert status == 0
    assert [json.loads(line)["type"] for line in out.splitlines()][-1] == "closed"
    assert "printed by the handler" in err


def test_an_error_is_the_runtimes_own(stage: CommandStage) -> None:
    """The caller gets the body that the runtime posted, not one that was written anew (ENV-27)."""
    stage.write("app.py", APP)
    stage.send('"gone"')
    stage.run("run", "--once", "--", *RUNTIME)
    body = fault(stage)

    assert (body["errorType"], body["errorMessage"]) == ("LookupError", "gone")
    assert "stackTrace" in body


def test_a_program_that_cannot_start_says_why_to_the_caller(stage: CommandStage) -> None:
    """What a runtime posts as its init error is the caller's answer, and the client lives on."""
    stage.write("app.py", "import nothing_of_this_name\n")
    stage.send("1")
    process = stage.start("run", "--", *RUNTIME)

    assert fault(stage)["errorType"] == "Runtime.ImportModuleError"
    stage.write("app.py", APP)
    stage.send("2")
    assert json.loads(stage.answered_with())[0] == 2
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("sys.exit()", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
    ],
)
@pytest.mark.parametrize("phase", ["starting", "running"])
def test_a_death_is_worded_as_lambda_words_it(
    stage: CommandStage, phase: str, code: str, words: str
) -> None:
    """A program that dies costs its caller one event, and the next gets a new process."""
    marker = stage.folder / "died"
    dies = f"os.path.exists({str(marker)!r}) or (open({str(marker)!r}, 'w').close(), {code})"
    starting, running = (dies, "") if phase == "starting" else ("", dies)
    stage.write(
        "program.py", RAW + f"{starting}\nheaders, event = ask()\n{running}\npost(headers, event)\n"
    )
    stage.send("1")
    process = stage.start("run", "--", sys.executable, "program.py")
    body = fault(stage)
    stage.send("2")

    assert body["errorType"] == "Runtime.ExitError"
    assert body["errorMessage"].startswith("RequestId: ")
    assert body["errorMessage"].endswith(f" Error: {words}")
    assert stage.answered_with() == "2"
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0


def test_an_interrupt_drains_and_ends_the_program(stage: CommandStage, fifo: Path) -> None:
    """Ctrl-C does not reach the program, whose event is answered (SES-32)."""
    waits = f"post(headers, open({str(fifo)!r}).read())\n"
    stage.write("program.py", RAW + "headers, _ = ask()\nprint('in', flush=True)\n" + waits)
    stage.send("1")
    process = stage.start("run", "--", sys.executable, "program.py")
    read_until(process.stdout, "in")
    process.send_signal(signal.SIGINT)
    read_until(process.stderr, "Ending once what runs is answered")
    fifo.write_text("done", encoding="utf-8")

    assert stage.answered_with() == "done"
    assert process.wait() == 0


def test_a_second_interrupt_gives_the_event_back(stage: CommandStage, fifo: Path) -> None:
    """Two signals end the program too, with status 130 and no answer (SES-33)."""
    waits = f"ask()\nprint('in', flush=True)\nopen({str(fifo)!r})\n"
    stage.write("program.py", RAW + waits)
    stage.write("app.py", APP)
    stage.send("1")
    process = stage.start("run", "--", sys.executable, "program.py")
    read_until(process.stdout, "in")
    process.send_signal(signal.SIGINT)
    read_until(process.stderr, "Ending once")
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 130
    stage.run("run", "--once", "--", *RUNTIME)

    assert json.loads(stage.answered_with())[0] == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("app.handler", "--", "true"), "not both"),
        ((), "Name a handler"),
        (("--",), "Name a handler"),
        (("--workers", "2", "app.handler"), "--workers is for a COMMAND"),
        (("--format", "json", "--", "true"), "--no-start"),
        (("--", "no-such-program"), "There is no program 'no-such-program'"),
    ],
)
def test_a_command_line_that_is_wrong_is_told(
    stage: CommandStage, arguments: tuple[str, ...], words: str
) -> None:
    """What is wrong is a sentence, with status 2."""
    status, out, err = stage.run("run", *arguments)

    assert (status, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize("form", ["shell", "dotenv", "json"])
def test_a_program_that_others_start_is_served(stage: CommandStage, form: str) -> None:
    """With --no-start the variables are printed, and whoever is started with them gets events."""
    stage.write("app.py", APP)
    stage.send("7")
    client = stage.start("run", "--no-start", "--once", "--format", form, "app.handler")
    assert client.stdout is not None
    text = client.stdout.readline() if form == "json" else read_until(client.stdout, "TZ=")
    (stage.folder / "variables").write_text(text, encoding="utf-8")
    start = shlex.join(RUNTIME)
    if form == "json":
        stage.environment |= json.loads(text)
    else:
        start = f"set -a; . ./variables; {start}"
    with subprocess.Popen(
        ["/bin/sh", "-c", start], cwd=stage.folder, env=stage.environment, stdout=subprocess.DEVNULL
    ):
        assert json.loads(stage.answered_with())[:3] == [7, "test_function", "3008"]
        assert client.wait() == 0


def test_what_is_known_of_the_function_is_told(stage: CommandStage) -> None:
    """The developer's own variables say more than the defaults, also when they are wrong."""
    stage.environment |= {"AWS_LAMBDA_FUNCTION_NAME": "orders", "_HANDLER": "its.handler"}
    client = stage.start("run", "--no-start", "--format", "json")
    assert client.stdout is not None
    variables = json.loads(client.stdout.readline())
    client.send_signal(signal.SIGINT)

    assert client.wait() == 0
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "orders"
    assert variables["_HANDLER"] == "its.handler"
    stage.environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "plenty"
    status, _, err = stage.run("run", "--no-start")
    assert status == 2
    assert "Set AWS_LAMBDA_FUNCTION_MEMORY_SIZE to a number" in err


def in_readme(stage: CommandStage, name: str) -> subprocess.Popen[str]:
    """Start the README's command of that name as a reader would."""
    block = re.search(rf"<!-- commands: {name} -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert block is not None
    stage.environment["PATH"] = f"{Path(sys.executable).parent}:{stage.environment['PATH']}"
    return subprocess.Popen(
        ["/bin/sh", "-c", f"exec {block[1]}"],
        cwd=stage.folder,
        env=stage.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_readmes_program_is_served(stage: CommandStage) -> None:
    """What the README starts answers an event."""
    stage.write("my_app.py", APP)
    stage.send("7")
    with in_readme(stage, "program") as client:
        assert json.loads(stage.answered_with())[0] == 7
        client.send_signal(signal.SIGINT)
    assert client.returncode == 0


def test_the_readmes_variables_are_complete(stage: CommandStage) -> None:
    """What the README writes into a file is what a runtime needs."""
    with in_readme(stage, "no-start") as client:
        read_until(client.stderr, "listening to")
        client.send_signal(signal.SIGINT)
    text = (stage.folder / "lambda.env").read_text(encoding="utf-8")

    assert "AWS_LAMBDA_RUNTIME_API=127.0.0.1:" in text
    assert "AWS_LAMBDA_FUNCTION_VERSION='$LATEST'" in text


def test_a_program_has_the_developers_own_malloc(stage: CommandStage) -> None:
    """What the developer asks of glibc is asked of programs too."""
    stage.environment[OF_THE_QUEUE_SIDE[1]] = "65536"
    asks = f"os.getenv({OF_THE_QUEUE_SIDE[1]!r}).encode()"
    stage.write("program.py", f"{RAW}headers, event = ask()\npost(headers, {asks})\n")
    stage.send("1")
    stage.run("run", "--once", "--", sys.executable, "program.py")

    assert json.loads(stage.answered_with()) == 65536


def test_a_program_has_the_developers_own_credentials(stage: CommandStage) -> None:
    """--profile is for the queues: what a program calls is not called with it."""
    config = stage.write(
        "config", "[profile queues]\naws_access_key_id = other\naws_secret_access_key = other\n"
    )
    stage.environment["AWS_CONFIG_FILE"] = str(config)
    names = ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", *OF_THE_QUEUE_SIDE]
    stage.write(
        "app.py",
        f"import os\ndef handler(event, context):\n    return [*map(os.getenv, {names})]\n",
    )
    stage.send("1")
    stage.run("run", "--once", "--profile", "queues", "--", *RUNTIME)

    expected = [stage.environment["AWS_ACCESS_KEY_ID"], None, None, None]
    assert json.loads(stage.answered_with()) == expected
