"""The zip under every Python from 3.10 on that this machine has, by both entries."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import Entry
from ldp_testing.interpreters import pythons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ldp_testing.deployed_proxy import Deployments

ROOT = Path(__file__).resolve().parents[3]
PINS = ROOT / "constraints.txt"
#: What Lambda's runtimes ship.
SHIPPED = ("boto3", "awslambdaric")
EVENT = b'{"a":1.10,"a":2,"s":"\\ud800","n":12345678901234567890,  "z":"\\/"}'


def _pins() -> list[str]:
    lines = PINS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("==")[0] in SHIPPED]


def _python_with_sdk(version: str, python: str) -> str:
    """An interpreter of this version with what Lambda ships; kept beside the checkout's own.

    It is made once for each set of pins: `.venv-versions` can be deleted at any time.
    """
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    folder = ROOT / ".venv-versions" / version
    made, pins = folder / "made-of.txt", "\n".join(_pins())
    own = str(folder / "bin" / "python")
    with _alone(folder.with_name(f"{version}.lock")):
        if not (made.exists() and made.read_text(encoding="utf-8") == pins):
            _run(python, "-m", "venv", "--clear", str(folder))
            pip = (own, "-m", "pip", "--quiet", "--disable-pip-version-check")
            _run(*pip, "install", "--only-binary=:all:", "--constraint", str(PINS), *SHIPPED)
            made.write_text(pins, encoding="utf-8")
    return own


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes of a parallel run out, by a lock on a file."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.timeout(600)
@pytest.mark.parametrize("entry", list(Entry), ids=lambda entry: entry.value)
@pytest.mark.parametrize(("version", "python"), pythons().items(), ids=pythons())
def test_the_zip_runs_under_this_python(
    deployments: Deployments, version: str, python: str, entry: Entry
) -> None:
    """PAY-1, PAY-2: an event and its result pass byte for byte."""
    proxy = deployments.deploy(entry, python=_python_with_sdk(version, python))

    with proxy.answering():
        result = proxy.invoke(EVENT)

    assert (result.payload, result.function_error) == (EVENT, None)


def test_every_python_is_at_least_this_one() -> None:
    """There is something to test: the interpreter that runs the tests is among them."""
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in pythons()
