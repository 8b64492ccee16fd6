"""The page of ports says what its record says, and both are as sources and suite are now."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

import port_matrix
from ldp_conformance.check import checks
from ldp_conformance.outcomes import Role
from ldp_conformance.ports.manifest import load
from port_matrix import NOT_DECLARED, PASSED, Row
from port_sources import braces_lines, go_lines, python_lines
from ports.judging import PORTS

#: Four lines of code, among what is none.
PYTHON: Final = '''\
"""What it is for,
in two lines."""

# a comment
def told() -> str:  # a line that says something
    """Its documentation."""
    return """a text

of three lines"""
'''
BRACES: Final = """\
// a comment
/** Another one,
 * of two lines. */
const two = 1 + // with a remark
  1;

/* And one. */
*there = two
"""


def test_page_and_record_are_as_the_sources_are() -> None:
    """Lines of code, versions and the page are what the tool would write now."""
    rows = port_matrix.recorded().values()
    wanted = port_matrix.outputs(port_matrix.described(row) for row in rows)

    for path, text in wanted.items():
        assert path.read_text(encoding="utf-8") == text, "run make generate"


def test_every_port_has_a_column() -> None:
    """No port is left out, and none is told of that is gone; `port_matrix.py --only` adds one."""
    assert sorted(port_matrix.recorded()) == port_matrix.ports()


@pytest.mark.parametrize("port", port_matrix.ports())
def test_a_column_tells_of_every_check_that_there_is_now(port: str) -> None:
    """Each was judged, or the manifest lacks its feature; a new one is run over all ports."""
    declared = load(PORTS / port / "conformance.toml").side(Role.CLIENT).features
    current = {
        each.id: NOT_DECLARED if each.features - declared else PASSED
        for each in checks().values()
        if each.role is Role.CLIENT
    }

    assert port_matrix.recorded()[port].checks == current, f"run port_matrix.py --only {port}"


def test_a_cell_counts_what_passed_and_names_what_was_not_asked() -> None:
    """An area can be passed, passed in part, or left out; the last row has all of them."""
    whole = Row("a", checks={"client.lease.x": PASSED, "client.v0.x": PASSED})
    part = Row("b", checks={"client.lease.x": PASSED, "client.v0.x": NOT_DECLARED})

    lines = port_matrix.page([whole, part]).splitlines()

    assert lines[-3:] == [
        "| lease | 1 passed | 1 passed |",
        "| v0 | 1 passed | not declared |",
        "| all | 2 passed | 1 passed, 1 not declared |",
    ]


def test_what_is_written_down_is_read_as_it_was() -> None:
    """Judging one port leaves what is known of the others as it is."""
    rows = list(port_matrix.recorded().values())

    assert rows
    assert port_matrix.outputs(rows)[port_matrix.RECORD] == port_matrix.RECORD.read_text("utf-8")


def test_lines_of_code_are_neither_blank_nor_comment() -> None:
    """Docstrings are no code, and strings that span lines are, with what is blank in them."""
    assert python_lines(PYTHON) == 4
    assert braces_lines(BRACES) == 3
    assert go_lines(f'package a\n\nimport (\n\t"fmt"\n)\n{BRACES}') == 4


def test_a_port_that_there_is_not_is_refused() -> None:
    """The tool says which ports there are."""
    told = subprocess.run(
        [sys.executable, port_matrix.__file__, "--only", "cobol"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 2
    assert "python" in told.stderr
