from __future__ import annotations

import pytest

from voc_pipeline.passages.fillers import is_filler


@pytest.mark.parametrize(
    "text",
    [
        "Yeah.",
        "Mm-hm, right.",
        "Okay.",
        "Uh-huh. Yeah, yeah.",
        "Sure, go ahead.",
        "Thank you.",
        "You’re welcome, thank you so much.",  # noqa: RUF001 (a typographic apostrophe is meant)
        "Of course, [PERSON_7F3A9C].",
        "[PERSON_7F3A9C]",
        "... 42 —",
        "",
    ],
)
def test_fillers(text: str) -> None:
    assert is_filler(text)


@pytest.mark.parametrize(
    "text",
    [
        "Yeah, it broke.",
        "We love it.",
        "Not good.",
        "Nine, I think.",
        "It's great.",
        "Thank [PERSON_7F3A9C] for that one",
    ],
)
def test_statements(text: str) -> None:
    assert not is_filler(text)
