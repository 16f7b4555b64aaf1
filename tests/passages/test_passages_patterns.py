from __future__ import annotations

import re

import pytest

from voc_pipeline.passages import patterns


def test_check_digits_of_an_iban() -> None:
    assert patterns.is_iban("DE89 3704 0044 0532 0130 00")
    assert not patterns.is_iban("DE88 3704 0044 0532 0130 00")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("five five five oh one four two", 7),
        ("double five triple zero one", 6),
        ("plus four four two oh 7946", 8),
        ("one two 3456789", 0),
    ],
)
def test_dictated_digits_are_counted(text: str, digits: int) -> None:
    assert patterns.spoken_digits(text) == digits


@pytest.mark.parametrize("text", ["a" * 50_000, "a." * 25_000, "a@" * 25_000, "a " * 25_000, "at " * 15_000])
def test_an_address_pattern_never_explodes(text: str) -> None:
    assert re.search(patterns.EMAIL + "$(?!)", text) is None
    assert re.search(patterns.SPOKEN_EMAIL, text, re.IGNORECASE) is None
