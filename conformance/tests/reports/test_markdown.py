from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.reports.markdown import markdown
from ldp_conformance.reports.summary import fold
from reports.sample_runs import crowded, empty, failing, hostile, passing

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.events import Event

TAGS = re.compile(r"</?([a-z0-9]+)")


def _rendered(text: str) -> str:
    html: str = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    return html


@pytest.mark.parametrize("make", [passing, failing, empty, hostile, crowded])
def test_only_our_own_elements_come_out(make: Callable[[], list[Event]]) -> None:
    """No text of a port becomes an element, a link or an end of one of ours."""
    html = _rendered(markdown(fold(make())))

    assert set(TAGS.findall(html)) <= {
        "h2", "p", "strong", "em", "table", "thead", "tbody", "tr", "th", "td", "details",
        "summary", "b", "pre", "code", "blockquote", "ul", "li",
    }  # fmt: skip
    assert html.count("<details>") == html.count("</details>")
    assert html.count("<table>") == html.count("</table>")


def test_hostile_text_is_shown_as_it_is() -> None:
    """Pipes, backticks and markup of a port's text are all still there to read."""
    html = _rendered(markdown(fold(hostile())))

    assert "&lt;script&gt;alert('x')&lt;/script&gt; | `code` ``` ]]&gt; &amp;amp; \\x1b" in html
    assert "[link](javascript:x)" in html


def test_a_failure_is_folded_with_all_that_explains_it() -> None:
    """Each failure is a fold whose heading says whose it is, which check, and what is wrong."""
    text = markdown(fold(failing(), exclusions=exclusions()))

    assert "<details><summary>PORT <b>client.answer.echo</b>\nfailed: The answer is not" in text
    assert "> **PAY\\-2** (spec/v1/payloads.md#pay-2) A client MUST deliver exactly" in text
    assert "| /payload/data/n | 9007199254740993 | 9007199254740992 |" in text
    assert "Sent:\n\n```text\n{" in text
    assert "   19 ms  port     SendMessage replies" in text
    assert "lambda-debug-conformance repro client.answer.echo" in text
    assert "<details><summary>2 checks blocked</summary>" in text
    assert "> known\\-failing.toml names" in text
    assert "| failed | 4 |" in text
    assert "8 more vectors failed." in text


def test_the_verdict_stands_first() -> None:
    """The first two lines tell the port and the verdict, with a sign beside the words."""
    good, bad = markdown(fold(passing())), markdown(fold(empty()))

    assert good.startswith("## ✅ lambda\\-debug\\-rs 0.3.1 as a client\n\n**Conforms\\: 11 checks")
    assert bad.startswith("## ❌ ")
    assert markdown(fold(passing()[:-1])).startswith("## ⚠️ ")


def test_a_summary_is_never_longer_than_such_a_page_takes() -> None:
    """What does not fit is counted, and no fold is cut in two."""
    whole = markdown(fold(crowded(1_500)))
    small = markdown(fold(crowded(40)), 20_000)

    assert 900_000 < len(whole.encode()) <= 1_048_576
    assert re.search(r"[\d,]+ more failures did not fit here", whole)
    assert len(small.encode()) <= 20_000
    assert small.count("<details>") == small.count("</details>") > 0
