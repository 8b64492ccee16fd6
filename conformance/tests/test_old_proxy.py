"""What the suite reads as an answer of version 0, and what it takes for none."""

from __future__ import annotations

import pytest

from ldp_conformance.cases.old_proxy import as_json, expanded
from ldp_conformance.check import NonConformance

#: Characters that Base58 leaves out, since they look alike.
NO_BASE58 = "0OIl"


def test_a_bare_answer_is_json() -> None:
    """The body of the message is the result, with nothing around it."""
    assert as_json(' {"price": 7}\n') == {"price": 7}


def test_what_is_no_json_is_no_bare_answer() -> None:
    """The verdict shows what came, and names the clause."""
    with pytest.raises(NonConformance, match="no bare JSON") as caught:
        as_json("price: 7")

    assert caught.value.came == "price: 7"
    assert caught.value.requirements == ("V0-4",)


@pytest.mark.parametrize("text", ["{}", NO_BASE58, "", "2NEpo7TZRRrLZSi2U", "11111"])
def test_what_is_no_gzip_in_base58_is_no_compressed_answer(text: str) -> None:
    """Neither JSON, nor a digit that does not exist, nor other bytes pass."""
    with pytest.raises(NonConformance, match="not the Base58 text of the gzip"):
        expanded(text)
