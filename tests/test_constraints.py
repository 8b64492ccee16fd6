"""constraints.txt pins everything that .venv is made of, and says nothing of where it is from."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
PINS = {
    canonicalize_name(name): version
    for name, _, version in (
        line.partition("==") for line in CONSTRAINTS.splitlines() if not line.startswith("#")
    )
}
OURS = set(
    map(
        canonicalize_name,
        (
            "lambda-debug",
            "lambda-debug-proxy",
            "lambda-debug-schemas",
            "lambda-debug-conformance",
        ),
    )
)


def _requirements(name: str, extras: set[str]) -> list[Requirement]:
    """What an installed distribution, with these extras, needs on this machine."""
    found = [Requirement(text) for text in distribution(name).requires or ()]
    return [
        requirement
        for requirement in found
        if requirement.marker is None
        or any(requirement.marker.evaluate({"extra": extra}) for extra in extras | {""})
    ]


def _needed() -> set[NormalizedName]:
    """Every distribution that `make env` installs, by following requirements."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = ["pip", "hatchling", "editables", *settings["dependency-groups"]["dev"]]
    waiting = [*map(Requirement, [*names, "lambda-debug[demo]", *OURS])]
    seen: set[tuple[NormalizedName, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            waiting += _requirements(name, requirement.extras)
    return {name for name, _ in seen} - OURS


def test_every_package_is_pinned_to_what_is_installed() -> None:
    """Each package that .venv needs is pinned, and installed at that version."""
    installed = {name: distribution(name).version for name in _needed()}

    assert {name: PINS.get(name) for name in installed} == installed


def test_constraints_name_no_host() -> None:
    """The constraints hold pins and comments only: no address, no option, no path."""
    lines = [line for line in CONSTRAINTS.splitlines() if not line.startswith("#")]

    assert [
        line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9A-Za-z.+]+", line)
    ] == []
    assert "://" not in CONSTRAINTS
