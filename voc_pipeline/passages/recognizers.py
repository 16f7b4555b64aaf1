"""The one door to Presidio: patterns for personal data, and an engine that runs on spaCy documents made beforehand.

Imports Presidio at the top, because recognizers are its subclasses: import this module inside functions only.
Nothing here asks the network, and a pattern that takes too long raises instead of being passed over.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import regex  # type: ignore[import-untyped]  # it has no stubs; re has no timeout
import tldextract
from presidio_analyzer import (
    AnalysisExplanation,
    AnalyzerEngine,
    LocalRecognizer,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    IpRecognizer,
    NhsRecognizer,
    PhoneRecognizer,
    UsSsnRecognizer,
)

from voc_pipeline.passages import patterns
from voc_pipeline.passages.spans import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.tokens import Doc

TIMEOUT_SECONDS = 2.0  # for one pattern and one turn; a second is already far outside what is normal
_FLOOR = 0.4  # what Presidio gives a pattern that it believes without context words
_LANGUAGE = "en"
_FEWEST_PHONE_DIGITS = 7
_ENTITY_KINDS = {"PERSON": "PERSON", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION"}


class PrecomputedEngine(NlpEngine):
    """Hands out what the one spaCy pass has found; runs and loads nothing itself."""

    def load(self) -> None:
        """Do nothing: documents come ready-made."""

    def is_loaded(self) -> bool:
        """Say yes."""
        return True

    def artifacts(self, doc: Doc) -> NlpArtifacts:
        """Wrap a document. Lower-case words stand in for lemmas, which only context words are compared with."""
        return NlpArtifacts(
            entities=[entity for entity in doc.ents if entity.label_ in _ENTITY_KINDS],
            tokens=doc,
            tokens_indices=[token.idx for token in doc],
            lemmas=[token.lower_ for token in doc],
            nlp_engine=self,
            language=_LANGUAGE,
        )

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Refuse: a text without its document means that a caller forgot the pass."""
        raise NotImplementedError

    def process_batch(self, *_args: object, **_options: object) -> Iterator[Any]:
        """Refuse, for the same reason."""
        raise NotImplementedError

    def is_stopword(self, word: str, language: str) -> bool:  # noqa: ARG002 (Presidio's signature)
        """Say no: context words are compared one by one."""
        return False

    def is_punct(self, word: str, language: str) -> bool:  # noqa: ARG002 (Presidio's signature)
        """Tell whether a word has no letter and no digit."""
        return not any(map(str.isalnum, word))

    def get_supported_entities(self) -> list[str]:
        """Name the kinds that entities are mapped to."""
        return sorted(set(_ENTITY_KINDS.values()))

    def get_supported_languages(self) -> list[str]:
        """Name the one language."""
        return [_LANGUAGE]


class EntityRecognizer(LocalRecognizer):
    """Passes on the persons and places that spaCy named."""

    def __init__(self) -> None:
        super().__init__(supported_entities=sorted(set(_ENTITY_KINDS.values())), supported_language=_LANGUAGE)

    def load(self) -> None:
        """Do nothing."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:  # noqa: ARG002 (Presidio's signature)
        """Map spaCy's labels to kinds."""
        return [
            RecognizerResult(_ENTITY_KINDS[entity.label_], entity.start_char, entity.end_char, score)
            for entity, score in zip(nlp_artifacts.entities, nlp_artifacts.scores, strict=True)
        ]


class FailClosed(PatternRecognizer):
    """Runs its patterns with a timeout that raises; Presidio's own would log a warning and report nothing found."""

    name: str
    patterns: list[Pattern]

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002 (Presidio's signature)
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002 (likewise)
        regex_flags: int | None = None,  # noqa: ARG002 (likewise)
    ) -> list[RecognizerResult]:
        """Find and validate all matches.

        Raises:
            TimeoutError: A pattern took too long.
        """
        results = []
        for pattern in self.patterns:
            compiled = _compiled(pattern.regex, self.global_regex_flags)
            for match in compiled.finditer(text, timeout=TIMEOUT_SECONDS):
                valid = self.validate_result(match.group())
                if valid is False or self.invalidate_result(match.group()):
                    continue
                score = 1.0 if valid else pattern.score
                why = AnalysisExplanation(self.name, score)  # the search for context words writes into it
                results.append(RecognizerResult(self.supported_entities[0], match.start(), match.end(), score, why))
        return results


@cache
def _compiled(pattern: str, flags: int) -> Any:  # noqa: ANN401 (regex has no stubs)
    return regex.compile(pattern, flags)


class Ip(FailClosed, IpRecognizer):
    """IP addresses, by Presidio's patterns."""


class Card(FailClosed, CreditCardRecognizer):
    """Payment cards, by Presidio's patterns and checksum."""


class Ssn(FailClosed, UsSsnRecognizer):
    """US social security numbers, by Presidio's patterns and rules."""


class Nhs(FailClosed, NhsRecognizer):
    """UK NHS numbers, by Presidio's pattern and checksum."""


class Iban(FailClosed):
    """Bank accounts by checksum. Presidio's own recognizer may write what it found to the log."""

    def validate_result(self, pattern_text: str) -> bool:
        """Check the two check digits."""
        return patterns.is_iban(pattern_text)


class SpokenPhone(FailClosed):
    """Telephone numbers that are dictated digit by digit."""

    def validate_result(self, pattern_text: str) -> bool:
        """Count the digits that were said."""
        return patterns.spoken_digits(pattern_text) >= _FEWEST_PHONE_DIGITS


class BareUrl(FailClosed):
    """Addresses without a scheme, checked against the suffix list that tldextract carries."""

    def validate_result(self, pattern_text: str) -> bool:
        """Tell whether the host ends in a public suffix, and in no word that follows a missing blank."""
        suffix = _suffixes()(pattern_text).suffix
        return bool(suffix) and ("/" in pattern_text or suffix.rpartition(".")[2].casefold() in patterns.BARE_SUFFIXES)


class Phone(PhoneRecognizer):
    """Telephone numbers by the numbering plans of eight countries; skips texts with too few digits."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Find numbers."""
        if sum(map(str.isdigit, text)) < _FEWEST_PHONE_DIGITS:
            return []
        found: list[RecognizerResult] = super().analyze(text, entities, nlp_artifacts)  # type: ignore[arg-type]  # its own default is None
        return found


@cache
def _suffixes() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)


def _patterned(
    kind: str, *expressions: tuple[str, float], recognizer: type[FailClosed] = FailClosed, context: tuple[str, ...] = ()
) -> FailClosed:
    flags = regex.IGNORECASE if recognizer is not Iban else 0  # an IBAN is followed by words that would fit into it
    return recognizer(
        supported_entity=kind,
        name=f"{kind} {recognizer.__name__} {len(expressions)}",
        patterns=[Pattern(kind, expression, score) for expression, score in expressions],
        context=list(context),
        global_regex_flags=flags,
    )


@cache
def _engine() -> AnalyzerEngine:
    """Build the analyzer once; it keeps no text."""
    recognizers = [
        EntityRecognizer(),
        _patterned("EMAIL", (patterns.EMAIL, 1.0), (patterns.SPOKEN_EMAIL, 1.0)),
        _patterned("URL", (patterns.URL, 1.0)),
        _patterned("URL", (patterns.BARE_URL, 0.5), recognizer=BareUrl),
        _patterned("IBAN", (patterns.IBAN, 0.5), recognizer=Iban),
        _patterned("PHONE", (patterns.SPOKEN_PHONE, 0.5), recognizer=SpokenPhone),
        _patterned("PHONE", (patterns.DIALLED, 0.5), (patterns.LOOSE_PHONE, 0.1), context=patterns.PHONE_CONTEXT),
        _patterned("DATE", *((expression, 1.0) for expression in patterns.DATES)),
        Phone(supported_entity="PHONE"),
        Ip(supported_entity="IP"),
        Card(supported_entity="CARD"),
        Ssn(supported_entity="ID"),
        Nhs(supported_entity="ID"),
    ]
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=[_LANGUAGE])
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=PrecomputedEngine(),
        supported_languages=[_LANGUAGE],
        default_score_threshold=_FLOOR,
    )


def find_personal_data(text: str, doc: Doc) -> list[Finding]:
    """Find what the patterns show in a text, and the named entities in its document.

    Args:
        text: The text itself, in which the patterns search.
        doc: Its spaCy document, with the same offsets.

    Returns:
        Findings in any order, maybe overlapping. PERSON and LOCATION are still guesses.

    Raises:
        TimeoutError: A pattern took too long: nothing is known of the text.
    """
    artifacts = PrecomputedEngine().artifacts(doc)
    results = _engine().analyze(text, _LANGUAGE, nlp_artifacts=artifacts)
    return [
        Finding(result.start, result.end, result.entity_type, text[result.start : result.end]) for result in results
    ]
