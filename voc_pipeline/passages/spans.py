"""Places in a text that hold personal data: settling overlaps, and putting placeholders in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.records import ReplacedSpan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KINDS = ("EMAIL", "URL", "IBAN", "CARD", "IP", "ID", "PHONE", "PERSON", "LOCATION", "DATE")
"""What is replaced. Of two findings in one place the kind that stands first here wins."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data in ``text[start:end]``: its kind and the value that its placeholder is made of."""

    start: int
    end: int
    kind: str
    value: str

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """Sort key: longest first, then earliest, then by kind."""
        return self.start - self.end, self.start, KINDS.index(self.kind), self.value


def settle(text: str, findings: Iterable[Finding], untouchable: Sequence[tuple[int, int]]) -> list[Finding]:
    """Settle overlaps: the longest finding wins, then the earliest; what it leaves of another stays a finding.

    Args:
        text: The text they were found in.
        findings: In any order.
        untouchable: Spans that no finding may reach into.

    Returns:
        Disjoint findings in the order of the text.
    """
    taken = list(untouchable)
    settled = []
    for finding in sorted(set(findings), key=lambda finding: finding.rank):
        for start, end in _left_over(text, finding, taken):
            whole = (start, end) == (finding.start, finding.end)
            settled.append(finding if whole else Finding(start, end, finding.kind, text[start:end]))
            taken.append((start, end))
    return sorted(settled, key=lambda finding: finding.start)


def _left_over(text: str, finding: Finding, taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    pieces = [(finding.start, finding.end)]
    for start, end in taken:
        if start < finding.end and finding.start < end:
            pieces = [
                piece
                for left, right in pieces
                for piece in ((left, min(right, start)), (max(left, end), right))
                if piece[0] < piece[1]
            ]
    if len(pieces) == 1 and pieces[0] == (finding.start, finding.end):
        return pieces
    return [trimmed for piece in pieces if (trimmed := _trim(text, *piece))]


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Shrink a span to its first and last letter or digit."""
    inner = [position for position in range(start, end) if text[position].isalnum()]
    return (inner[0], inner[-1] + 1) if inner else None


def put_in(text: str, replacements: Iterable[tuple[Finding, str]]) -> tuple[str, tuple[ReplacedSpan, ...]]:
    """Replace disjoint findings, given in the order of the text, each by its placeholder."""
    pieces: list[str] = []
    spans: list[ReplacedSpan] = []
    read = written = 0
    for finding, placeholder in replacements:
        unchanged = text[read : finding.start]
        start = written + len(unchanged)
        written = start + len(placeholder)
        spans.append(ReplacedSpan(start, written, placeholder, finding.kind))
        pieces += [unchanged, placeholder]
        read = finding.end
    return "".join([*pieces, text[read:]]), tuple(spans)
