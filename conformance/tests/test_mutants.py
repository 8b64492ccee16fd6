"""The committed table of weakened statements of the reference client has no gap."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from ldp_conformance.check import checks

_FOLDER: Final = Path(__file__).parents[1]
_TABLE: Final[dict[str, Any]] = json.loads((_FOLDER / "mutants.json").read_text())
_ARGUMENTS: Final = tomllib.loads((_FOLDER / "mutants.toml").read_text())
_LEAST: Final = 40


def test_so_many_statements_were_weakened() -> None:
    """The table has as many different mutants as the suite has to be tried with."""
    assert len({each["name"] for each in _TABLE["mutants"]}) >= _LEAST


def test_each_was_killed_by_a_check_or_has_an_argument() -> None:
    """A mutant that survived has a written argument, and none has one that was killed."""
    assert {each["name"] for each in _TABLE["mutants"] if not each["killed_by"]} == set(_ARGUMENTS)


def test_what_killed_them_is_a_check() -> None:
    """Each was killed by a check that there is, with a sentence."""
    killed = [each for each in _TABLE["mutants"] if each["killed_by"]]
    assert {each["killed_by"] for each in killed} <= set(checks())
    assert all(each["sentence"] for each in killed)
