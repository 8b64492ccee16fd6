"""What is published: source distributions, the wheels made of them, and what those do alone."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from ldp_testing.processes import unmeasured

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {
    "lambda_debug_schemas": "schemas",
    "lambda_debug_proxy": "python_proxy",
    "lambda_debug": "python_client",
}
PACKAGES = ["ldp_schemas", "ldp_wire", "ldp_queues", "ldp_account", "ldp_client"]
PROGRAMS = ["lambda-debug", "lambda-debug-schemas"]


@dataclass(frozen=True, slots=True)
class Published:
    """The built files, and an environment that holds them and what they depend on."""

    wheels: dict[str, Path]
    from_checkout: dict[str, Path]
    bin: Path
    site: Path


def _run(*words: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(
        words, cwd=cwd, env=unmeasured(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _built(folder: Path, kind: str, out: Path) -> Path:
    """A distribution's one file of a kind, built without asking any registry."""
    _run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", out, cwd=folder)
    (path,) = out.iterdir()
    return path


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Everything built, and the wheels installed in an environment of their own.

    Third-party packages are borrowed from the environment of the tests by a path file, which
    does not bring its editable installs along.
    """
    base = tmp_path_factory.mktemp("published")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-deps", "--no-index", "--no-build-isolation"]
    sources = [
        _built(ROOT / folder, "sdist", base / "sdist" / name) for name, folder in FOLDERS.items()
    ]
    _run(*pip, "wheel", *offline, "-w", base / "wheels", *sources)
    wheels = {path.name.partition("-")[0]: path for path in (base / "wheels").iterdir()}
    checkout = {
        name: _built(ROOT / folder, "wheel", base / "wheel" / name)
        for name, folder in FOLDERS.items()
    }
    _run(sys.executable, "-m", "venv", "--without-pip", base / "venv")
    python = base / "venv" / "bin" / "python"
    _run(*pip, "--python", python, "install", "--no-deps", "--no-index", *wheels.values())
    site = Path(
        _run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    )
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Published(wheels, checkout, python.parent, site)


def _contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(("name", "folder"), FOLDERS.items())
def test_a_wheel_holds_every_file_of_its_packages(
    published: Published, name: str, folder: str
) -> None:
    """A wheel holds each source file of its packages, and the licence."""
    contents = _contents(published.wheels[name])
    source = ROOT / folder / "src"
    wanted = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert {path: contents.get(path) for path in wanted} == wanted
    (licence,) = [path for path in contents if path.endswith(".dist-info/licenses/LICENSE")]
    assert contents[licence] == (ROOT / "LICENSE").read_bytes()


def test_the_schemas_travel_in_their_wheel(published: Published) -> None:
    """The wheel of the schemas holds each schema and example at its stable path."""
    contents = _contents(published.wheels["lambda_debug_schemas"])
    wanted = {
        f"ldp_schemas/{path.relative_to(ROOT / 'schemas').as_posix()}"
        for path in (ROOT / "schemas" / "v1").rglob("*.json")
    }

    assert wanted - contents.keys() == set()


@pytest.mark.parametrize("name", FOLDERS)
def test_a_source_distribution_makes_the_same_wheel(published: Published, name: str) -> None:
    """The wheel made of the source distribution is the one made of the checkout, bit for bit."""
    assert published.wheels[name].read_bytes() == published.from_checkout[name].read_bytes()


@pytest.mark.parametrize("package", PACKAGES)
def test_an_installed_package_imports(published: Published, package: str) -> None:
    """An installed package imports, from its wheel and not from the checkout."""
    script = f"import {package}; print({package}.__file__)"

    assert _run(published.bin / "python", "-I", "-c", script).startswith(str(published.site))


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_installed_program_runs(published: Published, program: str) -> None:
    """An installed program starts and says how it is used."""
    assert "usage" in _run(published.bin / program, "--help").lower()
