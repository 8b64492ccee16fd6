"""Makes the bundles: one self-contained schema for each kind of envelope.

The parts refer to each other by file, which tools that read a single schema (code
generators, editors, validators without a registry) cannot follow. A bundle holds every
part that its kind needs under `$defs`, by the part's own name, and refers to nothing else.

`python -m ldp_schemas.bundle` writes the files; they are committed, and a test compares.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from ldp_schemas._files import KINDS, Schema, folder, read
from ldp_schemas.errors import PartsError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SUFFIX = ".schema.json"
_BASE = "https://lambda-debug-proxy.dev/schemas/v1/"
_ONLY_AT_THE_TOP = frozenset({"$schema", "$id", "$defs"})


class _Bundler:
    """Collects what one kind refers to, each part once."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}
        self._origins: dict[str, str] = {}

    def members(self, schema: Schema, file: str) -> Schema:
        """Copy a schema with every reference led to `$defs`."""
        return {
            key: self._reference(value, file) if key == "$ref" else self._copied(value, file)
            for key, value in schema.items()
        }

    def _copied(self, node: object, file: str) -> object:
        if isinstance(node, list):
            return [self._copied(item, file) for item in node]
        return self.members(node, file) if isinstance(node, dict) else node

    def _reference(self, reference: str, file: str) -> str:
        name, _, pointer = reference.partition("#")
        target = (name or file) + "#" + pointer
        local = (pointer or name.removesuffix(_SUFFIX)).rpartition("/")[2]
        if self._origins.setdefault(local, target) != target:
            raise PartsError(f"Two parts are called {local}: rename one of them.")
        if local not in self.definitions:
            self.definitions[local] = {}  # claimed, so that a circle ends
            self.definitions[local] = self._definition(name or file, pointer)
        return f"#/$defs/{local}"

    def _definition(self, file: str, pointer: str) -> Schema:
        found = read(file)
        for step in pointer.split("/")[1:]:
            found = found[step]
        return self.without_frame(found, file)

    def without_frame(self, schema: Schema, file: str) -> Schema:
        """Copy a schema without what only a whole file has."""
        kept = {key: value for key, value in schema.items() if key not in _ONLY_AT_THE_TOP}
        return self.members(kept, file)


def bundle(kind: str) -> Schema:
    """Make the bundle of one kind.

    Args:
        kind: One of `KINDS`.

    Raises:
        PartsError: Two different parts bear the same name.
    """
    file = kind + _SUFFIX
    bundler = _Bundler()
    body = bundler.without_frame(read(file), file)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{_BASE}bundles/{file}",
        "$comment": f"Made of {file} and its parts by ldp_schemas.bundle; edit those.",
        **body,
        "$defs": dict(sorted(bundler.definitions.items())),
    }


def text(kind: str) -> str:
    """Make the text of a bundle's file."""
    return json.dumps(bundle(kind), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write every bundle, or with `--check` only compare.

    Returns:
        The exit status: 1 if a bundle that was to be compared is not what its parts make.
    """
    parser = argparse.ArgumentParser(prog="python -m ldp_schemas.bundle")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    is_check = parser.parse_args(arguments).check
    stale = [path for path in map(_path, KINDS) if not _is_fresh(path)]
    for path in stale:
        if is_check:
            sys.stderr.write(f"{path.name} is stale: run python -m ldp_schemas.bundle\n")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text(path.name.removesuffix(_SUFFIX)), encoding="utf-8")
    return int(is_check and bool(stale))


def _path(kind: str) -> Path:
    return folder() / "bundles" / (kind + _SUFFIX)


def _is_fresh(path: Path) -> bool:
    made = text(path.name.removesuffix(_SUFFIX))
    return path.is_file() and path.read_text(encoding="utf-8") == made


if __name__ == "__main__":
    sys.exit(main())
