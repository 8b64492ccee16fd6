from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import serve
from ldp_client.runtime_api import PortUnavailable
from ldp_testing.function_zips import function_zip
from ldp_testing.local_functions import ON_AWSLAMBDARIC, Lines, await_end

if TYPE_CHECKING:
    from pathlib import Path

PID = """
    import os

    def handler(event, context):
        print("ran")
        return os.getpid()
"""

HOST = """
import sys, pathlib
from ldp_client.local_lambda import FunctionSettings, serve

with serve(FunctionSettings(handler="app.handler"), pathlib.Path(sys.argv[1])) as served:
    print(served.function.invoke().payload.decode(), flush=True)
    sys.stdin.read()
"""


def test_served_functions_answer_in_process_and_over_http(tmp_path: Path) -> None:
    """Both ways lead to the same sandbox; leaving the block ends both."""
    lines = Lines()
    path = function_zip(tmp_path / "f.zip", PID)
    with serve(ON_AWSLAMBDARIC, path, log=lines) as served:
        with urllib.request.urlopen(served.invoke_url, data=b"1") as answer:
            over_http = answer.read()
        in_process = served.function.invoke(b"1").payload

        assert served.invoke_url.startswith(served.endpoint_url)
    assert over_http == in_process
    assert lines.rest() == ["ran", "ran"]
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(served.invoke_url, data=b"1")


def test_a_taken_port_leaves_nothing_behind(tmp_path: Path) -> None:
    """The port is named, and the unzipped code is deleted again."""
    path = function_zip(tmp_path / "f.zip", PID)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port: int = other.getsockname()[1]
        with pytest.raises(PortUnavailable, match=str(port)):
            serve(ON_AWSLAMBDARIC, path, "127.0.0.1", port).__enter__()


def test_a_killed_host_takes_its_frozen_sandboxes_along(tmp_path: Path) -> None:
    """Even SIGKILL leaves no stopped process behind: the kernel ends the orphaned group."""
    path = function_zip(tmp_path / "f.zip", PID)
    host = subprocess.Popen(
        [sys.executable, "-c", HOST, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # nobody is left to delete the code
    )
    assert host.stdout is not None
    assert host.stdin is not None
    sandbox = int(host.stdout.readline())
    os.kill(host.pid, signal.SIGKILL)
    host.wait()
    host.stdout.close()
    host.stdin.close()

    assert await_end(sandbox)
