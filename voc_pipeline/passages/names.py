"""Names of people and places in one transcript: which guesses are believed, and where else a known name is said."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from voc_pipeline.passages.spans import Finding
from voc_pipeline.passages.wordlists import word_list
from voc_pipeline.passages.words import Word, joined, normalise, spoken_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Key: TypeAlias = tuple[str, ...]

_PARTICLES = frozenset({"bin", "del", "della", "den", "der", "ibn", "las", "los", "ter", "van", "von"})
_SHORT_PARTICLES = frozenset((
    "af", "al", "ap", "av", "da", "de", "di", "do", "du", "el", "ii", "iv", "jr", "la", "le", "lo", "mc", "sr", "st",
    "te", "zu",
))  # fmt: skip
_SHORTEST_PART = 3  # letters of a part of a name that is looked for on its own, whatever its case
_SHORTEST_KNOWN_PART = 2  # the same, of a name that was known beforehand
_LONGEST_ACRONYM = 5
_LONGEST_PLACE = 4  # words
_ADDRESS = re.compile(r"(?<![^\s@<>(),;:|])<?(?P<local>[^\s@<>(),;:|]+)@[^\s@<>(),;:|]+>?")
_ASIDE = re.compile(r"\||\s@")  # "Jim Hart | Acme", "Jim Hart @ Acme"
_BRACKETED = re.compile(r"[(\[]([^\W\d_]+)[)\]]")
_MAILBOXES = frozenset((
    "accounts", "admin", "contact", "enquiries", "hello", "help", "hr", "info", "it", "lab", "mail", "marketing", "no",
    "noreply", "office", "orders", "purchasing", "reception", "reply", "sales", "service", "support", "team",
))  # fmt: skip
_DEGREES = frozenset((
    "aprn", "bpharm", "bsc", "bsn", "cpa", "dds", "dmd", "dnp", "dphil", "drph", "dsc", "dvm", "emba", "esq", "facp",
    "facs", "fnp", "frcp", "frcs", "llb", "llm", "mba", "mbbs", "mbchb", "mph", "mphil", "mrcp", "mres", "msc", "msn",
    "pharmd", "phd", "pmp", "psyd",
))  # fmt: skip
_DEGREES_SO_SPELT = frozenset({"BEng", "MD", "MEng", "NP", "RN"})  # Meng and Md are names
_DEGREES_AFTER_COMMA = frozenset({"BA", "BS", "DO", "MA", "MS", "PA", "PE"})  # Jack MA is a name
_SENTENCE_END = re.compile(r"(?:^|[.!?…:;\"“(\n])\s*$")


class KeepList:
    """Names of products and vendors, which are never replaced (case-insensitive, whole words)."""

    def __init__(self, names: Sequence[str]) -> None:
        spellings = sorted(
            {" ".join(name.split()) for name in names if name.strip()}, key=lambda name: (-len(name), name)
        )
        either = "|".join(r"\s+".join(map(re.escape, name.split())) for name in spellings)
        self._pattern = re.compile(rf"(?<!\w)(?:{either})(?:['’]?s)?(?!\w)" if either else r"(?!)", re.IGNORECASE)  # noqa: RUF001 (a typographic apostrophe is meant)
        self.words = frozenset(word.key for name in spellings for word in spoken_words(name))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Find the names in a text."""
        return [match.span() for match in self._pattern.finditer(text)]

    def has_word(self, key: str) -> bool:
        """Tell whether a word, or the word it is the plural of, is part of a name."""
        return key in self.words or key.removesuffix("s") in self.words


class Guesses:
    """Judges in one text what the recogniser takes for a name, and adds names by word lists and titles.

    Args:
        text: A turn's text.
        keep: Names that are no person's.
    """

    def __init__(self, text: str, keep: KeepList) -> None:
        self._text = text
        self._keep = keep
        self._words = spoken_words(text)
        self._uncased = text == text.lower()

    def believed(self, findings: Iterable[Finding]) -> list[Finding]:
        """Give the parts of PERSON and LOCATION findings that look like names, and the names that lists tell."""
        found = [guess for finding in findings for guess in self._judge(finding)]
        return [*found, *self._listed_people(), *self._listed_places(), *self._titled()]

    def _judge(self, finding: Finding) -> list[Finding]:
        inside = [word for word in self._words if finding.start <= word.start and word.end <= finding.end]
        return [self._finding(self._kind(run, finding.kind), run) for run in self._runs(inside)
                if not self._is_region(run) and any(len(word.key) > 1 for word in run)]  # fmt: skip

    def _runs(self, words: Sequence[Word]) -> list[list[Word]]:
        """Split words into unbroken runs of those that can be part of a name."""
        runs: list[list[Word]] = []
        previous: Word | None = None
        for word in words:
            if not self._can_name(word):
                previous = None
                continue
            if previous is not None and joined(self._text, previous, word):
                runs[-1].append(word)
            else:
                runs.append([word])
            previous = word
        return runs

    def _can_name(self, word: Word) -> bool:
        if self._keep.has_word(word.key) or word.key in word_list("common_words") or word.key in word_list("titles"):
            return False
        if word.text.isupper() and 1 < len(word.text) <= _LONGEST_ACRONYM:
            return word.key in word_list("first_names") or self._text.isupper()
        return word.text[0].isupper()

    def _kind(self, run: Sequence[Word], kind: str) -> str:
        """Correct the recogniser where lists know better: it mixes people and cities up."""
        if run[0].key in _first_names():
            return "PERSON"
        return "LOCATION" if " ".join(word.key for word in run) in word_list("cities") else kind

    def _is_region(self, run: Sequence[Word]) -> bool:
        if run[0].key in _first_names():
            return False
        regions = word_list("regions")
        return " ".join(word.key for word in run) in regions or all(word.key in regions for word in run)

    def _finding(self, kind: str, run: Sequence[Word]) -> Finding:
        return Finding(run[0].start, run[-1].end, kind, self._text[run[0].start : run[-1].end])

    def _cased(self, word: Word) -> bool:
        """Tell whether a word is written as a name, or the text has no capitals to tell by."""
        return self._uncased or word.text[0].isupper()

    def _listed_people(self) -> list[Finding]:
        found = []
        for index, word in enumerate(self._words):
            if word.key in _first_names() and self._cased(word) and not self._keep.has_word(word.key):
                found.append(self._finding("PERSON", self._with_surname(index)))
        return found

    def _with_surname(self, index: int) -> list[Word]:
        run = [self._words[index]]
        following = self._words[index + 1 : index + 2]
        if following and joined(self._text, run[0], following[0]) and self._can_name(following[0]):
            after_name = not run[0].has_ending and not self._is_region(following)
            return [*run, *following] if after_name else run
        return run

    def _listed_places(self) -> list[Finding]:
        cities, found = word_list("cities"), []
        for index, word in enumerate(self._words):
            if not self._cased(word) or self._keep.has_word(word.key):
                continue
            for length in range(_LONGEST_PLACE, 0, -1):
                run = self._words[index : index + length]
                if len(run) == length and " ".join(part.key for part in run) in cities:
                    found.append(self._finding("LOCATION", run))
                    break
        return found

    def _titled(self) -> list[Finding]:
        found = []
        for title, word in pairwise(self._words):
            if (
                title.key in word_list("titles")
                and joined(self._text, title, word, after_title=True)
                and self._cased(word)
                and len(word.key) > 1
                and word.key not in word_list("common_words")
                and not self._keep.has_word(word.key)
                and not self._is_region([word])
            ):
                found.append(self._finding("PERSON", [word]))
        return found


@cache
def _first_names() -> frozenset[str]:
    return word_list("first_names") - word_list("name_words")


class KnownNames:
    """The people and places of one transcript, found again wherever they are said.

    Args:
        roster: Names known beforehand, in full or in part; titles and labels such as "Speaker 1" are passed over,
            and so is what is written behind a name: its bearer's degrees, employer, the domain of an address.
        people: Names of people that were found in the transcript.
        places: Names of places that were found in it.
    """

    def __init__(self, roster: Sequence[str], people: Iterable[str] = (), places: Iterable[str] = ()) -> None:
        self._kinds: dict[Key, str] = {}
        self._certain: set[str] = set()
        self._owners: dict[str, set[str]] = {}
        for place in sorted(set(places)):
            self._kinds[_key(place)] = "LOCATION"
        for person in sorted(set(people)):
            self._add(_person_words(person), certain=False)
        for name in sorted({name for entry in roster for name in _names_in(entry)}):
            self._add(_person_words(_first_name_first(name)), certain=True)
        self._longest = max(map(len, self._kinds), default=0)

    def _add(self, words: Sequence[Word], *, certain: bool) -> None:
        key = tuple(word.key for word in words)
        if not key or (len(key) == 1 and len(key[0]) == 1):
            return
        value = " ".join(key)
        self._kinds[key] = "PERSON"
        if certain:
            self._certain.update(key)
        for part in key:
            if _stands_alone(part, certain=certain):
                self._owners.setdefault(part, set()).update([value] if len(key) > 1 else [])

    def find(self, text: str) -> list[Finding]:
        """Find every mention of a known name, whole or in part."""
        words = spoken_words(text)
        uncased = text == text.lower()
        found: list[Finding] = []
        index = 0
        while index < len(words):
            length, kind = self._match(text, words, index, uncased=uncased)
            if length:
                run = words[index : index + length]
                said = text[run[0].start : run[-1].end]
                value = self.person(said) if kind == "PERSON" else said
                found.append(Finding(run[0].start, run[-1].end, kind, value))
            index += max(1, length)
        return found

    def person(self, said: str) -> str:
        """Give the name that a placeholder is made of: a part that only one full name has stands for that name."""
        key = _key(said)
        owners = set.intersection(*(self._owners.get(part, set()) for part in key)) if key else set()
        value = " ".join(key)
        return value if value in owners or len(owners) != 1 else next(iter(owners))

    def settled(self, guess: Finding) -> Finding:
        """Give a guess its final kind and value: a person's name in one turn is one in all turns."""
        key = _key(guess.value)
        if guess.kind == "PERSON" or (key and all(part in self._owners for part in key)):
            return Finding(guess.start, guess.end, "PERSON", self.person(guess.value))
        return guess

    def _match(self, text: str, words: Sequence[Word], index: int, *, uncased: bool) -> tuple[int, str]:
        """Count the words of the name that starts here; 0 for none."""
        for length in range(min(self._longest, len(words) - index), 0, -1):
            run = words[index : index + length]
            kind = self._kinds.get(tuple(word.key for word in run))
            if kind is None or not all(joined(text, *pair) for pair in pairwise(run)):
                continue
            if self._allowed(text, run, uncased=uncased):
                return length, kind
        word = words[index]
        told = len(word.key) >= _SHORTEST_PART or not word.text[0].islower()
        if told and word.key in self._owners and self._allowed(text, [word], uncased=uncased):
            return 1, "PERSON"
        return 0, ""

    def _allowed(self, text: str, run: Sequence[Word], *, uncased: bool) -> bool:
        """Tell a name from the same word said in another sense."""
        certain = all(word.key in self._certain for word in run)
        if len(run) > 1 and certain:
            return True
        capital = all(word.text[0].isupper() for word in run)
        if any(word.key in word_list("common_words") for word in run):
            return capital and not _opens_sentence(text, run[0], run[-1])
        if _is_word(run):
            return capital or (certain and uncased)
        return capital or uncased or certain


def _stands_alone(part: str, *, certain: bool) -> bool:
    """Tell the parts of a name that are looked for by themselves."""
    if len(part) >= _SHORTEST_PART:
        return part not in _PARTICLES
    known = certain and len(part) == _SHORTEST_KNOWN_PART
    return known and part not in _SHORT_PARTICLES and part not in word_list("common_words")


def _is_word(run: Sequence[Word]) -> bool:
    return any(word.key in word_list("name_words") for word in run)


def _opens_sentence(text: str, first: Word, last: Word) -> bool:
    """Tell whether a word has its capital only because a sentence starts; one that is called or owns is a name."""
    if last.has_ending or text[last.end : last.end + 1] in (",", ".", "!", "?", ":"):
        return False
    return _SENTENCE_END.search(text, max(0, first.start - 4), first.start) is not None


def _key(name: str) -> Key:
    return tuple(word.key for word in spoken_words(name))


def _person_words(name: str) -> list[Word]:
    words = spoken_words(name)
    named = [word for word in words if word.key not in word_list("titles") and word.key not in word_list("labels")]
    return named if any(len(word.key) > 1 for word in named) else []


def _first_name_first(name: str) -> str:
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma else normalise(name)


def _names_in(entry: str) -> list[str]:
    """Take the names out of a label or a cell: what else stands there is said of other things, too."""
    accounts = [_account_name(address["local"]) for address in _ADDRESS.finditer(entry)]
    nicknames = [word for word in _BRACKETED.findall(entry) if normalise(word) in word_list("first_names")]
    return [_bare(_ADDRESS.sub(" ", entry)), *accounts, *nicknames]


def _account_name(local: str) -> str:
    """Give the words of an address that can be a name; an initial would only vie with the full name."""
    words = [word.key for word in spoken_words(local.partition("+")[0])]
    return " ".join(word for word in words if len(word) > 1 and word not in _MAILBOXES)


def _bare(name: str) -> str:
    """Leave out what is written behind a name: a part or an employer, in brackets or not, and degrees."""
    name = _head_of(name, _ASIDE.split(name, maxsplit=1)[0])
    for _ in range(3):  # "Ana Ruiz (Acme), PhD (she/her)"
        name = _without_degrees(_without_bracket(name.rstrip()))
    return name


def _without_bracket(name: str) -> str:
    opening = {")": "(", "]": "["}.get(name[-1:])
    return _head_of(name, name[: max(0, name.rfind(opening))]) if opening else name


def _head_of(name: str, head: str) -> str:
    """Give the head of a name, unless it holds no letter: then it was no head."""
    return head if any(character.isalpha() for character in head) else name


def _without_degrees(name: str) -> str:
    words = name.replace(",", " , ").split()
    while len(words) > 1 and (words[-1] == "," or _is_degree(words)):
        words.pop()
    return " ".join(words).replace(" ,", ",")


def _is_degree(words: Sequence[str]) -> bool:
    """Tell whether the last word is a degree (PhD, Ph.D., MD/PhD), not a surname that is written like one."""
    listed = words[-2] == "," and len(words) > 3  # noqa: PLR2004 ("Nguyen, DO" is a name)
    return all(
        part.casefold() in _DEGREES or part in _DEGREES_SO_SPELT or (listed and part in _DEGREES_AFTER_COMMA)
        for part in re.split(r"[/&+-]", words[-1].replace(".", ""))
    )
