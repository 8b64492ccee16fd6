"""Replaces one method or constant of the real core for a while, or fails loudly.

A rule that is switched off proves something only if the machines really run without it. So what
is replaced has to exist under its name, in the very class or module that is named: whoever renames
it is told here.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class NothingToReplaceError(LookupError):
    """The core has changed, and a rule does not know where it is kept any more."""


def original(owner: Any, name: str) -> Any:
    """What is kept under a name in a class or module itself.

    Raises:
        NothingToReplaceError: Nothing is.
    """
    if name not in vars(owner):
        where = getattr(owner, "__qualname__", owner.__name__)
        raise NothingToReplaceError(f"{where} has no {name} of its own any more: mend the rule")
    return vars(owner)[name]


@contextmanager
def replaced(owner: Any, name: str, instead: Any) -> Iterator[None]:
    """Have something else under a name, as long as the context lasts."""
    before = original(owner, name)
    setattr(owner, name, instead)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def wrapped(owner: type, name: str, wrapper: Callable[..., Any]) -> Iterator[None]:
    """Have a method call `wrapper`, which is given the method and its arguments."""
    method = original(owner, name)

    def call(*arguments: Any, **named: Any) -> Any:
        return wrapper(method, *arguments, **named)

    with replaced(owner, name, call):
        yield
