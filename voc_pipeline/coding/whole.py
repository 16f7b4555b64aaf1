"""The shipped theme coder of any codebook: trained heads where there are any, the codebook's words for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.coding.themes import HeadThemeCoder
from voc_pipeline.coding.unseen import UnseenThemeCoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc_pipeline.ids import ThemeId
    from voc_pipeline.protocols import SpeechEncoder
    from voc_pipeline.reasons import Reasons
    from voc_pipeline.records import Codebook, CodingUnit, ThemeHit


class WholeCodebookCoder:
    """Codes every theme of a codebook; registered as ``heads``. Hits of the unseen coder carry its name and version.

    Args:
        encoder: The encoder that the heads were trained with.
        codebook: Its themes are coded.

    Raises:
        ModelError: The heads are missing, changed, or belong to another encoder.
    """

    name = "heads"

    def __init__(self, encoder: SpeechEncoder, codebook: Codebook) -> None:
        self._trained = HeadThemeCoder(encoder, codebook)
        self.version = self._trained.version
        rest = [codebook.theme(theme) for theme in self._trained.uncovered]
        self._unseen = UnseenThemeCoder(encoder.broad if rest else encoder, rest, self._trained.background)

    @property
    def uncovered(self) -> tuple[ThemeId, ...]:
        """None: themes without a trained head are coded by their words."""
        return self._unseen.uncovered

    @property
    def versions(self) -> dict[str, str]:
        """Name and version of both coders whose hits it gives."""
        return {**self._trained.versions, self._unseen.name: self._unseen.version}

    def code(self, units: Sequence[CodingUnit]) -> list[ThemeHit]:
        """Code turns as `ThemeCoder` says."""
        hits = [*self._trained.code(units), *self._unseen.code(units)]
        return sorted(hits, key=lambda hit: (hit.transcript_id, hit.turn, hit.theme_id))

    def reasons(self, unit: CodingUnit, theme: str, *, start: int, end: int) -> Reasons | None:
        """Look again at a theme with a trained head; None for the others, whose hits say all there is in ``why``."""
        return self._trained.reasons(unit, theme, start=start, end=end)
