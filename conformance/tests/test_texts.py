from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_conformance.texts import DEEPEST, depth, judged, loads

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('"\\[]{}x'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('"\\[{'), inner),
)


@given(VALUES)
def test_what_is_not_deep_is_read_as_json_reads_it(value: object) -> None:
    """Brackets and quotes in strings do not count."""
    assert loads(json.dumps(value)) == value
    assert loads(json.dumps(value).encode()) == value


@pytest.mark.parametrize("levels", [DEEPEST, DEEPEST + 1, 200_000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}"), ("[[[", "")])
def test_what_is_too_deep_is_refused_unread(levels: int, brackets: tuple[str, str]) -> None:
    """A text of any depth is an error or a value, and never the end of the process."""
    text = brackets[0] * levels + "1" + brackets[1] * levels
    is_deep = depth(text) > DEEPEST

    assert is_deep is (levels > DEEPEST or not brackets[1])
    if is_deep:
        with pytest.raises(ValueError, match="nested deeper"):
            loads(text)
        assert "too deeply" in judged(text)[0].reason
    else:
        loads(text)


def test_members_and_constants_can_be_made_otherwise() -> None:
    """Duplicate names and words that are no JSON can be seen."""
    assert loads('{"a": 1, "a": NaN}', object_pairs_hook=list, parse_constant=str) == [
        ("a", 1),
        ("a", "NaN"),
    ]
    with pytest.raises(TypeError, match="not a list"):
        loads([])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="utf-8"):
        loads(b"\xff")
