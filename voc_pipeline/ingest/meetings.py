"""What meeting programs write around the speech in a document: Gemini's notes, who began and ended the recording."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import heads
from voc_pipeline.ingest.boilerplate import SERVICE

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTES = "notes of the meeting"

_TAB = re.compile(r"\s*[\U0001f4dd\U0001f4d6]\ufe0f?\s*\S.{0,40}")  # a memo or an open book, then the tab's name
_REVIEW = re.compile(r"\s*You should review Gemini.s notes\b.*", re.IGNORECASE | re.DOTALL)
_GEMINI = re.compile(r"\bGemini\b")
_TITLE = re.compile(r".*\s[-\u2013\u2014]\s*Transcript\s*")
_MEET_STAMP = re.compile(r"\s*\d\d:\d\d:\d\d\s*")
_MEET_END = re.compile(r"\s*[^:]{3,80}?\s\d\d:\d\d:\d\d\W*")
_MEET_TAIL = 3  # paragraphs: when it ended, and a remark on errors
_TEAMS_HEAD = re.compile(r"(?P<label>\S.{0,60}?)\s{2,}\d{1,3}:\d\d(?::\d\d)?\s*")
_TRANSCRIPTION = re.compile(
    r"trans[ck]r|trascri|\u0442\u0440\u0430\u043d\u0441\u043a\u0440|\u0440\u0430\u0441\u0448\u0438\u0444\u0440"
    r"|avskrift|litteroin|\u6587\u5b57\u8d77\u3053\u3057|\u8f6c\u5f55|\u8f49\u9304|\u8f6c\u5199|\uc804\uc0ac",
    re.IGNORECASE,
)  # Teams says it in the language of whoever began it
_MAX_REMARK = 120


def speech_of(paragraphs: Sequence[str], *, name: str) -> tuple[list[str], Counter[str]]:
    """Keep what may be speech: drop Gemini's notes, invitations, and the lines on the transcription itself.

    Args:
        paragraphs: The document's paragraphs in order.
        name: The file's name, for messages.

    Returns:
        The paragraphs that are left, and how many lines were dropped, by reason.

    Raises:
        RefusedError: Gemini's notes without a transcript: a machine's summary is nobody's speech.
    """
    dropped: Counter[str] = Counter()
    start, end = _meet_span(paragraphs)
    if not start and _is_notes(paragraphs):
        raise RefusedError(
            "these are Gemini's notes of a meeting, and no transcript follows",
            where=name,
            hint="Export the document with its Transcript tab, or the transcript alone",
        )
    dropped[NOTES] = _lines([*paragraphs[:start], *paragraphs[end:]])
    spoken = list(paragraphs[start:end])
    speakers = {found["label"] for text in spoken if (found := _TEAMS_HEAD.fullmatch(text.partition("\n")[0]))}
    kept = [text for text in spoken if not _is_remark(text, speakers)]
    dropped[SERVICE] = _lines(spoken) - _lines(kept)
    return kept, +dropped


def _meet_span(paragraphs: Sequence[str]) -> tuple[int, int]:
    """Find the transcript of a Google Meet document; the whole of any other document.

    Its speech begins at the first paragraph that is only ``HH:MM:SS`` with ``Name: text`` in the next one. What stands
    above is dropped only where it shows that Meet wrote it.
    """
    written = [at for at, text in enumerate(paragraphs) if text.strip()]
    start = next((at for at, below in pairwise(written) if _opens_speech(paragraphs[at], paragraphs[below])), 0)
    above = [paragraphs[at] for at in written if at < start]
    by_meet = any(_TAB.fullmatch(text) or _REVIEW.fullmatch(text) for text in above)
    if not above or not (by_meet or _TITLE.fullmatch(above[-1])):
        return 0, len(paragraphs)
    below = [at for at in written if at > start]
    tail = [at for at in below[-_MEET_TAIL:] if _MEET_END.fullmatch(paragraphs[at])]
    notes = [at for at in below if _TAB.fullmatch(paragraphs[at])]
    return start, min([*notes, *tail, len(paragraphs)])


def _opens_speech(stamp: str, below: str) -> bool:
    head = heads.parse_head(below.strip().partition("\n")[0]) if _MEET_STAMP.fullmatch(stamp) else None
    return head is not None and head.style in {heads.Style.COLON, heads.Style.BOLD}


def _is_notes(paragraphs: Sequence[str]) -> bool:
    if any(_REVIEW.fullmatch(text) for text in paragraphs):
        return True
    first = next((text for text in paragraphs if text.strip()), "")
    return _TAB.fullmatch(first) is not None and any(_GEMINI.search(text) for text in paragraphs)


def _is_remark(text: str, speakers: set[str]) -> bool:
    """Tell a paragraph of its own such as ``Dana Cole stopped transcription``, in any language."""
    if len(text) > _MAX_REMARK or "\n" in text.strip() or not _TRANSCRIPTION.search(text):
        return False
    return text.strip()[-1] not in ".?!" and any(text.strip().startswith(label) for label in speakers)


def _lines(paragraphs: Sequence[str]) -> int:
    return sum(bool(line.strip()) for text in paragraphs for line in text.split("\n"))
