"""What the clients are made of: their files of code, and where their versions stand."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_NODE: Final = "conformance/ports/node"
_GO: Final = "conformance/ports/go"


def python_lines(text: str) -> int:
    """How many lines of code there are: without blanks, comments and docstrings."""
    documented: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and (ast.get_docstring(node, clean=False) is not None):
            documented.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    none = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    coded: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in {*none, tokenize.ENDMARKER}:
            coded.update(range(token.start[0], token.end[0] + 1))
    return len(coded - documented)


def braces_lines(text: str) -> int:
    """How many lines of code there are: without blanks and comments, which begin their lines."""
    without = re.sub(r"(?ms)^\s*/\*.*?\*/\s*?$", "", text)
    lines = (line.strip() for line in without.splitlines())
    return sum(1 for line in lines if line and not line.startswith("//"))


def go_lines(text: str) -> int:
    """How many lines of code there are: without blanks, comments, and the block of imports."""
    return braces_lines(re.sub(r"(?ms)^import \(\n.*?^\)$", "", text))


@dataclass(frozen=True, slots=True)
class Told:
    """A version that one of the port's files tells.

    Attributes:
        name: Of what.
        file: The file.
        sought: How it stands there, in the first group of a pattern.
    """

    name: str
    file: str
    sought: str

    def read(self, root: Path) -> str:
        """The name with the version.

        Raises:
            SystemExit: The file does not tell it any more.
        """
        found = re.search(self.sought, (root / self.file).read_text(encoding="utf-8"), re.MULTILINE)
        if found is None:
            raise SystemExit(f"{self.file} tells no version of {self.name}; mend port_sources.py")
        return f"{self.name} {found[1]}"


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a port says what it is made of; paths and patterns are relative to the repository.

    Attributes:
        patterns: Its files of code.
        aside: The name of what is no part of the client: the conformance handler.
        count: How lines are counted.
        runtime: What it runs on, where its lowest version stands, and how.
        library: The AWS SDK, where its version stands, and how.
        version: Prints the version of what runs or builds it here.
        shared: Files of code that the client shares with the proxy.
    """

    patterns: tuple[str, ...]
    aside: str
    count: Callable[[str], int]
    runtime: Told
    library: Told
    version: tuple[str, ...]
    shared: tuple[str, ...] = ()

    def needs(self, root: Path) -> str:
        """What it runs on, with the lowest version that will do."""
        return self.runtime.read(root)

    def sdk(self, root: Path) -> str:
        """The AWS SDK with its version."""
        return self.library.read(root)

    def lines(self, root: Path) -> int:
        """How many lines of code the client has."""
        return self._lines(root, self.patterns)

    def shared_lines(self, root: Path) -> int:
        """How many lines of code it shares with the proxy."""
        return self._lines(root, self.shared)

    def _lines(self, root: Path, patterns: tuple[str, ...]) -> int:
        return sum(
            self.count(path.read_text(encoding="utf-8"))
            for pattern in patterns
            for path in root.glob(pattern)
            if path.name != self.aside and not path.name.endswith("_test.go")
        )


SOURCES: Final[Mapping[str, Sources]] = {
    "python": Sources(
        patterns=("python_client/src/ldp_client/**/*.py",),
        aside="",
        count=python_lines,
        runtime=Told("Python", "python_client/pyproject.toml", r'requires-python = ">=([\d.]+)"'),
        library=Told("boto3", "constraints.txt", r"^boto3==(\S+)"),
        version=(sys.executable, "--version"),
        shared=("python_proxy/src/ldp_wire/**/*.py", "python_proxy/src/ldp_queues/**/*.py"),
    ),
    "node": Sources(
        patterns=(f"{_NODE}/*.mjs",),
        aside="conformance-handler.mjs",
        count=braces_lines,
        runtime=Told("Node", f"{_NODE}/package.json", r'"node": ">=([\d.]+)"'),
        library=Told(
            "@aws-sdk/client-sqs", f"{_NODE}/package.json", r'"@aws-sdk/client-sqs": "(\S+)"'
        ),
        version=("node", "--version"),
    ),
    "go": Sources(
        patterns=(f"{_GO}/*.go",),
        aside="",  # the conformance handler is a package below
        count=go_lines,
        runtime=Told("Go", f"{_GO}/go.mod", r"^go ([\d.]+)"),
        library=Told("aws-sdk-go-v2", f"{_GO}/go.mod", r"aws-sdk-go-v2 v(\S+)"),
        version=("go", "env", "GOVERSION"),
    ),
}
