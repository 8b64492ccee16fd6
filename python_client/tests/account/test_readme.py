from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ldp_testing.account_stage import Place
from ldp_testing.attachable import Attachable

if TYPE_CHECKING:
    from ldp_testing.ministack import Ministack

ROOT = Path(__file__).resolve().parents[3]
NAME = "lambda-debug-proxy"


def commands(name: str) -> str:
    """The shell block that the README marks with `name`."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    match = re.search(rf"<!-- commands: {name} -->\n```sh\n(.*?)```", text, re.DOTALL)
    assert match is not None, name
    return match[1]


def run(script: str, ministack: Ministack) -> str:
    """Run a script as a reader would who says yes to what it asks; what it said."""
    environment = ministack.environment()
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    with ExitStack() as stack:
        keyboard, terminal = pty.openpty()
        for descriptor in (keyboard, terminal):
            stack.callback(os.close, descriptor)
        os.write(keyboard, b"y\n")
        done = subprocess.run(
            ["bash", "-ec", script],
            stdin=terminal,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_readmes_commands_deploy_examine_purge_and_destroy(ministack: Ministack) -> None:
    """The README's commands make the proxy, examine it, empty its queues and leave nothing."""
    place = Place(ministack, NAME)

    said = run(commands("deploy-it"), ministack)
    assert "export LAMBDA_PROXY_REQ_QUEUE_URL=" in said
    variables = place.variables()
    assert variables["LAMBDA_PROXY_REQ_QUEUE_URL"].endswith("/LAMBDA_PROXY_REQ")
    assert variables["LAMBDA_PROXY_RESP_QUEUE_URL"].endswith("/LAMBDA_PROXY_RESP")

    assert "/LAMBDA_PROXY_REQ: 0 waiting" in run(commands("show-it"), ministack)
    assert "wrong      proxy" in run(f"{commands('examine-it').strip()} || [ $? = 1 ]", ministack)
    assert "Done: SQS deletes" in run(commands("purge-it"), ministack)
    assert "nothing is left" in run(commands("destroy-it"), ministack)
    assert place.left() == []


def test_the_readmes_commands_attach_and_detach(ministack: Ministack) -> None:
    """The README's commands make a function the proxy, and what it was before."""
    place = Place(ministack, NAME)
    run(commands("deploy-it"), ministack)
    orders = Attachable.made(place).beside("orders")
    before = orders.everything()

    said = run(commands("attach-it"), ministack)
    assert "export LAMBDA_PROXY_REQ_QUEUE_URL=" in said
    assert orders.configuration()["Handler"] == "ldp_proxy.handler.handler"
    run(commands("detach-it"), ministack)
    assert orders.everything() == before
    run(commands("destroy-it"), ministack)
