"""Fits the stance heads: sentiment, journey stage and statement type of a mention."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from voc_pipeline.coding.heads import LinearHead
from voc_pipeline.coding.scoring import sentiments_agree
from voc_pipeline.coding.stance import stance_features, stance_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.training.data import Code, Statement
    from voc_pipeline.protocols import Encoder, FloatMatrix

FIELDS = ("sentiment", "stage", "type")
STRENGTHS = {"sentiment": 1.0, "stage": 1.0, "type": 1.0}


def features(statements: Sequence[Statement], encoder: Encoder, themes: tuple[str, ...]) -> FloatMatrix:
    """Lay out the inputs of all codes of all statements, in order; shape (codes, inputs)."""
    texts = [
        text
        for statement in statements
        for code in statement.codes
        for text in stance_texts(statement.unit, code.start, code.end)
    ]
    vectors = encoder.encode(texts)
    return np.stack(
        [
            stance_features(vectors[2 * row], vectors[2 * row + 1], code.theme, themes)
            for row, code in enumerate(codes_of(statements))
        ]
    )


def codes_of(statements: Sequence[Statement]) -> list[Code]:
    """List the codes of all statements, in order."""
    return [code for statement in statements for code in statement.codes]


def fit(inputs: FloatMatrix, codes: Sequence[Code]) -> tuple[dict[str, tuple[str, ...]], dict[str, LinearHead]]:
    """Fit one multinomial head a field; codes without a label for a field are left out of it.

    Returns:
        Labels in the order of the classes, and the head, by field.
    """
    labels, heads = {}, {}
    for field in FIELDS:
        values = np.array([getattr(code, field) for code in codes])
        known = values != ""
        model = LogisticRegression(C=STRENGTHS[field], max_iter=500)
        model.fit(inputs[known], values[known])
        labels[field] = tuple(str(label) for label in model.classes_)
        heads[field] = LinearHead(model.coef_.T.astype(np.float32).copy(), model.intercept_.astype(np.float32))
    return labels, heads


def accuracy(
    inputs: FloatMatrix,
    codes: Sequence[Code],
    labels: Mapping[str, tuple[str, ...]],
    heads: Mapping[str, LinearHead],
) -> dict[str, float]:
    """Give the share of codes judged right, by field, on the true evidence; mixed counts as either pole."""
    shares = {}
    for field in FIELDS:
        given = [labels[field][best] for best in heads[field](inputs).argmax(axis=1)]
        pairs = [(one, getattr(code, field)) for one, code in zip(given, codes, strict=True) if getattr(code, field)]
        shares[field] = float(np.mean([sentiments_agree(*pair) for pair in pairs]))
    return shares
