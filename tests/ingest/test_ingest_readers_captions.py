from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.reading import read_transcript

if TYPE_CHECKING:
    from voc_pipeline.records import RawTranscript


def read(text: str, name: str = "talk.vtt") -> RawTranscript:
    return read_transcript(text.encode(), name=name)


def shown(text: str, name: str = "talk.vtt") -> list[tuple[str | None, str, float | None]]:
    return [(one.speaker, one.text, one.start_seconds) for one in read(text, name).utterances]


@pytest.mark.parametrize(
    ("timing", "start"),
    [
        ("00:00:02.500 --> 00:00:03.000", 2.5),
        ("00:02.500 --> 00:03.000 align:start position:0%", 2.5),
        ("00:00:02,500 --> 00:00:03,000", 2.5),
        ("100:00:01.000 --> 100:00:02.000", 360001.0),
        ("-00:00:02.500 --> 00:00:03.000", -2.5),
        ("0:0:6.90 --> 0:0:6.500", 6.09),
        ("-0:0:6.5 --> 0:0:6.500", -6.005),
        ("00:00:06.90 --> 00:00:07.00", 6.9),
        ("00:00:61.000 --> 00:00:07.000", None),
        ("00:00:.. --> 00:00:07.000", None),
        ("00:00:02.500 --> 00:00:03.000 <v Dana>Hello</v>\n", 2.5),
    ],
)
def test_times(timing: str, start: float | None) -> None:
    raw = read(f"WEBVTT\n\n{timing}" + ("" if "Hello" in timing else "\n<v Dana>Hello</v>\n"))
    assert [(one.speaker, one.text) for one in raw.utterances] == [("Dana", "Hello")]
    assert raw.utterances[0].start_seconds == (pytest.approx(start) if start is not None else None)
    assert bool(raw.warnings) == (start is None)


def test_several_voices_in_one_cue_keep_their_words() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Dana>One.</v>\n<v Ben Li>Two.</v>\n\n00:03.000 --> 00:04.000\nthree"
    assert shown(text) == [("Dana", "One.", 1.0), ("Ben Li", "Two. three", 1.0)]
    assert read(text).loss.inferred_speakers == 1


def test_words_after_a_blank_line_in_a_cue_are_kept() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Dana>one\n\ntwo</v>\n\n00:03.000 --> 00:04.000\n<v Ben>three</v>\n"
    assert shown(text) == [("Dana", "one two", 1.0), ("Ben", "three", 3.0)]


def test_a_spoken_number_is_no_cue_number() -> None:
    numbered = (
        "1\n00:00:01,000 --> 00:00:02,000\nDana: how many?\n\n2\n00:00:03,000 --> 00:00:04,000\nBen: about\n42\n\n3\n"
    )
    text = numbered + "00:00:05,000 --> 00:00:06,000\nDana: oh\n"
    assert [one[1] for one in shown(text, "a.srt")] == ["how many?", "about 42", "oh"]
    plain = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Dana>about\n42\n\n00:03.000 --> 00:04.000\n<v Ben>oh\n"
    assert [one[1] for one in shown(plain)] == ["about 42", "oh"]


def test_named_cue_ids_are_no_speech() -> None:
    text = "WEBVTT\n\nintro\n00:01.000 --> 00:02.000\nDana: one\n\nmiddle part\n00:03.000 --> 00:04.000\nBen: two\n"
    assert [one[1] for one in shown(text)] == ["one", "two"]


def test_comments_styles_and_the_head_are_no_speech() -> None:
    text = (
        "WEBVTT Title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE\nsecret path\nin two lines\n\n"
        "00:01.000 --> 00:02.000\n<v Dana>one</v>\n\nNOTE and another\n\n00:03.000 --> 00:04.000\n<v Ben>NOTE it</v>\n"
    )
    assert [one[1] for one in shown(text)] == ["one", "NOTE it"]
    assert dict(read(text).loss.dropped)["comment"] == 1


def test_entities_and_tags_are_decoded_once() -> None:
    payload = "<v R&amp;D Lead>a &lt;b&gt; &#8364;5 &amp;lt; <00:01.500><c.x>c</c> 3 < 4 > 2</v>"
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{payload}"
    assert shown(text) == [("R&D Lead", "a <b> €5 &lt; c 3 < 4 > 2", 1.0)]


def test_captions_without_speakers_stay_unlabelled() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nwell, I think\n\n00:03.000 --> 00:04.000\nso: yes\n"
    assert shown(text) == [(None, "well, I think so: yes", 1.0)]


def test_words_before_the_first_speaker_are_kept_without_label() -> None:
    cues = ("[Music]", "Dana: a", "Dana: b")
    text = "\n\n".join(f"00:0{at}.000 --> 00:09.000\n{payload}" for at, payload in zip((1, 3, 5), cues, strict=True))
    assert shown(text) == [(None, "[Music]", 1.0), ("Dana", "a b", 3.0)]


def test_a_missing_header_does_not_matter() -> None:
    assert shown("00:01.000 --> 00:02.000\nDana: a\n\n00:03.000 --> 00:04.000\nBen: b\n") == [
        ("Dana", "a", 1.0),
        ("Ben", "b", 3.0),
    ]


def test_a_caption_file_without_cues_is_refused() -> None:
    with pytest.raises(RefusedError, match="no cue was found"):
        read("WEBVTT\n\nDana: hello\n")
    with pytest.raises(RefusedError, match="the cues hold no speech"):
        read("WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:03.000 --> 00:04.000\n<v Dana></v>\n")
