from __future__ import annotations

import hashlib
import importlib.machinery
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from ldp_client.packaging import PackageMissing, build_proxy_zip
from ldp_client.packaging.__main__ import main
from ldp_client.packaging.proxy_zip import PACKAGES, WRAPPER
from ldp_testing.interpreters import pythons

if TYPE_CHECKING:
    from pathlib import Path

BUDGET_BYTES = 50_000


def names(path: Path) -> list[str]:
    """The zip's names, in their order."""
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


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
    """Only the wrapper script is executable; every entry has the same age."""
    build_proxy_zip(tmp_path / "proxy.zip")
    with zipfile.ZipFile(tmp_path / "proxy.zip") as archive:
        infos = archive.infolist()

    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    modes = {info.filename: info.external_attr >> 16 & 0o777 for info in infos}
    assert modes.pop(WRAPPER) == 0o755
    assert set(modes.values()) == {0o644}


def test_the_zip_has_the_three_packages_and_the_wrapper(tmp_path: Path) -> None:
    """Sources alone: no caches, no markers."""
    build_proxy_zip(tmp_path / "proxy.zip")
    present = names(tmp_path / "proxy.zip")

    assert {name.partition("/")[0] for name in present} == {*PACKAGES, WRAPPER}
    assert all(name.endswith(".py") for name in present if name != WRAPPER)
    assert {f"{package}/__init__.py" for package in PACKAGES} <= set(present)


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
        "ldp-runtime",
        "ldp_proxy/__init__.py",
        "ldp_proxy/loop.py",
        "ldp_wire/__init__.py",
        "ldp_wire/codec.py",
    ]


@pytest.mark.parametrize("python", pythons().values(), ids=pythons())
def test_the_zip_lacks_nothing_that_its_modules_import(tmp_path: Path, python: str) -> None:
    """Without the repository, every module's imports of the three packages are found."""
    build_proxy_zip(tmp_path / "proxy.zip")
    code = """
import ast, importlib.util, pathlib, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
present = set(archive.namelist())
for name in sorted(present - {"ldp-runtime"}):
    for node in ast.walk(ast.parse(archive.read(name))):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("ldp_"):
            path = node.module.replace(".", "/")
            assert {path + ".py", path + "/__init__.py"} & present, (name, node.module)
"""
    argv = [python, "-I", "-S", "-c", code, str(tmp_path / "proxy.zip")]
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
