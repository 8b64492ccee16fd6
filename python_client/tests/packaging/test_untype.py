from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from ldp_client.packaging.proxy_zip import PACKAGES
from ldp_client.packaging.untype import untype


def sources() -> list[Path]:
    """The modules of the proxy's packages."""
    specs = [find_spec(name) for name in PACKAGES]
    roots = [Path(root) for spec in specs if spec for root in spec.submodule_search_locations or ()]
    return [path for root in roots for path in sorted(root.rglob("*.py"))]


class Untyped(ast.NodeTransformer):
    """Takes from a tree what may be missing."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        """Drop a block for type checkers."""
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Drop the annotation of an argument."""
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Drop the annotation of a result."""
        node.returns = None
        return self.generic_visit(node)


def statements(source: str) -> list[tuple[int, str]]:
    """Line and meaning of each statement, without what may be missing."""
    tree = Untyped().visit(ast.parse(source))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    return [(node.lineno, ast.dump(node)) for node in nodes]


@pytest.mark.parametrize("path", sources(), ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_the_code_and_its_lines_stay(path: Path) -> None:
    """Every statement of the proxy is on the line where the repository has it."""
    source = path.read_text("utf-8")

    assert statements(untype(source)) == statements(source)


def test_annotations_of_signatures_and_blocks_for_checkers_go() -> None:
    """Members keep theirs, and so does what spans several lines."""
    source = """\
if TYPE_CHECKING:
    from a import (
        b,
    )
if TYPE_CHECKING:
    x = 1
else:
    x = 2


class Point(NamedTuple):
    ü: int = 0

    def move(self, ü: "ü", *by: int, up: float = 0.5, **more: Any) -> Point | None:
        return lambda x: x

    def wide(
        self,
        a: dict[
            str, int
        ],
        b: str = "a: str",
    ) -> dict[
        str, int
    ]:
        c: int = 1
"""
    expected = """\




if TYPE_CHECKING:
    x = 1
else:
    x = 2


class Point(NamedTuple):
    ü: int = 0

    def move(self, ü, *by, up = 0.5, **more):
        return lambda x: x

    def wide(
        self,
        a: dict[
            str, int
        ],
        b = "a: str",
    ) -> dict[
        str, int
    ]:
        c: int = 1
"""

    assert untype(source) == expected


def test_what_is_no_python_is_an_error() -> None:
    """A broken source is not put into a zip."""
    with pytest.raises(SyntaxError):
        untype("def")
