from __future__ import annotations

import time
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest.labels import clean_label, is_label, key_of
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


def cues(*payloads: str) -> str:
    return "WEBVTT\n\n" + "".join(
        f"00:{2 * at:02}.000 --> 00:{2 * at + 1:02}.000\n{payload}\n\n" for at, payload in enumerate(payloads)
    )


def said(*payloads: str, name: str = "talk.vtt") -> list[tuple[str | None, str]]:
    return [(speaker, text) for speaker, text, _ in shown(cues(*payloads), name)]


@pytest.mark.parametrize("form", ["[{}] {}", "[{}]: {}", "({})\n{}", "[{}]\n{}", "{}: {}", "{}:\n{}", ">> {}: {}"])
@pytest.mark.parametrize("names", [("Dana Wu", "Ben Li"), ("SPEAKER_00", "SPEAKER_01"), ("DW", "MO")])
def test_ways_to_write_who_speaks(form: str, names: tuple[str, str]) -> None:
    one, two = names
    payloads = [form.format(*pair) for pair in ((one, "a [laughs]"), (two, "b"), (one, "c"), (two, "d"))]
    assert said(*payloads) == [(one, "a [laughs]"), (two, "b"), (one, "c"), (two, "d")]


@pytest.mark.parametrize(
    ("shown_as", "name"),
    [
        ("Ana Ruiz (she/her)", "Ana Ruiz"),
        ("Ana Ruiz (they / them)", "Ana Ruiz"),
        ("Ana Ruiz | Acme", "Ana Ruiz"),
        ("Ana Ruiz (she/her) | QC lead (Guest)", "Ana Ruiz"),
        ("Ana Ruiz, MD, PhD", "Ana Ruiz, MD, PhD"),
        ("Ana Ruiz (QA/QC)", "Ana Ruiz (QA/QC)"),
    ],
)
def test_names_as_meetings_show_them(shown_as: str, name: str) -> None:
    assert said("Ben: a", f"{shown_as}: b", "Ben: c", f"{shown_as}: d") == [
        ("Ben", "a"), (name, "b"), ("Ben", "c"), (name, "d"),
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["Ana | I said: no", "Ana | Well: no", "Ana, Kim, Lee: no", "Ana (a, b, c): no"])
def test_what_is_no_name_as_meetings_show_it_stays_speech(line: str) -> None:
    assert said("Dana: a", line, "Ben: b", line, "Dana: c", "Ben: d")[0] == ("Dana", f"a {line}")


def test_people_of_one_company_stay_apart() -> None:
    assert said("<v Acme | Ana Ruiz>a</v>", "<v Acme | Ben Li>b</v>") == [
        ("Acme | Ana Ruiz", "a"),
        ("Acme | Ben Li", "b"),
    ]


@pytest.mark.parametrize("number", ["+49 170 5550199", "1 (555) 010-0199", "1***5550199", "12025550199"])
def test_who_dials_in_is_shown_by_a_number(number: str) -> None:
    assert said("Dana: a", f"{number}: b", "Dana: c") == [("Dana", "a"), (number, "b"), ("Dana", "c")]
    assert said("Dana: a", "2026-03-04: b", "Dana: c") == [("Dana", "a 2026-03-04: b c")]


def test_sounds_and_placeholders_in_brackets_are_no_speakers() -> None:
    payloads = (
        "[Music]",
        "[COMPANY] was slow",
        "[Laughter] no",
        "[Music]",
        "[COMPANY] is better",
        "[Laughter]",
        "(Pause)",
    )
    assert said(*payloads) == [(None, " ".join(payloads))]
    assert said("[Dana] a", "[Laughter] b", "[Ben] c", "[Dana] d", "[Klaus] e") == [
        ("Dana", "a [Laughter] b"),
        ("Ben", "c"),
        ("Dana", "d"),
        ("Klaus", "e"),
    ]


def test_a_dash_or_another_mark_parts_speakers() -> None:
    assert said("(DW)\nrole?\n-\n \n(MO)\nreal", "(DW)\nyes\n-\n(MO)\nno", "(DW)\nso") == [
        ("DW", "role?"),
        ("MO", "real"),
        ("DW", "yes"),
        ("MO", "no"),
        ("DW", "so"),
    ]
    assert said("- Dana: a\n- Ben: b", "- Ben: c\n- Dana: d") == [("Dana", "a"), ("Ben", "b c"), ("Dana", "d")]


@pytest.mark.parametrize("payload", ["- yes\n- no", ">> yes no", "&gt;&gt;yes\nno"])
def test_a_speaker_who_is_not_named_is_nobody_rather_than_the_one_before(payload: str) -> None:
    text = cues("Dana: sure?", payload, "or so", "Ben: well", "Dana: ok", "Ben: oh")
    assert shown(text)[:3] == [("Dana", "sure?", 0.0), (None, "yes no or so", 2.0), ("Ben", "well", 6.0)]
    raw = read(text)
    assert raw.loss.inferred_speakers == 0
    assert any("changes of speaker that don't say who speaks" in warning for warning in raw.warnings)


def test_what_two_speakers_say_alike_is_said_twice() -> None:
    payloads = ("<v Dana>yes", "<v Ben>yes\nno", "<v Dana>no", "<v Ben>no\nyes", "<v Dana>yes")
    assert said(*payloads) == [("Dana", "yes"), ("Ben", "yes no"), ("Dana", "no"), ("Ben", "no yes"), ("Dana", "yes")]


def test_a_label_where_a_caption_wraps_is_prose() -> None:
    payloads = ("Dana Wu: as I said\nPriority: high", "Ben Li: no", "Dana Wu: well", "Ben Li: still\nPriority: high")
    assert said(*payloads)[0] == ("Dana Wu", "as I said Priority: high")
    several = ("Dana: a\nBen: b", "Ben: c\nDana: d", "Dana: e\nKlaus: f")
    assert [speaker for speaker, _ in said(*several)] == ["Dana", "Ben", "Dana", "Klaus"]


@pytest.mark.parametrize("line", ["Note: this", "https://x.org: go", "10:30 Meeting: ok", "Q: what", "so I said: no"])
def test_prose_at_the_front_of_a_cue_is_no_speaker(line: str) -> None:
    assert said("Dana Wu: a", line, "Ben Li: b", "Dana Wu: c", "Ben Li: d")[0] == ("Dana Wu", f"a {line}")


def test_a_service_line_is_dropped_and_counted_wherever_whisper_hears_it() -> None:
    line = "Transcribed by https://otter.ai"
    for payloads in (("a", line), ("Dana: a", f"Dana: {line}", "Ben: b"), ("<v Dana>a</v>", f"<v Dana>{line}</v>")):
        raw = read(cues(*payloads))
        assert all("otter" not in one.text for one in raw.utterances)
        assert dict(raw.loss.dropped)["line of the transcription service"] == 1


def test_what_noscribe_writes_into_the_text_is_no_speech() -> None:
    text = cues("<v S00>S00:", "<v S00>[00:00:02]", "<v S00>Which ones?", "<v S01>S01: [00:00:04] Oxygen: it drifts.")
    assert [one[:2] for one in shown(text)] == [("S00", "Which ones?"), ("S01", "Oxygen: it drifts.")]
    assert dict(read(text).loss.dropped)["speaker or time repeated in the text"] == 2


def test_a_voice_tag_over_two_lines_and_empty_ones() -> None:
    assert said("<v Dana\nWu>a</v>", "<v Ben></v>", "</v>\nb") == [("Dana Wu", "a"), ("Ben", "b")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\r\r\n"])
def test_encodings_and_line_ends_make_no_difference(encoding: str, newline: str) -> None:
    text = "1\n123:00:01,000 --> 123:00:02,000 \nZoë: hi  \n\n2\n123:00:03,000 --> 123:00:04,000\nBen: ho\n\n"
    raw = read_transcript(text.replace("\n", newline).encode(encoding), name="a.SRT")
    assert [(one.speaker, one.text, one.start_seconds) for one in raw.utterances] == [
        ("Zoë", "hi", 442801.0),
        ("Ben", "ho", 442803.0),
    ]


def test_captions_saved_as_text_are_read_as_captions() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\nDana: hi\n\n2\n00:00:03,000 --> 00:00:04,000\nBen: ho\n\n3\n"
    text += "00:00:05,000 --> 00:00:06,000\n42\n"
    assert shown(text, "a.txt") == shown(text, "a.srt") == [("Dana", "hi", 1.0), ("Ben", "ho 42", 3.0)]


def test_lines_above_the_first_cue_are_told() -> None:
    raw = read("We met on Tuesday.\n\n00:01.000 --> 00:02.000\nDana: a\n\n00:03.000 --> 00:04.000\nBen: b\n")
    assert raw.warnings == ("lines above the first cue, not read: 1; if somebody says them, give them a time",)


def test_zoom_raw_and_corrected_differ_only_where_corrected() -> None:
    folder = Path(__file__).parent / "by_another_hand"
    raw, corrected = (
        read_transcript((folder / name).read_bytes(), name=name).utterances
        for name in ("zoom_raw.vtt", "zoom_corrected.vtt")
    )
    assert [(one.speaker, one.start_seconds) for one in raw] == [(one.speaker, one.start_seconds) for one in corrected]
    before, after = ([word for one in turns for word in one.text.split()] for turns in (raw, corrected))
    changes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    assert [(before[a:b], after[c:d]) for tag, a, b, c, d in changes if tag != "equal"] == [
        (["buy", "analysis"], ["bioanalysis"]),
        (["plasmid"], ["plasma"]),
    ]


def test_one_recording_gives_equal_turns_in_every_form() -> None:
    folder = Path(__file__).parent / "by_another_hand"
    for stem in ("same_recording_whisper", "same_recording_whisperx"):
        forms = [
            read_transcript((folder / f"{stem}.{form}").read_bytes(), name=f"{stem}.{form}").utterances
            for form in ("vtt", "srt", "txt")
        ]
        words = [[(one.speaker, one.text.split()) for one in form] for form in forms]
        assert words[0] == words[1] == words[2]
        assert [one.start_seconds for one in forms[0]] == [one.start_seconds for one in forms[1]]


def test_a_roster_may_write_names_with_or_without_badges() -> None:
    assert key_of("Ana Ruiz (she/her)") == key_of("ana ruiz | Acme") == key_of("Ana Ruiz") != key_of("Ana Ruiz (QA)")


@pytest.mark.parametrize("label", ["A | " * 25_000 + "B", "(guest) " * 12_000, "a" + " " * 100_000 + "b"])
def test_labels_without_end_are_told_soon(label: str) -> None:
    begun = time.process_time()
    assert not is_label(label)
    assert len(key_of(label)) >= len(clean_label(label)) > 0
    assert time.process_time() - begun < 3
