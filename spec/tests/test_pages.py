from __future__ import annotations

from pathlib import Path

import pytest

from pages import Page, Problem, link_problems, slug_of


def _page(text: str) -> Page:
    return Page(Path("page.md"), text)


def test_a_fence_has_its_info_body_and_lines() -> None:
    """A fence gives its info string, its dedented body and the lines that it covers."""
    page = _page('one\n\n  ```json envelope=request\n  {"a": 1}\n\n  ```\nlast\n')

    (fence,) = page.fences

    assert fence.info == "json envelope=request"
    assert fence.body == '{"a": 1}\n\n'
    assert (fence.line, fence.last_line) == (3, 6)


def test_a_longer_fence_holds_a_shorter_one() -> None:
    """A fence of four ticks ends at four ticks, so that it can show a fence of three."""
    page = _page("````md\n```json\n1\n```\n````\n")

    assert [fence.info for fence in page.fences] == ["md"]


def test_an_open_fence_reaches_the_end() -> None:
    """A fence that is never closed covers the rest of the page."""
    page = _page("```\nMUST\n")

    assert page.prose.strip() == ""
    assert page.fences[0].body == "MUST\n\n"


def test_prose_keeps_lines_and_drops_code_and_comments() -> None:
    """Prose stands on the lines of the text, with code and comments blanked."""
    page = _page("a `code` b\n<!-- note\nmore --> c\n```\nfenced\n```\nd ``x ` y`` e\n")

    lines = page.prose.split("\n")

    assert lines[0].split() == ["a", "b"]
    assert lines[1].strip() == ""
    assert lines[2].split() == ["c"]
    assert lines[3:6] == ["", "", ""]
    assert lines[6].split() == ["d", "e"]


def test_a_lone_backtick_blanks_nothing_of_the_next_paragraph() -> None:
    """A code span ends with its paragraph, so a lone backtick hides nothing after it."""
    page = _page("a lone ` tick\n\nMUST `code`\n")

    assert "MUST" in page.prose


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Version and kind", "version-and-kind"),
        ("What an *entry point* may lose", "what-an-entry-point-may-lose"),
        ("`lambda-debug run`, by hand", "lambda-debug-run-by-hand"),
        ("See [the spec](spec/README.md)", "see-the-spec"),
        ("replies_per_queue: 3", "replies_per_queue-3"),
    ],
)
def test_a_heading_has_the_slug_that_github_gives_it(title: str, slug: str) -> None:
    """A heading's anchor is its text in lower case, without punctuation, with hyphens."""
    assert slug_of(title) == slug


def test_anchors_are_numbered_headings_and_explicit_ones() -> None:
    """A repeated heading gets a number; headings inside fences are none."""
    page = _page('# One\n# One\n```\n# Two\n```\n- <a id="abc-1"></a>**ABC-1** x\n')

    assert page.anchors == {"one", "one-1", "abc-1"}


def test_links_are_found_across_line_breaks_and_not_in_code() -> None:
    """Inline links, images and definitions are links; what stands in code is not."""
    page = _page(
        "[a\nlong text](one.md#x) ![picture](two.png)\n`[no](no.md)`\n[ref]: three.md\n"
        '[titled](four.md "Title") [outside](https://example.org/)\n'
    )

    assert [(link.target, link.line) for link in page.links] == [
        ("one.md#x", 2),
        ("two.png", 2),
        ("three.md", 4),
        ("four.md", 5),
        ("https://example.org/", 5),
    ]
    assert [link.is_external for link in page.links] == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("other.md", None),
        ("other.md#a-title", None),
        ("#here", None),
        ("folder/", None),
        ("https://example.org/nowhere", None),
        ("missing.md", "leads to no file"),
        ("other.md#nothing", "leads to no anchor"),
        ("#nothing", "leads to no anchor"),
        ("data.txt#x", "leads to no anchor"),
        ("../outside.md", "leads out of the repository"),
    ],
)
def test_a_link_leads_to_a_file_and_an_anchor(
    tmp_path: Path, link: str, complaint: str | None
) -> None:
    """A link to nothing is reported with its line; one that leads somewhere is not."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "data.txt").write_text("x")
    (tmp_path / "other.md").write_text("# A title\n")
    path = tmp_path / "page.md"
    path.write_text(f"# Here\n\n[text]({link})\n")

    problems = link_problems(Page.read(path), tmp_path)

    expected = [] if complaint is None else [Problem(path, 3, f"the link {link} {complaint}")]
    assert problems == expected
