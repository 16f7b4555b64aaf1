"""Words for topics: BERTopic's class-based TF-IDF, wrapped once.

BERTopic gets the vectors and the finished groups ("manual topic modeling") and gives back words; its object never
leaves this module.
"""

from __future__ import annotations

import re
import sys
import threading
import warnings
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from voc_pipeline.protocols import FloatMatrix
    from voc_pipeline.themes.neighbours import Labels

MOST_TERMS = 8
_CANDIDATES = 30
_LABEL_TERMS = 3
_UNNAMED = "Unnamed topic"
_WORD = r"(?u)\b[^\W\d_]\w+\b"
_PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_[0-9A-F]+\]")
_CONTRACTION = re.compile(r"n['\u2019]t\b|['\u2019](?:s|re|ve|ll|d|m)\b", re.IGNORECASE)
_FILLERS = """
actually ah aha anybody anyway basically bit bye ca cant come coming did didn didnt do does doesn doesnt doing
don dont er erm everybody everything get gets getting go goes going gonna good got gotta great guess hello hey
hi hmm honestly huh im ive just kind kinda know let like literally look looking lot lots make makes maybe mean
mhm mm nah need nice nobody nope obviously oh ok okay ought people pretty probably put quite really right said
saw say saying says see sha somebody sort stuff sure take tell thank thanks thats thing things think thinking
thought told totally try uh um use used using wanna want wanted wants way went wo wont yeah yep yes yup
"""

# scikit-learn counts these among its stop words; customers mean something by them.
_TELLING = frozenset({"amount", "bill", "call", "detail", "fire", "interest", "system", "thick", "thin"})
_LEFT_OUT = frozenset({"hdbscan", "sentence_transformers", "spacy", "torch", "transformers", "umap"})
_import_lock = threading.Lock()


def topic_terms(texts: Sequence[str], labels: Labels, vectors: FloatMatrix) -> dict[int, tuple[str, ...]]:
    """Find the words that tell each topic from the other passages.

    Args:
        texts: One text a passage. Placeholders of pseudonymised names are ignored.
        labels: Topic of each passage from 0, or -1; at least one passage has a topic.
        vectors: float32 array of shape (passages, dimension).

    Returns:
        For each topic up to eight terms of one or two words, most telling first; none where a topic has no words.
    """
    vectoriser = _vectoriser()
    analyse: Callable[[str], list[str]] = vectoriser.build_analyzer()
    words = [frozenset(analyse(text)) for text in texts]
    topics = sorted({int(label) for label in labels if label >= 0})
    if not any(words):
        return dict.fromkeys(topics, ())
    ranked = _ranked_terms(texts, labels, vectors, vectoriser)
    found = {}
    for topic in topics:
        members = [own for own, label in zip(words, labels, strict=True) if label == topic]
        found[topic] = _readable(ranked[topic], Counter(word for own in members for word in own))
    return found


def label_of(terms: Sequence[str]) -> str:
    """Join the first terms into a label, e.g. ``Audit trail, software, validation``."""
    label = ", ".join(terms[:_LABEL_TERMS])
    return label[:1].upper() + label[1:] if label else _UNNAMED


def _vectoriser() -> Any:  # noqa: ANN401 (scikit-learn has no types)
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer  # noqa: PLC0415 (1.3 s)

    stop_words = sorted((ENGLISH_STOP_WORDS - _TELLING) | set(_FILLERS.split()))
    return CountVectorizer(preprocessor=_plain_words, stop_words=stop_words, token_pattern=_WORD, ngram_range=(1, 2))


def _plain_words(text: str) -> str:
    return _CONTRACTION.sub("", _PLACEHOLDER.sub(" ", text)).lower()


def _ranked_terms(
    texts: Sequence[str],
    labels: Labels,
    vectors: FloatMatrix,
    vectoriser: Any,  # noqa: ANN401 (scikit-learn has no types)
) -> Mapping[int, list[str]]:
    """Let BERTopic rank the terms of each topic; ties in alphabetical order."""
    _import_bertopic()
    from bertopic import BERTopic  # noqa: PLC0415 (3 s; only discovery needs it)
    from bertopic.cluster import BaseCluster  # noqa: PLC0415 (as above)
    from bertopic.dimensionality import BaseDimensionalityReduction  # noqa: PLC0415 (as above)
    from bertopic.vectorizers import ClassTfidfTransformer  # noqa: PLC0415 (as above)

    model = BERTopic(
        language="multilingual",  # "english" would strip everything but ASCII letters and digits
        top_n_words=_CANDIDATES,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=vectoriser,
        ctfidf_model=ClassTfidfTransformer(),
        verbose=False,
    )
    numbers, _ = model.fit_transform(list(texts), embeddings=vectors, y=labels)
    ranked = {}
    for ours, theirs in dict(zip(labels.tolist(), numbers, strict=True)).items():  # BERTopic renumbers by size
        scored = [(-score, term) for term, score in model.get_topic(theirs) if term]
        ranked[ours] = [term for _, term in sorted(scored)]
    return ranked


def _readable(ranked: Sequence[str], passages: Mapping[str, int]) -> tuple[str, ...]:
    """Keep terms that more than one passage uses, each idea once; single words where passages share none.

    A pair of words stands for both when at least half of the passages with either word have the pair; else the words
    stand alone. Of singular and plural the more telling form stays.
    """
    repeated = [term for term in ranked if passages.get(term, 0) > 1]
    candidates = repeated or [term for term in ranked if passages.get(term, 0) and " " not in term]
    pairs: list[str] = []
    covered: set[str] = set()
    for term in candidates:
        if " " in term and covered.isdisjoint(term.split()) and _stands_for_both(term, passages):
            pairs.append(term)
            covered.update(term.split())
    chosen: dict[str, str] = {}
    for term in candidates:
        if term in pairs or (" " not in term and term not in covered):
            chosen.setdefault(term.rstrip("s").removesuffix("e"), term)
    return tuple(chosen.values())[:MOST_TERMS]


def _stands_for_both(pair: str, passages: Mapping[str, int]) -> bool:
    return all(2 * passages[pair] >= passages[word] for word in pair.split())


class _LeftOut:
    """Import hook: in one thread, makes BERTopic's optional parts look as if they were not installed."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Refuse the parts that are left out; say nothing of all others."""
        del path, target
        if fullname in _LEFT_OUT and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(name=fullname)


@contextmanager
def _left_out() -> Iterator[None]:
    hook = _LeftOut()
    sys.meta_path.insert(0, hook)
    try:
        with warnings.catch_warnings():  # BERTopic silences whole categories of warnings when it is imported
            yield
    finally:
        sys.meta_path.remove(hook)


def _import_bertopic() -> None:
    """Import BERTopic without the parts we don't use, as its light installation (pip --no-deps) would.

    It tries umap, hdbscan, transformers and spaCy at import and falls back when they are missing. With them the import
    takes 12 s and 750 MB, and half a minute of numba compilation the first time; without them 3 s and 200 MB.
    """
    with _import_lock:
        if "bertopic" not in sys.modules:
            with _left_out():
                import bertopic  # noqa: F401, PLC0415 (imported for its place in sys.modules)
