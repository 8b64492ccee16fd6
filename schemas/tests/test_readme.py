"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import yaml  # type: ignore[import-untyped] # comes with moto, without types

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "schemas" / "README.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```(\S+)(?: file=(\S+))?\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


def _fences(language: str) -> list[str]:
    return [body for found, _, body in FENCES if found == language]


def test_the_output_shown_is_the_output(tmp_path: Path) -> None:
    """The command on the file that the README shows prints what the README shows."""
    for _, name, body in FENCES:
        if name:
            (tmp_path / name).write_text(body, encoding="utf-8")
    [shown] = _fences("console")
    command, _, output = shown.removeprefix("$ ").partition("\n")
    program, *arguments = shlex.split(command)
    ended = subprocess.run(
        [sys.executable, "-m", "ldp_schemas", *arguments],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert program == "lambda-debug-schemas"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, output, "")


def test_the_python_shown_runs() -> None:
    """The Python example makes a validator for requests."""
    [example] = _fences("python")
    names: dict[str, object] = {}
    exec(example, names)

    assert names["schema"]["title"] == "Request"  # type: ignore[index] # a schema


def test_the_configuration_shown_names_the_hook_as_it_is() -> None:
    """The README's local hook does what the repository's own hook does."""
    _, local = map(yaml.safe_load, _fences("yaml"))
    [shown] = local["repos"][0]["hooks"]
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert {name: shown[name] for name in ("id", "name", "entry", "files")} == {
        name: hook[name] for name in ("id", "name", "entry", "files")
    }
