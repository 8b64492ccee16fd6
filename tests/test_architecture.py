from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEVELS = {"debug", "info", "warning", "error", "exception"}
EVENT = re.compile(r"[a-z_]+\.[a-z_]+")


def logged_events() -> set[str]:
    """Every event name that a call of a logger, or of a function around one, is given."""
    found = set()
    for path in ROOT.glob("python_*/src/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _is_log_call(node.func):
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


def _is_log_call(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.attr in LEVELS and function.value.id == "_logger"
    return isinstance(function, ast.Name) and function.id == "_show"


def listed_events() -> set[str]:
    """The event names in the table of ARCHITECTURE.md."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("## Log vocabulary")[2]
    return set(re.findall(rf"`({EVENT.pattern})`", table))


def test_the_log_vocabulary_is_complete() -> None:
    """ARCHITECTURE lists the events that the code logs, and no others."""
    events = {event for event in logged_events() if EVENT.fullmatch(event)}

    assert listed_events() == events


def test_the_architecture_is_short() -> None:
    """ARCHITECTURE has less than 80 lines."""
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) < 80
