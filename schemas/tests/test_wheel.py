"""What is built holds what is promised: every schema, every example, and a command that runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
SHIPPED = {path.relative_to(HERE).as_posix() for path in HERE.glob("v1/**/*.json")}


def _built(target: str, source: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    [built] = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution, and unpack it."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(_built("sdist", HERE, tmp_path_factory.mktemp("built"))) as archive:
        archive.extractall(folder, filter="data")
    [unpacked] = folder.iterdir()
    return unpacked


@pytest.fixture(scope="module", params=["checkout", "sdist"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the checkout and from the source distribution, and unpack it."""
    source = HERE if request.param == "checkout" else request.getfixturevalue("sdist")
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(_built("wheel", source, tmp_path_factory.mktemp("wheel"))) as archive:
        archive.extractall(folder)
    return folder


def test_a_wheel_holds_every_schema_and_example(installed: Path) -> None:
    """The wheel holds each file under v1, unchanged, and marks the package as typed."""
    package = installed / "ldp_schemas"

    assert {
        path.relative_to(package).as_posix() for path in package.glob("v1/**/*.json")
    } == SHIPPED
    assert all((package / name).read_bytes() == (HERE / name).read_bytes() for name in SHIPPED)
    assert (package / "py.typed").is_file()


def test_a_wheel_installs_the_command(installed: Path) -> None:
    """The wheel names the console script."""
    [entry_points] = installed.glob("*.dist-info/entry_points.txt")

    assert "lambda-debug-schemas = ldp_schemas.__main__:main" in entry_points.read_text("utf-8")


def test_what_is_installed_uses_the_schemas_that_came_with_it(installed: Path) -> None:
    """The package outside a checkout finds its schemas in itself, and its command works."""
    example = installed / "ldp_schemas/v1/examples/request/valid/full.json"
    script = (
        "import sys, ldp_schemas, ldp_schemas._files as files, ldp_schemas.__main__ as command;"
        "print(ldp_schemas.__file__, files.folder(), len(list(ldp_schemas.REGISTRY)));"
        "sys.exit(command.main(sys.argv[1:]))"
    )
    # The copy is not what coverage is to measure.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    ended = subprocess.run(
        [sys.executable, "-c", script, "validate", str(example)],
        check=False,
        capture_output=True,
        text=True,
        env={**env, "PYTHONPATH": str(installed)},
    )
    package = installed / "ldp_schemas"

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        f"{package / '__init__.py'} {package / 'v1'} 13",
        "1 message: 1 valid, 0 invalid",
    ]
