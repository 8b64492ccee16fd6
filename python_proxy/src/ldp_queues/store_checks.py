"""What every store must do, as checks that any implementation can be put to.

Each check takes a maker of fresh, empty stores and raises `ContractBroken`, or what the store
raises, where a fact does not hold. Nothing here knows S3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_queues.checks_facts import ContractBroken
from ldp_queues.errors import ObjectNotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_queues.ports import Store

    Make = Callable[[], Store]

#: Lambda's limit for an event or a result, and so the largest payload.
_FULL_BYTES: Final = 6_291_556
_KEY: Final = "some/folder/request/0b9d3f6e-_A/7d1f"


def what_is_put_is_got(make: Make) -> None:
    """Bytes come back as they were stored, whatever they are, and also none at all."""
    store = make()
    for number, body in enumerate((b"{}", b"", bytes(range(256)), b"\r\n\x00\xff\xfe")):
        key = f"{_KEY}{number}"
        store.put(key, body)
        _require_body(store, key, body)


def a_full_payload_is_kept(make: Make) -> None:
    """The largest payload that Lambda takes comes back to its last byte."""
    store = make()
    body = bytes(range(1, 250)) * (_FULL_BYTES // 249 + 1)
    store.put(_KEY, body[:_FULL_BYTES])
    _require_body(store, _KEY, body[:_FULL_BYTES])


def a_second_put_is_no_error(make: Make) -> None:
    """The same bytes under the same key are stored again without harm, as after a lost answer."""
    store = make()
    store.put(_KEY, b"x")
    store.put(_KEY, b"x")
    _require_body(store, _KEY, b"x")


def an_object_stays(make: Make) -> None:
    """Reading takes nothing away: every copy of a message finds the object."""
    store = make()
    store.put(_KEY, b"x")
    for _ in range(3):
        _require_body(store, _KEY, b"x")


def keys_are_apart(make: Make) -> None:
    """A key is one name, not a place: neither its beginning nor its continuation is it."""
    store = make()
    store.put(_KEY, b"x")
    store.put(f"{_KEY}/more", b"y")
    _require_body(store, _KEY, b"x")
    _require_absent(store, _KEY[:-1])


def stores_are_apart(make: Make) -> None:
    """What is stored in one bucket is not in another."""
    store, other = make(), make()
    store.put(_KEY, b"x")
    _require_absent(other, _KEY)


def nothing_is_not_found(make: Make) -> None:
    """A key that nothing is stored under raises ObjectNotFound."""
    _require_absent(make(), _KEY)


def no_more_is_read_than_asked(make: Make) -> None:
    """Of an object over the limit one byte more comes, which is enough to see that it is over."""
    store = make()
    store.put(_KEY, b"0123456789")
    for limit_bytes, expected in ((10, b"0123456789"), (9, b"0123456789"), (4, b"01234")):
        found = store.get(_KEY, limit_bytes)
        if found != expected:
            raise ContractBroken(f"of 10 bytes with a limit of {limit_bytes} came {found!r}")


STORE_CHECKS: Final = (
    what_is_put_is_got,
    a_full_payload_is_kept,
    a_second_put_is_no_error,
    an_object_stays,
    keys_are_apart,
    stores_are_apart,
    nothing_is_not_found,
    no_more_is_read_than_asked,
)


def check_store(make: Make) -> None:
    """Run the whole battery.

    Args:
        make: Makes a fresh, empty store.

    Raises:
        ContractBroken: A fact does not hold.
    """
    for check in STORE_CHECKS:
        check(make)


def _require_body(store: Store, key: str, body: bytes) -> None:
    found = store.get(key, _FULL_BYTES)
    if found != body:
        raise ContractBroken(f"stored {len(body)} bytes, and {len(found)} others came back")


def _require_absent(store: Store, key: str) -> None:
    try:
        found = store.get(key, _FULL_BYTES)
    except ObjectNotFound:
        return
    raise ContractBroken(f"nothing was stored under {key}, and {len(found)} bytes came")
