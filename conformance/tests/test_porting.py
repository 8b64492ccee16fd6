"""The porter's first ten minutes, as PORTING.md tells them, word for word in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ldp_conformance.check import Check, checks
from ldp_conformance.outcomes import Role
from ldp_conformance.ports.manifest import load
from ldp_conformance.ports.setups import Feature
from ldp_conformance.vectors.catalogue import vectors
from pages import Page

GUIDE = Path(__file__).resolve().parents[1] / "PORTING.md"
MARK = "    response = {\n"


def _fences(info: str) -> list[str]:
    """The fences of this kind in the first chapter."""
    chapter = GUIDE.read_text(encoding="utf-8").partition("## What a port needs")[0]
    return re.findall(rf"```{info}\n(.*?)```", chapter, re.DOTALL)


@pytest.mark.timeout(300)
def test_the_first_ten_minutes_work_word_for_word(tmp_path: Path) -> None:
    """Each command does what the guide says next, and the mend turns red to green."""
    _, begin, area, explain, alone = _fences("sh")  # the first builds what these tests run in
    (mend,) = _fences("python")

    assert "Conforms: 2 checks passed." in _run(begin, tmp_path, 0)
    port = tmp_path / "my-port"
    red = _run(area, port, 1)
    assert "client.one-way.failed" in red
    assert "KeyError: 'answerByMs'" in red
    assert "one-way" in _run(explain, port, 0)
    client = port / "client.py"
    code = client.read_text(encoding="utf-8")
    assert code.count(MARK) == 1
    client.write_text(code.replace(MARK, mend + MARK), encoding="utf-8")
    assert "Conforms: 1 check passed." in _run(alone, port, 0)


def _run(lines: str, folder: Path, status: int) -> str:
    """Run a fence in a shell, as a reader would."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-e", "-c", lines],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran.stdout


def test_the_guide_knows_every_feature_and_names_only_what_exists(tmp_path: Path) -> None:
    """The manifest that it shows is one; areas, checks and vectors that it names exist."""
    (shown,) = re.findall(
        r"```toml\n(\[port\].*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL
    )
    (tmp_path / "conformance.toml").write_text(shown)
    manifest = load(tmp_path / "conformance.toml")
    client = next(iter(manifest.sides.values()))
    text = Page.read(GUIDE).text

    assert client.features == {
        Feature(name) for name in ("gzip", "s3", "accepted", "report", "hold", "journal", "v0")
    }
    named = set(re.findall(r"`(client\.(?!py`)[a-z0-9.-]+?)(?:\.\*)?`", text))
    assert {each for each in named if not any(_is_of(name, each) for name in checks())} == set()
    assert set(re.findall(r"\bV-[A-Z]+-\d+\b", text)) <= set(vectors())


def _is_of(check: str, named: str) -> bool:
    return check == named or check.startswith(f"{named}.")


def test_the_guide_to_proxies_shows_a_manifest_with_every_feature(tmp_path: Path) -> None:
    """The proxy's manifest that it shows is one, and each feature that it declares is explained."""
    text = GUIDE.read_text(encoding="utf-8").partition("## Porting the proxy")[2]
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "conformance.toml").write_text(f'[port]\nname = "my-proxy"\n{shown}')
    proxy = load(tmp_path / "conformance.toml").side(Role.PROXY)
    needed = {need for check in checks().values() for need in _needs_of_proxies(check)}

    assert proxy.features == needed
    for feature in proxy.features:
        assert f"`{feature.value}`" in text.partition("| Feature |")[2], feature


def _needs_of_proxies(check: Check) -> frozenset[Feature]:
    return check.features if check.role is Role.PROXY else frozenset()


def test_the_skeleton_writes_over_nothing(tmp_path: Path) -> None:
    """A second `init` into a folder is refused, and changes nothing."""
    program = [sys.executable, "-m", "ldp_conformance", "init", str(tmp_path)]
    subprocess.run(program, check=True, capture_output=True)
    (tmp_path / "client.py").write_text("mine")
    again = subprocess.run(program, check=False, capture_output=True, text=True)

    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert (tmp_path / "client.py").read_text() == "mine"
