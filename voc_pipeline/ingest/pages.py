"""From the lines of pages to lines that flow: no running titles, no page numbers, words whole."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.ingest import heads, labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    Page = Sequence[str]

PAGE_LINE = "page title or number"

_DEPTH = 3  # lines at a page's top and at its bottom that may be a running title
_SHARE = 0.4  # of all pages: titles may differ on left and right pages
_FEW_PAGES = 2
_NUMBER = re.compile(r"\d+")
_ONLY_PAGE = re.compile(r"\W*(?:page|seite|p\u00e1gina|pagina)\W*1\W*(?:(?:of|von|de|di|van)\W+)?1?\W*", re.IGNORECASE)
_CUT_WORD = re.compile(r"(?P<front>[^\W\d_]+)(?P<hyphen>[-\u00ad\u2010])\s*\Z")
_ENDS = ".?!:"
_WORD_PART = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def flowing_lines(pages: Sequence[Page]) -> tuple[list[str], int]:
    """Put the lines of pages into one text.

    Lines at the top or bottom are dropped where other pages repeat them, but for the page's number. A line that goes on
    within a sentence is joined to the one before; a word that was cut keeps its hyphen, unless the text writes it
    elsewhere without.

    Returns:
        The lines that are left, and how many were dropped.
    """
    written = [[line for line in page if line.strip()] for page in pages]
    repeated = _repeated(written)
    kept = [line for page in written for line in _inner(page, repeated)]
    dropped = sum(map(len, written)) - len(kept)
    return _rejoined(kept), dropped


def _key(line: str) -> str:
    return _NUMBER.sub("#", " ".join(line.split()))


def _edges(page: Page) -> list[str]:
    return list(page[:_DEPTH]) if len(page) <= _DEPTH else [*page[:_DEPTH], *page[max(_DEPTH, len(page) - _DEPTH) :]]


def _repeated(pages: Sequence[Page]) -> set[str]:
    """Find the lines that pages repeat at their edges; what a speaker says there is none of them."""
    counts = Counter(key for page in pages for key in {_key(line) for line in _edges(page)})
    speakers = _speakers(pages)
    lines = {_key(line): line for page in pages for line in _edges(page)}
    enough = max(2, _SHARE * sum(map(bool, pages)))
    found = {key for key, count in counts.items() if count >= enough and _same_or_counting(key, pages)}
    if len(pages) == 1 and pages[0]:
        found = {_key(line) for line in pages[0][-1:] if _ONLY_PAGE.fullmatch(line)}
    return {key for key in found if _speaker(lines[key]) not in speakers}


def _speaker(line: str) -> str | None:
    head = heads.parse_head(line)
    return head.key if head else None


def _speakers(pages: Sequence[Page]) -> set[str]:
    """Find who speaks more often than a title that every page repeats; with few pages, all that look like speakers."""
    counts = Counter(speaker for page in pages for line in page if (speaker := _speaker(line)))
    few = len(pages) <= _FEW_PAGES
    return {speaker for speaker, count in counts.items() if few or count > len(pages) or labels.is_known(speaker)}


def _same_or_counting(key: str, pages: Sequence[Page]) -> bool:
    """Tell whether the numbers in a line are the same on all its pages, or one of them counts the pages."""
    found = [(at, line) for at, page in enumerate(pages) for line in _edges(page) if _key(line) == key]
    rows = [[int(number[:9]) for number in _NUMBER.findall(line)] for _, line in found]
    ahead = [[number - at for number in row] for (at, _), row in zip(found, rows, strict=True)]
    counting = (len(set(column)) == 1 for column in zip(*ahead, strict=True))
    return all(row == rows[0] for row in rows) or any(counting)


def _inner(page: Page, repeated: set[str]) -> Page:
    """Peel repeated lines off a page from outside."""
    first, end = 0, len(page)
    while first < min(end, _DEPTH) and _key(page[first]) in repeated:
        first += 1
    while end > max(first, len(page) - _DEPTH) and _key(page[end - 1]) in repeated:
        end -= 1
    return page[first:end]


def _rejoined(lines: Sequence[str]) -> list[str]:
    known = {word.casefold() for line in lines for word in _WORD.findall(line)}
    whole: list[str] = []
    for line in lines:
        if not whole or not _goes_on(whole[-1], line):
            whole.append(line)
        elif cut := _CUT_WORD.search(whole[-1]):
            joined = f"{cut['front']}{_WORD_PART.findall(line)[0]}".casefold()
            hyphen = "-" if cut["hyphen"] == "-" and joined not in known else ""
            whole[-1] = whole[-1][: cut.end("front")] + hyphen + line
        else:
            whole[-1] = f"{whole[-1].rstrip()} {line}"
    return whole


def _goes_on(before: str, line: str) -> bool:
    """Tell a line that goes on within a sentence: whatever stands before a colon in it is no speaker."""
    head = heads.parse_head(line)
    return line[0].islower() and before.rstrip()[-1] not in _ENDS and not (head and labels.is_known(head.label))
