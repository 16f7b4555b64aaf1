"""Light stand-ins for the models, so that a storm of files measures files: reading, store and tables are the real ones.

Everything here is a pure function of the text: any two runs with the same key must give the same tables.
"""

from __future__ import annotations

import os
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import numpy as np

from voc_pipeline import registry
from voc_pipeline.ids import passage_id
from voc_pipeline.operations import code as coding
from voc_pipeline.operations import ingest as ingesting
from voc_pipeline.records import Passage, Sentiment, Stance, ThemeHit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voc_pipeline.ids import ThemeId, TranscriptId
    from voc_pipeline.protocols import Encoder, FloatMatrix
    from voc_pipeline.records import Codebook, CodingUnit, ReplacedSpan, Turn

SETTINGS = """
[coding]
profile = "stand-in"
theme_coder = "stand-in"
sentiment_engine = "stand-in"
encoder = "stand-in"
[discovery]
enabled = false
"""
_PARTS = {
    "encoders": "load_encoder", "speech_encoders": "load_encoder", "theme_coders": "FirstTheme",
    "sentiment_engines": "NoStance",
}  # fmt: skip


class Unchanged:
    version = "stand-in"

    def pseudonymise(self, texts: Sequence[str], *, names: Sequence[str]) -> list[tuple[str, tuple[ReplacedSpan, ...]]]:
        del names
        return [(text, ()) for text in texts]

    def placeholder(self, kind: str, value: str) -> str:
        return f"[{kind}_{len(value):06X}]"


class WholeTurns:
    """Makes one passage of each turn."""

    def segment(self, transcript: TranscriptId, turns: Sequence[Turn]) -> list[Passage]:
        return [
            Passage(
                passage_id(transcript, turn.number, 0, len(turn.text)),
                transcript, turn.number, 0, len(turn.text), ((0, len(turn.text)),),
            )
            for turn in turns
            if turn.text
        ]  # fmt: skip


class Zeros:
    key = "stand-in"
    dimension = 4

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        return np.full((len(texts), self.dimension), 0.5, dtype=np.float32)


def load_encoder() -> Zeros:
    return Zeros()


class FirstTheme:
    """Finds the codebook's first theme in every turn."""

    name = "stand-in"
    version = "1"
    uncovered: tuple[ThemeId, ...] = ()

    def __init__(self, encoder: Encoder, codebook: Codebook) -> None:
        del encoder
        self._theme = codebook.themes[0].theme_id

    def code(self, units: Sequence[CodingUnit]) -> list[ThemeHit]:
        return [
            ThemeHit(
                unit.transcript_id, unit.turn, self._theme, 0, len(unit.text),
                score=0.9, accepted=True, prompted=False, why="stand-in",
            )
            for unit in units
        ]  # fmt: skip


class NoStance:
    name = "stand-in"
    version = "1"

    def __init__(self, encoder: Encoder, codebook: Codebook) -> None:
        del encoder
        self._stage, self._type = next(iter(codebook.journey_stages)), next(iter(codebook.statement_types))

    def judge(self, units: Sequence[CodingUnit], hits: Sequence[ThemeHit]) -> list[Stance]:
        del units
        return [Stance(Sentiment.NEUTRAL, 0.0, self._stage, self._type) for _ in hits]


def install(put: Callable[[object, str, object], None] = setattr) -> None:
    """Put the stand-ins into this process: one of the storm, or of pytest with its ``monkeypatch.setattr``."""
    real = registry.plugins
    os.environ.pop("VOC_CODING__PROFILE", None)  # which all tests set, and which would win over a study's own

    def plugins(group: registry.Group) -> tuple[registry.Plugin, ...]:
        if group not in _PARTS:
            return real(group)
        entry = EntryPoint("stand-in", f"{__name__}:{_PARTS[group]}", f"voc_pipeline.{group}")
        return (*real(group), registry.Plugin("stand-in", group, "the storm", entry))

    put(registry, "plugins", plugins)
    put(ingesting, "_pseudonymiser", lambda _key, _keep: Unchanged())
    put(coding, "Segmenter", WholeTurns)
