from __future__ import annotations

import re
from pathlib import Path

import pytest

from ldp_client import config
from ldp_client.cli.main import command_line
from ldp_client.errors import ExitStatus

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_a_handler_is_said_to_see_events_more_than_once() -> None:
    """The README tells that an event can reach a handler again across clients (SES-35)."""
    assert "An event can reach a handler more than once." in README
    assert "handlers must tolerate it" in README


@pytest.mark.parametrize("name", sorted(command_line.commands))
def test_each_command_is_described(name: str) -> None:
    """No command is missing from the README."""
    assert f"`lambda-debug {name}" in README


def test_each_variable_is_described() -> None:
    """Every variable that the client reads of its own stands in the README."""
    names = {
        value
        for value in vars(config).values()
        if isinstance(value, str) and re.fullmatch(r"LAMBDA_(PROXY|DEBUG)_[A-Z_]+", value)
    }

    assert names
    assert all(f"`{name}`" in README for name in names)


def test_each_exit_status_is_described() -> None:
    """What a script can ask for after the end is said."""
    sentence = next(line for line in README.splitlines() if "Exit status:" in line)

    assert set(map(int, re.findall(r"\d+", sentence))) == set(ExitStatus)
