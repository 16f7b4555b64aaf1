"""Regular expressions for personal data as it is written and as it is spoken. None backtracks without bounds."""

from __future__ import annotations

import re

EMAIL = r"(?<![\w.+-])[\w.+%'-]{1,64}+(?:@|\s@\s(?=[\w-]+\.))[\w-]{1,63}+(?:\.[\w-]{1,63}+){0,8}"
"""Bounded by a lookbehind, so that a long run of letters is tried once."""

_TLD = r"(?:com|org|net|edu|gov|info|bio|io|ai|eu|uk|co|ac|de|ch|fr|nl|be|se|dk|no|fi|pl|es|it|ie|at|ca|us|au|in|jp|cn)"
_JOIN = r"(?:dot|period|point|underscore|dash|hyphen|minus)"
SPOKEN_EMAIL = (
    r"\b(?:[a-z]\s{1,3}+){0,8}[\w.+-]{1,64}+(?:\s{1,3}+" + _JOIN + r"\s{1,3}+[\w.+-]{1,64}+){0,6}"
    r"\s{1,3}+at\s{1,3}+[\w-]{1,63}+(?:\s{1,3}+(?!dot\b)[\w-]{1,63}+){0,2}"
    r"(?:\s{1,3}+dot\s{1,3}+[\w-]{1,63}+){0,4}?\s{1,3}+dot\s{1,3}+"
    + _TLD
    + r"\b(?:\s{1,3}+dot\s{1,3}+"
    + _TLD
    + r"\b)?"
)
"""``john dot smith at gmail dot com``, ``j smith at lab dash one dot ac dot uk``."""

URL = r"(?<!\w)(?:https?://|www\.)[^\s<>\"')\]]{1,2000}(?<![.,;:!?])"
BARE_URL = r"(?<![\w@.+-])(?:[a-z0-9-]{1,63}+\.){1,6}[a-z]{2,24}+(?:/[^\s<>\"')\]]{0,2000}+)?"
BARE_SUFFIXES = frozenset(
    {"com", "org", "net", "edu", "gov", "info", "bio", "io", "ai", "eu", "uk", "ch", "fr", "nl", "pl"}
)
"""Suffixes believed in without a path: the others are often a sentence's first word after a missing blank."""

IBAN = r"\b[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?:[ -][A-Z0-9]{4}){2,7}(?:[ -][A-Z0-9]{1,3})?)\b"

DIALLED = r"(?<![\w+])(?:\+\d{1,3}|\(\d{2,5}\))(?:[\s./-]?\(?\d{1,5}\)?){2,6}(?!\w)"
LOOSE_PHONE = r"(?<![\w.,-])\d{2,5}(?:[\s./-]\d{2,5}){1,4}(?![\w-])"
PHONE_CONTEXT = (
    "phone",
    "number",
    "telephone",
    "cell",
    "cellphone",
    "mobile",
    "call",
    "reach",
    "dial",
    "whatsapp",
    "fax",
)
_DIGIT_WORD = r"(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|double|triple|\d{1,4})"
SPOKEN_PHONE = r"\b(?:plus\s)?" + _DIGIT_WORD + r"(?:[\s,.-]{1,3}+" + _DIGIT_WORD + r"\b){4,20}+"
_FEWEST_DIGIT_WORDS = 4

_MONTH = (
    r"(?:january|february|april|june|july|august|september|october|november|december|"
    r"jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)"
)
_MAY = r"(?:(?-i:March|May|Mar)|(?<=\bon )(?:march|may))"  # elsewhere "march" and "may" are mostly verbs
_ORDINAL = (
    r"(?:(?:twenty|thirty)[\s-])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth|"
    r"thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth"
)
_DAY = rf"(?:(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?|{_ORDINAL})(?![\w%])"
_YEAR = r"(?:,?\s(?:19|20)\d\d\b)?"
DATES = (
    rf"\b(?:{_MONTH}|{_MAY})\b\.?\s(?:the\s)?{_DAY}(?!\s(?:percent|days|weeks|months|years|people)){_YEAR}",
    rf"\b{_DAY}\s(?:of\s)?(?:{_MONTH}|(?-i:March|May)|(?<=of )(?:march|may))\b{_YEAR}",
    r"(?<![\w./-])(?:19|20)\d\d[-./](?:1[0-2]|0?[1-9])[-./](?:3[01]|[12]\d|0?[1-9])(?![\w/-]|\.\d)",
    r"(?<![\w./-])(?:3[01]|[12]\d|0?[1-9])([-./])(?:3[01]|[12]\d|0?[1-9])\1(?:(?:19|20)\d\d|\d\d)(?![\w/-]|\.\d)",
)
"""A day and a month, with or without the year. A bare year, month or weekday points to nobody."""


def is_iban(text: str) -> bool:
    """Check the modulo 97 of ISO 13616; blanks and hyphens don't count."""
    letters = re.sub(r"[\s-]", "", text).upper()
    return int("".join(str(int(letter, 36)) for letter in letters[4:] + letters[:4])) % 97 == 1


def spoken_digits(text: str) -> int:
    """Count the digits of a dictated number; 0 when too few of them are words."""
    words = re.findall(r"[a-z]+|\d+", text.casefold())
    spoken = [word for word in words if not word.isdigit()]
    if len(spoken) < _FEWEST_DIGIT_WORDS:
        return 0
    worth = {"plus": 0, "triple": 2}  # "double five" is two words and two digits, "triple five" is three
    return sum(len(word) if word.isdigit() else worth.get(word, 1) for word in words)
