"""A function's zip, unzipped into a folder of its own for as long as the function is hosted."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from ldp_client.local_lambda.errors import PackageUnusable

_PERMISSIONS = 0o777


class TaskRoot:
    """The folder with the function's code; Lambda's `/var/task`.

    Args:
        zip_path: The function's zip.

    Raises:
        PackageUnusable: There is no such file, or it is no zip.
    """

    def __init__(self, zip_path: Path) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="local-lambda-"))
        try:
            with zipfile.ZipFile(zip_path) as archive:
                for member in archive.infolist():
                    _extract(archive, member, self.path)
        except (OSError, zipfile.BadZipFile) as exc:
            self.remove()
            raise PackageUnusable(
                f"The function's zip {zip_path} cannot be unzipped: {exc}",
                hint="Give the path of a zip file as Lambda takes it.",
            ) from exc

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.path, ignore_errors=True)


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    extracted = Path(archive.extract(member, folder))
    mode = (member.external_attr >> 16) & _PERMISSIONS  # which extract() leaves out
    if mode and not member.is_dir():
        extracted.chmod(mode)
