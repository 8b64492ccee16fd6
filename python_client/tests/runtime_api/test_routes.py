from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_client.runtime_api.routes import Call, Route, find_route


@pytest.mark.parametrize(
    ("method", "target", "route"),
    [
        ("GET", "/2018-06-01/runtime/invocation/next", Route(Call.NEXT)),
        ("GET", "/2018-06-01/runtime/invocation/next?a=b", Route(Call.NEXT)),
        ("POST", "/2018-06-01/runtime/invocation/r-1/response", Route(Call.RESPONSE, "r-1")),
        ("POST", "/2018-06-01/runtime/invocation/r-1/error", Route(Call.ERROR, "r-1")),
        ("POST", "/2018-06-01/runtime/init/error", Route(Call.INIT_ERROR)),
    ],
)
def test_each_call_of_the_runtime_api_has_a_route(method: str, target: str, route: Route) -> None:
    """The four calls are found by method and path, whatever the query."""
    assert find_route(method, target) == route


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/2018-06-01/runtime/invocation/next"),
        ("GET", "/2018-06-01/runtime/invocation/r-1/response"),
        ("POST", "/2018-06-01/runtime/invocation//response"),
        ("POST", "/2018-06-01/runtime/invocation/a/b/response"),
        ("GET", "/2018-06-01/runtime/restore/next"),
        ("POST", "/2020-01-01/extension/register"),
        ("GET", "/"),
    ],
)
def test_anything_else_has_no_route(method: str, target: str) -> None:
    """Other methods, SnapStart, extensions and malformed paths are unknown."""
    assert find_route(method, target) is None


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_request_ids_are_percent_decoded(request_id: str) -> None:
    """Whatever the ID is, a client that encodes it is understood."""
    target = f"/2018-06-01/runtime/invocation/{quote(request_id, safe='')}/response"

    assert find_route("POST", target) == Route(Call.RESPONSE, request_id)
