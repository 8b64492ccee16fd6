from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of tests that need another language's tools."""
    config.addinivalue_line("markers", "languages: needs tools of another language, such as Node")
