from __future__ import annotations

import pytest

from voc_pipeline.ingest.entities import decode_entities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R&amp;D", "R&D"),
        ("Siobh&aacute;n O&#39;Brien &AACUTE; &Aacute;", "Siobhán O'Brien á Á"),
        ("&#x20AC;5 &hellip; &nbsp;", "€5 … \u00a0"),
        ("5 &amp;amp; 10, &amp;lt;b", "5 &amp; 10, &lt;b"),
        ("AT&T &copy2 R&D; &nosuch; &notit; & ; &;", "AT&T &copy2 R&D; &nosuch; &notit; & ; &;"),
        ("&#128512; &#x110000;", "\U0001f600 \ufffd"),
    ],
)
def test_entities_are_decoded_once_and_prose_stays(text: str, expected: str) -> None:
    assert decode_entities(text) == expected
