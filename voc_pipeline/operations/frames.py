"""The contract's tables, built from what the store holds. Row order is content order, never order of arrival."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline import tables
from voc_pipeline.analysis.crosstabs import theme_by_segment
from voc_pipeline.analysis.scores import score_table
from voc_pipeline.analysis.segments import choose_attributes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from voc_pipeline.operations.study import Study
    from voc_pipeline.records import Mention, Participant, Passage, Topic, Transcript
    from voc_pipeline.speech import SpokenScore
    from voc_pipeline.store import FileRow


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a report is made of, loaded once."""

    files: Sequence[FileRow]
    transcripts: Sequence[Transcript]
    participants: Sequence[Participant]
    passages: Mapping[str, Passage]
    mentions: Sequence[Mention]
    scores: Sequence[SpokenScore]
    topics: Sequence[Topic]


def load_contents(study: Study) -> Contents:
    """Load the current state of a study."""
    transcripts = study.store.inbox.transcripts()
    ids = [transcript.transcript_id for transcript in transcripts]
    return Contents(
        files=study.store.inbox.files(),
        transcripts=transcripts,
        participants=study.store.inbox.participants(ids),
        passages={passage.passage_id: passage for passage in study.store.codings.passages(ids)},
        mentions=study.store.codings.mentions(ids),
        scores=study.store.codings.spoken_scores(ids),
        topics=study.store.codings.topics(),
    )


def contract_tables(study: Study, contents: Contents) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """Build every table of the output contract, by name, and choose the attributes that make segments."""
    sources: dict[str, str] = {item.transcript_id: item.source_file for item in contents.transcripts}
    themes: dict[str, str] = {theme.theme_id: theme.name for theme in study.codebook.themes}
    coded = [mention for mention in contents.mentions if mention.theme_id in themes]
    accepted = [_mention(mention, sources, themes) for mention in coded if mention.accepted]
    waiting = [_mention(mention, sources, themes) for mention in coded if not mention.accepted]
    participants = tables.PARTICIPANTS.frame(_participants(contents.participants))
    wanted = [name for name in study.settings.segments.attributes if name in participants.columns]
    attributes = tuple(choose_attributes(participants, wanted))
    mentions = tables.MENTIONS.frame(accepted)
    frames = {
        "transcripts": tables.TRANSCRIPTS.frame(_transcripts(contents)),
        "turns": tables.TURNS.frame(_turns(contents.transcripts)),
        "mentions": mentions,
        "review_queue": tables.REVIEW_QUEUE.frame(waiting),
        "participants": participants,
        "theme_by_segment": theme_by_segment(
            mentions, participants, list(themes.items()), attributes, small_base=study.settings.segments.small_base
        ),
        "topics": tables.TOPICS.frame(_topics(contents)),
        "scores": score_table(tables.SCORES.frame(_scores(contents.scores)), participants),
    }
    return frames, attributes


def _transcripts(contents: Contents) -> list[dict[str, object]]:
    known = {transcript.transcript_id: transcript for transcript in contents.transcripts}
    rows: list[dict[str, object]] = []
    for file in sorted(contents.files, key=lambda row: (row.published_path, row.version, row.sha256)):
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


def _turns(transcripts: Sequence[Transcript]) -> list[dict[str, object]]:
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


def _mention(mention: Mention, sources: Mapping[str, str], themes: Mapping[str, str]) -> dict[str, object]:
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


def _participants(participants: Sequence[Participant]) -> list[dict[str, object]]:
    return [{"participant_id": person.participant_id, **person.attributes} for person in participants]


def _scores(scores: Sequence[SpokenScore]) -> list[dict[str, object]]:
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


def _topics(contents: Contents) -> list[dict[str, object]]:
    speakers = {
        (transcript.transcript_id, turn.number): turn.participant_id
        for transcript in contents.transcripts
        for turn in transcript.turns
    }
    rows: list[dict[str, object]] = []
    for topic in contents.topics:
        passages = [contents.passages[name] for name in topic.passages if name in contents.passages]
        rows.append(
            {
                "topic_id": topic.topic_id,
                "label": topic.label,
                "passages": len(passages),
                "participants": len({speakers[passage.transcript_id, passage.turn] for passage in passages}),
                "stability": topic.stability,
                "terms": ", ".join(topic.terms),
                "examples": " ".join(topic.examples),
            }
        )
    return rows
