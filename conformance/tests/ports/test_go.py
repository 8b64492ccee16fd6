"""What the port in Go says of itself is so: its size, and the schema that it is built with."""

from __future__ import annotations

import re
from typing import Final

import pytest

from port_sources import go_lines
from ports.judging import PORTS

PORT: Final = PORTS / "go"
BUNDLE: Final = PORTS.parents[1] / "schemas/v1/bundles/request.schema.json"
#: The longest line, in characters.
WIDTH: Final = 120


def test_the_go_port_has_as_many_lines_as_its_readme_says() -> None:
    """Without blanks, comments, imports, and the handler, which is no part of the client."""
    readme = (PORT / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+\.go)` \|.*\| (\d+) \|$", readme, re.MULTILINE)
    counted = {path.name: go_lines(path.read_text(encoding="utf-8")) for path in PORT.glob("*.go")}

    assert counted
    assert {name: int(lines) for name, lines in told} == counted


def test_the_go_port_has_no_long_lines() -> None:
    """Its size is not bought with width: a tabulator is four characters."""
    lines = [
        line.expandtabs(4)
        for path in PORT.rglob("*.go")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]

    assert lines
    assert [line for line in lines if len(line) > WIDTH] == []


@pytest.mark.languages
def test_the_go_port_is_built_with_the_specification_s_schema() -> None:
    """What `go generate` copied, for `go:embed` to reach, is the bundle of today."""
    assert (PORT / "request.schema.json").read_bytes() == BUNDLE.read_bytes()
