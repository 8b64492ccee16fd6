"""What can go wrong when making the proxy's zip.

```
PackagingError         never raised itself; .hint says what to do next
└─ PackageMissing      a package of the proxy, or its wrapper script, is not installed
```
"""

from __future__ import annotations


class PackagingError(Exception):
    """The proxy's zip cannot be made.

    Attributes:
        hint: What to do next, one sentence for a person.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class PackageMissing(PackagingError):  # noqa: N818 - the tree's names say the state of affairs
    """A part of the proxy is not installed beside the client."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not installed, and the proxy needs it.",
            hint="Install the distribution lambda-debug-proxy in this environment.",
        )
