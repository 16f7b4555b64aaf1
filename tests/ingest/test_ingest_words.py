"""The law of ingest: every word of the source's speech is in the utterances.

The extractors here share no code with the readers: each strips what its format adds and lists the words left.
"""

from __future__ import annotations

import csv
import html
import re
from pathlib import Path

import pytest

from voc_pipeline.ingest.reading import read_transcript

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = {
    "interviewer_respondent.txt": ["Interviewer", "Respondent"],
    "names_next_line.txt": ["José Núñez", "Zoë O\u2019Brien-Smith", "Dr. van den Berg"],
    "stamps_inline.txt": ["Moderator", "Anna Keller (Guest)", "Anna Keller"],
    "otter.txt": ["Priya Raman", "Unknown Speaker", "Mårten Åkesson"],
    "rtl.txt": ["مريم حداد", "يوسف"],
    "bold.md": ["Sam Okafor", "Li Wei"],
    "bold_stamped.md": ["Ali", "Emma"],
    "zoom.vtt": ["Hannah Weiß", "pk910"],
    "subrip.srt": ["Interviewer", "Lab Manager"],
}
ABOVE = {"interviewer_respondent.txt": 3, "bold.md": 9}
NOT_SPEECH = re.compile(r"## Second part|Transcribed by https://otter\.ai")
STAMPS = re.compile(r"\[\d\d(?::\d\d){1,2}\]|#[\d:-]+#")


def words_of_text(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").split("\n")[ABOVE.get(path.name, 0) :]
    text = STAMPS.sub("", NOT_SPEECH.sub("", "\n".join(lines).replace("\\[", "[").replace("\\]", "]")))
    for name in NAMES[path.name]:
        text = re.sub(
            rf"^\s*(?:\*\*)?{re.escape(name)}(?::\*\*|\*\*:|:|(?:\*\*)? +[\d:]+ *$)", "", text, flags=re.MULTILINE
        )
    return text.split()


def words_of_captions(path: Path) -> list[str]:
    words: list[str] = []
    for block in re.split(r"(?m)^.*-->.*$", path.read_text(encoding="utf-8"))[1:]:
        kept = re.sub(r"(?m)^(?:\d+|[0-9a-f-]{36}/\d+-\d+)\s*\Z", "", block.rstrip())
        kept = re.sub(r"(?ms)^NOTE .*?\n\n", "", kept + "\n\n")
        kept = html.unescape(re.sub(r"</?i>|</v>|\{\\an8\}", "", re.sub(r"<v[^>]*>", " ", kept)))
        for name in NAMES.get(path.name, ()):
            kept = re.sub(rf"(?m)^(?:- )?{re.escape(name)}:", "", kept)
        words += kept.split()
    return words


def words_of_rows(path: Path) -> list[str]:
    content = path.read_text(encoding="utf-8-sig")
    delimiter = ";" if path.name == "semicolons.csv" else "\t" if path.suffix == ".tsv" else ","
    rows = csv.DictReader(content.splitlines(keepends=True), delimiter=delimiter)
    return [
        word
        for row in rows
        for word in (row.get("utterance") or row.get("Content") or row.get("content") or "").split()
    ]


EXTRACTORS = {".txt": words_of_text, ".md": words_of_text, ".vtt": words_of_captions, ".srt": words_of_captions,
              ".csv": words_of_rows, ".tsv": words_of_rows}  # fmt: skip


@pytest.mark.parametrize("path", sorted(FIXTURES.iterdir()), ids=lambda path: path.name)
def test_every_spoken_word_is_in_the_utterances_in_order(path: Path) -> None:
    raw = read_transcript(path.read_bytes(), name=path.name)
    found = [word for utterance in raw.utterances for word in utterance.text.split()]
    expected = EXTRACTORS[path.suffix](path)
    assert len(expected) > 5
    assert found == expected


@pytest.mark.parametrize("path", sorted(FIXTURES.iterdir()), ids=lambda path: path.name)
def test_every_line_is_attributed_or_dropped_for_a_reason(path: Path) -> None:
    loss = read_transcript(path.read_bytes(), name=path.name).loss
    assert loss.lines_seen > 0
    assert loss.lines_attributed + sum(count for _, count in loss.dropped) == loss.lines_seen
