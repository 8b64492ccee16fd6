"""The proxy as the zip that Lambda runs, made from the installed packages."""

from __future__ import annotations

from ldp_client.packaging.errors import PackageMissing, PackagingError
from ldp_client.packaging.proxy_zip import ZipReport, build_proxy_zip

__all__ = ["PackageMissing", "PackagingError", "ZipReport", "build_proxy_zip"]
