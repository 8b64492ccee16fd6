from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ldp_client.errors import ExitStatus

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.attachable import Attachable

TITLES = (
    "record of the function in the bucket",
    "tags that say where the record is",
    "version of the original",
    "policy ldp-attach of the role",
    "runtime, handler, timeout and variables of the proxy",
    "reserved concurrency",
    "asynchronous events: no retries, none older than 60 s",
    "code of the proxy",
)
OF_AN_ALIAS = ("version of the proxy", "alias live")
FUNCTION = (("--latest-only",), TITLES)
ALIAS = (("--alias", "live"), TITLES + OF_AN_ALIAS)

# One of them is killed a dozen times, beside whatever else the machine runs.
pytestmark = pytest.mark.timeout(600)


def _moments(titles: tuple[str, ...]) -> list[str]:
    """What is said as each step begins, and as the last ends; the plan has a sign before it."""
    return [*(f"  {title}" for title in titles), f"  {titles[-1]}: done"]


def _unnumbered(everything: dict[str, Any]) -> dict[str, Any]:
    """What there is, without what another attachment has another name for."""
    return {
        "handler": everything["function"]["Configuration"]["Handler"],
        "code": everything["code"],
        "versions": len(everything["versions"]),
        "variables": everything["function"]["Configuration"]["Environment"],
        **{name: everything[name] for name in ("asynchronous", "concurrency", "role")},
    }


@pytest.mark.parametrize(
    ("whose", "options", "titles"),
    [pytest.param("own", *FUNCTION, id="own"), pytest.param("motos", *ALIAS, id="motos")],
)
def test_attaching_that_was_killed_is_undone(
    request: pytest.FixtureRequest,
    whose: str,
    options: tuple[str, ...],
    titles: tuple[str, ...],
    tmp_path: Path,
) -> None:
    """Wherever attaching is killed, detaching leaves the function as it was, and no record."""
    own: Attachable = request.getfixturevalue(whose)
    before = own.everything()
    for words in _moments(titles):
        own.place.killed_at(words, own.attaching(*options), tmp_path)
        assert own.detach() == ExitStatus.DONE, words
        assert own.everything() == before, words
        assert own.records() == [], words


def test_what_was_killed_is_gone_on_with(own: Attachable, tmp_path: Path) -> None:
    """Wherever attaching is killed, attaching again ends it; and so with detaching."""
    options, titles = ALIAS  # whose steps are all that there are
    before = own.everything()
    own.attach(*options)
    attached = _unnumbered(own.everything())
    own.detach()
    back = tuple(f"back: {title}" for title in reversed(titles))
    for words, words_back in zip(_moments(titles), _moments(back), strict=True):
        own.place.killed_at(words, own.attaching(*options), tmp_path)
        assert own.attach(*options) == ExitStatus.DONE, words
        assert _unnumbered(own.everything()) == attached, words
        own.place.killed_at(words_back, own.detaching(), tmp_path)
        assert own.detach() == ExitStatus.DONE, words_back
        assert own.everything() == before, words_back
        assert own.records() == [], words_back
