"""The variables for a program that somebody else starts, as their tools read them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from ldp_client.errors import ConfigError
from ldp_client.programs.variables import function_of, written

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_client.programs.variables import Format

NASTY = {
    "PLAIN": "127.0.0.1:9001",
    "NOTHING": "",
    "VERSION": "$LATEST",
    "STREAM": "2024/06/11/[$LATEST]8f1c",
    "FOLDER": "/home/o'brien/my code",
    "ALL": "`'\"\\$HOME#",
}


@pytest.mark.parametrize("form", ["shell", "dotenv"])
def test_a_shell_reads_what_was_written(tmp_path: Path, form: Format) -> None:
    """No value is expanded, split or cut, by whichever reader follows a shell's rules."""
    file = tmp_path / "variables"
    file.write_text(written(NASTY, form), encoding="utf-8")
    show = "".join(f"printf '%s\\0' \"${name}\"; " for name in NASTY)
    done = subprocess.run(
        ["/bin/sh", "-c", f". {file}; {show}"], stdout=subprocess.PIPE, text=True, check=True
    )

    assert done.stdout.split("\0")[:-1] == list(NASTY.values())


def test_json_is_one_line() -> None:
    """A program that reads it needs no more than a line."""
    text = written(NASTY, "json")

    assert json.loads(text) == NASTY
    assert text.count("\n") == 1


def test_plain_values_stay_plain() -> None:
    """Readers of such files that know no quotes take them, too."""
    assert written({"AWS_REGION": "eu-west-1"}, "dotenv") == "AWS_REGION=eu-west-1\n"


def test_a_function_is_known_before_any_event() -> None:
    """It is that of AWS's emulator, but for what the developer says."""
    function = function_of({"AWS_LAMBDA_FUNCTION_VERSION": "7"})

    assert (function.name, function.version, function.memory_limit_mb) == (
        "test_function",
        "7",
        3008,
    )


@pytest.mark.parametrize("memory", ["0", "-1", "plenty", "٣"])
def test_a_memory_that_is_none_is_refused(memory: str) -> None:
    """The sentence names the variable."""
    with pytest.raises(ConfigError, match="AWS_LAMBDA_FUNCTION_MEMORY_SIZE"):
        function_of({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": memory})
