from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import (
    Entry,
    EntryUnavailable,
    FunctionSettings,
    LocalLambda,
    PackageUnusable,
)
from ldp_client.local_lambda.launch import Launcher
from ldp_testing.function_zips import function_zip
from ldp_testing.interpreters import pythons

if TYPE_CHECKING:
    from pathlib import Path

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
API = "127.0.0.1:9001"


def python_without_packages(folder: Path) -> str:
    """An interpreter that has the standard library alone."""
    path = folder / "bare-python"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    path.chmod(0o755)
    return str(path)


def test_awslambdaric_is_started_as_lambda_starts_it(tmp_path: Path) -> None:
    """The module gets the handler's name, in the task root."""
    command = Launcher(FunctionSettings(handler="app.handler"), tmp_path).command(API)

    assert command.argv == (sys.executable, "-m", "awslambdaric", "app.handler")
    assert command.cwd == tmp_path


def test_the_wrapper_is_started_as_lambda_starts_it(tmp_path: Path) -> None:
    """The zip's script gets the interpreter and what Lambda would have run."""
    (tmp_path / "ldp-runtime").write_text("")
    settings = FunctionSettings(entry=Entry.RUNTIME, runtime_dir="/opt/rt", python=sys.executable)
    command = Launcher(settings, tmp_path).command(API)

    script = str(tmp_path / "ldp-runtime")
    assert command.argv == (script, sys.executable, "/opt/rt/bootstrap.py")
    assert command.environment["PYTHONPATH"] == "/opt/rt"
    assert command.environment["LAMBDA_RUNTIME_DIR"] == "/opt/rt"


def test_the_environment_is_lambdas_and_the_functions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the developer's environment reaches the function but the path."""
    monkeypatch.setenv("AWS_PROFILE", "mine")
    settings = FunctionSettings(name="orders", memory_mb=256, environment={"PROXY": "x"})
    launcher = Launcher(settings, tmp_path)
    one, two = launcher.command(API).environment, launcher.command(API).environment

    assert "AWS_PROFILE" not in one
    assert one["PROXY"] == "x"
    assert one["AWS_EXECUTION_ENV"] == f"AWS_Lambda_python{VERSION}"
    assert one["AWS_LAMBDA_FUNCTION_NAME"] == "orders"
    assert one["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert one["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/orders"
    assert one["AWS_LAMBDA_RUNTIME_API"] == API
    assert one["LAMBDA_RUNTIME_DIR"] == "/var/runtime"
    assert re.fullmatch(
        r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", one["AWS_LAMBDA_LOG_STREAM_NAME"]
    )
    assert one["AWS_LAMBDA_LOG_STREAM_NAME"] != two["AWS_LAMBDA_LOG_STREAM_NAME"]


def test_the_execution_environment_may_be_chosen(tmp_path: Path) -> None:
    """A function can be told that it runs on another runtime."""
    settings = FunctionSettings(environment={"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"})
    command = Launcher(settings, tmp_path).command(API)

    assert command.environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"


@pytest.mark.parametrize("version", pythons())
def test_any_interpreter_runs_the_wrapper(tmp_path: Path, version: str) -> None:
    """The entry of the proxy's own runtime needs no awslambdaric."""
    (tmp_path / "ldp-runtime").write_text("")
    settings = FunctionSettings(entry=Entry.RUNTIME, python=pythons()[version])
    command = Launcher(settings, tmp_path).command(API)

    assert command.environment["AWS_EXECUTION_ENV"] == f"AWS_Lambda_python{version}"


def test_gotcha_10_without_awslambdaric_the_other_entry_is_named(tmp_path: Path) -> None:
    """Its wheels are Linux-only, so its absence is explained with the way out."""
    settings = FunctionSettings(python=python_without_packages(tmp_path))
    with pytest.raises(EntryUnavailable, match="no awslambdaric") as caught:
        Launcher(settings, tmp_path)

    assert "'runtime'" in caught.value.hint


@pytest.mark.parametrize("python", ["/no/such/python", "/bin/false"])
def test_an_interpreter_that_does_not_run_is_a_clear_error(tmp_path: Path, python: str) -> None:
    """The error names the interpreter."""
    with pytest.raises(EntryUnavailable, match=python) as caught:
        Launcher(FunctionSettings(python=python), tmp_path)

    assert "Python" in caught.value.hint


def test_a_zip_without_the_wrapper_is_a_clear_error(tmp_path: Path) -> None:
    """The error names the script that is missing."""
    with pytest.raises(PackageUnusable, match="ldp-runtime"):
        Launcher(FunctionSettings(entry=Entry.RUNTIME), tmp_path)


def test_a_function_that_cannot_be_hosted_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unzipped code is deleted when the interpreter turns out to be wrong."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(EntryUnavailable):
        LocalLambda(FunctionSettings(python="/bin/false"), function_zip(tmp_path / "f.zip", ""))

    assert list(tmp_path.glob("local-lambda-*")) == []
