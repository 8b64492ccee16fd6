"""JSON texts, as bytes, that any parser on the way would change, refuse or choke on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

DEEPEST: Final = 200

NASTY_JSON: Final = (
    '{"a":1.10,"a":2,"s":"\\ud800","n":12345678901234567890,  "z":"\\/"}',
    "[" * DEEPEST + "]" * DEEPEST,
    '{"a":' * DEEPEST + "1e400" + "}" * DEEPEST,
    "\r\n\t 0 ",
    '"\u2028\u2029\ufffe\uffff\ufeff"',
    '"\\udc00\\ud800"',
    '{"":{"":-0.0},"":[]}',
)


def json_texts() -> SearchStrategy[bytes]:
    """Draw a JSON text: big integers, duplicate keys, `1.10`, odd white space, lone surrogates."""
    drawn = st.recursive(_scalars(), _containers, max_leaves=20)
    return st.one_of(st.sampled_from(NASTY_JSON), _spaced(drawn)).map(str.encode)


def _spaced(text: SearchStrategy[str]) -> SearchStrategy[str]:
    white = st.text(" \t\r\n", max_size=3)
    return st.builds("{}{}{}".format, white, text, white)


def _scalars() -> SearchStrategy[str]:
    numbers = st.from_regex(
        r"-?(?:0|[1-9][0-9]{0,40})(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,4})?",
        fullmatch=True,
        alphabet=st.characters(codec="ascii"),
    )
    return st.one_of(st.sampled_from(["null", "true", "false"]), numbers, _strings())


def _strings() -> SearchStrategy[str]:
    raw = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\')
    escaped = st.one_of(
        st.sampled_from([r"\"", r"\\", r"\/", r"\b", r"\f", r"\n", r"\r", r"\t"]),
        st.integers(0, 0xFFFF).map("\\u{:04x}".format),
    )
    return st.lists(raw | escaped, max_size=12).map(lambda parts: f'"{"".join(parts)}"')


def _containers(inner: SearchStrategy[str]) -> SearchStrategy[str]:
    items = st.lists(_spaced(inner), max_size=4)
    arrays = items.map(lambda parts: f"[{','.join(parts)}]")
    keys = st.sampled_from(['"a"', '"\\u0061"', '""']) | _strings()
    members = st.lists(st.builds("{}:{}".format, _spaced(keys), _spaced(inner)), max_size=4)
    return arrays | members.map(lambda parts: f"{{{','.join(parts)}}}")
