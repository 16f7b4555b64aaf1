"""Lists of turns inside parsed JSON: where they are, and what each turn says."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from voc_pipeline.ingest import labels, times
from voc_pipeline.ingest.json_paths import follow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voc_pipeline.records import ReadingOptions

_Item = TypeVar("_Item")

_LISTS = (
    "utterances", "speakers", "segments", "turns", "transcript", "transcripts", "transcription", "chunks", "monologues",
    "dialogue", "entries", "results", "sentences", "paragraphs",
)  # fmt: skip
"""Names that lists of turns go by, the better one first where a file says the same thing in several."""
_NO_TURNS = frozenset((
    "words", "word_segments", "tokens", "items", "chapters", "summaries", "summary", "notes", "highlights", "topics",
    "action_items", "entities", "comments", "sentiment_analysis_results",
))  # fmt: skip
_TEXT = ("text", "transcript", "utterance", "content", "sentence", "body", "said", "speech", "message")
_SPEAKER = (
    "speaker_name", "speakerName", "speaker", "speaker_label", "speakerLabel", "speaker_id", "speakerId", "participant",
    "name", "who", "author", "role",
)  # fmt: skip
_START = (
    "start", "start_time", "startTime", "start_seconds", "start_ms", "begin", "time", "timestamp", "timestamps",
    "start_offset", "startOffset", "offset", "ts", "at",
)  # fmt: skip
_END = ("end", "end_time", "endTime", "end_seconds", "end_ms", "end_offset", "endOffset")
_NAMES = ("name", "label", "display_name", "displayName", "id")
_WHOLE = frozenset(("text", "task", "language", "duration", "usage", "segments", "words"))
_MAX_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """What one speaker says in one go."""

    speaker: str | None
    text: str
    start: times.Moment | None


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """One item of a list of turns: no piece where it has no text, several where its words have several speakers."""

    pieces: tuple[Piece, ...]
    end: times.Moment | None


def mapped_turns(parsed: object, options: ReadingOptions) -> tuple[SpokenTurn, ...]:
    """Read turns where the study's path map says; none where it leads to no text."""
    if not options.json_text:
        return ()
    items: list[object] = []
    for found in follow(parsed, options.json_turns):
        items += found if isinstance(found, list) else [found]
    turns = []
    for item in items:
        said = follow(item, options.json_text)
        text = " ".join(str(part).strip() for part in said if isinstance(part, str | int | float))
        who = next(iter(follow(item, options.json_speaker)), None) if options.json_speaker else None
        when = next(iter(follow(item, options.json_start)), None) if options.json_start else None
        turns.append(_turn([Piece(_label(who), text, _moment(when))], None))
    return tuple(turns) if any(turn.pieces for turn in turns) else ()


def obvious_turns(parsed: object) -> tuple[SpokenTurn, ...]:
    """Read turns where only one list can be meant: by its name, or as the only one with speech and speakers or times.

    Returns:
        The turns in speaking order; none where nothing is obvious.
    """
    lists = list(_lists(parsed, "", 0))
    for name in _LISTS:
        named = [items for key, items in lists if key == name]
        if named:
            lists = [("", items) for items in named]
            break
    if len(lists) == 1:
        items = in_speaking_order(lists[0][1], [_when(item) for item in lists[0][1]])
        return tuple(_turn(list(_pieces(item)), _first(item, _END)) for item in items)
    if not lists and isinstance(parsed, dict) and (set(parsed) <= _WHOLE or _words(parsed)):
        last = next((_first(word, _END) for word in reversed(_words(parsed))), None)
        whole = _turn(list(_pieces(parsed)), last)
        return (whole,) if whole.pieces else ()
    return ()


def in_speaking_order(items: Sequence[_Item], moments: Sequence[times.Moment | None]) -> Sequence[_Item]:
    """Turn a list round that runs backwards in time; items without a time keep their place."""
    known = [moment.value for moment in moments if moment]
    backwards = len(known) > 1 and all(later < earlier for earlier, later in pairwise(known))
    return items[::-1] if backwards else items


def _lists(value: object, name: str, depth: int) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    if isinstance(value, list) and name not in _NO_TURNS and _holds_turns(value):
        yield name, value
    elif isinstance(value, dict) and depth < _MAX_DEPTH:
        for key, below in value.items():
            yield from _lists(below, key, depth + 1)


def _holds_turns(items: Sequence[object]) -> bool:
    found = [item for item in items if isinstance(item, dict)]
    spoken = sum(any(isinstance(item.get(key), str) for key in _TEXT) or bool(_words(item)) for item in found)
    told = any(_first(item, (*_SPEAKER, *_START)) is not None for item in found)
    return told and len(found) == len(items) and 2 * spoken > len(items)


def _pieces(item: Mapping[str, Any]) -> Iterator[Piece]:
    """Read one item: its text and speaker; where it lacks one of them, what its words say."""
    text = next((item[key] for key in _TEXT if isinstance(item.get(key), str)), None)
    words = _words(item)
    speaker, start = _label(_first(item, _SPEAKER)), _when(item) or next(filter(None, map(_when, words)), None)
    voices = {voice for word in words if (voice := _label(word.get("speaker")))}
    if speaker or len(voices) < 2:  # noqa: PLR2004 (two voices)
        yield Piece(speaker or next(iter(voices), None), _joined(words) if text is None else text, start)
    else:
        yield from _by_voice(words, start)


def _by_voice(words: Sequence[Mapping[str, Any]], start: times.Moment | None) -> Iterator[Piece]:
    """Cut words at changes of speaker; a word without one belongs to the word before."""
    voiced = []
    voice = next(filter(None, (_label(word.get("speaker")) for word in words)), None)
    for word in words:
        voice = _label(word.get("speaker")) or voice
        voiced.append((voice, word))
    for speaker, run in groupby(voiced, key=lambda pair: pair[0]):
        said = [word for _, word in run]
        yield Piece(speaker, _joined(said), next(filter(None, map(_when, said)), start))


def _words(item: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = item.get("words") or item.get("elements")
    words = [word for word in found if isinstance(word, dict) and _said(word)] if isinstance(found, list) else []
    return in_speaking_order(words, [_when(word) for word in words])


def _said(word: Mapping[str, Any]) -> str:
    return next(
        (word[key] for key in ("punctuated_word", "word", "text", "value") if isinstance(word.get(key), str)), ""
    )


def _joined(words: Sequence[Mapping[str, Any]]) -> str:
    """Join words: Whisper's and Rev's bring their own blanks."""
    said = [_said(word) for word in words]
    return "".join(said) if any(word != word.strip() for word in said) else " ".join(said)


def _turn(pieces: Sequence[Piece], end: object) -> SpokenTurn:
    return SpokenTurn(tuple(piece for piece in pieces if piece.text.strip()), _moment(end))


def _first(item: Mapping[str, Any], keys: Sequence[str]) -> object:
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _when(item: Mapping[str, Any]) -> times.Moment | None:
    return _moment(_first(item, _START))


def _moment(found: object) -> times.Moment | None:
    """Read a time, or the first of a span: ``[0.0, 3.5]``, ``{"from": ..., "to": ...}``."""
    if isinstance(found, list):
        found = found[0] if found else None
    elif isinstance(found, dict):
        found = _first(found, ("from", "start", "begin"))
    return times.parse_moment(found)


def _label(found: object) -> str | None:
    """Read a speaker: a name, a number, or an object that holds one of them."""
    if isinstance(found, dict):
        found = _first(found, _NAMES)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    label = labels.clean_label(str(found))
    return f"Speaker {label}" if label.isdecimal() else label or None
