"""Which modules a program needs, found by reading its sources and not by running them; pure.

An import inside a function or behind a condition counts like any other; a name put together at run
time cannot be seen.
"""

from __future__ import annotations

import ast
from importlib.util import resolve_name
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def needed_modules(sources: Mapping[str, str], roots: Iterable[str]) -> frozenset[str]:
    """The roots and everything that they import, directly or not.

    Args:
        sources: The source of each module there is, by its path with slashes from the import root.
        roots: The paths to begin with.

    Raises:
        SyntaxError: A source that is needed is no Python.
    """
    needed: set[str] = set()
    to_read = list(roots)
    while to_read:
        path = to_read.pop()
        if path not in needed:
            needed.add(path)
            imported = _imported_paths(path, sources[path])
            to_read.extend(each for each in imported if each in sources)
    return frozenset(needed)


def _imported_paths(path: str, source: str) -> Iterator[str]:
    package = path.rpartition("/")[0].replace("/", ".")
    for node in ast.walk(ast.parse(source)):
        for name in _imported_names(node, package):
            yield from _paths(name)


def _imported_names(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = resolve_name("." * node.level + (node.module or ""), package)
        yield from (f"{module}.{alias.name}" for alias in node.names)


def _paths(name: str) -> Iterator[str]:
    """Where a name may live: it and each of its parents is a module, a package, or in one."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        path = "/".join(parts[:end])
        yield f"{path}.py"
        yield f"{path}/__init__.py"
