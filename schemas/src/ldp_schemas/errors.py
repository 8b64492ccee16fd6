"""The errors of this package.

```
SchemasError        never raised itself
├─ PartsError       the schemas of this package do not fit together: a bug in them
├─ NotJsonError     a message's text is no JSON (.finding)
├─ PayloadError     a payload does not decode (.reason, .requirements)
└─ InputError       an input cannot be judged at all (.hint)
```

What is wrong with a message is a value, a `Finding`; of these only `InputError` reaches people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ldp_schemas.findings import Finding


class SchemasError(Exception):
    """What all errors of this package have in common."""


class PartsError(SchemasError):
    """The schemas of this package do not fit together, or use an unknown keyword."""


class NotJsonError(SchemasError):
    """A message's text is no JSON.

    Attributes:
        finding: Where and why.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason)
        self.finding = finding


class PayloadError(SchemasError):
    """A payload does not decode.

    Attributes:
        reason: Why, as the rest of a sentence that begins with the place.
        requirements: IDs of the requirements that are not met.
    """

    def __init__(self, reason: str, *requirements: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.requirements = requirements


class InputError(SchemasError):
    """An input cannot be read, or holds no message.

    Attributes:
        hint: What to do about it.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint
