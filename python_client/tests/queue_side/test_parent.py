"""A queue side and its parent: it goes with it, and no debugger of the parent holds it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from ldp_testing.engine_stage import LIMIT_S
from ldp_testing.processes import command_line

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_client.config import ClientConfig
    from ldp_testing.tap import Tap


def _start_as_child(config: ClientConfig, then: str = "pass") -> subprocess.Popen[bytes]:
    """A parent of a queue side, which a test can kill; it reads until its input ends."""
    code = f"""
        import os, sys
        from ldp_client.config import ClientConfig
        from ldp_client.queue_side.launch import start_queue_side
        side = start_queue_side(ClientConfig.from_json({config.to_json()!r}))
        {then}
        print(side.pid, flush=True)
        sys.stdin.read()
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _await_exit(process: subprocess.Popen[bytes]) -> None:
    """Return when a parent and its queue side have let go of the parent's standard output."""
    assert process.stdout is not None
    process.stdout.read()
    process.stdout.close()
    process.wait(LIMIT_S)


@pytest.mark.usefixtures("tap")
def test_a_queue_side_goes_with_its_parent(config: ClientConfig) -> None:
    """A parent that was killed takes its queue side along (SES-34)."""
    with _start_as_child(config) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline()
        parent.kill()
        _await_exit(parent)


@pytest.mark.usefixtures("tap")
def test_a_fork_of_the_parent_does_not_keep_the_queue_side(config: ClientConfig) -> None:
    """A process that the handler forked holds the line open; the parent is gone all the same."""
    fork = "os.fork() or (os.close(1), sys.stdin.read(), os._exit(0))"
    with _start_as_child(config, fork) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline()
        parent.kill()
        _await_exit(parent)


def test_a_debugger_does_not_attach_itself_to_the_child(
    tap: Tap, config: ClientConfig, tmp_path: Path
) -> None:
    """Under debugpy, whose pydevd rewrites subprocesses, the child's command line is untouched."""
    assert tap.calls() == []
    script = tmp_path / "app.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        from ldp_client.config import ClientConfig
        from ldp_client.queue_side.launch import start_queue_side
        assert "_pydev_bundle.pydev_monkey" in sys.modules
        side = start_queue_side(ClientConfig.from_json({config.to_json()!r}))
        print(side.pid, flush=True)
        sys.stdin.read()
        """)
    )
    command = [sys.executable, "-m", "debugpy", "--listen", "127.0.0.1:0", str(script)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as parent:
        assert parent.stdout is not None
        started_with = command_line(int(parent.stdout.readline()))

    assert started_with.endswith("-P -m ldp_client.queue_side")
