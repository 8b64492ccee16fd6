from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from ldp_client.packaging.lighten import PLACEHOLDER, lighten
from ldp_client.packaging.proxy_zip import PACKAGES


def sources() -> list[Path]:
    """The modules of the proxy's packages."""
    specs = [find_spec(name) for name in PACKAGES]
    roots = [Path(root) for spec in specs if spec for root in spec.submodule_search_locations or ()]
    return [path for root in roots for path in sorted(root.rglob("*.py"))]


def statements(source: str) -> list[tuple[int, str]]:
    """Line and meaning of each statement that is more than a text."""

    def is_text(node: ast.AST) -> bool:
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)

    for node in ast.walk(tree := ast.parse(source)):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not is_text(each)]  # type: ignore[attr-defined]
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    return [(node.lineno, ast.dump(node)) for node in nodes]


@pytest.mark.parametrize("path", sources(), ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_the_code_and_its_lines_stay(path: Path) -> None:
    """Every statement of the proxy is on the line where the repository has it."""
    source = path.read_text("utf-8")

    assert statements(lighten(source)) == statements(source)


def test_docstrings_attribute_docstrings_and_comments_go() -> None:
    """What only readers need is gone, line by line."""
    source = '''\
"""A module.

At length.
"""
LIMIT = 1  # bytes
"""Why."""


class Failure(Exception):
    """Bad."""


def run(text="""not a # docstring"""):
    # reason
    "Do."
    return "# ü", text  # done
'''
    expected = f'''\
{PLACEHOLDER}



LIMIT = 1
{PLACEHOLDER}


class Failure(Exception):
    {PLACEHOLDER}


def run(text="""not a # docstring"""):

    {PLACEHOLDER}
    return "# ü", text
'''

    assert lighten(source) == expected


@pytest.mark.parametrize("source", ['x = 1; "ü"', '"ü"; x = 1', "...\n1\n"])
def test_a_text_that_shares_its_line_stays(source: str) -> None:
    """Only texts that have their lines to themselves are emptied."""
    assert lighten(source) == source


def test_line_ends_are_made_one_kind() -> None:
    """A checkout with other line ends makes the same zip."""
    assert lighten("x = 1\r\ny = 2\r\n") == "x = 1\ny = 2\n"


def test_what_is_no_python_is_an_error() -> None:
    """A broken source is not put into a zip."""
    with pytest.raises(SyntaxError):
        lighten("def")
