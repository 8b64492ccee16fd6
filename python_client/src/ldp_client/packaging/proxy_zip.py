"""The proxy's zip, byte for byte the same whenever the same sources are installed.

The sources are read as package data: the proxy is never imported here, since importing it would
build its SQS client. Names are sorted, times, permissions and compression are fixed; what remains
is zlib itself, whose versions may compress differently. Of the packages that the proxy shares with
the client it has what the proxy imports, and all sources are lightened on the way.

The modules lie in an archive inside, stored there, so that the zip compresses them as one: fifty
small modules have a lot in common, and a zip's members are compressed each by itself. Python
imports from archives; what Lambda imports first is a package that says where it is.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec, module_from_spec
from io import BytesIO
from typing import TYPE_CHECKING

from ldp_client.packaging.errors import PackageMissing
from ldp_client.packaging.imports import needed_modules
from ldp_client.packaging.lighten import lighten
from ldp_client.packaging.untype import untype

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path

_PROXY = "ldp_proxy"

PACKAGES = (_PROXY, "ldp_queues", "ldp_wire")
"""All that the proxy needs beyond the boto3 that the Lambda runtime ships."""

WRAPPER = "ldp-runtime"
"""The script for `AWS_LAMBDA_EXEC_WRAPPER`; at the zip's root, so `/var/task/ldp-runtime`."""

MODULES = "modules.zip"
"""The archive inside that has the modules."""

ENTRY_PACKAGE = f"""\
import sys
_modules = __file__.rpartition("/{_PROXY}/")[0] + "/{MODULES}"
sys.path.append(_modules)
__path__.append(_modules + "/{_PROXY}")
"""
"""What Lambda imports first, beside the archive, in place of the package's own `__init__`."""

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_UNIX = 3
_DEFLATE_LEVEL = 9
_FILE_MODE, _SCRIPT_MODE = 0o644, 0o755


@dataclass(frozen=True, slots=True)
class ZipReport:
    """A zip that was written.

    Attributes:
        size_bytes: Its size.
        sha256: The SHA-256 of its bytes, lower-case hex.
    """

    size_bytes: int
    sha256: str


def build_proxy_zip(path: Path) -> ZipReport:
    """Write the proxy's zip, in one step: a reader never sees half a file.

    Args:
        path: Where to; its folder must exist. What was there is replaced.

    Raises:
        PackageMissing: A package of the proxy is not installed.
        OSError: The file cannot be written.
    """
    members = _members()
    wrapper = members.pop(WRAPPER)
    outer = {
        WRAPPER: wrapper,
        f"{_PROXY}/__init__.py": ENTRY_PACKAGE.encode("utf-8"),
        MODULES: _zip_bytes(members, zipfile.ZIP_STORED),
    }
    content = _zip_bytes(outer, zipfile.ZIP_DEFLATED)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(path)
    return ZipReport(len(content), hashlib.sha256(content).hexdigest())


def _members() -> dict[str, bytes]:
    folders = {name: _package_folder(name) for name in PACKAGES}
    wrapper = folders[_PROXY] / WRAPPER
    if not wrapper.is_file():
        raise PackageMissing(f"{_PROXY}'s {WRAPPER}")
    sources = {
        name: untype(source.read_text("utf-8"))
        for package, folder in folders.items()
        for name, source in _sources(folder, package)
    }
    needed = needed_modules(sources, [name for name in sources if name.startswith(f"{_PROXY}/")])
    light = {name: lighten(sources[name]).encode("utf-8") for name in needed}
    return {**light, WRAPPER: wrapper.read_bytes()}


def _package_folder(name: str) -> Traversable:
    spec = find_spec(name)
    if spec is None:
        raise PackageMissing(name)
    return files(module_from_spec(spec))  # a module object that is never executed


def _sources(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        name = f"{prefix}/{entry.name}"
        if entry.is_dir():
            yield from _sources(entry, name)
        elif name.endswith(".py"):
            yield name, entry


def _zip_bytes(members: dict[str, bytes], compression: int) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(members.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = _UNIX
            mode = _SCRIPT_MODE if name == WRAPPER else _FILE_MODE
            info.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(info, content, compression, _DEFLATE_LEVEL)
    return buffer.getvalue()
