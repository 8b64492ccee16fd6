"""The Python interpreters of this machine that the proxy promises to run on."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_MINOR, NEWEST_MINOR = 10, 15

_PROBE = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"


@functools.cache
def pythons() -> dict[str, str]:
    """The path of one interpreter for each version from 3.10 on, by version; never empty.

    This one, those on the path, and those that pyenv has installed but not activated.
    """
    minors = range(OLDEST_MINOR, NEWEST_MINOR + 1)
    named = [shutil.which(f"python3.{minor}") for minor in minors]
    found = dict(filter(None, map(_probe, [*_of_pyenv(), *filter(None, named), sys.executable])))
    return {f"3.{minor}": found[f"3.{minor}"] for minor in minors if f"3.{minor}" in found}


def _probe(python: str) -> tuple[str, str] | None:
    done = subprocess.run([python, "-c", _PROBE], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None  # a pyenv shim whose version is not active
    version, _, path = done.stdout.strip().partition(" ")
    return version, path


def _of_pyenv() -> list[str]:
    pyenv = shutil.which("pyenv")
    if pyenv is None:
        return []
    done = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=True)
    return sorted(map(str, Path(done.stdout.strip()).glob("versions/*/bin/python")))
