"""Strategies for single values: JSON, texts that break things, and what a schema takes or not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from ldp_conformance.fuzz import corpus

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from ldp_conformance.fuzz.dialect import Dialect

_LARGEST: Final = 2**53 - 1
_IDENTIFIER: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
_ENCODING: Final = "abcdefghijklmnopqrstuvwxyz0123456789+-"


def known(dialect: Dialect) -> list[Any]:
    """The numbers and texts of the corpus that the port's language can hold, simple ones first."""
    return [*_known_numbers(dialect), *_known_texts(dialect)]


def _known_numbers(dialect: Dialect) -> list[Any]:
    large = (-0.0, *corpus.LARGE_INTEGERS) if dialect.has_exact_numbers else ()
    return [*corpus.SAFE_INTEGERS, *corpus.FRACTIONS, *large]


def _known_texts(dialect: Dialect) -> list[str]:
    return [*corpus.TEXTS, *(corpus.LONE_SURROGATES if dialect.has_lone_surrogates else ())]


def texts(dialect: Dialect) -> SearchStrategy[str]:
    """Texts, the nasty ones more often than chance would have them."""
    drawn = st.text(st.characters(codec="utf-8"), max_size=20)
    return weighted((drawn, 1), (st.sampled_from(_known_texts(dialect)), 2))


def weighted(*sorts: tuple[SearchStrategy[Any], int]) -> SearchStrategy[Any]:
    """One of several, each so often; `one_of` would take the same one twice for one."""
    chances = [sort for sort, weight in sorts for _ in range(weight)]
    return st.integers(0, len(chances) - 1).flatmap(chances.__getitem__)


def numbers(dialect: Dialect) -> SearchStrategy[Any]:
    """Numbers that the port's language can hold."""
    whole = st.integers() if dialect.has_exact_numbers else st.integers(-_LARGEST, _LARGEST)
    fractions = st.floats(allow_nan=False, allow_infinity=False)
    return st.one_of(whole, st.sampled_from(_known_numbers(dialect)), fractions)


def json_values(dialect: Dialect) -> SearchStrategy[Any]:
    """JSON values that come through the port's language unchanged."""
    leaves = st.one_of(
        st.sampled_from(corpus.EMPTY), st.booleans(), numbers(dialect), texts(dialect)
    )
    return st.one_of(
        leaves,
        st.recursive(
            leaves,
            lambda inner: st.one_of(
                st.lists(inner, max_size=4), st.dictionaries(texts(dialect), inner, max_size=4)
            ),
            max_leaves=8,
        ),
        st.builds(_nested, leaves, st.integers(1, corpus.DEEP), st.booleans()),
    )


def _nested(value: Any, depth: int, is_array: bool) -> Any:  # noqa: FBT001 - drawn like the rest
    for _ in range(depth):
        value = [value] if is_array else {"in": value}
    return value


def fitting(schema: dict[str, Any], dialect: Dialect) -> SearchStrategy[Any]:
    """What a schema of a single value takes; patterns are known by the schema's own examples.

    Args:
        schema: One without references, of a member that is no object.
        dialect: What the port's language can hold.
    """
    if "const" in schema:
        return st.just(schema["const"])
    match schema.get("type"):
        case "boolean":
            return st.booleans()
        case "integer":
            low, high = schema["minimum"], schema["maximum"]
            edges = st.sampled_from([low, high, min(low + 1, high)])
            return st.one_of(edges, st.integers(low, high))
        case "array":
            return st.lists(
                st.text(_ENCODING, min_size=1, max_size=32), max_size=15, unique=True
            ).map(lambda names: ["text", *(name for name in names if name != "text")])
        case "string":
            return _strings(schema, dialect)
    return json_values(dialect)


def _strings(schema: dict[str, Any], dialect: Dialect) -> SearchStrategy[str]:
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 100)
    if "pattern" in schema:
        return st.text(_IDENTIFIER, min_size=max(1, shortest), max_size=min(longest, 40))
    most = st.just("x" * longest)
    fit = texts(dialect).filter(lambda text: shortest <= len(text) <= longest)
    return st.one_of(fit, most)


def unfitting(schema: dict[str, Any]) -> SearchStrategy[Any]:
    """What a schema hardly ever takes: other types, and what is just beyond its limits."""
    beyond: list[Any] = [None, True, False, 0, -1, 0.5, "", "0", [], {}, [None], {"a": 1}]
    if "maximum" in schema:
        beyond += [schema["maximum"] + 1, schema["minimum"] - 1, 2**53, 2**63, 2**64, -(2**63)]
        beyond += [str(schema["minimum"]), schema["minimum"] + 0.5]
    if "maxLength" in schema:
        beyond += ["x" * (schema["maxLength"] + 1), "\u20ac" * (schema["maxLength"] + 1)]
    if schema.get("type") == "string":
        beyond += ["\n", "a\n", " a", "a ", "\u00e9", "\u0661", "\x00", "a/b", "."]
    if schema.get("type") == "array":
        beyond += [["text", "text"], ["TEXT", "text"], ["text", ""], ["text", 1], "text"]
        beyond += [["base64"], ["text", *(f"e{number}" for number in range(16))]]
    return st.sampled_from([each for each in beyond if not _is_nan(each)])


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
