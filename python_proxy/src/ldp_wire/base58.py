"""Base 58, in which version 0 sends what is not JSON of its own (V0-4)."""

from __future__ import annotations

from typing import Final

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#: Digits that are written at once where numbers have become small.
_SMALL_DIGITS: Final = 32


def base58(data: bytes) -> str:
    """Bytes in Bitcoin's base 58, a digit 1 for each leading zero byte.

    https://datatracker.ietf.org/doc/html/draft-msporny-base58-03
    """
    zeros = len(data) - len(data.lstrip(b"\0"))
    number = int.from_bytes(data, "big")
    digits = _digits(number, _SMALL_DIGITS) if number else ""
    return _ALPHABET[0] * zeros + digits.lstrip(_ALPHABET[0])


def _digits(number: int, at_least: int) -> str:
    """The digits of a number, with zeros before them; in halves, since division is quadratic."""
    powers = [(at_least, 58**at_least)]
    while powers[-1][1] <= number:
        count, power = powers[-1]
        powers.append((2 * count, power * power))
    return _split(number, powers, len(powers) - 1)


def _split(number: int, powers: list[tuple[int, int]], level: int) -> str:
    """`number` as exactly as many digits as `powers[level]` stands for."""
    if level == 0:
        digits = []
        for _ in range(powers[0][0]):
            number, digit = divmod(number, 58)
            digits.append(_ALPHABET[digit])
        return "".join(reversed(digits))
    high, low = divmod(number, powers[level - 1][1])
    return _split(high, powers, level - 1) + _split(low, powers, level - 1)
