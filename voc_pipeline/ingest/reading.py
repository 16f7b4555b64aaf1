"""From a file's bytes to a raw transcript whose utterances are turns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from voc_pipeline import registry
from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import labels, sniffing
from voc_pipeline.ingest.decoding import normalise
from voc_pipeline.records import NO_OPTIONS, RawTranscript, Utterance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voc_pipeline.protocols import TranscriptReader
    from voc_pipeline.records import ReadingOptions

MAX_TURNS = 20_000
MAX_SPEAKERS = 200


def read_transcript(data: bytes, *, name: str, options: ReadingOptions = NO_OPTIONS) -> RawTranscript:
    """Read a transcript with the reader that its name's ending calls for.

    Each utterance of the result is one turn: adjacent pieces of one speaker are merged, whatever the pause, **their
    texts joined by one space**. Line ends inside a text are paragraphs that its reader found within one piece.

    Args:
        data: The file's bytes.
        name: Its path or name; the ending decides, whatever its case.
        options: How the study's tables and JSON files are laid out.

    Raises:
        RefusedError: Unknown ending, bytes of another kind, empty, damaged, over a cap, or no speech in it.
    """
    suffix = PurePosixPath(name).suffix.lower()
    readers = _readers()
    sniffing.refuse_unknown_suffix(suffix, name=name, known=tuple(sorted(readers)))
    sniffing.refuse_misnamed(data, suffix, name=name)
    raw = readers[suffix].read(data, name=name, options=options)
    turns = merge_pieces(raw.utterances)
    if not turns:
        raise RefusedError("the file holds no speech", where=name, hint="Export the transcript again")
    if len(turns) > MAX_TURNS:
        raise RefusedError(
            f"the transcript has {len(turns):,} turns, the limit is {MAX_TURNS:,}",
            where=name,
            hint="Split it into one file an interview",
        )
    speakers = len({turn.speaker for turn in turns})
    if speakers > MAX_SPEAKERS:
        raise RefusedError(
            f"the transcript has {speakers:,} speakers, the limit is {MAX_SPEAKERS}",
            where=name,
            hint="Split it into one file an interview",
        )
    return replace(raw, utterances=turns)


def known_suffixes() -> tuple[str, ...]:
    """List the file endings that a registered reader takes, sorted."""
    return tuple(sorted(_readers()))


@cache
def _readers() -> Mapping[str, TranscriptReader]:
    found: dict[str, TranscriptReader] = {}
    for plugin in registry.plugins("readers"):
        reader: TranscriptReader = plugin.load()()
        for suffix in reader.suffixes:
            found.setdefault(suffix, reader)
    return found


@dataclass
class _Turn:
    speaker: str | None
    start: float | None
    texts: list[str]


def merge_pieces(pieces: Iterable[Utterance]) -> tuple[Utterance, ...]:
    """Normalise texts and merge adjacent pieces of one speaker; a label keeps the spelling it first had."""
    spelling: dict[str, str] = {}
    turns: list[_Turn] = []
    for piece in pieces:
        text = normalise(piece.text).strip()
        if not text:
            continue
        label = normalise(piece.speaker).strip() if piece.speaker else ""
        speaker = spelling.setdefault(labels.key_of(label), label) if label else None
        if turns and turns[-1].speaker == speaker:
            turns[-1].texts.append(text)
        else:
            turns.append(_Turn(speaker, piece.start_seconds, [text]))
    return tuple(Utterance(turn.speaker, " ".join(turn.texts), turn.start) for turn in turns)
