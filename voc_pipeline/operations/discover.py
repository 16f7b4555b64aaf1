"""Topics in what the codebook does not cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline import registry
from voc_pipeline.operations import keys
from voc_pipeline.operations.code import study_encoder
from voc_pipeline.protocols import current_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.operations.study import Study
    from voc_pipeline.protocols import TopicModel
    from voc_pipeline.records import Mention, Passage, Topic


def discover(study: Study) -> int:
    """Find topics among the passages that no accepted mention touches, and save them.

    Returns:
        The number of topics.
    """
    key = keys.discover_key(study)  # of what is there now, not of what may be coded meanwhile
    topics = _topics(study) if study.settings.discovery.enabled else []
    study.store.codings.save_topics(key, topics)
    current_progress.get().advance("discover")
    return len(topics)


def _topics(study: Study) -> list[Topic]:
    transcripts = study.store.inbox.transcripts()
    ids = [transcript.transcript_id for transcript in transcripts]
    mentions = [mention for mention in study.store.codings.mentions(ids) if mention.accepted]
    passages = uncovered(study.store.codings.passages(ids), mentions)
    texts = {
        (transcript.transcript_id, turn.number): turn.text for transcript in transcripts for turn in transcript.turns
    }
    spoken = [texts[passage.transcript_id, passage.turn][passage.start : passage.end].strip() for passage in passages]
    model: TopicModel = registry.plugin("topic_models", study.settings.discovery.topic_model).load()()
    return model.fit(passages, spoken, study_encoder(study).encode(spoken))


def uncovered(passages: Sequence[Passage], mentions: Sequence[Mention]) -> list[Passage]:
    """Keep the codable passages that no mention's evidence overlaps."""
    taken: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for mention in mentions:
        taken.setdefault((mention.transcript_id, mention.turn), []).append((mention.start, mention.end))
    return [
        passage
        for passage in passages
        if passage.codable
        and not any(
            start < passage.end and passage.start < end
            for start, end in taken.get((passage.transcript_id, passage.turn), [])
        )
    ]
