from __future__ import annotations

import pytest

from ldp_queues import errors
from ldp_queues.errors import QueueClockError, QueueError

_SIMPLE = [
    error
    for error in vars(errors).values()
    if isinstance(error, type)
    and issubclass(error, QueueError)
    and error not in (errors.MessageTooLarge, errors.QueueClockError)
]
_TRANSIENT = {errors.QueueThrottled, errors.QueueUnreachable}


@pytest.mark.parametrize("kind", _SIMPLE)
def test_every_error_says_what_to_do_and_whether_time_helps(kind: type[QueueError]) -> None:
    """Each error has a hint that is a sentence, and is transient only where time alone helps."""
    error = kind("what happened")

    assert str(error) == "what happened"
    assert error.hint.endswith((".", "?")) or error.hint.endswith(")")
    assert error.transient == (kind in _TRANSIENT)


def test_an_occasion_can_have_a_better_hint() -> None:
    """A hint that is given stands in for the usual one."""
    assert QueueError("what happened", hint="Do this.").hint == "Do this."


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """The module's docstring names each error of the package."""
    for kind in [*_SIMPLE, errors.MessageTooLarge, errors.QueueClockError]:
        assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("local_at_ms", "says"),
    [(603_000, "10 min 3 s ahead of"), (-240_000, "4 min 0 s behind"), (0, "0 min 0 s behind")],
)
def test_a_clock_error_says_by_how_much(local_at_ms: int, says: str) -> None:
    """The hint tells how far the local clock is from the server's date, and which way."""
    error = QueueClockError("refused", server_at_ms=0, local_at_ms=local_at_ms)

    assert says in error.hint


def test_a_clock_error_without_a_date_still_says_what_to_do() -> None:
    """A refusal without a Date header leaves the amount open."""
    error = QueueClockError("refused", server_at_ms=None, local_at_ms=0)

    assert error.hint.startswith("The clock of this machine is wrong. Set it")
