"""Reader of JSON as speech recognition writes it: Whisper, WhisperX, AssemblyAI, Otter, and others by a path map."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError
from voc_pipeline.ingest import shapes, times
from voc_pipeline.ingest.decoding import check_size, clean_lines, refuse_empty
from voc_pipeline.records import NO_OPTIONS, LossReport, RawTranscript, Utterance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.records import ReadingOptions


class RecognisedReader:
    """Reads .json: the path map of voc.toml where it leads to turns, else a list of turns that is obviously one."""

    name = "json"
    suffixes: tuple[str, ...] = (".json",)

    def read(self, data: bytes, *, name: str, options: ReadingOptions = NO_OPTIONS) -> RawTranscript:
        """Read a whole file; see `TranscriptReader`."""
        turns = _turns(_parse(data, name), name, options)
        spoken = [turn for turn in turns if turn.pieces]
        pieces = [piece for turn in spoken for piece in turn.pieces]
        if not pieces:
            raise RefusedError("the file holds no speech", where=name, hint="Export the transcript again")
        check_size([line for piece in pieces for line in clean_lines(piece.text).split("\n")], name=name)
        words = sum(len(piece.text.split()) for piece in pieces)
        spans = [(turn.pieces[0].start, turn.end) for turn in spoken]
        milliseconds = times.are_milliseconds(spans, words=words, options=options)
        utterances, inferred = _attributed(pieces, milliseconds=milliseconds)
        dropped = (("turn without text", len(turns) - len(spoken)),) if len(turns) > len(spoken) else ()
        return RawTranscript(utterances, {}, LossReport(len(turns), len(spoken), dropped, inferred))


def _parse(data: bytes, name: str) -> object:
    refuse_empty(data, name=name)
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        raise RefusedError(
            f"this is no JSON, or it was cut off: {error.msg} in line {error.lineno}",
            where=name,
            hint="Export or download it again",
        ) from None
    except RecursionError:
        raise RefusedError(
            "the JSON is nested too deeply to be a transcript", where=name, hint="Export the transcript again"
        ) from None
    except ValueError:  # not UTF-8, or a number of thousands of digits
        raise RefusedError("this is no JSON in UTF-8", where=name, hint="Save it as UTF-8") from None


def _turns(parsed: object, name: str, options: ReadingOptions) -> Sequence[shapes.SpokenTurn]:
    turns = shapes.mapped_turns(parsed, options) or shapes.obvious_turns(parsed)
    if turns:
        return turns
    mapped = "the path map of voc.toml leads to no turns in it, and it" if options.json_text else "it"
    raise RefusedError(
        f"this is JSON, but {mapped} is no transcript of a known kind (Whisper, WhisperX, AssemblyAI, Otter)",
        where=name,
        hint="Tell in voc.toml, [formats], where its turns are: json_turns, json_text, json_speaker, json_start",
    )


def _attributed(pieces: Sequence[shapes.Piece], *, milliseconds: bool) -> tuple[tuple[Utterance, ...], int]:
    """Give a piece without a speaker to the one before, and count it."""
    utterances, inferred = [], 0
    previous: str | None = None
    for piece in pieces:
        inferred += piece.speaker is None and previous is not None
        previous = piece.speaker or previous
        start = piece.start.seconds(milliseconds=milliseconds) if piece.start else None
        utterances.append(Utterance(previous, piece.text, start))
    return tuple(utterances), inferred
