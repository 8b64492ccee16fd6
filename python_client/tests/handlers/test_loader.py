from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from awslambdaric import bootstrap

from ldp_client.errors import (
    ExitStatus,
    HandlerError,
    HandlerImportFailed,
    HandlerModuleNotFound,
    HandlerNotCallable,
    HandlerNotFound,
    HandlerSyntaxError,
    MalformedHandlerName,
)
from ldp_client.handlers.loader import load_handler

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, source: str) -> None:
    """A module with this source."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(source), encoding="utf-8")


def refused(name: str) -> HandlerError:
    """The error that loading a handler ends with."""
    with pytest.raises(HandlerError) as caught:
        load_handler(name)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("plain_app.py", "plain_app.handler"),
        ("orders_a/api.py", "orders_a.api.handler"),
        ("orders_b/api.py", "orders_b/api.handler"),
        ("orders_c/deep/api.py", "orders_c/deep/api.handler"),
    ],
)
def test_names_are_understood_as_in_lambda(here: Path, file: str, name: str) -> None:
    """Dots and slashes part packages, and the last dot parts the function, as in awslambdaric."""
    write(here / file, "def handler(event, context): return event\n")

    assert load_handler(name)({"a": 1}, None) == {"a": 1}
    assert bootstrap._get_handler(name) is load_handler(name)


def test_the_current_folder_comes_first(here: Path) -> None:
    """A module of the user's goes before an installed one of the same name."""
    write(here / "this.py", "def handler(event, context): return 'mine'\n")
    sys.modules.pop("this", None)

    assert load_handler("this.handler")(None, None) == "mine"
    assert sys.path[0] == str(here)


def test_a_callable_object_is_a_handler(here: Path) -> None:
    """Anything that can be called will do, as in Lambda."""
    write(here / "callable_app.py", "class handler:\n    def __init__(self, *args): pass\n")

    assert callable(load_handler("callable_app.handler"))


@pytest.mark.parametrize("name", ["app", "app.", ".handler", "app..handler", "/app.handler", ""])
@pytest.mark.usefixtures("here")
def test_a_malformed_name_is_explained(name: str) -> None:
    """A name without both parts is refused before anything is imported."""
    error = refused(name)

    assert isinstance(error, MalformedHandlerName)
    assert repr(name) in str(error)
    assert error.exit_code is ExitStatus.MISUSED


@pytest.mark.usefixtures("here")
def test_a_module_that_is_built_in_is_refused() -> None:
    """Lambda takes no handler from a built-in module, so neither does the client."""
    assert isinstance(refused("time.handler"), HandlerModuleNotFound)


def test_a_missing_module_names_a_similar_one(here: Path) -> None:
    """A misspelt module is met with the file that is there, and the folder that was searched."""
    write(here / "orders_app.py", "")
    error = refused("order_app.handler")

    assert isinstance(error, HandlerModuleNotFound)
    assert "'order_app'" in str(error)
    assert str(here) in str(error)
    assert error.hint == "Did you mean 'orders_app'?"


@pytest.mark.parametrize("name", ["nowhere.handler", "nowhere.at.all.handler"])
@pytest.mark.usefixtures("here")
def test_a_missing_module_without_a_similar_one_says_where_to_start(name: str) -> None:
    """Where nothing resembles it, the hint says how handlers are found."""
    assert refused(name).hint.startswith("Start in the folder")


def test_functions_inside_classes_are_refused_as_in_lambda(here: Path) -> None:
    """`app.Class.method` is no handler in Lambda, and the hint says why."""
    write(here / "class_app.py", "class Api:\n    def handler(self, event): ...\n")
    error = refused("class_app.Api.handler")

    assert isinstance(error, HandlerModuleNotFound)
    assert "class_app is a file" in error.hint


def test_a_missing_function_names_a_similar_one(here: Path) -> None:
    """A misspelt function is met with the one that is there."""
    write(here / "spelt_app.py", "def handler(event, context): ...\n")
    error = refused("spelt_app.handlre")

    assert isinstance(error, HandlerNotFound)
    assert error.file == str(here / "spelt_app.py")
    assert error.hint == "Did you mean 'handler'?"


def test_a_missing_function_without_a_similar_one_names_the_file(here: Path) -> None:
    """Where nothing resembles it, the hint says where to define it."""
    write(here / "empty_app.py", "")

    assert str(here / "empty_app.py") in refused("empty_app.handler").hint


def test_a_handler_that_cannot_be_called_is_refused(here: Path) -> None:
    """A name of something else than a function is found out before an event is."""
    write(here / "constant_app.py", "handler = 42\n")
    error = refused("constant_app.handler")

    assert isinstance(error, HandlerNotCallable)
    assert "is a int" in str(error)


def test_a_syntax_error_is_shown_with_file_and_line(here: Path) -> None:
    """The user's file, line and code are shown, and nothing of the client's."""
    write(here / "broken_app.py", "def handler(event, context):\n    return (\n")
    error = refused("broken_app.handler")

    assert isinstance(error, HandlerSyntaxError)
    assert (error.file, error.line) == (str(here / "broken_app.py"), 2)
    assert "return (" in error.traceback
    assert "ldp_client" not in error.traceback
    assert error.exit_code is ExitStatus.FAILED


def test_a_failing_import_is_shown_with_the_users_own_line(here: Path) -> None:
    """The line named is the user's, also where the exception arose in a library."""
    write(here / "failing_app.py", "import json\n\nSETTINGS = json.loads('{')\n")
    error = refused("failing_app.handler")

    assert isinstance(error, HandlerImportFailed)
    assert (error.file, error.line) == (str(here / "failing_app.py"), 3)
    assert error.traceback.startswith("Traceback (most recent call last):\n")
    assert error.traceback.splitlines()[1].startswith(f'  File "{here}')
    assert "JSONDecodeError" in error.traceback
    assert "loader.py" not in error.traceback


def test_a_missing_dependency_is_not_a_missing_handler(here: Path) -> None:
    """What the user's module fails to import is told as that, with the interpreter in use."""
    write(here / "needy_app.py", "import a_package_that_nobody_has\n")
    error = refused("needy_app.handler")

    assert isinstance(error, HandlerImportFailed)
    assert error.line == 1
    assert sys.executable in error.hint
    assert "a_package_that_nobody_has" in error.traceback


def test_a_module_that_imports_itself_wrongly_is_not_missing(here: Path) -> None:
    """A failing import of the handler's own package from inside is the user's to see."""
    write(here / "twisted_app.py", "import twisted_app.part\n")

    assert isinstance(refused("twisted_app.handler"), HandlerImportFailed)


def test_a_module_that_exits_is_told(here: Path) -> None:
    """`sys.exit()` at import time does not end the client without a word."""
    write(here / "leaving_app.py", "import sys\n\nsys.exit(3)\n")
    error = refused("leaving_app.handler")

    assert isinstance(error, HandlerImportFailed)
    assert "ended the process" in str(error)
    assert (error.file, error.line) == (str(here / "leaving_app.py"), 3)


def test_an_error_without_a_line_of_the_users_is_told_without_place(here: Path) -> None:
    """A module that cannot even be read is an import that failed."""
    (here / "binary_app.py").write_bytes(b"\x00\xff")
    error = refused("binary_app.handler")

    assert isinstance(error, (HandlerImportFailed, HandlerSyntaxError))


def test_an_interrupt_at_import_is_the_users(here: Path) -> None:
    """Ctrl-C during a long import ends it, as in any program."""
    write(here / "slow_app.py", "raise KeyboardInterrupt\n")

    with pytest.raises(KeyboardInterrupt):
        load_handler("slow_app.handler")
