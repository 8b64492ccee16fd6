"""Loading the user's code again, from real files."""

from __future__ import annotations

import math
import sys
import textwrap
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import ldp_client
from ldp_client.config import REQUEST_QUEUE, RESPONSE_QUEUE
from ldp_client.errors import HandlerImportFailed, HandlerNotFound, HandlerSyntaxError, NestedRun
from ldp_client.handlers.loader import load_handler
from ldp_client.handlers.reload import reloader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ldp_client.handlers.runner import Handler


def write(path: Path, source: str) -> None:
    """A file with this source."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source), encoding="utf-8")


def returning(value: object) -> str:
    """A module whose handler returns this."""
    return f"def handler(event, context):\n    return {value!r}\n"


def reload_of(handler: str | Handler) -> Callable[[], Handler]:
    """How to load it again, which is possible."""
    reload = reloader(handler)
    assert reload is not None
    return reload


def called(handler: Handler) -> Any:
    """What a handler returns."""
    return handler(None, None)


def test_an_edited_module_is_taken_over(here: Path) -> None:
    """The file's new content runs, even if it was saved within the same second (SES-36)."""
    write(here / "again_a.py", returning(1))
    assert called(load_handler("again_a.handler")) == 1
    reload = reload_of("again_a.handler")

    for value in (2, 3):
        write(here / "again_a.py", returning(value))
        assert called(reload()) == value


def test_everything_that_the_project_has_loaded_is_taken_over(here: Path) -> None:
    """What was edited may be a module that the handler's imports import (SES-36)."""
    write(here / "shop_b/__init__.py", "")
    write(here / "shop_b/prices.py", "PRICE = 1\n")
    write(here / "shop_b/orders.py", "from .prices import PRICE\n")
    write(here / "again_b.py", "from shop_b.orders import PRICE\ndef handler(e, c): return PRICE\n")
    assert called(load_handler("again_b.handler")) == 1
    write(here / "shop_b/prices.py", "PRICE = 2\n")

    assert called(reload_of("again_b.handler")()) == 2


def test_a_handler_from_elsewhere_is_taken_over_with_its_neighbours(
    here: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that the handler comes from is the project, too."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr(sys, "path", [str(elsewhere), *sys.path])
    write(elsewhere / "far_c/api.py", "import near_c\ndef handler(e, c): return near_c.VALUE\n")
    write(elsewhere / "near_c.py", "VALUE = 1\n")
    assert called(load_handler("far_c.api.handler")) == 1
    write(elsewhere / "near_c.py", "VALUE = 2\n")

    assert called(reload_of("far_c.api.handler")()) == 2
    assert here != elsewhere
    for name in ("far_c", "far_c.api", "near_c"):
        del sys.modules[name]


def test_what_is_installed_stays(here: Path) -> None:
    """Packages, the standard library and the client itself are not loaded twice."""
    write(here / "venv/site-packages/installed_d.py", "")
    write(here / "again_d.py", "import json, boto3, installed_d\n" + returning(1))
    sys.path.append(str(here / "venv/site-packages"))
    load_handler("again_d.handler")
    names = ("json", "boto3", "installed_d", "ldp_client.handlers.reload")
    before = {name: sys.modules[name] for name in names}
    reload_of("again_d.handler")()

    assert {name: sys.modules[name] for name in names} == before


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("def handler(:\n", HandlerSyntaxError),
        ("import again_e_helper\n1 / 0\n", HandlerImportFailed),
        ("HANDLER = 1\n", HandlerNotFound),
    ],
)
def test_code_that_cannot_be_loaded_leaves_what_was_there(
    here: Path, source: str, error: type[Exception]
) -> None:
    """The error is the one of a start, and the modules are those of before."""
    write(here / "again_e_helper.py", "")
    write(here / "again_e.py", "import again_e_helper\n" + returning(1))
    load_handler("again_e.handler")
    before = {name: sys.modules[name] for name in ("again_e", "again_e_helper")}
    write(here / "again_e.py", source)
    reload = reload_of("again_e.handler")
    with pytest.raises(error):
        reload()

    assert {name: sys.modules[name] for name in before} == before
    write(here / "again_e.py", returning(2))
    assert called(reload()) == 2


def test_extension_modules_stay(here: Path) -> None:
    """A module of machine code cannot be loaded twice."""
    extension = ModuleType("fast_f")
    extension.__file__ = str(here / "fast_f.abi3.so")
    sys.modules["fast_f"] = extension
    write(here / "again_f.py", "import fast_f\n" + returning(1))
    load_handler("again_f.handler")
    reload_of("again_f.handler")()

    assert sys.modules.pop("fast_f") is extension


def test_debuggers_stay_wherever_they_come_from(here: Path) -> None:
    """An editor's debugger may lie below the current folder."""
    write(here / "extensions/pydevd_g.py", "")
    sys.path.append(str(here / "extensions"))
    write(here / "again_g.py", "import pydevd_g\n" + returning(1))
    load_handler("again_g.handler")
    debugger = sys.modules["pydevd_g"]
    reload_of("again_g.handler")()

    assert sys.modules["pydevd_g"] is debugger


def test_a_function_is_found_by_where_it_was_defined(here: Path) -> None:
    """What `run` was given is looked up by its module and name."""
    write(here / "again_h.py", returning(1))
    handler = load_handler("again_h.handler")
    write(here / "again_h.py", returning(2))

    assert called(reload_of(handler)()) == 2


def test_an_object_is_found_where_the_user_has_it(here: Path) -> None:
    """Adapters for web frameworks are objects of an installed class."""
    source = "from functools import partial\nhandler = partial(max, {})\n"
    write(here / "again_i.py", source.format(1))
    handler = load_handler("again_i.handler")
    write(here / "again_i.py", source.format(2))

    assert reload_of(handler)()(0, 0) == 2


@pytest.mark.usefixtures("here")
def test_what_has_no_name_cannot_be_loaded_again() -> None:
    """Neither a lambda in an argument nor an object that nobody keeps can be found again."""
    assert reloader(lambda event, _context: event) is None
    assert reloader(partial(math.pow, 2)) is None


# A script that calls `run`.


@pytest.fixture
def script(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This process's script, which returns 1."""
    path = here / "script.py"
    write(path, "STARTED = __name__\n" + returning(1))
    main = ModuleType("__main__")
    main.__file__ = str(path)
    exec(path.read_text(), vars(main))
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.delitem(sys.modules, "__mp_main__", raising=False)
    return path


def main_handler() -> Handler:
    """The handler of this process's script."""
    handler: Handler = vars(sys.modules["__main__"])["handler"]
    return handler


def test_a_script_is_executed_again_without_its_main_part(script: Path) -> None:
    """Its name is the one that multiprocessing gives it, and `__main__` stays (SES-36)."""
    main = sys.modules["__main__"]
    reload = reload_of(main_handler())
    write(script, "assert __name__ == '__mp_main__'\n" + returning(2))

    assert called(reload()) == 2
    assert sys.modules["__main__"] is main
    assert sys.modules["__mp_main__"].__file__ == str(script)


def test_a_script_that_fails_is_told_by_its_name(script: Path) -> None:
    """Syntax errors, exceptions and a handler that is gone are told as at a start."""
    reload = reload_of(main_handler())
    write(script, "def handler(:\n")
    with pytest.raises(HandlerSyntaxError, match=r"script.py, line 1"):
        reload()
    write(script, "1 / 0\n")
    with pytest.raises(HandlerImportFailed, match="'script' raised ZeroDivisionError") as caught:
        reload()
    assert "ldp_client" not in caught.value.traceback
    write(script, "")
    with pytest.raises(HandlerNotFound, match="'script' has no 'handler'"):
        reload()


def test_a_script_without_a_guard_is_told_to_have_one(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `run` that is called while the code is loaded starts no second session."""
    monkeypatch.setenv(REQUEST_QUEUE, "https://sqs.eu-west-1.amazonaws.com/123456789012/A")
    monkeypatch.setenv(RESPONSE_QUEUE, "https://sqs.eu-west-1.amazonaws.com/123456789012/B")
    reload = reload_of(main_handler())
    write(script, f"import ldp_client\n{returning(2)}\nldp_client.run(handler)\n")
    with pytest.raises(NestedRun) as caught:
        reload()

    assert '__name__ == "__main__"' in caught.value.hint
    assert callable(ldp_client.run)


def test_a_session_without_a_file_cannot_be_loaded_again(script: Path) -> None:
    """A prompt or a notebook has no source to execute again."""
    assert script.exists()
    sys.modules["__main__"].__file__ = None

    assert reloader(main_handler()) is None


def test_a_package_that_is_run_keeps_its_relative_imports(here: Path, script: Path) -> None:
    """`python -m shop` finds its neighbours in the second execution, too."""
    write(here / "shop_j/__init__.py", "")
    write(here / "shop_j/prices.py", "PRICE = 5\n")
    write(script, "from .prices import PRICE\ndef handler(e, c): return PRICE\n")
    sys.modules["__main__"].__package__ = "shop_j"
    sys.path.insert(0, str(here))

    assert called(reload_of(main_handler())()) == 5
