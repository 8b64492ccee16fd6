from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ldp_conformance.errors import KnownFailingError
from ldp_conformance.known_failing import KnownFailure, load

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = '[[known-failing]]\ncheck = "client.start.answers"\nreason = "The port is just begun."\n'


def test_an_entry_is_read(tmp_path: Path) -> None:
    """Check and reason are required, fragment and issue are there if they help."""
    path = tmp_path / "list.toml"
    path.write_text(ENTRY + 'fragment = "no response"\n')

    assert load(path) == {
        "client.start.answers": KnownFailure(
            "client.start.answers", "The port is just begun.", "no response"
        )
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ENTRY.replace("start.answers", "start.never"), "there is no check client.start.never"),
        (ENTRY.replace("The port is just begun.", "Hard."), "no reason that one could judge"),
        (ENTRY + 'because = "x"\n', "and nothing else"),
        (ENTRY + "fragment = 3\n", "no string"),
        (ENTRY * 2, "twice"),
        ('check = "client.start.answers"', "needs tables"),
        ("[[", "Invalid"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """A name that matches nothing, a missing reason or a wrong form ends the run at once."""
    path = tmp_path / "list.toml"
    path.write_text(text)

    with pytest.raises(KnownFailingError) as caught:
        load(path)

    assert told in str(caught.value)
    assert caught.value.hint


def test_a_list_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """The file is named."""
    with pytest.raises(KnownFailingError, match=r"none\.toml"):
        load(tmp_path / "none.toml")
