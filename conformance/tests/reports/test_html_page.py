from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from ldp_conformance.reports import html_page
from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.reports.html_page import html
from ldp_conformance.reports.summary import fold
from ldp_conformance.requirements import requirements
from reports.sample_runs import (
    about,
    crowded,
    empty,
    failing,
    finding,
    hostile,
    passed,
    passing,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ldp_conformance.events import Event

VOID = {"meta", "input"}
TONES = ("good", "bad", "warn", "odd", "mute")


class Outline(HTMLParser):
    """The elements of a page, and whether each is closed where it has to be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.feed(text)
        self.close()
        self.text = "".join(self.pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and, unless it has no end, that it is open."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last, which has to be this one."""
        assert self.open.pop() == tag, (tag, self.open, self.getpos())

    def handle_data(self, data: str) -> None:
        """Keep a piece of text."""
        self.pieces.append(data)

    def values(self, name: str) -> list[str]:
        """Every value of an attribute, in order."""
        return [value for _, members in self.tags if (value := members.get(name)) is not None]


def _crowded() -> list[Event]:
    return crowded(20)


def _page(events: list[Event]) -> Outline:
    return Outline(html(fold(events, exclusions=exclusions())))


@pytest.mark.parametrize("make", [passing, failing, empty, hostile, _crowded])
def test_a_page_is_whole_and_needs_nothing(make: Callable[[], list[Event]]) -> None:
    """Elements are closed, IDs are unique, links lead somewhere, nothing is fetched or run."""
    page = _page(make())
    names = Counter(tag for tag, _ in page.tags)
    ids = Counter(page.values("id"))
    links = [link for link in page.values("href") if not link.startswith("https://example.com/")]

    assert page.open == []
    assert max(ids.values()) == 1
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    assert set(page.values("aria-labelledby")) <= set(ids)
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(names)
    assert page.values("src") == []
    assert not any(name.startswith("on") for _, members in page.tags for name in members)
    assert "url(" not in html(fold(make()))


@pytest.mark.parametrize("make", [passing, failing, empty])
def test_a_page_has_an_outline_that_can_be_heard(make: Callable[[], list[Event]]) -> None:
    """One h1, no level of heading left out, and the landmarks that screen readers jump to."""
    page = _page(make())
    names = [tag for tag, _ in page.tags]
    levels = [int(tag[1]) for tag in names if re.fullmatch("h[1-6]", tag)]

    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert [names.count(each) for each in ("header", "nav", "main", "footer")] == [1] * 4
    assert page.tags[0] == ("html", {"lang": "en"})


def test_every_requirement_is_there_with_its_checks() -> None:
    """Each requirement is a fold, each check stands in full once, an exclusion has its reason."""
    page = _page(failing())
    ids = page.values("id")

    assert [name for name in ids if name in requirements()] == list(requirements())
    assert sum(name.startswith("check-") for name in ids) == 12
    assert "No check judges it. not observable: Who else uses a queue" in page.text
    assert "No check of this run judges it." in page.text


def test_a_failure_is_told_whole() -> None:
    """Blame, clause, difference, what was sent and came, output, hint, reproduction, transcript."""
    text = _page(failing()).text
    found = finding()

    for part in (
        found.sentence, found.sent, found.came, found.hint, found.reproduce, "/payload/data/n",
        "9007199254740993", "INFO received q7Jz-41", "ReceiveMessage requests: 1 message",
        "HARNESS", "ENVIRONMENT", "numbers/v2", "SES-30",
    ):  # fmt: skip
        assert part in text


def test_hostile_text_is_only_text() -> None:
    """Markup, templates and addresses of a port's are shown, never obeyed."""
    page = _page(hostile())

    assert "<script>alert('x')</script> | `code` ``` ]]> &amp; \\x1b[31mred" in page.text
    assert "{{ 7*7 }} </details> [link](javascript:x)" in page.text
    assert not any(link.startswith("javascript:") for link in page.values("href"))
    assert "javascript:alert(1)" in page.text


def test_a_check_without_a_known_requirement_is_there_too() -> None:
    """What judges a requirement that this suite does not know stands at the end."""
    made = replace(about("answer.echo"), requirements=("XYZ-1",))
    text = _page(run([passed("answer.echo")], (made,))).text

    assert text.index("Other checks") < text.index("client.answer.echo")


def test_a_changed_clause_is_marked() -> None:
    """A page made of an old stream says where the clause had another wording."""
    line = '"PAY-2": "0"'
    summary = fold(failing())
    summary.started.digests["PAY-2"] = "0" * 12
    text = Outline(html(fold([summary.started]))).text

    assert line not in text
    assert text.count("The clause had another wording when this run was made.") == 1
    assert "cut off" in text


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted([_luminance(one), _luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_ground(scheme: int) -> None:
    """Contrast is at least 4.5 to 1 (WCAG 2.2, 1.4.3) for each pair of colours that meets."""
    folder: Path = html_page._TEMPLATES
    css = (folder / "report.css").read_text(encoding="utf-8")
    block = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[scheme]
    colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    grounds = ("page", "card", "sunken")
    pairs = [(text, ground) for text in ("text", "soft", "link", *TONES) for ground in grounds]
    pairs += [(tone, f"{tone}-back") for tone in TONES]
    pairs += [("text", f"{tone}-back") for tone in TONES]

    assert {pair: _contrast(colour[pair[0]], colour[pair[1]]) for pair in pairs if
            _contrast(colour[pair[0]], colour[pair[1]]) < 4.5} == {}  # fmt: skip
