"""Python sources without what only type checkers read; pure.

Signatures lose their annotations, and imports for type checkers go. Annotations of members stay:
dataclasses and named tuples are made of them. Lines stay where they are.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Cut(NamedTuple):
    """A part of a line, in bytes of UTF-8 as `ast` counts."""

    line: int
    begin: int
    end: int


def untype(source: str) -> str:
    """The source without the annotations of its signatures and its `if TYPE_CHECKING` blocks.

    What spans several lines stays, and so does a block that has an `else`.

    Args:
        source: A module whose annotations are not evaluated (`from __future__ import annotations`).

    Raises:
        SyntaxError: It is no Python.
    """
    lines = source.split("\n")
    tree = ast.parse(source)
    for cut in sorted(_annotations(tree, lines), reverse=True):
        line = lines[cut.line].encode("utf-8")
        lines[cut.line] = (line[: cut.begin] + line[cut.end :]).decode("utf-8")
    for block in ast.walk(tree):
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            _empty(block, lines)
    return "\n".join(lines)


def _annotations(tree: ast.Module, lines: list[str]) -> Iterator[_Cut]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for argument in ast.walk(function.args):
                if isinstance(argument, ast.arg) and argument.annotation is not None:
                    yield from _to_end_of(argument.annotation, argument.lineno - 1, _end(argument))
            if function.returns is not None:
                yield from _arrow(function.returns, lines)


def _end(argument: ast.arg) -> int:
    """Where the argument's name ends."""
    return argument.col_offset + len(argument.arg.encode("utf-8"))


def _to_end_of(annotation: ast.expr, line: int, begin: int) -> Iterator[_Cut]:
    if annotation.end_lineno == line + 1 and annotation.end_col_offset is not None:
        yield _Cut(line, begin, annotation.end_col_offset)


def _arrow(returns: ast.expr, lines: list[str]) -> Iterator[_Cut]:
    before = lines[returns.lineno - 1].encode("utf-8")[: returns.col_offset]
    if before.rstrip().endswith(b"->"):
        yield from _to_end_of(returns, returns.lineno - 1, len(before.rstrip()[:-2].rstrip()))


def _empty(block: ast.If, lines: list[str]) -> None:
    if not block.orelse and block.end_lineno is not None:
        count = block.end_lineno - block.lineno + 1
        lines[block.lineno - 1 : block.end_lineno] = [""] * count
