"""The import contracts of the root pyproject.toml can fail: each is broken here on purpose."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ldp_testing.processes import unmeasured

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ["schemas/src", "python_proxy/src", "python_client/src", "conformance/src"]
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}
OFFENCES = [
    ("directions", "python_proxy/src/ldp_wire/limits.py", "ldp_queues.ports"),
    ("directions", "python_proxy/src/ldp_queues/ports.py", "ldp_wire.limits"),
    ("directions", "python_proxy/src/ldp_queues/ports.py", "ldp_proxy"),
    ("directions", "python_client/src/ldp_client/__init__.py", "ldp_proxy"),
    ("directions", "python_proxy/src/ldp_proxy/__init__.py", "ldp_client"),
    ("directions", "python_client/src/ldp_account/__init__.py", "ldp_client"),
    ("account-by-command", "python_client/src/ldp_client/__init__.py", "ldp_account"),
    ("account-by-command", "python_client/src/ldp_client/config.py", "ldp_account.aws"),
    ("schemas-import-nobody", "schemas/src/ldp_schemas/__init__.py", "ldp_wire.limits"),
    ("nobody-imports-schemas", "python_client/src/ldp_client/__init__.py", "ldp_schemas"),
    (
        "suite-imports-no-implementation",
        "conformance/src/ldp_conformance/texts.py",
        "ldp_wire.limits",
    ),
    ("nobody-imports-the-suite", "python_client/src/ldp_client/__init__.py", "ldp_conformance"),
    *(
        ("core-is-pure", "python_proxy/src/ldp_wire/limits.py", module)
        for module in CONTRACTS["core-is-pure"]["forbidden_modules"]
    ),
    ("core-layers", "python_proxy/src/ldp_wire/codec.py", "ldp_wire.session"),
    ("core-layers", "python_proxy/src/ldp_wire/envelopes.py", "ldp_wire.codec"),
    ("core-layers", "python_proxy/src/ldp_wire/errors.py", "ldp_wire.codec"),
    ("core-layers", "python_proxy/src/ldp_wire/exchange.py", "ldp_wire.session"),
    ("aws-at-the-edge", "python_proxy/src/ldp_queues/ports.py", "boto3"),
    ("aws-at-the-edge", "python_proxy/src/ldp_proxy/__init__.py", "botocore"),
    ("aws-at-the-edge", "python_client/src/ldp_client/__init__.py", "boto3"),
    ("aws-at-the-edge", "python_client/src/ldp_account/stacks.py", "botocore"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of every package and of the contracts."""
    for source in SOURCES:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / source, tmp_path / source, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _lint(tree: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(tree / source) for source in SOURCES)
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=tree,
        env={**unmeasured(os.environ), "PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_hold(tree: Path) -> None:
    """The packages as they are keep every contract."""
    result = _lint(tree)

    assert result.returncode == 0, result.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


@pytest.mark.parametrize(("contract", "file", "imported"), OFFENCES)
def test_a_forbidden_import_breaks_its_contract(
    tree: Path, contract: str, file: str, imported: str
) -> None:
    """One forbidden import breaks its contract, and the report names its line."""
    path = tree / file
    path.write_text(path.read_text(encoding="utf-8") + f"\nimport {imported}\n", encoding="utf-8")
    line = len(path.read_text(encoding="utf-8").splitlines())
    module = file.partition("src/")[2].removesuffix(".py").removesuffix("/__init__")

    result = _lint(tree)

    assert result.returncode == 1, result.stderr
    assert f"{CONTRACTS[contract]['name']} BROKEN" in result.stdout
    importer = re.escape(module.replace("/", "."))
    assert re.search(rf"{importer} -> {re.escape(imported)}\S* \(l\.{line}\)", result.stdout)


def test_every_contract_is_broken_by_some_offence() -> None:
    """No contract is left without a proof that it can fail."""
    assert set(CONTRACTS) == {contract for contract, _, _ in OFFENCES}


def test_the_core_imports_the_standard_library_only() -> None:
    """Nothing outside the standard library is imported by ldp_wire, whatever its name."""
    imported = set()
    for path in (ROOT / "python_proxy" / "src" / "ldp_wire").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])

    assert imported - sys.stdlib_module_names == {"ldp_wire"}
