"""Finds what makes a codebook hard to apply: by people, by the shipped coder and by a coder made from its words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from voc_pipeline.records import ExampleKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from voc_pipeline.codebooks.reading import CodebookFile
    from voc_pipeline.records import Codebook, Theme, ThemeExample

PLACEHOLDER = "TO BE WRITTEN"
"""How a definition starts that an import had to leave open."""
EXAMPLES_WANTED = 3
_LONG_DEFINITION, _LONG_EXAMPLE = 60, 150  # words
_READ_WORDS = 170  # of a theme's description: encoders cut a text at 240 tokens
_SHORT_DEFINITION = 4
_ALIKE = 0.6  # share of the words that two definitions have in common
_WORD = re.compile(r"[^\W\d_]{3,}")
_EMPTY_WORDS = frozenset(
    [
        "the",
        "and",
        "for",
        "that",
        "with",
        "are",
        "was",
        "not",
        "but",
        "from",
        "this",
        "they",
        "have",
        "has",
        "its",
        "their",
        "about",
        "when",
        "what",
        "which",
        "who",
        "how",
        "any",
        "all",
        "customer",
        "customers",
        "vendor",
        "respondent",
        "people",
        "whether",
        "because",
        "into",
        "than",
        "them",
        "being",
        "been",
        "does",
    ]
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A weak spot: line in the file (from 1), theme, what is found and how to mend it."""

    line: int
    theme_id: str
    what: str
    mend: str


def lint(file: CodebookFile, *, trained: Codebook | None = None) -> list[Finding]:
    """Look at every theme of a codebook.

    Args:
        file: The codebook.
        trained: The codebook whose themes the coder was trained on, if it was; its words are not what trained heads
            go by, so a theme that only keeps the id is pointed out.

    Returns:
        Findings in the order of lines; none means that nothing is wrong that a machine can see.
    """
    themes = file.codebook.themes
    known = {theme.theme_id: theme for theme in trained.themes} if trained else {}
    found = [
        Finding(file.lines[theme.theme_id], theme.theme_id, what, mend)
        for theme in themes
        for what, mend in (*_wording(theme), *_as_trained(theme, known.get(theme.theme_id)))
    ]
    found += [
        Finding(file.example_lines[theme.theme_id][number], theme.theme_id, what, mend)
        for theme in themes
        for number, what, mend in _examples(theme.examples)
    ]
    found += [
        Finding(file.lines[theme.theme_id], theme.theme_id, what, mend)
        for theme in themes
        if theme.theme_id not in known
        for what, mend in _too_few(theme)
    ]
    found += _pairs(file)
    found += _lenses(file)
    return sorted(found, key=lambda finding: (finding.line, finding.theme_id, finding.what))


def _wording(theme: Theme) -> Iterator[tuple[str, str]]:
    words = len(theme.definition.split())
    if theme.definition.startswith(PLACEHOLDER):
        yield "the definition is still to be written", "Say in a sentence what the theme covers"
    elif words < _SHORT_DEFINITION:
        yield f"the definition has {words} words", "Say in a whole sentence what the theme covers"
    if words > _LONG_DEFINITION:
        yield (
            f"the definition has {words} words",
            f"Keep to {_LONG_DEFINITION}; move cases to 'include' and 'exclude', statements to 'examples'",
        )
    read = words + sum(len(entry.split()) for entry in (theme.name, *theme.include))
    if read > _READ_WORDS:
        yield (
            f"name, definition and 'include' have {read} words, and coders read {_READ_WORDS} of them at most",
            "Put what matters first, move statements to 'examples'",
        )
    if not theme.include:
        yield "'include' is empty", "List situations in which to apply the theme"
    if not theme.exclude:
        yield "'exclude' is empty", "List what it is mistaken for, with the theme that applies instead"
    for entry, count in Counter(map(_plain, (*theme.include, *theme.exclude))).items():
        if count > 1 and entry:
            yield "the same entry stands twice in 'include' and 'exclude'", "Keep it on one side, once"
            return


def _as_trained(theme: Theme, trained: Theme | None) -> Iterator[tuple[str, str]]:
    if trained is not None and _plain(theme.definition) != _plain(trained.definition):
        yield (
            "the shipped coder knows this id and goes by its own training, not by this definition",
            "Give the theme another id to have it coded by your words",
        )


def _too_few(theme: Theme) -> Iterator[tuple[str, str]]:
    carrying = sum(example.code for example in theme.examples)
    if carrying < EXAMPLES_WANTED:
        yield (
            f"{carrying} examples carry the theme, and it has no trained coder",
            f"Add at least {EXAMPLES_WANTED} with applies: true, in people's own words",
        )


def _examples(examples: Sequence[ThemeExample]) -> Iterator[tuple[int, str, str]]:
    first: dict[str, ThemeExample] = {}
    for number, example in enumerate(examples):
        earlier = first.setdefault(_plain(example.text), example)
        if earlier.code != example.code:
            yield number, "the same example stands here with applies: true and with applies: false", "Keep one"
        elif earlier is not example:
            yield number, "the same example stands here twice", "Remove one"
        if example.code and example.kind is ExampleKind.CLOSE_BUT_NO:
            yield number, "an example is close_but_no, yet carries the theme", "Write applies: false, or another kind"
        if (words := len(example.text.split())) > _LONG_EXAMPLE:
            yield number, f"an example has {words} words", f"Keep to the {_LONG_EXAMPLE} words that carry the theme"


def _pairs(file: CodebookFile) -> Iterator[Finding]:
    """Compare every two themes: names and definitions."""
    for one, two in combinations(file.codebook.themes, 2):
        line, where = file.lines[two.theme_id], f"line {file.lines[one.theme_id]}"
        if _plain(one.name) == _plain(two.name):
            yield Finding(line, two.theme_id, f"it has the name of {one.theme_id!r} ({where})", "Rename one")
        if _share(_words(one.definition), _words(two.definition)) >= _ALIKE:
            yield Finding(
                line,
                two.theme_id,
                f"its definition is nearly that of {one.theme_id!r} ({where})",
                "Say what sets them apart, or make them one theme",
            )


def _lenses(file: CodebookFile) -> Iterator[Finding]:
    known = {theme.theme_id for theme in file.codebook.themes}
    for lens, groups in file.codebook.lenses.items():
        for group, members in groups.items():
            for missing in sorted(set(members) - known):
                yield Finding(
                    1, missing, f"lens {lens!r} lists it under {group!r}, but no theme has this id", "Mend the id"
                )


def _share(one: Collection[str], two: Collection[str]) -> float:
    union = {*one, *two}
    return len({*one} & {*two}) / len(union) if union else 0.0


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if word not in _EMPTY_WORDS}


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
