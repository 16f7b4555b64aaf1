"""Which participant attributes make segments."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.analysis.voices import segment_value
from voc_pipeline.errors import ConfigError
from voc_pipeline.tables import NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

FEWEST_VALUES, MOST_VALUES = 2, 8
_SHARED_BY = 2
_NEVER = frozenset({"participant_id", "file", "speaker", "role_in_call", "interview_date", "nps", "recording"})
_NUMBER = re.compile(r"[-+]?\s*[$\u20ac\u00a3]?\s*\d[\d.,'\s]*\s*[%kKmM]?")
_ISO_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?([T ].*)?")


def choose_attributes(participants: pd.DataFrame, configured: Sequence[str]) -> list[str]:
    """Choose the attributes to compare.

    Args:
        participants: Table ``PARTICIPANTS``, all cells strings.
        configured: ``segments.attributes`` of the study's settings.

    Returns:
        The configured attributes if there are any; else, in the order of the columns, those with 2 to 8 different
        values, none of them a number or an ISO date, of which at least two are shared by two participants. What the
        roster says of the call (file, speaker, date, recording, consent, score) is never chosen unasked.

    Raises:
        ConfigError: A configured attribute that no participant can have; names the nearest and the known ones.
    """
    known = [str(name) for name in participants.columns if name != "participant_id"]
    if configured:
        for name in configured:
            if name not in known and len(participants):
                raise _unknown(name, known)
        return list(dict.fromkeys(configured))
    return [name for name in known if _is_offered(name) and _makes_segments([*participants[name]])]


def _is_offered(name: str) -> bool:
    return name.lower() not in _NEVER and "consent" not in name.lower()


def _makes_segments(cells: Sequence[object]) -> bool:
    counts = Counter(segment_value(cell) for cell in cells)
    counts.pop(NOT_GIVEN, None)
    shared = sum(count >= _SHARED_BY for count in counts.values())
    in_words = not any(_NUMBER.fullmatch(value) or _ISO_DATE.fullmatch(value) for value in counts)
    return FEWEST_VALUES <= len(counts) <= MOST_VALUES and shared >= FEWEST_VALUES and in_words


def _unknown(name: str, known: Sequence[str]) -> ConfigError:
    nearest = difflib.get_close_matches(name, known, n=1)
    guess = f"Did you mean {nearest[0]!r}? " if nearest else ""
    return ConfigError(
        f"no participant attribute is called {name!r}",
        where="segments.attributes",
        hint=f"{guess}Known from the roster, front matter and folders: {', '.join(known) or 'none'}",
    )
