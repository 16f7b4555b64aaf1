"""Why a mention was coded as it was: all that a person needs in order to agree with it or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.coding.speeches import sentences_of
from voc_pipeline.errors import UsageError
from voc_pipeline.manifests import training_statement
from voc_pipeline.operations.code import coding_units, speech_encoder, theme_coder
from voc_pipeline.operations.study import open_study
from voc_pipeline.protocols import ExplainingCoder

if TYPE_CHECKING:
    from voc_pipeline.ids import ThemeId
    from voc_pipeline.operations.study import Study
    from voc_pipeline.reasons import Reasons, ThemeScore
    from voc_pipeline.records import CodingUnit, Mention, Transcript

_SENTENCES_BEFORE, _SENTENCES_AFTER = 2, 1


@dataclass(frozen=True, slots=True)
class Context:
    """A mention's surroundings: what was asked, and the sentences on both sides of its quote."""

    question: str = field(repr=False)
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NamedScore:
    """How a theme scores, by its name in the codebook."""

    theme: str
    score: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A mention and what speaks for it.

    ``words`` pairs a word of the sentence that decides with what it adds to the log-odds, in order; ``base`` is what
    the theme starts from. They are None and empty where the coder gives no reasons; ``nearest`` pairs ids of training
    statements with what they say (empty where they are not installed).
    """

    mention: Mention = field(repr=False)
    source_file: str
    context: Context
    theme: str
    definition: str
    installed: str
    same_version: bool
    own: NamedScore | None
    base: float | None
    words: tuple[tuple[str, float], ...] = field(repr=False)
    others: tuple[NamedScore, ...]
    nearest: tuple[tuple[str, str], ...]


def explain(root: Path, wanted: str) -> Explanation:
    """Explain one mention of a study, accepted or waiting for review.

    Args:
        root: The study's folder.
        wanted: The mention's id, or enough of its beginning.

    Raises:
        UsageError: No mention, or more than one, has an id like this.
        ModelError: The models of the study's profile are missing or damaged.
    """
    if wanted and Path(wanted).is_dir():
        raise UsageError(
            "a mention's id is needed, this is a folder",
            where=wanted,
            hint="The id comes first: voc explain mn_... DIR",
        )
    with open_study(root) as study:
        mention, transcript = _find(study, wanted, where=str(root))
        return _explained(study, mention, transcript)


def _find(study: Study, wanted: str, *, where: str) -> tuple[Mention, Transcript]:
    transcripts = {one.transcript_id: one for one in study.store.inbox.transcripts()}
    mentions = study.store.codings.mentions(list(transcripts))
    found = [mention for mention in mentions if wanted and mention.mention_id.startswith(wanted)]
    if len(found) == 1:
        return found[0], transcripts[found[0].transcript_id]
    if found:
        raise UsageError(f"{len(found)} mentions have ids that start so", where=where, hint="Give more of the id")
    if not mentions:
        raise UsageError("nothing is coded in this study yet", where=where, hint="Run 'voc run' first")
    raise UsageError(
        f"none of the {len(mentions)} mentions of this study has this id",
        where=where,
        hint="Ids (mn_...) are the first column of mentions.csv and review_queue.csv in the newest folder of reports/; "
        "one of an older report is gone when its file or the coding has changed since",
    )


def _explained(study: Study, mention: Mention, transcript: Transcript) -> Explanation:
    passages = study.store.codings.passages([transcript.transcript_id])
    unit = next(unit for unit in coding_units(transcript, passages) if unit.turn == mention.turn)
    coder = theme_coder(study, speech_encoder(study.settings.coding.profile))
    reasons = (
        coder.reasons(unit, mention.theme_id, start=mention.start, end=mention.end)
        if isinstance(coder, ExplainingCoder)
        else None
    )
    versions = coder.versions if isinstance(coder, ExplainingCoder) else {coder.name: coder.version}
    themes = {theme.theme_id: theme for theme in study.codebook.themes}
    names = {theme_id: theme.name for theme_id, theme in themes.items()}
    theme = themes.get(mention.theme_id)
    return Explanation(
        mention=mention,
        source_file=transcript.source_file,
        context=_context(unit, mention),
        theme=theme.name if theme else mention.theme_id,
        definition=theme.definition if theme else "",
        installed=", ".join(f"{name} {version}" for name, version in versions.items()),
        same_version=versions.get(mention.coder) == mention.coder_version,
        own=_named(reasons.own, names) if reasons else None,
        base=reasons.base if reasons else None,
        words=_words(unit, reasons) if reasons else (),
        others=tuple(_named(other, names) for other in reasons.others) if reasons else (),
        nearest=_nearest(reasons, mention.theme_id) if reasons else (),
    )


def _context(unit: CodingUnit, mention: Mention) -> Context:
    spans = [sentence.span for sentence in sentences_of(unit)]
    before = [start for start, end in spans if end <= mention.start][-_SENTENCES_BEFORE:]
    after = [end for start, end in spans if start >= mention.end][:_SENTENCES_AFTER]
    return Context(
        question=unit.question or "",
        before=unit.text[before[0] : mention.start].strip() if before else "",
        after=unit.text[mention.end : after[-1]].strip() if after else "",
    )


def _words(unit: CodingUnit, reasons: Reasons) -> tuple[tuple[str, float], ...]:
    return tuple((unit.text[word.start : word.end], round(word.weight, 4)) for word in reasons.words)


def _named(score: ThemeScore, names: dict[ThemeId, str]) -> NamedScore:
    return NamedScore(names.get(score.theme_id, score.theme_id), score.score, score.threshold)


def _nearest(reasons: Reasons, theme: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, training_statement(name, theme) or "") for name in reasons.nearest)
