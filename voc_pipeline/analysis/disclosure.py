"""Which quotes may leave the study team, and with which words about who speaks.

A quote goes out only if all of this holds:
- Its theme's total is shown (`suppression`), so that k people or more spoke of it: that there is a quote tells nothing
  new of how many. At most k quotes stand for a theme, no two of one participant.
- Of each participant at most a few quotes go out (the disclosure budget), no two from one turn, and none from somebody
  of whom a field with "consent" in its name says anything but yes.
- Its words pass a screen: no placeholder, digit, number word, date, address or words in quotation marks; no word with a
  capital but at the start of a sentence; no attribute value of its speaker, no id of a participant; no word that fewer
  than three participants use in small letters (which finds names at the start of a sentence, and fingerprints); 4 to 60
  words.
- It carries no participant id, file, turn or time. It carries the speaker's value of the attribute compared, shared by
  2k participants or more, only if the theme's row is shown, so that k people or more with this value spoke of it.
- Quotes of one participant form a profile for whoever links them by their style. So they all carry the value, or none:
  linked, they tell nothing of their speaker that one of them does not.

The screen is no promise: a story may betray its teller without a name, so a person should read the page before it goes
out. The log names each decision. Sweeney, L. (2002). k-anonymity: a model for protecting privacy. International Journal
of Uncertainty, Fuzziness and Knowledge-based Systems 10(5), 557-570.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voc_pipeline.records import MentionStatus, Role
from voc_pipeline.tables import ALL_SEGMENTS, DISCLOSURE_LOG, NOT_GIVEN, OUTSIDE_QUOTES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    import pandas as pd

    from voc_pipeline.analysis.voices import Segment

LEAST_WORDS, MOST_WORDS = 4, 60
SHARED_BY = 3
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001 (a typographic apostrophe is meant)
_SENTENCE_START = re.compile(r"(?:^|[.!?…]\s+)[^\w\s]*$")
_PLACEHOLDER = re.compile(r"\[[^\]]*\]")
_ADDRESS = re.compile(r"[@#\\/]|\bwww\b|\bdot com\b")
_QUOTED = re.compile(r"[\"“”„«»]|(?<!\w)['‘]\w.*?\w['’](?!\w)")  # noqa: RUF001 (typographic quotation marks are meant)
_MONEY = frozenset("$€£¥%")
_ALWAYS_CAPITAL = frozenset({"I", "I'm", "I've", "I'd", "I'll", "OK"})
_NUMBERS = re.compile(
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:hundred|thousand|million|billion|dozen)s?|twice"
    r"|january|february|april|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
)
_NOBODY = {"segment_attribute": "", "segment_value": ""}
_YES = frozenset({"yes", "y", "true", "1", "given", "granted"})


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be quoted: of a theme, and of a participant."""

    per_theme: int
    per_participant: int


@dataclass(frozen=True, slots=True)
class ChosenQuotes:
    """What may be quoted.

    Args:
        quotes: Table ``OUTSIDE_QUOTES``, in the order of themes and, within one, of the alphabet: it tells nothing.
        log: Table ``DISCLOSURE_LOG``: one row of the kind ``quote`` for each mention.
    """

    quotes: pd.DataFrame
    log: pd.DataFrame


class Screen:
    """Tells words that may go out from such as may betray who speaks.

    Args:
        participants: Table ``PARTICIPANTS``.
        turns: Table ``TURNS``.
    """

    def __init__(self, participants: pd.DataFrame, turns: pd.DataFrame) -> None:
        self._own: dict[str, tuple[str, ...]] = {}
        self._ids: set[str] = set()
        self._silent: set[str] = set()
        for row in participants.astype(str).to_dict("records"):
            who = row["participant_id"]
            values = {_plain(value) for value in row.values()} - {"", _plain(NOT_GIVEN)}
            self._own[who] = tuple(sorted(values))
            self._ids.add(_plain(who))
            if any("consent" in name.lower() and _plain(row[name]) not in _YES for name in map(str, row)):
                self._silent.add(who)
        spoken = turns[turns["role_in_call"] == Role.PARTICIPANT.value]
        used: dict[str, set[str]] = {}
        for who, text in zip(spoken["participant_id"], spoken["text"], strict=True):
            used.setdefault(str(who), set()).update(_straight(word) for word in _WORD.findall(str(text)))
        self._users = Counter(word for words in used.values() for word in words)

    def objection(self, text: str, speaker: str) -> str:
        """Say why a quote can't go out; empty if it can."""
        if speaker in self._silent:
            return "its speaker's consent field does not say yes"
        return _objection(text) or self._objection_to_words(text, speaker)

    def _objection_to_words(self, text: str, speaker: str) -> str:
        plain = f" {_plain(text)} "
        if any(f" {value} " in plain for value in self._own[speaker]):
            return "it names an attribute of its speaker"
        if any(f" {participant} " in plain for participant in self._ids):
            return "it names a participant"
        for found in _WORD.finditer(text):
            word = _straight(found.group())
            if word in _ALWAYS_CAPITAL:
                continue
            if not word.islower() and not _only_starts(word, text[: found.start()]):
                return "a word has a capital: it may be a name"
            if self._users[word.lower()] < SHARED_BY:
                return f"it has a word that fewer than {SHARED_BY} participants use"
        return ""


def _only_starts(word: str, before: str) -> bool:
    """Say whether a word has a capital, and only one, because it starts a sentence."""
    return bool(_SENTENCE_START.search(before)) and (len(word) == 1 or word[1:].islower())


def _objection(text: str) -> str:
    words = [_straight(word).lower() for word in _WORD.findall(text)]
    objections = (
        (bool(_PLACEHOLDER.search(text)), "it has a placeholder"),
        (any(character.isnumeric() or character in _MONEY for character in text), "it has a number"),
        (any(map(_NUMBERS.fullmatch, words)), "it has a number or a date in words"),
        (bool(_ADDRESS.search(text)), "it has an address"),
        (bool(_QUOTED.search(text)), "it has words in quotation marks"),
        (len(words) > MOST_WORDS, f"it has more than {MOST_WORDS} words"),
        (len(words) < LEAST_WORDS, f"it has fewer than {LEAST_WORDS} words"),
    )
    return next((reason for found, reason in objections if found), "")


def _straight(word: str) -> str:
    return word.replace("’", "'")  # noqa: RUF001 (a typographic apostrophe is meant)


def _plain(text: str) -> str:
    """Reduce a text to its words and digits in small letters, parted by single blanks."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def choose_quotes(
    mentions: pd.DataFrame,
    shares: pd.DataFrame,
    compared: Sequence[Segment],
    screen: Screen,
    *,
    budget: Budget,
    k: int,
) -> ChosenQuotes:
    """Choose quotes, the most typical first, both sides of sentiment, themes in turn; say why the others are left out.

    Args:
        mentions: Table ``MENTIONS``; rejected ones are passed over.
        shares: Table ``OUTSIDE_SHARES`` of the edition.
        compared: Its segments, ``(all)`` first.
        screen: Of the study.
        budget: How many to choose at most.
        k: Least number of participants on each side of a count; no theme has more quotes.
    """
    told = shares[shares["shown"]]
    totals = list(told.loc[told["segment_attribute"] == ALL_SEGMENTS, "theme_id"])
    rows = set(told.loc[told["segment_attribute"] != ALL_SEGMENTS, "theme_id"])
    counted = mentions[mentions["status"] != MentionStatus.REJECTED.value]
    pool = _Pool(counted.to_dict("records"), Budget(min(budget.per_theme, k), budget.per_participant))
    pool.leave_out(lambda row: "" if row["theme_id"] in totals else "the theme's count is not shown")
    pool.leave_out(lambda row: screen.objection(str(row["quote"]), str(row["participant_id"])))
    pool.choose(totals)
    values = _profiles(pool.chosen, rows, compared[1:])
    position = {theme: number for number, theme in enumerate(totals)}
    quotes = [
        {"theme_id": row["theme_id"], "quote": row["quote"], **values[row["participant_id"]]} for row in pool.chosen
    ]
    quotes.sort(key=lambda row: (position[row["theme_id"]], row["quote"]))
    log = [_logged(row, values, pool.reasons.get(row["mention_id"], "")) for row in pool.rows]
    return ChosenQuotes(OUTSIDE_QUOTES.frame(quotes), DISCLOSURE_LOG.frame(log))


class _Pool:
    """The mentions of a study, and what was decided on each."""

    def __init__(self, rows: Iterable[dict[Any, Any]], budget: Budget) -> None:
        self.rows = sorted(rows, key=lambda row: (-row["score"], row["mention_id"]))
        self.reasons: dict[str, str] = {}
        self.chosen: list[dict[Any, Any]] = []
        self._words = {row["mention_id"]: _plain(row["quote"]) for row in self.rows}
        self._budget = budget

    def leave_out(self, objection: Callable[[dict[Any, Any]], str]) -> None:
        """Note objections to mentions that have none yet."""
        for row in self.rows:
            if row["mention_id"] not in self.reasons and (reason := objection(row)):
                self.reasons[row["mention_id"]] = reason

    def choose(self, themes: Sequence[str]) -> None:
        """Let each theme in turn choose one quote, as often as the budget has it; then note why the rest is not."""
        for _ in range(self._budget.per_theme):
            for theme in themes:
                heard = {row["sentiment"] for row in self.chosen if row["theme_id"] == theme}
                free = [row for row in self._left() if row["theme_id"] == theme and not self._clash(row)]
                if free:
                    self.chosen.append(min(free, key=lambda row: row["sentiment"] in heard))  # the first of the best
        for row in self._left():
            self.reasons[row["mention_id"]] = self._clash(row) or "the theme has its quotes"

    def _left(self) -> list[dict[Any, Any]]:
        taken = {row["mention_id"] for row in self.chosen}
        return [row for row in self.rows if row["mention_id"] not in self.reasons and row["mention_id"] not in taken]

    def _clash(self, row: dict[Any, Any]) -> str:
        own = [other for other in self.chosen if other["participant_id"] == row["participant_id"]]
        words = self._words[row["mention_id"]]
        objections = (
            (any(other["theme_id"] == row["theme_id"] for other in own), "its speaker is quoted on the theme already"),
            (len(own) >= self._budget.per_participant, "its speaker's quotes are used up"),
            (any(_turn(other) == _turn(row) for other in own), "its turn is quoted already"),
            (any(self._words[other["mention_id"]] == words for other in self.chosen), "its words are quoted already"),
        )
        return next((reason for found, reason in objections if found), "")


def _turn(row: Mapping[Any, Any]) -> tuple[str, int]:
    return str(row["transcript_id"]), int(row["turn"])


def _profiles(
    chosen: Iterable[Mapping[Any, Any]], rows: Collection[str], groups: Sequence[Segment]
) -> dict[str, dict[str, str]]:
    """Give the words about who speaks, by participant: the same for all of one's quotes."""
    themes: dict[str, set[str]] = {}
    for row in chosen:
        themes.setdefault(row["participant_id"], set()).add(row["theme_id"])
    return {
        who: next(
            (
                {"segment_attribute": group.attribute, "segment_value": group.value}
                for group in groups
                if who in group.members and quoted <= set(rows)
            ),
            _NOBODY,
        )
        for who, quoted in themes.items()
    }


def _logged(row: Mapping[Any, Any], values: Mapping[str, Mapping[str, str]], reason: str) -> dict[str, object]:
    return {
        "kind": "quote",
        "id": row["mention_id"],
        "participant_id": row["participant_id"],
        "theme_id": row["theme_id"],
        "decision": "left out" if reason else "shown",
        "reason": reason or "within the budget, and its words passed the screen",
        **(_NOBODY if reason else values[row["participant_id"]]),
    }
