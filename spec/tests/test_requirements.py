from __future__ import annotations

import json
from pathlib import Path

import pytest

from pages import Page
from requirements import Item, as_json, chapters, items, recorded, retired


def _items(text: str) -> list[Item]:
    return items(Page(Path("chapter.md"), text))


def _item(text: str) -> Item:
    (item,) = _items(f'- <a id="abc-1"></a>**ABC-1** {text}\n  *Intent:* Because.\n')
    return item


def test_an_item_goes_on_in_indented_lines_up_to_its_intent() -> None:
    """An item's text and its Intent each go on in indented lines."""
    (item,) = _items(
        'Before.\n\n- <a id="abc-7"></a>**ABC-7** A proxy MUST wait\n  for a reply.\n'
        "  *Intent:* It was\n  asked to.\n\nAfter.\n"
    )

    assert item == Item(
        id="ABC-7",
        anchor="abc-7",
        chapter=Path("chapter.md"),
        line=3,
        last_line=6,
        text="A proxy MUST wait for a reply.",
        intents=("It was asked to.",),
    )


def test_a_nested_list_keeps_its_lines_and_a_fence_is_left_out() -> None:
    """Nested list items stay on lines of their own; fenced code is no part of the text."""
    (item,) = _items(
        '- <a id="abc-1"></a>**ABC-1** A proxy MUST do:\n  - one\n  - two\n\n'
        "  ```json\n  {}\n  ```\n\n  *Intent:* Both.\n"
    )

    assert item.text == "A proxy MUST do:\n- one\n- two"
    assert item.intents == ("Both.",)
    assert item.last_line == 9


def test_an_item_ends_where_the_next_one_begins() -> None:
    """Two items in a row are two items, and an unindented paragraph belongs to neither."""
    found = _items(
        '- <a id="abc-1"></a>**ABC-1** One.\n  *Intent:* A.\n'
        '- <a id="abc-2"></a>**ABC-2** Two.\n  *Intent:* B.\nNot part of it.\n'
    )

    assert [(item.id, item.text, item.last_line) for item in found] == [
        ("ABC-1", "One.", 2),
        ("ABC-2", "Two.", 4),
    ]


def test_an_item_inside_a_fence_is_none() -> None:
    """An item that is shown in fenced code requires nothing."""
    assert _items('```md\n- <a id="abc-1"></a>**ABC-1** A proxy MUST.\n```\n') == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("A proxy MUST NOT do it; it MAY think of it.", "MUST"),
        ("A proxy SHALL do it.", "MUST"),
        ("`data` is REQUIRED in an envelope.", "MUST"),
        ("A proxy SHOULD do it and MAY do more.", "SHOULD"),
        ("It is NOT RECOMMENDED for a proxy.", "SHOULD"),
        ("A proxy MAY do it.", "MAY"),
        ("The member is OPTIONAL.", "MAY"),
        ("A proxy does it. MUSTARD is no keyword.", None),
    ],
)
def test_the_level_is_that_of_the_highest_keyword(text: str, level: str | None) -> None:
    """An item is as binding as the strongest of its keywords."""
    assert _item(text).level == level


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("A proxy MUST tell its client.", ("proxy",)),
        ("A proxy and a client MUST log; nobody else.", ("proxy", "client")),
        ("A proxy MUST ask; a client MUST answer.", ("proxy", "client")),
        ("Each sender MUST count. Receivers MUST count again.", ("sender", "receiver")),
        ("A reply queue MUST NOT have a redrive policy.", ("queue",)),
        ("A response MUST have a payload.", ("envelope",)),
        ("With this encoding, `data` MUST be text.", ("envelope",)),
        ("It MUST work.", ()),
    ],
)
def test_the_roles_are_those_whom_the_keywords_bind(text: str, roles: tuple[str, ...]) -> None:
    """A role is named before the keyword in its clause; things count where no actor is named."""
    assert _item(text).roles == roles


def test_chapters_that_explain_are_not_normative(tmp_path: Path) -> None:
    """The overview, the diagrams and the retired IDs are no normative chapters."""
    for name in ("overview.md", "states.md", "retired.md", "exchange.md"):
        (tmp_path / name).write_text("# Title\n")

    assert [page.path.name for page in chapters(tmp_path)] == ["exchange.md"]


def test_retired_ids_are_read_with_their_lines(tmp_path: Path) -> None:
    """Every item of retired.md is a retired ID; without the file there is none."""
    assert retired(tmp_path) == {}

    (tmp_path / "retired.md").write_text("# Retired\n\n- **ABC-3** (1.0) Replaced by ABC-9.\n")

    assert retired(tmp_path) == {"ABC-3": 3}


def test_the_record_lists_requirements_by_area_and_number(tmp_path: Path) -> None:
    """requirements.json has every requirement once, by area and then by number."""
    found = _items(
        "".join(
            f'- <a id="{name.lower()}"></a>**{name}** A proxy MUST é {name}.\n  *Intent:* So.\n'
            for name in ("XYZ-1", "ABC-10", "ABC-9")
        )
    )
    assert recorded(tmp_path) == []
    (tmp_path / "requirements.json").write_text(as_json(found), encoding="utf-8")

    rows = recorded(tmp_path)

    assert [row["id"] for row in rows] == ["ABC-9", "ABC-10", "XYZ-1"]
    assert rows[0] == {
        "id": "ABC-9",
        "level": "MUST",
        "roles": ["proxy"],
        "text": "A proxy MUST é ABC-9.",
        "intent": "So.",
        "anchor": "chapter.md#abc-9",
    }
    assert json.loads(as_json(found))["requirements"] == rows
