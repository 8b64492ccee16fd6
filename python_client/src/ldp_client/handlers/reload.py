"""The handler's code as it now is: the user's modules are dropped, and imported afresh (SES-36).

Everything that the user's project has loaded goes, since what was edited may be anywhere in it;
what is installed stays, and so do extension modules, which cannot be loaded twice. It is a cold
start: what modules hold, such as connections, is made anew. If the code cannot be loaded, what was
loaded before stays.

A script that called `run` is executed again under the name that multiprocessing gives it, so that
what stands under `if __name__ == "__main__"` is left out.
"""

from __future__ import annotations

import importlib
import importlib.util
import linecache
import os
import sys
import sysconfig
from contextlib import suppress
from contextvars import ContextVar
from functools import cache, partial
from importlib.machinery import EXTENSION_SUFFIXES
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

from ldp_client.handlers.loader import explained, find, load_function, load_handler, module_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ldp_client.handlers.runner import Handler

_MAIN: Final = "__main__"
_MAIN_AGAIN: Final = "__mp_main__"
_KEPT: Final = frozenset({_MAIN, "ldp_client", "ldp_wire", "ldp_queues"})
_DEBUGGERS: Final = ("debugpy", "pydev", "_pydev")  # an editor brings them from anywhere
_INSTALLED: Final = {"site-packages", "dist-packages"}
#: Bytecode is known by the second in which its source was saved, and by its size: an edit within
#: that second is not seen.
_STALE_WITHIN_S: Final = 2

_reloading: ContextVar[bool] = ContextVar("reloading", default=False)


def is_reloading() -> bool:
    """Whether the user's code is being loaded again at this moment."""
    return _reloading.get()


def reloader(handler: str | Handler) -> Callable[[], Handler] | None:
    """How to load a handler again, or None if it cannot be: nothing leads to it by name.

    The callable raises HandlerError, as `load_handler` does.

    Args:
        handler: Its name, or itself, its modules being loaded.
    """
    if isinstance(handler, str):
        return partial(_afresh, module_of(handler), partial(load_handler, handler))
    module, name = _place(handler)
    if module is None:
        return None
    if module is not sys.modules[_MAIN]:
        load = partial(load_function, module.__name__, name)
        return partial(_afresh, module.__name__, load)
    if getattr(module, "__file__", None) is None:
        return None
    return partial(_afresh, _MAIN, partial(_load_script, name))


def _place(handler: Handler) -> tuple[ModuleType | None, str]:
    """The module that has a handler, and the name that it has there.

    Where it says that it was defined goes first; an object of an installed class, as adapters for
    web frameworks are, says so of its class.
    """
    home = getattr(handler, "__module__", "")
    for name in chain([home], _own_modules(_folders(_MAIN)), [_MAIN]):
        module = sys.modules.get(name)
        if isinstance(module, ModuleType):
            for attribute, value in list(vars(module).items()):
                if value is handler:
                    return module, attribute
    return None, ""


def _afresh(root: str, load: Callable[[], Handler]) -> Handler:
    """Load a handler with none of the user's modules loaded.

    Args:
        root: Name of the handler's module.
        load: Imports it.
    """
    folders = _folders(root)
    names = {*_own_modules(folders), root} & sys.modules.keys() - {_MAIN}
    old = {name: sys.modules[name] for name in names}
    for name, module in old.items():
        _drop_stale_bytecode(module)
        del sys.modules[name]
    linecache.checkcache()
    importlib.invalidate_caches()
    token = _reloading.set(True)
    try:
        return load()
    except BaseException:
        sys.modules.update(old)
        raise
    finally:
        _reloading.reset(token)


def _load_script(name: str) -> Handler:
    """Execute the script that this process was started with, and find the handler in it."""
    main = sys.modules[_MAIN]
    file = str(main.__file__)
    module = ModuleType(_MAIN_AGAIN, main.__doc__)
    module.__file__, module.__package__ = file, main.__package__
    sys.modules[_MAIN_AGAIN] = module
    script = Path(file).stem
    with explained(script):
        code = compile(Path(file).read_bytes(), file, "exec", dont_inherit=True)
        exec(code, vars(module))  # noqa: S102 - the user's own script
    return find(module, script, name)


def _folders(root: str) -> tuple[str, ...]:
    """Where the user's code is: the current folder, and the one that the handler comes from."""
    folders = [str(Path.cwd())]
    top = sys.modules.get(root.partition(".")[0])
    paths = [*getattr(top, "__path__", ()), getattr(top, "__file__", None) or ""][:1]
    folders += [str(Path(path).parent) for path in paths if path]
    return tuple(os.path.join(os.path.realpath(folder), "") for folder in folders)  # noqa: PTH118


def _own_modules(folders: Iterable[str]) -> Iterator[str]:
    """The names of the user's modules among those that are loaded."""
    modules = list(sys.modules.items())  # another thread may be importing
    return (name for name, module in modules if _is_own(name, module, folders))


def _is_own(name: str, module: object, folders: Iterable[str]) -> bool:
    top = name.partition(".")[0]
    if top in _KEPT or top.startswith(_DEBUGGERS) or not isinstance(module, ModuleType):
        return False
    file = vars(module).get("__file__")
    if not isinstance(file, str) or file.endswith(tuple(EXTENSION_SUFFIXES)):
        return False
    path = os.path.realpath(file)
    return path.startswith(tuple(folders)) and not _is_installed(path)


def _is_installed(path: str) -> bool:
    return not _INSTALLED.isdisjoint(Path(path).parts) or path.startswith(_standard_library())


@cache
def _standard_library() -> tuple[str, ...]:
    return tuple(os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))


def _drop_stale_bytecode(module: ModuleType) -> None:
    """Remove cached bytecode that may be taken for that of a source edited since."""
    # Whoever has no bytecode has none that is stale: there is no such file, the module came from no
    # file, or this Python keeps no bytecode (PEP 3147: no cache tag).
    with suppress(OSError, AttributeError, NotImplementedError):
        source = Path(str(module.__file__))
        cached = Path(importlib.util.cache_from_source(str(source)))
        if abs(cached.stat().st_mtime - source.stat().st_mtime) < _STALE_WITHIN_S:
            cached.unlink()
