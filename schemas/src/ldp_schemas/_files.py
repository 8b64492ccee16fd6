"""Where the schema files are: inside the installed package, or beside it in a checkout.

Nothing here knows what a schema says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A JSON Schema object. Its keywords hold values of any type, so it is the one untyped value.
Schema = dict[str, Any]

#: The kinds of envelopes, in the order in which an exchange sends them.
KINDS = ("request", "accepted", "declined", "response")

_PACKAGED = Path(__file__).with_name("v1")
_CHECKOUT = Path(__file__).parents[2] / "v1"


def folder() -> Path:
    """Find the folder of version 1: a wheel carries it along, an editable install does not."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


def read(name: str) -> Schema:
    """Read one schema file.

    Args:
        name: Its path below the folder, such as `bundles/request.schema.json`.
    """
    schema: Schema = json.loads((folder() / name).read_text(encoding="utf-8"))
    return schema


def contents() -> Iterator[Schema]:
    """Read every schema: the parts, and the bundles made of them."""
    root = folder()
    for path in sorted(root.glob("**/*.schema.json")):
        yield read(path.relative_to(root).as_posix())
