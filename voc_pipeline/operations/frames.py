"""The contract's tables, built from what the store holds. Row order is content order, never order of arrival."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline import tables
from voc_pipeline.analysis.derived import derived_tables
from voc_pipeline.analysis.scores import score_table
from voc_pipeline.analysis.segments import choose_attributes
from voc_pipeline.operations import recorded
from voc_pipeline.operations.questions import question_table

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
    frames = _recorded_tables(study, contents)
    participants = frames["participants"]
    wanted = [name for name in study.settings.segments.attributes if name in participants.columns]
    attributes = tuple(choose_attributes(participants, wanted))
    derived = derived_tables(frames, study.codebook, attributes, small_base=study.settings.segments.small_base)
    return {**frames, **derived, "questions": question_table(study, frames["turns"])}, attributes


def _recorded_tables(study: Study, contents: Contents) -> dict[str, pd.DataFrame]:
    """Write down what was read, coded, discovered and scored."""
    sources: dict[str, str] = {item.transcript_id: item.source_file for item in contents.transcripts}
    themes: dict[str, str] = {theme.theme_id: theme.name for theme in study.codebook.themes}
    coded = [mention for mention in contents.mentions if mention.theme_id in themes]
    accepted = [recorded.mention_row(mention, sources, themes) for mention in coded if mention.accepted]
    waiting = [recorded.mention_row(mention, sources, themes) for mention in coded if not mention.accepted]
    participants = tables.PARTICIPANTS.frame(recorded.participant_rows(contents.participants))
    spoken = tables.SCORES.frame(recorded.score_rows(contents.scores))
    topics = recorded.topic_rows(contents.topics, contents.transcripts, contents.passages)
    return {
        "transcripts": tables.TRANSCRIPTS.frame(recorded.transcript_rows(contents.files, contents.transcripts)),
        "turns": tables.TURNS.frame(recorded.turn_rows(contents.transcripts)),
        "mentions": tables.MENTIONS.frame(accepted),
        "review_queue": tables.REVIEW_QUEUE.frame(waiting),
        "participants": participants,
        "topics": tables.TOPICS.frame(topics),
        "scores": score_table(spoken, participants),
    }
