"""Base58 of Bitcoin's alphabet, the form of compressed answers to version 0 (V0-4), read."""

from __future__ import annotations

from typing import Final

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS: Final = {character: value for value, character in enumerate(_ALPHABET)}
_BASE: Final = len(_ALPHABET)


def unbase58(text: str) -> bytes:
    """The bytes that a text stands for.

    Raises:
        ValueError: It has a character that is no digit of base 58.
    """
    number = 0
    for character in text:
        if character not in _DIGITS:
            raise ValueError(f"{character!r} is no digit of base58")
        number = number * _BASE + _DIGITS[character]
    zeros = len(text) - len(text.lstrip(_ALPHABET[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
