from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from ldp_client.packaging import build_proxy_zip
from ldp_testing.interpreters import pythons

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def task_root(tmp_path: Path) -> Path:
    """A folder with the zip's wrapper, and a runtime that reports how it was started."""
    build_proxy_zip(tmp_path / "proxy.zip")
    root = tmp_path / "task root"
    with zipfile.ZipFile(tmp_path / "proxy.zip") as archive:
        archive.extract("ldp-runtime", root)
    (root / "ldp-runtime").chmod(0o755)
    (root / "ldp_proxy").mkdir()
    (root / "ldp_proxy" / "__init__.py").write_text("")
    (root / "ldp_proxy" / "runtime.py").write_text(
        "import fake_boto3, os, sys\n"
        "print(os.getpid(), fake_boto3.__file__, __file__, sys.argv[1:])\n"
    )
    return root


@pytest.mark.parametrize("python", pythons().values(), ids=pythons())
def test_the_wrapper_runs_the_proxy_with_the_given_interpreter(
    task_root: Path, tmp_path: Path, python: str
) -> None:
    """Task root and runtime folder are importable; Lambda's own arguments are not used."""
    runtime_dir = tmp_path / "runtime"
    runtime_dir.mkdir()
    (runtime_dir / "fake_boto3.py").write_text("")
    environment = {"LAMBDA_TASK_ROOT": str(task_root), "LAMBDA_RUNTIME_DIR": str(runtime_dir)}
    started = subprocess.Popen(
        [task_root / "ldp-runtime", python, "/var/runtime/bootstrap.py"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    said, _ = started.communicate(timeout=30)

    # The same process ID: the shell has made way, so signals reach the runtime.
    assert said.split(" ", 1)[0] == str(started.pid)
    assert str(runtime_dir / "fake_boto3.py") in said
    assert str(task_root / "ldp_proxy" / "runtime.py") in said
    assert said.endswith("[]\n")


def test_an_existing_pythonpath_is_kept_behind(task_root: Path, tmp_path: Path) -> None:
    """Layers that are on the path stay importable."""
    (tmp_path / "fake_boto3.py").write_text("")
    environment = {"LAMBDA_TASK_ROOT": str(task_root), "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [task_root / "ldp-runtime", sys.executable],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )

    assert str(tmp_path / "fake_boto3.py") in done.stdout


def test_the_wrapper_needs_no_other_program(task_root: Path, tmp_path: Path) -> None:
    """It works with an empty PATH: shell built-ins only."""
    (task_root / "fake_boto3.py").write_text("")
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {"PATH": str(empty), "LAMBDA_TASK_ROOT": str(task_root)}

    subprocess.run([task_root / "ldp-runtime", sys.executable], env=environment, check=True)


def test_without_an_interpreter_the_wrapper_says_so(task_root: Path) -> None:
    """Started by hand it explains how Lambda calls it."""
    done = subprocess.run(
        [task_root / "ldp-runtime"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "interpreter" in done.stderr
