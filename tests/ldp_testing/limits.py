"""How long tests wait for what must happen: the one limit of all of them.

It bounds a failure and says nothing about how quick anything is: a slow machine with other work
has to stay far below it, and it stays below the limit that pytest sets a whole test, so that the
one who waits says what did not come.
"""

from __future__ import annotations

from typing import Final

WAIT_LIMIT_S: Final = 60.0
