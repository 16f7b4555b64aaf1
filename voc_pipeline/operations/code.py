"""Coding transcripts: passages, vectors, theme hits, stances, mentions."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from voc_pipeline import registry
from voc_pipeline.coding.scores import spoken_scores
from voc_pipeline.coding.speeches import RememberingEncoder
from voc_pipeline.embedding.cache import CachedEncoder
from voc_pipeline.ids import mention_id
from voc_pipeline.operations import keys
from voc_pipeline.passages.segment import Segmenter
from voc_pipeline.protocols import current_progress
from voc_pipeline.records import CodingUnit, Mention, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voc_pipeline.ids import TranscriptId
    from voc_pipeline.operations.study import Study
    from voc_pipeline.protocols import Encoder, SentimentEngine, SpeechEncoder, ThemeCoder
    from voc_pipeline.records import Passage, Stance, ThemeHit, Transcript

_TURNS_AT_ONCE = 4000


def code(study: Study, transcripts: Sequence[str]) -> int:
    """Code transcripts against the codebook and save each with all that was found in it.

    Args:
        study: The study.
        transcripts: Ids, as ``due_for_coding`` gives them; those no longer current are passed over.

    Returns:
        The number of transcripts coded.
    """
    progress = current_progress.get()
    chosen = study.store.inbox.transcripts(set(transcripts))
    today = keys.code_keys(study)
    encoder = RememberingEncoder(speech_encoder(study.settings.coding.profile))
    coder, engine = theme_coder(study, encoder), sentiment_engine(study, encoder)
    for group in in_groups(chosen, _TURNS_AT_ONCE):
        passages = _passages(group)
        units = [unit for one in group for unit in coding_units(one, passages[one.transcript_id])]
        hits = coder.code(units)
        mentions = _mentions(units, hits, engine.judge(units, hits), coder)
        scores = spoken_scores(units)
        encoder.forget()
        for transcript in group:
            name = transcript.transcript_id
            study.store.codings.save_coding(
                name,
                today[name],
                passages=passages[name],
                mentions=[mention for mention in mentions if mention.transcript_id == name],
                scores=[score for score in scores if score.transcript_id == name],
            )
            progress.advance("code")
    return len(chosen)


def in_groups(transcripts: Sequence[Transcript], turns: int) -> Iterator[list[Transcript]]:
    """Part transcripts into groups of about this many turns, in order: full batches, but bounded memory."""
    group: list[Transcript] = []
    count = 0
    for transcript in transcripts:
        group.append(transcript)
        count += len(transcript.turns)
        if count >= turns:
            yield group
            group, count = [], 0
    if group:
        yield group


def theme_coder(study: Study, encoder: SpeechEncoder) -> ThemeCoder:
    """Make the study's theme coder for its codebook."""
    part = registry.plugin("theme_coders", study.settings.coding.theme_coder)
    coder: ThemeCoder = part.load()(encoder, study.codebook)
    return coder


def sentiment_engine(study: Study, encoder: SpeechEncoder) -> SentimentEngine:
    """Make the study's sentiment engine for its codebook."""
    part = registry.plugin("sentiment_engines", study.settings.coding.sentiment_engine)
    engine: SentimentEngine = part.load()(encoder, study.codebook)
    return engine


@functools.lru_cache(maxsize=1)
def speech_encoder(profile: str) -> SpeechEncoder:
    """Load a profile's encoder, once a process."""
    encoder: SpeechEncoder = registry.plugin("speech_encoders", profile).load()()
    return encoder


def study_encoder(study: Study) -> Encoder:
    """Give the study's encoder of single texts, loaded once a process, with its vectors cached in the store."""
    return CachedEncoder(_encoder(study.settings.coding.encoder), study.store.vectors)


@functools.lru_cache(maxsize=2)
def _encoder(name: str) -> Encoder:
    encoder: Encoder = registry.plugin("encoders", name).load()()
    return encoder


def coding_units(transcript: Transcript, passages: Sequence[Passage]) -> list[CodingUnit]:
    """Pair each participant's turn with its passages and with what was asked just before it."""
    by_turn: dict[int, list[Passage]] = {}
    for passage in passages:
        by_turn.setdefault(passage.turn, []).append(passage)
    units, question = [], None
    for turn in transcript.turns:
        if turn.role_in_call is Role.INTERVIEWER:
            question = turn.text
        elif turn.participant_id is not None and turn.number in by_turn:
            units.append(
                CodingUnit(
                    transcript_id=transcript.transcript_id,
                    turn=turn.number,
                    participant_id=turn.participant_id,
                    text=turn.text,
                    passages=tuple(by_turn[turn.number]),
                    question=question,
                )
            )
    return units


def _passages(transcripts: Sequence[Transcript]) -> dict[TranscriptId, list[Passage]]:
    segmenter = Segmenter()
    return {
        transcript.transcript_id: segmenter.segment(
            transcript.transcript_id,
            [turn for turn in transcript.turns if turn.role_in_call is Role.PARTICIPANT],
        )
        for transcript in transcripts
    }


def _mentions(
    units: Sequence[CodingUnit], hits: Sequence[ThemeHit], stances: Sequence[Stance], coder: ThemeCoder
) -> list[Mention]:
    unit_of = {(unit.transcript_id, unit.turn): unit for unit in units}
    return [
        Mention(
            mention_id=mention_id(hit.transcript_id, hit.turn, hit.theme_id),
            transcript_id=hit.transcript_id,
            participant_id=unit_of[hit.transcript_id, hit.turn].participant_id,
            turn=hit.turn,
            start=hit.start,
            end=hit.end,
            quote=unit_of[hit.transcript_id, hit.turn].text[hit.start : hit.end],
            theme_id=hit.theme_id,
            coder=hit.coder or coder.name,
            coder_version=hit.coder_version or coder.version,
            score=hit.score,
            stance=stance,
            prompted=hit.prompted,
            accepted=hit.accepted,
            why=hit.why,
        )
        for hit, stance in zip(hits, stances, strict=True)
    ]
