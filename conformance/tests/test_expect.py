from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_conformance.cases.expect import Expectations, differences
from ldp_conformance.check import NonConformance
from ldp_conformance.outcomes import Difference

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_value_does_not_differ_from_itself(value: object) -> None:
    """A copy through JSON text has no differences."""
    assert list(differences(value, json.loads(json.dumps(value)))) == []


@given(VALUES, VALUES)
def test_values_whose_texts_differ_differ(one: object, other: object) -> None:
    """What JSON writes differently is told to differ, whatever Python thinks of it."""
    is_same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert (list(differences(one, other)) == []) is is_same


def test_a_difference_says_where() -> None:
    """Places are JSON pointers, with what was expected and what was there."""
    found = list(differences({"a/b": [1, 2], "c": 1}, {"a/b": [1, 3, 4], "~": 0}))

    assert found == [
        Difference("/a~1b/1", "2", "3"),
        Difference("/a~1b/2", None, "4"),
        Difference("/c", "1", None),
        Difference("/~0", None, "0"),
    ]
    assert list(differences([1, 2], [1])) == [Difference("/1", "2", None)]


def test_numbers_that_python_takes_for_equal_differ() -> None:
    """1, 1.0 and true are three things in JSON, and so are 0.0 and -0.0."""
    for one, other in ((1, 1.0), (1, True), (0.0, -0.0)):
        assert list(differences(one, other)) == [Difference("", json.dumps(one), json.dumps(other))]


def test_expectations_count_what_they_look_at() -> None:
    """Each expectation is an observation, whether it holds or not."""
    case = Expectations()
    case.expect(1, "never said")
    case.expect_equal([1], [1], "never said")
    with pytest.raises(NonConformance, match="it is two"):
        case.expect_equal(2, 1, "it is two", requirements=("SES-1",), hint="Count again.")
    with pytest.raises(NonConformance) as caught:
        case.expect(condition=False, sentence="it is not so", came="x")

    assert case.observations == 4
    assert caught.value.came == "x"


def test_long_values_are_cut_with_their_length() -> None:
    """A failure stays readable, whatever came."""
    (found,) = differences("", "x" * 10_000)

    assert found.actual is not None
    assert "10,002 characters" in found.actual
    assert len(found.actual) < 300


def test_a_language_of_doubles_tells_only_values_apart() -> None:
    """To it 1 is 1.0 and -0.0 is 0, but no number is true, or another number."""
    assert list(differences([1, -0.0, {"a": 2.0}], [1.0, 0, {"a": 2}], is_exact=False)) == []
    assert len(list(differences([1, 0, 1], [True, False, 1.5], is_exact=False))) == 3
