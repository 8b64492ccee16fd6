from __future__ import annotations

import pytest

from ldp_client.packaging.imports import needed_modules


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("import b", {"b/__init__.py"}),
        ("import b.c", {"b/__init__.py", "b/c.py"}),
        ("from b import c", {"b/__init__.py", "b/c.py"}),
        ("from b.c import x", {"b/__init__.py", "b/c.py"}),
        ("from b.c import *", {"b/__init__.py", "b/c.py"}),
        ("from . import d", {"a/d.py"}),
        ("from .d import x", {"a/d.py"}),
        ("def f():\n    import b", {"b/__init__.py"}),
        ("import os, not_here", set()),
    ],
)
def test_each_form_of_import_is_followed(source: str, needed: set[str]) -> None:
    """Modules, names in them, their packages, and relative names are found."""
    sources = {
        "a/__init__.py": "",
        "a/root.py": source,
        "a/d.py": "",
        "b/__init__.py": "",
        "b/c.py": "",
        "b/other.py": "",
    }

    assert needed_modules(sources, ["a/root.py"]) - {"a/__init__.py"} == needed | {"a/root.py"}


def test_imports_are_followed_to_their_end() -> None:
    """What an imported module imports is needed, also where modules import each other."""
    sources = {"a.py": "import b", "b.py": "import c", "c.py": "import a", "d.py": "import a"}

    assert needed_modules(sources, ["a.py"]) == {"a.py", "b.py", "c.py"}
