from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.reports.html_page import html
from ldp_conformance.reports.summary import fold
from ldp_testing.browser import DESKTOP, PHONE, Browser, browser
from reports.sample_runs import crowded, empty, failing, hostile, passing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNS: Final = {
    "passing": passing(),
    "failing": failing(),
    "empty": empty(),
    "hostile": hostile(),
    "crowded": crowded(40),
}
SIZES: Final = {"phone": PHONE, "desktop": DESKTOP}
UNFOLD: Final = "for (const each of document.querySelectorAll('details')) each.open = true;"
#: Elements whose right edge is beyond the page, and which no box around them lets scroll.
OVERFLOWING: Final = """
const scrolls = (e) => ['auto', 'hidden'].includes(getComputedStyle(e).overflowX);
const clipped = (e) => e !== document.body && (scrolls(e) || clipped(e.parentElement));
return [...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .filter((e) => !clipped(e.parentElement)).map((e) => e.outerHTML.slice(0, 80));
"""
SHOWN: Final = "return document.getElementById('%s').checkVisibility()"
VISIBLE: Final = (
    "return [...document.querySelectorAll('.requirement')].filter((e) => e.checkVisibility())"
    ".map((e) => e.dataset.group)"
)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that runs no script of any page."""
    with browser(tmp_path_factory.mktemp("chromium")) as started:
        started.refuse_scripts()
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of each run's page."""
    folder = tmp_path_factory.mktemp("pages")
    addresses = {}
    for name, events in RUNS.items():
        path = folder / f"{name}.html"
        path.write_text(html(fold(events, exclusions=exclusions())), encoding="utf-8")
        addresses[name] = path.as_uri()
    return addresses


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_stands_out_of_the_page(
    chromium: Browser, pages: dict[str, str], run: str, size: str
) -> None:
    """With everything unfolded the page is as wide as the screen; long lines wrap in their box."""
    chromium.look(size=SIZES[size])
    chromium.open(pages[run])
    chromium.ask(UNFOLD)

    assert chromium.ask("return document.documentElement.scrollWidth <= innerWidth")
    assert chromium.ask(OVERFLOWING) == []


@pytest.mark.parametrize("size", SIZES)
def test_text_is_large_enough_and_targets_can_be_touched(
    chromium: Browser, pages: dict[str, str], size: str
) -> None:
    """No text is below 12 pixels, and what can be touched is at least 24 pixels high."""
    chromium.look(size=SIZES[size])
    chromium.open(pages["failing"])
    smallest = chromium.ask(
        "return Math.min(...[...document.querySelectorAll('body *')]"
        ".map((e) => parseFloat(getComputedStyle(e).fontSize)))"
    )
    lowest = chromium.ask(
        "return Math.min(...[...document.querySelectorAll('nav a, summary, .filter label')]"
        ".filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect().height))"
    )

    assert smallest >= 12
    assert lowest >= 24


def test_dark_is_dark_and_light_is_light(
    chromium: Browser, pages: dict[str, str], tmp_path: Path
) -> None:
    """The page follows its reader's preference; the pictures are left for people to look at."""
    grounds = []
    for dark in (False, True):
        chromium.look(dark=dark)
        chromium.open(pages["failing"])
        grounds.append(chromium.ask("return getComputedStyle(document.body).backgroundColor"))
        picture = chromium.screenshot(whole=False)
        (tmp_path / f"dark-{dark}.png").write_bytes(picture)
        assert picture.startswith(b"\x89PNG")

    assert grounds == ["rgb(245, 246, 248)", "rgb(17, 21, 26)"]


def test_a_link_unfolds_what_it_leads_to(chromium: Browser, pages: dict[str, str]) -> None:
    """Following a link to a check opens it and its requirement, although no script runs."""
    chromium.look()
    chromium.open(pages["crowded"])
    target = "check-35"
    assert not chromium.ask(SHOWN % target)

    chromium.open(f"{pages['crowded']}#{target}")

    assert chromium.ask(SHOWN % target)
    assert (
        chromium.ask(f"return document.getElementById('{target}').getBoundingClientRect().top")
        < (DESKTOP[1])
    )


@pytest.mark.parametrize(
    ("choice", "groups"), [("mend", {"mend"}), ("held", {"held"}), ("absent", {"absent"})]
)
def test_a_filter_shows_its_requirements_only(
    chromium: Browser, pages: dict[str, str], choice: str, groups: set[str]
) -> None:
    """Each choice leaves the requirements of its group in sight, without a script."""
    chromium.look()
    chromium.open(pages["failing"])
    everything = chromium.ask(VISIBLE)
    chromium.ask(f"document.getElementById('show-{choice}').checked = true")

    assert set(everything) == {"mend", "held", "absent"}
    assert set(chromium.ask(VISIBLE)) == groups


def test_a_script_would_not_run_even_if_it_may(pages: dict[str, str], tmp_path: Path) -> None:
    """With scripts allowed, a page of hostile texts is the same page, and fetches nothing."""
    with browser(tmp_path) as chromium:
        chromium.open(pages["hostile"])

        assert chromium.ask("return document.scripts.length") == 0
        assert chromium.ask("return performance.getEntriesByType('resource').length") == 0
        assert "<script>alert('x')</script>" in chromium.ask("return document.title")


def test_a_print_shows_what_is_folded(chromium: Browser, pages: dict[str, str]) -> None:
    """On paper every fold is open: the page becomes several."""
    chromium.look()
    chromium.open(pages["passing"])
    assert chromium.printed().startswith(b"%PDF")
    chromium.devtools("Emulation.setEmulatedMedia", media="print")

    assert chromium.ask("return document.getElementById('check-1').checkVisibility()")
    assert not chromium.ask("return document.querySelector('nav').checkVisibility()")
    chromium.devtools("Emulation.setEmulatedMedia", media="")


def test_a_missing_browser_skips_here_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without Chromium these tests are skipped, but continuous integration may not do without."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="not installed"), browser(tmp_path):
        pass
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="not installed"), browser(tmp_path):
        pass
