"""`module.function` becomes a callable, by the rules of Lambda's Python runtime.

As there (awslambdaric's `bootstrap._get_handler`), the last dot parts module and function, the
module may be written with slashes, and modules that are built into Python are refused. What goes
wrong is told with the user's file and line, without this package's frames.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ldp_client.errors import (
    HandlerError,
    HandlerImportFailed,
    HandlerModuleNotFound,
    HandlerNotCallable,
    HandlerNotFound,
    HandlerSyntaxError,
    MalformedHandlerName,
)
from ldp_client.handlers.failure import user_report, user_traceback

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from ldp_client.handlers.runner import Handler


def load_handler(name: str) -> Handler:
    """Import the module of a handler and find the function in it.

    The current folder comes first in the search, as the function's code does in Lambda.

    Args:
        name: Such as `app.handler`, `orders/api.handler` or `orders.api.handler`.

    Raises:
        HandlerError: One of its kinds, which says what is wrong with the name or the module.
    """
    module_name, function_name = _parts(name)
    _search_here()
    return load_function(module_name, function_name)


def load_function(module_name: str, function_name: str) -> Handler:
    """Import a module from wherever Python finds it, and find a function in it.

    Raises:
        HandlerError: As `load_handler` does.
    """
    with explained(module_name):
        module = importlib.import_module(module_name)
    return find(module, module_name, function_name)


def module_of(name: str) -> str:
    """The module in a handler's name.

    Raises:
        HandlerError: It is no handler's name.
    """
    return _parts(name)[0]


def _parts(name: str) -> tuple[str, str]:
    module_name, dot, function_name = name.rpartition(".")
    module_name = module_name.replace("/", ".")
    if not dot or not function_name or not all(module_name.split(".")):
        raise MalformedHandlerName(
            f"{name!r} does not name a handler.",
            hint="Write module.function: app.handler is the function handler in app.py. "
            "A program of any language goes behind --.",
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise HandlerModuleNotFound(
            f"The module {module_name!r} is built into Python; Lambda takes no handler from it.",
            hint="Give your own module another name.",
        )
    return module_name, function_name


def _search_here() -> None:
    here = str(Path.cwd())
    if sys.path[:1] != [here]:
        sys.path.insert(0, here)
    importlib.invalidate_caches()


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Tell what goes wrong while a module's code is executed as errors for the developer.

    Raises:
        HandlerError: The module is not there, is no Python, or failed.
    """
    try:
        yield
    except HandlerError:
        raise
    except ModuleNotFoundError as exc:
        if not _is_missing(exc, name):
            raise _import_failed(name, exc) from exc
        raise _module_not_found(name, exc) from None
    except SyntaxError as exc:
        raise HandlerSyntaxError(
            f"{exc.filename}, line {exc.lineno}, is no valid Python: {exc.msg}.",
            hint="Correct it and try again.",
            file=exc.filename,
            line=exc.lineno,
            traceback="".join(traceback.format_exception_only(exc)),
        ) from exc
    except (Exception, SystemExit) as exc:
        raise _import_failed(name, exc) from exc


def _is_missing(exc: ModuleNotFoundError, name: str) -> bool:
    """Whether it is the handler's module, or a package of it, that is not there."""
    asked = exc.name is not None and f"{name}.".startswith(f"{exc.name}.")
    return asked and user_traceback(exc.__traceback__) is None


def _module_not_found(name: str, exc: ModuleNotFoundError) -> HandlerModuleNotFound:
    parent = name.rpartition(".")[0]
    if parent and "is not a package" in str(exc):
        hint = f"{parent} is a file, and Lambda looks for functions only directly in a module."
    else:
        hint = _did_you_mean(name, _modules_here()) or (
            "Start in the folder that has the module, and write module.function."
        )
    return HandlerModuleNotFound(
        f"There is no module {name!r}, neither in {Path.cwd()} nor elsewhere on Python's path.",
        hint=hint,
    )


def _import_failed(name: str, exc: BaseException) -> HandlerImportFailed:
    file, line = _place(exc)
    where = "" if file is None else f" in {file}, line {line}"
    what = "ended the process" if isinstance(exc, SystemExit) else f"raised {type(exc).__name__}"
    if isinstance(exc, ModuleNotFoundError):
        hint = f"Install what is missing into the environment of {sys.executable}, where this runs."
    else:
        hint = "Correct it and try again; in Lambda the function would fail to start, too."
    return HandlerImportFailed(
        f"The module {name!r} {what}{where} while it was imported.",
        hint=hint,
        file=file,
        line=line,
        traceback=user_report(exc),
    )


def _place(exc: BaseException) -> tuple[str | None, int | None]:
    """The innermost line of the user's own code, else the innermost line of all."""
    frames = traceback.extract_tb(user_traceback(exc.__traceback__))
    here = str(Path.cwd()) + os.sep
    own = [
        frame for frame in frames if frame.filename.startswith(here) and not _is_installed(frame)
    ]
    chosen = (own or frames)[-1:]
    return (chosen[0].filename, chosen[0].lineno) if chosen else (None, None)


def _is_installed(frame: traceback.FrameSummary) -> bool:
    return f"{os.sep}site-packages{os.sep}" in frame.filename


def find(module: ModuleType, module_name: str, function_name: str) -> Handler:
    """The function of that name in a module.

    Raises:
        HandlerError: There is none, or it cannot be called.
    """
    file = getattr(module, "__file__", None)
    try:
        handler = getattr(module, function_name)
    except AttributeError:
        functions = [name for name, value in vars(module).items() if callable(value)]
        hint = _did_you_mean(function_name, functions) or (
            f"Define it in {file or module_name}, or name another function."
        )
        raise HandlerNotFound(
            f"The module {module_name!r} has no {function_name!r}.", hint=hint, file=file
        ) from None
    if not callable(handler):
        raise HandlerNotCallable(
            f"{function_name!r} of the module {module_name!r} is a {type(handler).__name__}, "
            "and cannot be called.",
            hint="Name a function that takes an event and a context.",
            file=file,
        )
    return handler  # type: ignore[no-any-return]


def _did_you_mean(wrong: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(wrong, list(names), n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _modules_here() -> list[str]:
    return [path.stem for path in Path.cwd().glob("*.py")]
