from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import PackageUnusable
from ldp_client.local_lambda.package import TaskRoot
from ldp_testing.function_zips import function_zip, runtime_zip

if TYPE_CHECKING:
    from pathlib import Path


def test_scripts_stay_executable(tmp_path: Path) -> None:
    """Permissions recorded in the zip are those of the unzipped files."""
    root = TaskRoot(runtime_zip(tmp_path / "f.zip", ""))

    assert os.access(root.path / "ldp-runtime", os.X_OK)
    root.remove()
    assert not root.path.exists()


def test_folders_of_the_zip_stay_usable(tmp_path: Path) -> None:
    """A folder's entry does not change its permissions."""
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr("data/", "")
        archive.writestr("data/x.txt", "x")
    root = TaskRoot(tmp_path / "f.zip")

    assert (root.path / "data" / "x.txt").read_text() == "x"
    root.remove()


@pytest.mark.parametrize("content", [None, b"", b"no zip"])
def test_what_is_no_zip_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    """The error names the file, says what to do, and leaves no folder behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = tmp_path / "f.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PackageUnusable, match=r"f\.zip") as caught:
        TaskRoot(path)

    assert caught.value.hint
    assert list(tmp_path.glob("local-lambda-*")) == []


def test_two_hosts_of_one_zip_do_not_share_a_folder(tmp_path: Path) -> None:
    """Each unzips its own copy."""
    path = function_zip(tmp_path / "f.zip", "")
    one, two = TaskRoot(path), TaskRoot(path)

    assert one.path != two.path
    one.remove()
    two.remove()
