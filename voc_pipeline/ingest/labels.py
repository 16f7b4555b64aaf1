"""What can be a speaker's label, and which labels say by themselves what part their speaker plays."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from voc_pipeline.records import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

UNLABELLED = "(unlabelled)"
"""How messages and rosters name text that carries no label."""

_MAX_LABEL = 60
_MAX_WORDS = 5
_MAX_BADGED = 200  # characters of a label with its badges
_MAX_BACK = 4  # words of a company or a job behind a bar
_PARTICLES = frozenset((
    "al", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "el", "ibn", "la",
    "le", "of", "ten", "ter", "the", "van", "vom", "von", "y", "zu", "zum", "zur",
))  # fmt: skip
_PRONOUN = r"(?:she|hers?|he|him|his|they|them|theirs?|xe|xem|ze|zir|hir|sie|ihr|er|ihm|elle|ella|il|lui|\u00e9l)"
_PRONOUNS = rf"{_PRONOUN}(?:\s*/\s*{_PRONOUN}){{1,3}}"
_BADGE = re.compile(
    rf"\s*(?:[(\[](?:guest|external|unverified|host|co-host|you|me|{_PRONOUNS})[)\]]"
    rf"|\|\s*(?:guest|external|{_PRONOUNS}))\s*$",
    re.IGNORECASE,
)
_CREDENTIAL = (
    r"(?:MD|M\.D\.|DO|PhD|Ph\.D\.?|Dr|RN|NP|PA|PA-C|MBA|MSc|M\.Sc\.|MS|M\.S\.|MA|M\.A\.|MPH|BSc|B\.Sc\.|BS|B\.S\.|BA|B\.A\."
    r"|MSN|BSN|DNP|DPhil|DSc|PharmD|Pharm\.D\.|DVM|DDS|DMD|MBBS|MEng|JD|LLM|CPA|PMP|FRCP|FACP|FACS)"
)
_CREDENTIALS = re.compile(rf",\s*{_CREDENTIAL}(?:,?\s+{_CREDENTIAL})*\s*$")
_HASHES = re.compile(r"#{1,6}\s+")  # of a heading
_ACCOUNT = re.compile(r"[^\W_]+(?:[._-][^\W_]+)+")  # ana.ruiz
_FORBIDDEN = re.compile(r'[?!;"\u201c\u201d\u2026<>{}=|/\\@:\uff1a\n\t]|\.{2}')
_PARENTHESES = re.compile(r"\s*\([^()]*\)\s*$")
_STARS = re.compile(r"(?<![\d*])\*+|\*+(?![\d*])")  # markup; 1***5550199 is a phone number, partly hidden
_PHONE = re.compile(r"(?:\+(?=(?:[^\d*]*[\d*]){6})|(?=(?:[^\d*]*[\d*]){9}))[\d(][\d\s()*./-]{4,}\d")
_TITLE = re.compile(r"[^\W\d_]{1,4}\.(?:[^\W\d_]\.)*")

_PART_WORDS = {
    Role.INTERVIEWER: frozenset(("interviewer", "moderator", "facilitator", "researcher", "int", "iv")),
    Role.PARTICIPANT: frozenset(
        ("respondent", "participant", "interviewee", "customer", "client", "informant", "resp")
    ),
    Role.OBSERVER: frozenset(("observer", "note taker", "notetaker", "note-taker", "client observer")),
}
_ASKING = frozenset(("i", "q", "question"))
_ANSWERING = frozenset(("p", "r", "a", "answer"))
_NUMBERED = re.compile(r"(?P<word>.*?[^\W\d_])\s*[#_-]?\s*(?:\d{1,3}|(?<=\s)[a-z])")
_ANONYMOUS = re.compile(
    r"(?:unknown|unidentified)(?: (?:speaker|person|participant))?(?: \d+)?|speaker(?:[ _#-]*(?:\d+|[a-z]))?"
    r"|(?:person|voice|user|guest|caller)[ _#-]*(?:\d+|[a-z])|(?:male|female)(?: (?:speaker|voice))?(?: \d+)?"
    r"|spk[ _-]?\d+|s\d+|all|both|everyone|multiple speakers?|group|crosstalk|male|female|man|woman"
)
_CODE = re.compile(r"[^\W\d_]{1,2}[ _-]?\d{1,5}[a-z]?|\d+")
_JOBS = frozenset((  # every word of a label must be one: Kim Head is a person
    "administrator", "and", "chief", "clinical", "it", "junior", "medical", "of", "quality", "senior", "the",
    "analyst", "assistant", "buyer", "ceo", "consultant", "coordinator", "customer", "director",
    "doctor", "engineer", "executive", "expert", "head", "host", "lab", "lead", "leader", "manager", "nurse",
    "officer", "operator", "owner", "patient", "pharmacist", "physician", "pi", "procurement", "product",
    "purchasing", "rep", "representative", "sales", "scientist", "service", "specialist", "staff", "supervisor",
    "support", "team", "technician", "user", "vendor",
))  # fmt: skip

_SOUNDS = frozenset((  # no names among them: one such word makes a remark of a bracket
    "applause", "audio", "background", "blank", "break", "cheering", "chuckles", "company", "coughing", "coughs",
    "crosstalk", "date", "foreign", "inaudible", "indistinct", "language", "laugh", "laughing", "laughs", "laughter",
    "location", "muffled", "music", "name", "noise", "overlapping", "pause", "phonetic", "playing", "recording",
    "redacted", "ringing", "sic", "sigh", "sighs", "silence", "sound", "speaking", "static", "throat", "typing",
    "unclear", "unintelligible", "video", "whispers",
))  # fmt: skip
_FIELDS = frozenset((
    "attendees", "audio", "company", "country", "date", "department", "duration", "end time", "file", "id",
    "industry", "interview", "interview date", "interview id", "job role", "job title", "kind", "language", "length",
    "location", "organisation", "organization", "participant id", "participants", "place", "project", "recorded",
    "recording", "region", "role", "segment", "setting", "site", "start time", "study", "subject", "time",
    "timestamps", "title", "topic", "transcribed", "transcribed by", "transcriber", "transcript", "transcription",
    "version",
))  # fmt: skip
_PROSE = frozenset((
    "action", "action item", "action items", "actions", "addendum", "agenda", "aside", "background", "bottom line",
    "caution", "chapters", "conclusion", "contents", "context", "correction", "decision", "decisions", "details",
    "disclaimer", "e.g", "edit", "email", "example", "fact", "for example", "hint", "http", "https", "i.e",
    "important", "introduction", "key", "key point", "key points", "link", "meeting", "message", "n.b", "name",
    "namely", "nb", "next step", "next steps", "note", "note to self", "notes", "outcome", "p.s",
    "phone", "pps", "problem", "ps", "quote",
    "reason", "reference", "remark", "reminder", "result", "results", "solution", "source", "spoiler", "subject",
    "summary", "takeaway", "takeaways", "tel", "tip", "tl;dr", "tldr", "todo", "to do", "update", "url", "warning",
    "website", "www",
))  # fmt: skip
_OPENERS = frozenset((  # they begin a phrase, and are nobody's first name
    "and", "because", "but", "first", "firstly", "for", "if", "one", "or", "our", "second", "secondly", "that",
    "the", "their", "then", "these", "third", "this", "those", "what", "when", "where", "which", "why",
))  # fmt: skip
_REMARKS = frozenset((
    "absolutely", "actually", "again", "also", "anyway", "anyways", "basically", "besides", "bye", "correct",
    "definitely", "exactly", "finally", "fine", "frankly", "generally", "good", "goodbye", "great", "hello", "hence",
    "hi", "hmm", "honestly", "however", "in addition", "in brief", "in fact", "in general", "in short", "indeed",
    "instead", "lastly", "likewise", "listen", "look", "maybe", "meanwhile", "mhm", "moreover", "my advice",
    "my point", "my view", "nice", "no", "nope", "not really", "now", "obviously", "of course", "oh", "ok", "okay",
    "otherwise", "overall", "perfect", "perhaps", "personally", "please", "right", "see", "similarly", "so", "still",
    "sure", "thank you", "thanks", "therefore", "thus", "to be honest", "today", "true", "uh", "um", "well", "wow",
    "yeah", "yep", "yes", "yet",
))  # fmt: skip
_NUMBER_WORDS = frozenset(("a", "b", "c", "one", "two", "three", "four", "five", "six", "i", "ii", "iii", "iv"))
_COUNTED = frozenset((
    "appendix", "chapter", "day", "figure", "item", "no", "number", "option", "page", "part", "phase", "point",
    "ratio", "section", "slide", "step", "table", "task", "version", "week",
))  # fmt: skip


@lru_cache(maxsize=1024)  # a label recurs on every turn
def key_of(label: str) -> str:
    """Give what two spellings of one label share: case, Unicode form, blanks and badges make no difference."""
    return " ".join(unicodedata.normalize("NFC", _without_badges(" ".join(label.split()))).casefold().split())


def clean_label(label: str) -> str:
    """Take markup, badges such as ``(Guest)``, wrapping brackets and needless blanks off a label."""
    text = " ".join(
        _STARS.sub(" ", _HASHES.sub("", label, count=1) if label.startswith("#") else label)
        .replace("\u200b", "")
        .split()
    ).strip("_ ")
    if len(text) > 1 and text[0] + text[-1] in {"[]", "()"}:
        text = text[1:-1].strip()
    return _without_badges(text).rstrip(":\uff1a,").strip()


def _without_badges(text: str) -> str:
    """Take badges off the end: ``(Guest)``, ``(she/her)``, ``| Acme``."""
    while len(text) <= _MAX_BADGED:
        front, bar, back = text.rpartition("|")
        bare = front.rstrip() if bar and _is_affiliation(front.split(), back.strip()) else _BADGE.sub("", text)
        if bare == text:
            break
        text = bare
    return text


def _is_affiliation(front: Sequence[str], back: str) -> bool:
    """Tell a company or a job behind a name and a bar from speech there (``Ana | I said``).

    Behind one word, a full name is none: of ``Acme | Ana Ruiz`` and ``Acme | Ben Li``, one label must not be made.
    """
    words = back.split()
    if not front or not 1 <= len(words) <= _MAX_BACK or _FORBIDDEN.search(back) or is_prose(back):
        return False
    jobs = [word.casefold() in _JOBS for word in words]
    if len(front) == 1 and len(words) > 1 and not any(jobs):
        return False
    return all(job or _opens_like_a_name(word) for job, word in zip(jobs, words, strict=True))


def is_label(label: str) -> bool:
    """Tell what could be a speaker's label at all: at most 5 words and 60 characters, a letter, no sentence marks.

    Or a phone number, as which Zoom shows who dials in.
    """
    bare = _PARENTHESES.sub("", label) if len(label) <= _MAX_LABEL else ""
    if not bare or _FORBIDDEN.search(bare):
        return False
    if not any(character.isalpha() for character in label):
        return _PHONE.fullmatch(label) is not None
    name = _CREDENTIALS.sub("", bare)
    words = name.split()
    commas = label.count(",") - bare.count(",") + name.count(",")
    if not 1 <= len(words) <= _MAX_WORDS or commas > 1:
        return False
    if len(words) == 1 and _ACCOUNT.fullmatch(words[0]):
        return True
    return all("." not in word.rstrip(",") or _TITLE.fullmatch(word.rstrip(",")) for word in words)


def is_name_like(label: str) -> bool:
    """Tell labels whose every word is written as in a name: capitalised, in a script without case, or a particle."""
    words = _PARENTHESES.sub("", label).split()
    if len(words) == 1 and "." in words[0] and not _TITLE.fullmatch(words[0]):
        return False
    return bool(words) and all(_opens_like_a_name(word) for word in words) and not words[0][0].islower()


def _opens_like_a_name(word: str) -> bool:
    first = next((character for character in word if character.isalnum()), "")
    return word.casefold() in _PARTICLES or (first != "" and not first.islower())


def is_prose(label: str) -> bool:
    """Tell the words that stand before colons without speaking: Note, Example, Date, Step 2, https, And twice."""
    key = key_of(label).rstrip(".")
    first, _, rest = key.partition(" ")
    if first in _COUNTED and (not rest or not rest.isalpha() or rest in _NUMBER_WORDS):
        return True
    return key in _PROSE or key in _FIELDS or key in _REMARKS or first in _OPENERS


def is_field(label: str) -> bool:
    """Tell the fields of a transcript's head: Date, Location, Recording."""
    return key_of(label) in _FIELDS


def is_remark(label: str) -> bool:
    """Tell what stands in brackets without being a speaker: Music, Background noise, the placeholder COMPANY."""
    return any(word in _SOUNDS for word in re.findall(r"[^\W\d_]+", key_of(label)))


def is_spelt_out(label: str) -> bool:
    """Tell labels that name a part in full (Interviewer, Respondent 2) or none at all (Speaker 1, Unknown)."""
    key = key_of(label)
    return _spelt_role(key) is not None or _ANONYMOUS.fullmatch(key) is not None


def is_known(label: str) -> bool:
    """Tell labels that are spelt out or one of the short ones: I, Q, P1, R, A."""
    return is_spelt_out(label) or _word_of(key_of(label)) in _ASKING | _ANSWERING


def is_anonymous(label: str) -> bool:
    """Tell labels that say nothing of who speaks: none at all, Unknown, Speaker 2."""
    key = key_of(label)
    return key in {"", UNLABELLED} or _ANONYMOUS.fullmatch(key) is not None


def is_generic_label(label: str) -> bool:
    """Tell labels that are no person's name: none, a part in the call, a code such as ``P07``, a job."""
    key = key_of(label)
    if is_anonymous(label) or is_known(label) or _CODE.fullmatch(key):
        return True
    words = re.findall(r"[^\W\d_]+", key)
    return bool(words) and all(word in _JOBS for word in words)


def role_of_label(label: str, beside: Collection[str]) -> Role | None:
    """Tell the part that a label says by itself, seen beside all labels of its transcript.

    Spelt-out words always tell. One letter tells only in company: ``P``, ``R`` and ``A`` beside somebody who asks, and
    nobody where ``P`` and ``R`` meet (participant and researcher, or two respondents).
    """
    key = key_of(label)
    if (spelt := _spelt_role(key)) is not None:
        return spelt
    if _word_of(key) not in _ASKING | _ANSWERING:  # most labels; to look at all the others for each takes its time
        return None
    keys = {key_of(other) for other in beside}
    words = {_word_of(other) for other in keys}
    if "p" in words and "r" in words:
        return None
    if _word_of(key) in _ASKING:
        return Role.INTERVIEWER if len(keys) > 1 else None
    asked = bool(words & _ASKING) or any(_spelt_role(other) is Role.INTERVIEWER for other in keys)
    return Role.PARTICIPANT if _word_of(key) in _ANSWERING and asked else None


def _spelt_role(key: str) -> Role | None:
    word = _word_of(key)
    return next((role for role, words in _PART_WORDS.items() if key in words or word in words), None)


def _word_of(key: str) -> str:
    numbered = _NUMBERED.fullmatch(key)
    return numbered["word"] if numbered else key
