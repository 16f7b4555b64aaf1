"""Replaces what identifies a person by keyed placeholders, with one spaCy pass a transcript."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from voc_pipeline.errors import AttentionError
from voc_pipeline.passages import language
from voc_pipeline.passages.fillers import PLACEHOLDER
from voc_pipeline.passages.names import Guesses, KeepList, KnownNames
from voc_pipeline.passages.spans import Finding, put_in, settle
from voc_pipeline.passages.words import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voc_pipeline.records import ReplacedSpan

_HEX_DIGITS = 6
_GUESSED = ("PERSON", "LOCATION")


class PresidioPseudonymiser:
    """Finds personal data with Presidio's patterns, spaCy's named entities, the roster and word lists.

    Args:
        key: The study's secret. The same value gives the same placeholder under the same key, on any machine.
        keep: Names of products and vendors. They are never replaced, nor is a word of them taken for a name.
    """

    version = "2"
    """Raised by hand when the same turns give another text of record."""

    def __init__(self, key: bytes, keep: Sequence[str] = ()) -> None:
        self._key = key
        self._keep = KeepList(keep)

    def __repr__(self) -> str:
        """Show no key."""
        return f"{type(self).__name__}(version={self.version!r})"

    def placeholder(self, kind: str, value: str) -> str:
        """Give the placeholder of a value, e.g. ``[PERSON_7F3A9C]``: HMAC-SHA256 of kind and normalised value."""
        message = f"{kind}\0{normalise(value)}".encode("utf-8", "surrogatepass")
        return f"[{kind}_{hmac.digest(self._key, message, 'sha256').hex()[:_HEX_DIGITS].upper()}]"

    def pseudonymise(self, texts: Sequence[str], *, names: Sequence[str]) -> list[tuple[str, tuple[ReplacedSpan, ...]]]:
        """Replace personal data in the turns of one transcript.

        Args:
            texts: One text a turn, normalised.
            names: Names known to be personal (roster, speaker labels), in full: their parts are found as well.

        Returns:
            For each text, its text of record and the spans of the placeholders in it. Text outside them is unchanged.

        Raises:
            AttentionError: A search failed or took too long, so that nothing is known of the text.
            ModelError: The language model is not installed.
        """
        settled = self._find(texts, names)
        return [
            put_in(text, ((finding, self.placeholder(finding.kind, finding.value)) for finding in findings))
            for text, findings in zip(texts, settled, strict=True)
        ]

    def _find(self, texts: Sequence[str], names: Sequence[str]) -> list[list[Finding]]:
        from voc_pipeline.passages import recognizers  # noqa: PLC0415 (imports Presidio)

        language.entity_model()
        try:
            documents = language.entity_documents(texts)
            found = [recognizers.find_personal_data(*pair) for pair in zip(texts, documents, strict=True)]
        except Exception as error:  # noqa: BLE001 (whatever fails here, the text may hold names: never go on)
            raise AttentionError(
                f"the search for personal data failed ({type(error).__name__})",
                hint="Nothing of this transcript was stored. Look for a very long or garbled turn, mend it, run again",
            ) from None  # the cause may quote the interview
        certain = [[finding for finding in findings if finding.kind not in _GUESSED] for findings in found]
        guesses = [
            Guesses(text, self._keep).believed(finding for finding in findings if finding.kind in _GUESSED)
            for text, findings in zip(texts, found, strict=True)
        ]
        known = _known(names, [guess for of_text in guesses for guess in of_text])
        return [
            self._settle(text, exact, [*map(known.settled, guessed), *known.find(text)])
            for text, exact, guessed in zip(texts, certain, guesses, strict=True)
        ]

    def _settle(self, text: str, exact: Sequence[Finding], named: Iterable[Finding]) -> list[Finding]:
        placeholders = [match.span() for match in PLACEHOLDER.finditer(text)]
        addresses = settle(text, exact, placeholders)
        taken = [(finding.start, finding.end) for finding in addresses]
        rest = settle(text, named, [*placeholders, *taken, *self._keep.spans(text)])
        return sorted([*addresses, *rest], key=lambda finding: finding.start)


def _known(names: Sequence[str], guesses: Sequence[Finding]) -> KnownNames:
    people = {guess.value for guess in guesses if guess.kind == "PERSON"}
    return KnownNames(names, people, {guess.value for guess in guesses if guess.kind == "LOCATION"})
