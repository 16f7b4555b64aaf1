"""Rows of the tables that hold what was read, coded, discovered and scored, as the store has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.records import Mention, Participant, Passage, Topic, Transcript
    from voc_pipeline.speech import SpokenScore
    from voc_pipeline.store import FileRow


def transcript_rows(files: Sequence[FileRow], transcripts: Sequence[Transcript]) -> list[dict[str, object]]:
    """Give a row a file, by published path and version; words and turns only of what is coded."""
    known = {transcript.transcript_id: transcript for transcript in transcripts}
    rows: list[dict[str, object]] = []
    for file in sorted(files, key=lambda row: (row.published_path, row.version, row.sha256)):
        transcript = known.get(file.transcript_id) if file.outcome == "coded" else None
        rows.append(
            {
                "transcript_id": file.transcript_id,
                "source_file": file.published_path,
                "sha256": file.sha256,
                "version": file.version,
                "interview_date": transcript.interview_date if transcript else "",
                "language": transcript.language if transcript else file.language,
                "turns": len(transcript.turns) if transcript else 0,
                "words": transcript.words if transcript else 0,
                "outcome": str(file.outcome),
                "reason": _published_reason(file),
            }
        )
    return rows


def _published_reason(file: FileRow) -> str:
    """Say what is wrong and what to do. What to do about speakers names them, so it is said at the study only."""
    hint = "Run 'voc status': it shows the roster rows to paste" if file.outcome == "attention" else file.hint
    return f"{file.reason}. {hint}" if hint else file.reason


def turn_rows(transcripts: Sequence[Transcript]) -> list[dict[str, object]]:
    """Give a row a turn."""
    return [
        {
            "transcript_id": transcript.transcript_id,
            "source_file": transcript.source_file,
            "turn": turn.number,
            "speaker": turn.speaker,
            "role_in_call": str(turn.role_in_call),
            "participant_id": turn.participant_id or "",
            "start_seconds": turn.start_seconds,
            "record_start": turn.record_start,
            "text": turn.text,
        }
        for transcript in transcripts
        for turn in transcript.turns
    ]


def mention_row(mention: Mention, sources: Mapping[str, str], themes: Mapping[str, str]) -> dict[str, object]:
    """Give the row of a mention."""
    return {
        "mention_id": mention.mention_id,
        "transcript_id": mention.transcript_id,
        "source_file": sources[mention.transcript_id],
        "participant_id": mention.participant_id,
        "turn": mention.turn,
        "start": mention.start,
        "end": mention.end,
        "quote": mention.quote,
        "theme_id": mention.theme_id,
        "theme_name": themes[mention.theme_id],
        "coder": mention.coder,
        "coder_version": mention.coder_version,
        "score": mention.score,
        "status": str(mention.status),
        "sentiment": str(mention.stance.sentiment),
        "sentiment_score": mention.stance.sentiment_score,
        "stage": mention.stance.stage,
        "type": mention.stance.type,
        "prompted": mention.prompted,
    }


def participant_rows(participants: Sequence[Participant]) -> list[dict[str, object]]:
    """Give a row a participant, with every attribute."""
    return [{"participant_id": person.participant_id, **person.attributes} for person in participants]


def score_rows(scores: Sequence[SpokenScore]) -> list[dict[str, object]]:
    """Give a row a spoken likelihood to recommend."""
    return [
        {
            "participant_id": score.participant_id,
            "transcript_id": score.transcript_id,
            "turn": score.turn,
            "start": score.start,
            "end": score.end,
            "quote": score.quote,
            "score": score.score,
            "source": "speech",
        }
        for score in scores
    ]


def topic_rows(
    topics: Sequence[Topic], transcripts: Sequence[Transcript], passages: Mapping[str, Passage]
) -> list[dict[str, object]]:
    """Give a row a topic, with the passages that are still there and who speaks them."""
    speakers = {
        (transcript.transcript_id, turn.number): turn.participant_id
        for transcript in transcripts
        for turn in transcript.turns
    }
    rows: list[dict[str, object]] = []
    for topic in topics:
        found = [passages[name] for name in topic.passages if name in passages]
        rows.append(
            {
                "topic_id": topic.topic_id,
                "label": topic.label,
                "passages": len(found),
                "participants": len({speakers[passage.transcript_id, passage.turn] for passage in found}),
                "stability": topic.stability,
                "terms": ", ".join(topic.terms),
                "examples": " ".join(name for name in topic.examples if name in passages),
            }
        )
    return rows
