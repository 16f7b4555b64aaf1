"""Training statements as token ids with labels for every sentence, joined to longer answers and padded to batches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from voc_pipeline.coding.speeches import sentences_of, speech_of
from voc_pipeline.embedding.speech import QUESTION_TOKENS, places_of

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    import numpy.typing as npt
    from tokenizers import Tokenizer

    from models.training.data import Code, Statement
    from voc_pipeline.coding.speeches import Sentence
    from voc_pipeline.embedding.speech import Marks

    Labels: TypeAlias = npt.NDArray[np.float32]

JOINED_TOKENS = 220
_OVERLAP = 0.3  # share of the shorter of sentence and evidence that makes a sentence carry a code
_LENGTH_STEP = 8
_SPEAKS_FOR_ITSELF = 24  # tokens
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Judgement:
    """A code as the stance heads learn it: theme, sentences that carry it, number of each field's label."""

    theme: int
    sentences: tuple[int, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """An answer: token ids of question and text, the sentence each text token stands in (-1: none), and its labels.

    ``themes`` (themes,) says what the answer carries, ``sentences`` (sentences, themes) what each sentence does, and
    ``known`` (same shape) is 0 where nobody said which sentence it is.
    """

    question: tuple[int, ...]
    text: tuple[int, ...]
    owners: tuple[int, ...]
    themes: Labels
    sentences: Labels
    known: Labels
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How texts become numbers."""

    tokenizer: Tokenizer
    marks: Marks
    themes: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]


def example_of(statement: Statement, vocabulary: Vocabulary) -> Example:
    """Tokenise a statement, which has a sentence at least."""
    sentences = sentences_of(statement.unit)
    speech = speech_of(statement.unit, sentences)
    encoded = vocabulary.tokenizer.encode(speech.text, add_special_tokens=False)
    owners = [UNKNOWN] * len(encoded.ids)
    for number, places in enumerate(places_of(encoded.offsets, speech.sentences)):
        for place in places:
            owners[place] = number
    asked = vocabulary.tokenizer.encode(speech.question or "", add_special_tokens=False).ids[-QUESTION_TOKENS:]
    shape = len(sentences), len(vocabulary.themes)
    carried, known = np.zeros(shape, np.float32), np.ones(shape, np.float32)
    themes = np.zeros(shape[1], np.float32)
    judgements = []
    for code in statement.codes:
        theme = vocabulary.themes.index(code.theme)
        carriers = _carriers(code, sentences)
        themes[theme] = 1
        if code.start == 0 and code.end >= len(statement.unit.text) and len(sentences) > 1:
            known[:, theme] = 0
        else:
            carried[list(carriers), theme] = 1
        judgements.append(Judgement(theme, carriers, _labels(code, vocabulary)))
    return Example(tuple(asked), tuple(encoded.ids), tuple(owners), themes, carried, known, tuple(judgements))


def _carriers(code: Code, sentences: Sequence[Sentence]) -> tuple[int, ...]:
    shares = []
    for sentence in sentences:
        start, end = sentence.span
        overlap = min(end, code.end) - max(start, code.start)
        shares.append(overlap / min(end - start, code.end - code.start))
    found = tuple(number for number, share in enumerate(shares) if share > _OVERLAP)
    return found or (int(np.argmax(shares)),)


def _labels(code: Code, vocabulary: Vocabulary) -> tuple[int, ...]:
    given = {"sentiment": code.sentiment, "stage": code.stage, "type": code.type}
    return tuple(
        known.index(given[field]) if given[field] in known else UNKNOWN for field, known in vocabulary.labels.items()
    )


def joined(first: Example, second: Example, question: tuple[int, ...]) -> Example:
    """Make one answer of two: long answers in which few sentences tell are rarer in training than in interviews."""
    count = len(first.sentences)
    moved = tuple(
        replace(one, sentences=tuple(number + count for number in one.sentences)) for one in second.judgements
    )
    return Example(
        question=question,
        text=first.text + second.text,
        owners=first.owners + tuple(owner + count if owner >= 0 else owner for owner in second.owners),
        themes=np.maximum(first.themes, second.themes),
        sentences=np.concatenate([first.sentences, second.sentences]),
        known=np.concatenate([first.known, second.known]),
        judgements=first.judgements + moved,
    )


def varied(example: Example, others: Sequence[Example], choose: random.Random, *, join: float, drop: float) -> Example:
    """Join an example with another one, or take its question away, at these rates."""
    if choose.random() < join:
        other = choose.choice(others)
        if len(other.text) + len(example.text) < JOINED_TOKENS:
            pair = (example, other) if choose.random() < 0.5 else (other, example)  # noqa: PLR2004 (a coin)
            example = joined(*pair, question=example.question)
    if choose.random() < drop:
        example = replace(example, question=())
    return example


def with_another_question(
    example: Example, others: Sequence[Example], choose: random.Random, *, rate: float
) -> Example:
    """Put another answer's question before an answer without a code, at this rate: a question alone codes nothing.

    Short answers stay as they are: "twice a week, I'd say" may carry a code behind another question.
    """
    if example.judgements or len(example.text) < _SPEAKS_FOR_ITSELF or choose.random() >= rate:
        return example
    return replace(example, question=choose.choice(others).question)


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded examples: what `network.Network.sentences` takes, and labels of all their sentences in one row each."""

    ids: torch.Tensor
    lengths: torch.Tensor
    owners: torch.Tensor
    answers: torch.Tensor
    """Which answer of the batch a sentence belongs to, (sentences,)."""
    themes: torch.Tensor
    sentences: torch.Tensor
    known: torch.Tensor
    judgements: tuple[Judgement, ...]


def batch_of(examples: Sequence[Example], marks: Marks) -> Batch:
    """Pad examples to one length, a multiple of 8 tokens."""
    rows, judgements, first = [], [], 0
    for example in examples:
        head = (marks.start, *((*example.question, *marks.between) if example.question else ()))
        owners = [owner + first if owner >= 0 else UNKNOWN for owner in example.owners]
        rows.append(((*head, *example.text, marks.end), [*(UNKNOWN for _ in head), *owners, UNKNOWN]))
        judgements += [
            replace(one, sentences=tuple(number + first for number in one.sentences)) for one in example.judgements
        ]
        first += len(example.sentences)
    longest = -(-max(len(ids) for ids, _ in rows) // _LENGTH_STEP) * _LENGTH_STEP
    ids = torch.zeros((len(rows), longest), dtype=torch.int64)
    owners_of = torch.full((len(rows), longest), first)
    for row, (tokens, owners) in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        owners_of[row, : len(owners)] = torch.tensor([owner if owner >= 0 else first for owner in owners])
    return Batch(
        ids=ids,
        lengths=torch.tensor([len(tokens) for tokens, _ in rows]),
        owners=owners_of,
        answers=torch.tensor([row for row, example in enumerate(examples) for _ in example.sentences]),
        themes=torch.from_numpy(np.stack([example.themes for example in examples])),
        sentences=torch.from_numpy(np.concatenate([example.sentences for example in examples])),
        known=torch.from_numpy(np.concatenate([example.known for example in examples])),
        judgements=tuple(judgements),
    )
