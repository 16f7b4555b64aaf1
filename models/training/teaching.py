"""What a trained coder teaches another: its probabilities beside the labels (Hinton et al. 2015, arXiv 1503.02531)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voc_pipeline.coding.heads import LinearHead, StanceHeads
from voc_pipeline.coding.speeches import sigmoid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from models.training.examples import Example, Judgement
    from voc_pipeline.protocols import FloatMatrix


@dataclass(frozen=True, slots=True)
class Teacher:
    """The heads of a trained coder."""

    themes: LinearHead
    stances: StanceHeads

    def taught(self, example: Example, vectors: FloatMatrix) -> Example:
        """Say what the teacher thinks of an example, from its own vectors of the sentences (sentences, dimension)."""
        judgements = tuple(self._judged(one, vectors) for one in example.judgements)
        return replace(example, taught=sigmoid(self.themes(vectors)), judgements=judgements)

    def _judged(self, judgement: Judgement, vectors: FloatMatrix) -> Judgement:
        evidence = vectors[list(judgement.sentences)].mean(axis=0)
        found = self.stances.probabilities(evidence, self.stances.themes[judgement.theme])
        return replace(judgement, taught=tuple(tuple(found[field].tolist()) for field in self.stances.labels))


def teacher_of(
    tensors: Mapping[str, Tensor], themes: tuple[str, ...], labels: Mapping[str, tuple[str, ...]]
) -> Teacher:
    """Read the heads from what a training shipped."""

    def head(name: str) -> LinearHead:
        return LinearHead(tensors[f"{name}.weight"].numpy(), tensors[f"{name}.bias"].numpy())

    shifts = tensors["stance.shifts"].numpy()
    stances = StanceHeads("", themes, labels, head("stance"), shifts, {field: head(field) for field in labels})
    return Teacher(head("theme"), stances)
