from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voc_pipeline.passages.spans import KINDS, Finding, put_in, settle


@st.composite
def findings(draw: st.DrawFn) -> tuple[str, list[Finding], list[tuple[int, int]]]:
    text = draw(st.text(min_size=1, max_size=60))
    span = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda pair: pair[0] < pair[1])
    found = draw(
        st.lists(st.builds(lambda pair, kind: Finding(pair[0], pair[1], kind, "v"), span, st.sampled_from(KINDS)))
    )
    return text, found, draw(st.lists(span, max_size=2))


@given(findings())
def test_settled_findings_are_disjoint_and_nothing_found_is_left(
    case: tuple[str, list[Finding], list[tuple[int, int]]],
) -> None:
    text, found, untouchable = case
    settled = settle(text, found, untouchable)
    covered = {place for finding in settled for place in range(finding.start, finding.end)}
    forbidden = {place for start, end in untouchable for place in range(start, end)}
    assert sum(finding.end - finding.start for finding in settled) == len(covered)
    assert not covered & forbidden
    for finding in found:
        for place in range(finding.start, finding.end):
            assert place in covered | forbidden or not text[place].isalnum()
    assert settled == settle(text, found[::-1], untouchable)


@given(findings())
def test_text_outside_placeholders_is_unchanged(case: tuple[str, list[Finding], list[tuple[int, int]]]) -> None:
    text, found, untouchable = case
    settled = settle(text, found, untouchable)
    written, spans = put_in(text, [(finding, f"[{finding.kind}_000000]") for finding in settled])
    rebuilt, position = [], 0
    for span, finding in zip(spans, settled, strict=True):
        assert written[span.start : span.end] == span.placeholder
        rebuilt += [written[position : span.start], text[finding.start : finding.end]]
        position = span.end
    assert "".join([*rebuilt, written[position:]]) == text


def test_the_longest_wins_then_the_earliest_and_the_rest_of_a_loser_stays() -> None:
    text = "Ray Castellano Hall"
    person, place = Finding(0, 14, "PERSON", "ray"), Finding(4, 19, "LOCATION", "hall")
    assert settle(text, [person, place], []) == [Finding(0, 3, "PERSON", "Ray"), place]
