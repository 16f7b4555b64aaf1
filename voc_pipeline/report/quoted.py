"""What the office files say of quotes and findings: which quotes there are and where, how sure a finding is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voc_pipeline.report.panels import Finding
    from voc_pipeline.report.shapes import Quote, ReportView

BEYOND = "Beyond the codebook"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote, what it stands under, and whether it speaks against that theme's prevailing tone."""

    quote: Quote
    family: str
    theme: str
    against: bool

    @property
    def who(self) -> str:
        """The participant and the segments: ``P-03 · Lab head · Europe``."""
        return " \N{MIDDLE DOT} ".join((self.quote.participant_id, *(segment.value for segment in self.quote.segments)))

    @property
    def place(self) -> str:
        """Where it was said: ``call.vtt, turn 7, 05:12``."""
        return ", ".join(filter(None, (self.quote.source_file, f"turn {self.quote.turn}", self.quote.time)))


def sureness(finding: Finding) -> str:
    """Say how far to trust a finding and, if it is none yet, what would settle it."""
    return "; ".join(filter(None, (finding.hedge, finding.needed)))


def all_quotes(view: ReportView) -> Iterator[Quoted]:
    """Walk the quotes as the page does: families, themes, chosen ones first; then topics."""
    for family in view.families:
        for theme in family.themes:
            for quote in (*theme.quotes, *theme.more_quotes):
                yield Quoted(quote, family.name, theme.name, quote.quote_id in theme.against)
    for topic in view.topics:
        for quote in topic.quotes:
            yield Quoted(quote, BEYOND, topic.label, against=False)


def by_id(view: ReportView) -> dict[str, Quoted]:
    """Give every quote by its id."""
    return {found.quote.quote_id: found for found in all_quotes(view)}
