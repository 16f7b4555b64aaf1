"""Which language an interview is in. Only English is coded; whatever may be English is taken for it."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from voc_pipeline.errors import RefusedError

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENGLISH = "en"
MIN_WORDS = 20
_MAX_CHARS = 50_000
_SURE, _NOT_ENGLISH = 0.7, 0.01
_ENGLISHES = frozenset((ENGLISH, "pcm"))  # spoken English is taken for Nigerian Pidgin now and then
_NO_LANGUAGE = "zxx"
_MOST_ENGLISH_WORDS = 0.12
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = "\u0e00"  # from here on most scripts write no blanks: two letters count as a word
# Words that fill a quarter of any English speech and are rare in other languages: product names change nothing.
_ENGLISH_WORDS = frozenset((
    "the", "and", "that", "it", "you", "they", "with", "this", "have", "but", "not", "my", "our", "your", "are",
    "what", "would", "there", "when", "from", "because", "think", "know", "yeah", "really", "just", "about", "which",
    "been", "were", "can", "very", "get", "don", "like", "how", "their", "these", "than", "could", "should", "of",
))  # fmt: skip
_NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "gl": "Galician", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nl": "Dutch", "nn": "Norwegian", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
    "sr": "Serbian", "sv": "Swedish", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "yue": "Cantonese", "zh": "Chinese",
}  # fmt: skip


class ForeignLanguageError(RefusedError):
    """The interview is clearly in another language than English, ``language`` as an ISO 639 code."""

    def __init__(self, language: str, *, where: str = "") -> None:
        self.language = language
        super().__init__(
            f"the interview is in {_NAMES.get(language, 'another language')} ({language}), only English is coded",
            where=where,
            hint="Put a translation there; if it is English, write 'language: en' into its sidecar",
        )


def refuse_foreign(text: str, *, where: str = "") -> None:
    """Refuse speech that is clearly not English. Less than 20 words, lists of products, mixtures and noise pass.

    Args:
        text: All that the respondents say.
        where: The file, for the message.

    Raises:
        ForeignLanguageError: It is another language.
    """
    language = language_of(text)
    if language != ENGLISH:
        raise ForeignLanguageError(language, where=where)


def language_of(text: str) -> str:
    """Give the ISO 639 code of a text's language; English unless the model and the words both deny it."""
    text = text[:_MAX_CHARS]
    words = _WORD.findall(text.lower())
    if len(words) + sum(letter >= _UNSPACED for letter in text) // 2 < MIN_WORDS:
        return ENGLISH
    if sum(word in _ENGLISH_WORDS for word in words) > _MOST_ENGLISH_WORDS * len(words):
        return ENGLISH
    ranking = _model().rank(text)
    language, probability = ranking[0]
    english = max(share for name, share in ranking if name in _ENGLISHES)
    sure = probability >= _SURE and english < _NOT_ENGLISH and language != _NO_LANGUAGE
    return str(language) if sure else ENGLISH


@functools.cache
def _model() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 (a second that only reading costs)

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
