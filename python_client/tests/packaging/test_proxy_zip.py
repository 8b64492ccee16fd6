from __future__ import annotations

import ast
import hashlib
import importlib.machinery
import importlib.util
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ldp_client.packaging import PackageMissing, build_proxy_zip
from ldp_client.packaging.__main__ import main
from ldp_client.packaging.proxy_zip import MODULES, PACKAGES, WRAPPER
from ldp_testing.interpreters import pythons

BUDGET_BYTES = 50_000


def names(path: Path) -> list[str]:
    """The names of the modules, in their order."""
    return [info.filename for info in infos(path, MODULES)]


def infos(path: Path, inner: str | None = None) -> list[zipfile.ZipInfo]:
    """The entries of the zip, or of the archive inside."""
    with zipfile.ZipFile(path) as archive:
        if inner is None:
            return archive.infolist()
        with archive.open(inner) as member, zipfile.ZipFile(member) as modules:
            return modules.infolist()


@pytest.fixture
def task_root(tmp_path: Path) -> Path:
    """The zip, as Lambda unzips it."""
    build_proxy_zip(tmp_path / "proxy.zip")
    with zipfile.ZipFile(tmp_path / "proxy.zip") as archive:
        archive.extractall(tmp_path / "task root")
    return tmp_path / "task root"


def test_the_report_tells_size_and_digest(tmp_path: Path) -> None:
    """The report is about the bytes of the file."""
    path = tmp_path / "proxy.zip"
    report = build_proxy_zip(path)
    content = path.read_bytes()

    assert report.size_bytes == len(content)
    assert report.sha256 == hashlib.sha256(content).hexdigest()
    assert [each.name for each in tmp_path.iterdir()] == ["proxy.zip"]


def test_the_zip_stays_under_its_budget(tmp_path: Path) -> None:
    """The proxy's zip is smaller than 50 KB."""
    assert build_proxy_zip(tmp_path / "proxy.zip").size_bytes < BUDGET_BYTES


def test_the_zip_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    """Another process, at another time and with other hashes, makes the same file."""
    build_proxy_zip(tmp_path / "one.zip")
    code = f"""
import pathlib, ldp_client.packaging as p
p.build_proxy_zip(pathlib.Path({str(tmp_path / "two.zip")!r}))
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONHASHSEED": "7"})

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_names_are_sorted_and_times_and_permissions_fixed(tmp_path: Path) -> None:
    """Only the wrapper script is executable; every entry has the same age, inside too."""
    build_proxy_zip(tmp_path / "proxy.zip")
    outer, inner = infos(tmp_path / "proxy.zip"), infos(tmp_path / "proxy.zip", MODULES)

    for entries in (outer, inner):
        assert [each.filename for each in entries] == sorted(each.filename for each in entries)
    assert {each.date_time for each in outer + inner} == {(1980, 1, 1, 0, 0, 0)}
    modes = {each.filename: each.external_attr >> 16 & 0o777 for each in outer + inner}
    assert modes.pop(WRAPPER) == 0o755
    assert set(modes.values()) == {0o644}


def test_the_zip_has_the_three_packages_and_the_wrapper(tmp_path: Path) -> None:
    """Sources alone, no caches, no markers; stored inside, so that they are compressed as one."""
    build_proxy_zip(tmp_path / "proxy.zip")
    present = names(tmp_path / "proxy.zip")
    outer, inner = infos(tmp_path / "proxy.zip"), infos(tmp_path / "proxy.zip", MODULES)

    assert [each.filename for each in outer] == [WRAPPER, "ldp_proxy/__init__.py", MODULES]
    assert {each.compress_type for each in outer} == {zipfile.ZIP_DEFLATED}
    assert {each.compress_type for each in inner} == {zipfile.ZIP_STORED}
    assert {name.partition("/")[0] for name in present} == set(PACKAGES)
    assert all(name.endswith(".py") for name in present)
    assert {f"{package}/__init__.py" for package in PACKAGES} <= set(present)


@pytest.mark.parametrize("python", pythons().values(), ids=pythons())
def test_the_modules_are_imported_from_the_archive(task_root: Path, python: str) -> None:
    """By what Lambda looks for, from wherever it is; a traceback shows the line of the source."""
    code = """
import sys, traceback
sys.path.insert(0, sys.argv[1])
import ldp_proxy.config, ldp_wire.codec
try:
    ldp_wire.codec.decode("{")
except Exception:
    print(traceback.format_exc())
"""
    argv = [python, "-I", "-S", "-c", code, str(task_root)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)

    assert f"{task_root}/{MODULES}/ldp_wire/codec.py" in done.stdout
    assert "raise RemoteProtocolError" in done.stdout


def test_the_entry_package_says_nothing_that_the_package_does_not() -> None:
    """What stands in for the package's own `__init__` leaves out no code of it."""
    spec = importlib.util.find_spec("ldp_proxy")
    assert spec is not None
    assert spec.origin is not None
    (docstring,) = ast.parse(Path(spec.origin).read_text("utf-8")).body

    assert isinstance(docstring, ast.Expr)


def test_what_the_proxy_does_not_import_stays_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's half of the core and the memory queues are no part of the zip."""
    site = stand_ins(tmp_path / "site", monkeypatch)
    (site / "ldp_proxy" / WRAPPER).write_text("#!/bin/sh\n")
    (site / "ldp_proxy" / "loop.py").write_text("from ldp_wire.codec import encode\n")
    (site / "ldp_wire" / "codec.py").write_text("encode = 1\n")
    (site / "ldp_wire" / "session.py").write_text("import ldp_wire.codec\n")
    build_proxy_zip(tmp_path / "proxy.zip")

    assert names(tmp_path / "proxy.zip") == [
        "ldp_proxy/__init__.py",
        "ldp_proxy/loop.py",
        "ldp_wire/__init__.py",
        "ldp_wire/codec.py",
    ]


@pytest.mark.parametrize("python", pythons().values(), ids=pythons())
def test_the_zip_lacks_nothing_that_its_modules_import(task_root: Path, python: str) -> None:
    """Without the repository, every module's imports of the three packages are found."""
    code = """
import ast, importlib.util, pathlib, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1] + "/modules.zip")
present = set(archive.namelist())
for name in sorted(present):
    for node in ast.walk(ast.parse(archive.read(name))):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("ldp_"):
            path = node.module.replace(".", "/")
            assert {path + ".py", path + "/__init__.py"} & present, (name, node.module)
"""
    argv = [python, "-I", "-S", "-c", code, str(task_root)]
    subprocess.run(argv, check=True)


def test_building_does_not_import_the_proxy(tmp_path: Path) -> None:
    """Importing the proxy would build its SQS client, so it is read as data."""
    code = f"""
import sys, pathlib, ldp_client.packaging as p
p.build_proxy_zip(pathlib.Path({str(tmp_path / "proxy.zip")!r}))
print(sorted({{"ldp_proxy", "ldp_queues", "ldp_wire", "boto3"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout.strip() == b"[]"


def test_subpackages_are_taken_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders inside the packages are read too, except caches."""
    proxy = stand_ins(tmp_path / "site", monkeypatch) / "ldp_proxy"
    (proxy / "deep").mkdir()
    (proxy / "deep" / "module.py").write_text("x = 1\n")
    (proxy / "__pycache__").mkdir()
    (proxy / "__pycache__" / "module.pyc").write_text("")
    (proxy / WRAPPER).write_text("#!/bin/sh\n")
    build_proxy_zip(tmp_path / "proxy.zip")

    assert "ldp_proxy/deep/module.py" in names(tmp_path / "proxy.zip")
    assert "ldp_proxy/__pycache__/module.pyc" not in names(tmp_path / "proxy.zip")


@pytest.mark.parametrize("missing", ["ldp_proxy", "ldp_wire", "ldp-runtime"])
def test_a_missing_part_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """The error names what is missing and what to install, and no file is written."""
    site = stand_ins(tmp_path / "site", monkeypatch)
    if missing != WRAPPER:
        shutil.rmtree(site / missing)
    with pytest.raises(PackageMissing, match=missing) as caught:
        build_proxy_zip(tmp_path / "proxy.zip")

    assert "lambda-debug-proxy" in caught.value.hint
    assert not (tmp_path / "proxy.zip").exists()


def stand_ins(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installs empty packages with the proxy's names, and nothing else."""
    for name in PACKAGES:
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").write_text("")
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "path", [str(site)])
    monkeypatch.setattr(sys, "meta_path", [importlib.machinery.PathFinder])
    return site


def test_the_module_can_be_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m ldp_client.packaging FILE` writes the zip and says what it is."""
    path = tmp_path / "dist" / "proxy.zip"

    assert main([str(path)]) == 0
    assert hashlib.sha256(path.read_bytes()).hexdigest() in capsys.readouterr().out
