"""Python sources without what only their readers need; pure.

In Lambda the proxy's sources are compiled at every cold start, since its folder is read-only, and
the zip has to stay small. Docstrings and comments go, lines stay where they are: a traceback from
Lambda names the line of the repository.
"""

from __future__ import annotations

import ast
import io
import tokenize

PLACEHOLDER = '"""..."""'
"""What is left of a docstring. Not nothing, which a body of nothing else would not survive, and not
empty, since dataclasses would then spend their time on writing one."""


def lighten(source: str) -> str:
    """The source without docstrings, attribute docstrings and comments.

    Args:
        source: A module, with any line ends.

    Raises:
        SyntaxError: It is no Python.
    """
    lines = source.replace("\r\n", "\n").split("\n")
    for statement in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(statement, ast.Expr) and _is_text_alone(statement, lines):
            _empty(statement, lines)
    _drop_comments(lines)
    return "\n".join(lines)


def _is_text_alone(statement: ast.Expr, lines: list[str]) -> bool:
    value = statement.value
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        return False
    last = lines[(statement.end_lineno or statement.lineno) - 1].encode("utf-8")
    before = lines[statement.lineno - 1].encode("utf-8")[: statement.col_offset]
    return not before.strip() and not last[statement.end_col_offset :].strip()


def _empty(statement: ast.Expr, lines: list[str]) -> None:
    first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
    lines[first:last] = [" " * statement.col_offset + PLACEHOLDER, *[""] * (last - first - 1)]


def _drop_comments(lines: list[str]) -> None:
    read_line = io.StringIO("\n".join(lines)).readline
    for token in tokenize.generate_tokens(read_line):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
