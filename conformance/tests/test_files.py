"""Which files are a client's, and whether others can read them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from ldp_conformance.checks.client.files import contents, files_of_port, is_private

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_conformance.cases.client_case import ClientCase


@pytest.fixture
def case(tmp_path: Path) -> ClientCase:
    """A case whose port has an empty folder, which others may enter."""
    tmp_path.chmod(0o755)
    return cast("ClientCase", SimpleNamespace(port=SimpleNamespace(scratch=tmp_path)))


def test_what_the_suite_writes_is_not_the_client_s(case: ClientCase) -> None:
    """Flags and the handler's runs lie there too, and are left out."""
    scratch = case.port.scratch
    (scratch / "runs.jsonl").touch()
    for name in ("flags", "state"):
        (scratch / name).mkdir()
        (scratch / name / "runs.jsonl").touch()

    assert files_of_port(case) == [scratch / "state" / "runs.jsonl"]


@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "expected"),
    [
        (0o755, 0o600, True),
        (0o755, 0o400, True),
        (0o700, 0o644, True),
        (0o755, 0o640, False),
        (0o755, 0o604, False),
        (0o711, 0o644, False),
    ],
)
def test_a_file_is_private_by_itself_or_by_a_folder(
    case: ClientCase, folder_mode: int, file_mode: int, expected: object
) -> None:
    """Its own mode protects it, or that of any folder above it that the client made."""
    path = case.port.scratch / "state" / "bad" / "1.json"
    path.parent.mkdir(parents=True)
    path.touch()
    path.chmod(file_mode)
    path.parent.parent.chmod(folder_mode)

    assert is_private(case, path) is expected


def test_the_folder_that_the_suite_gave_protects_nothing(case: ClientCase) -> None:
    """Its mode is the suite's doing."""
    path = case.port.scratch / "journal"
    path.touch()
    path.chmod(0o644)
    case.port.scratch.chmod(0o700)

    assert not is_private(case, path)


def test_what_a_file_holds_is_told_by_its_path(case: ClientCase) -> None:
    """What is written is told as bytes; what the suite wrote is left out."""
    (case.port.scratch / "kept.json").write_text("body", encoding="utf-8")
    (case.port.scratch / "runs.jsonl").touch()

    assert contents(case) == {case.port.scratch / "kept.json": b"body"}
