"""The interview's questions: vectors of what interviewers ask, and the table that is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.analysis.questions import questions, texts_to_encode
from voc_pipeline.embedding.cache import CachedEncoder
from voc_pipeline.ids import digest
from voc_pipeline.operations import keys
from voc_pipeline.operations.code import study_encoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from voc_pipeline.operations.study import Study
    from voc_pipeline.protocols import FloatMatrix


def question_table(study: Study, turns: pd.DataFrame) -> pd.DataFrame:
    """Group what interviewers ask, by likeness or by the study's guide.

    Args:
        study: The study; its keep list names vendors and products.
        turns: Table ``TURNS``.

    Returns:
        Table ``QUESTIONS``, empty if no interviewer asks anything.
    """
    texts = texts_to_encode(turns, names=study.keep, guide=study.guide)
    encoder = CachedEncoder(_WhenNeeded(study), study.store.vectors)
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    return questions(turns, vectors, names=study.keep, guide=study.guide)


class _WhenNeeded:
    """The study's encoder of single texts, loaded only when there is something to encode.

    Its key names the registered part and its files. An encoder's own key also names the arithmetic of this machine,
    which only torch can tell and publishing has no other need of: a study that moves to another processor keeps the
    vectors of its questions, right to three digits.
    """

    dimension = 0  # of no text there are no vectors, of whatever length

    def __init__(self, study: Study) -> None:
        part = keys.parts_of("encoders", study.settings.coding.encoder)
        self.key = f"questions {digest(*part, keys.model_hashes()['encoders.toml'])}"
        self._study = study

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        """Encode texts as the study's encoder does, with its vectors cached as ever."""
        return study_encoder(self._study).encode(texts)
