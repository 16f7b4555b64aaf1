"""What a report is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from voc_pipeline.ids import PassageId
    from voc_pipeline.records import Codebook
    from voc_pipeline.report.appendix import Place

NOT_SCREENED = "not screened"


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """Everything a report is made of.

    Args:
        title: Title of the study.
        run_id: The run that made the tables.
        published_at: ISO moment with its zone; injected, so that the same inputs give the same bytes.
        status: ``draft`` or ``released``.
        codebook: What the themes mean, in which order.
        tables: Every contract table by name, as ``voc_pipeline.tables`` describes them.
        attributes: Participant attributes that make segments, in the order to show.
        small_base: Segments of fewer participants are marked.
        quotes_per_theme: Quotes of a theme that stand open.
        replaced: How many spans were replaced by placeholders.
        topics_examples: Transcript id, turn, start and end of each passage that ``topics.examples`` names.
        uncovered: Ids of themes of the codebook that the coder does not know.
        method: Facts to print as they are: codebook, encoder, coder version, stage versions.
        notes: Further sentences on limits of this run.
        adverse_events: What was done about adverse events.
        released_by: Who released the report; empty for a draft. `status_note` prints it.
        released_at: When, an ISO moment with its zone; empty for a draft.
    """

    title: str
    run_id: str
    published_at: str
    status: str
    codebook: Codebook
    tables: Mapping[str, pd.DataFrame]
    attributes: tuple[str, ...]
    small_base: int
    quotes_per_theme: int
    replaced: int
    topics_examples: Mapping[PassageId, Place] = field(default_factory=dict)
    uncovered: tuple[str, ...] = ()
    method: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    adverse_events: str = NOT_SCREENED
    released_by: str = ""
    released_at: str = ""
