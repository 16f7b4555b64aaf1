"""The first screen: what stands after correction, in sentences to repeat, and the patterns that are worth a test."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from voc_pipeline.records import Sentiment
from voc_pipeline.report import wording
from voc_pipeline.report.evidence import Evidence
from voc_pipeline.report.panels import Finding, FindingsPanel
from voc_pipeline.tables import ALL_SEGMENTS, NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voc_pipeline.report.material import Material
    from voc_pipeline.report.rows import FindingRow, MentionRow

MOST, QUOTES, AGAINST = 5, 2, 1
MOST_NEEDED = 200  # the table gives no number above it
_TWO_VALUES = 2
_POLE = {-1: Sentiment.NEGATIVE, 1: Sentiment.POSITIVE}
_SIGN: Mapping[str, int] = {pole: sign for sign, pole in _POLE.items()}
_PATTERNS = (
    "These are not findings: chance alone may have made each of them. Below each stands how many participants a new "
    "study that tests it alone would need."
)


def findings_panel(material: Material) -> FindingsPanel:
    """Tell what stands, and what might with more participants."""
    rows = [row for row in material.tables.findings if row.theme_id in material.links]
    firm = [row for row in rows if row.stands][:MOST]
    loose = [row for row in rows if not row.stands][:MOST]
    teller = _Teller(material)
    findings = tuple(teller.finding(row) for row in firm)
    patterns = tuple(teller.finding(row) for row in loose)
    stands = Counter(row.kind for row in rows if row.stands)
    return FindingsPanel(
        sentence=_sentence(material, stands),
        findings=findings,
        patterns_note=_PATTERNS if patterns else "",
        patterns=patterns,
    )


class _Teller:
    """Puts rows into words, in the order of their rank: a quote goes to the first that takes it."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._evidence = Evidence(material.quotes.segment_of)

    def finding(self, row: FindingRow) -> Finding:
        is_tone = row.segment_attribute == ALL_SEGMENTS
        mentions = self._material.tables.by_theme.get(row.theme_id, ())
        side = leaning_side(mentions, row) if is_tone else 0
        showing, other = _by_pole(mentions, side) if is_tone else self._by_segment(mentions, row)
        return Finding(
            theme=self._material.links[row.theme_id],
            kind=row.kind,
            text=tone_text(row, side) if is_tone else segment_text(row),
            hedge=self._hedge(row, is_tone=is_tone),
            quotes=self._evidence.take(showing, QUOTES),
            against=self._evidence.take(other, AGAINST),
            needed="" if row.stands else needed_text(row, is_tone=is_tone),
        )

    def _by_segment(self, mentions: Sequence[MentionRow], row: FindingRow) -> tuple[list[MentionRow], list[MentionRow]]:
        """Give the mentions of the group that raises it more often, then those of the group that does less."""
        members = self._material.tables.members(row.segment_attribute)
        inside = [one for one in mentions if members.get(one.participant_id) == row.segment_value]
        outside = [
            one for one in mentions if members.get(one.participant_id, NOT_GIVEN) not in {row.segment_value, NOT_GIVEN}
        ]
        return (inside, outside) if (row.effect or 0.0) >= 0 else (outside, inside)

    def _hedge(self, row: FindingRow, *, is_tone: bool) -> str:
        parts = [_effect_text(row, is_tone=is_tone)]
        if row.q_value is not None:
            parts.append(wording.q_text(row.q_value))
        bases = [row.base] if is_tone else [row.base, row.others_base or 0]
        if min(bases) < self._material.small_base:
            parts.append("small base")
        return "; ".join(filter(None, parts))


def segment_text(row: FindingRow) -> str:
    """Say how often a segment raises a theme, and how often the others do."""
    attribute = row.segment_attribute.replace("_", " ").strip()
    return (
        f"raised by {row.participants} of {wording.counted(row.base, 'participant')} with {attribute} "
        f"{row.segment_value}, against {row.others} of {wording.counted(row.others_base or 0, 'other')}"
    )


def tone_text(row: FindingRow, side: int) -> str:
    """Say to which side those lean who take one."""
    name = _POLE[side].value
    if row.participants < row.base:
        verb = "is" if row.participants == 1 else "are"
        return f"leans {name}: {row.participants} of the {row.base} who take a side {verb} {name}"
    who = "the one who takes a side is" if row.base == 1 else f"all {row.base} who take a side are"
    return f"leans {name}: {who} {name}"


def needed_text(row: FindingRow, *, is_tone: bool) -> str:
    """Say how many participants would settle a pattern."""
    many = f"more than {MOST_NEEDED}" if row.needed is None else f"about {row.needed}"
    if is_tone:
        return f"would take {many} who take a side, if they lean as these do"
    return f"would take {many} a group, if these shares hold"


def leaning_side(mentions: Sequence[MentionRow], row: FindingRow) -> int:
    """Give the side, -1 or 1, that ``row.participants`` lean to; of two equal ones the effect's."""
    balance: Counter[str] = Counter()
    for mention in mentions:
        balance[mention.participant_id] += _SIGN.get(mention.sentiment, 0)
    negative = sum(value < 0 for value in balance.values())
    positive = sum(value > 0 for value in balance.values())
    if negative == positive:
        return 1 if (row.effect or 0.0) > 0 else -1
    return -1 if negative > positive else 1


def _by_pole(mentions: Sequence[MentionRow], side: int) -> tuple[list[MentionRow], list[MentionRow]]:
    own, other = _POLE[side], _POLE[-side]
    return [one for one in mentions if one.sentiment == own], [one for one in mentions if one.sentiment == other]


def _effect_text(row: FindingRow, *, is_tone: bool) -> str:
    if row.effect is None:
        return ""
    low, high = row.effect_ci_low, row.effect_ci_high
    write = wording.signed if is_tone else wording.points
    text = f"net sentiment {write(row.effect)}" if is_tone else f"{write(row.effect)} points"
    if low is None or high is None or low == high:
        return f"{text}, too few for an interval" if is_tone and row.base <= _TWO_VALUES else text
    return f"{text}, 95% interval {write(low)} to {write(high)}"


def _sentence(material: Material, stands: Counter[str]) -> str:
    if not material.links:
        return "No theme was heard, so that there is nothing to compare yet."
    compared = comparisons(material)
    if compared:
        people, corrected = (
            wording.counted(material.tables.base, "participant"),
            wording.counted(compared, "comparison"),
        )
        nothing = f"With {people} no difference between segments survives the correction for {corrected}."
    else:
        nothing = "There are no segments to compare."
    found = stands.total()
    if not found:
        return f"{nothing} No theme leans clearly one way."
    told = "One finding stands" if found == 1 else f"{found} findings stand"
    shown = f"; the firmest {MOST} are told here" if found > MOST else ""
    rest = "" if stands["segment"] else f" {nothing}"
    return f"{told} after correction for many comparisons{shown}.{rest}"


def comparisons(material: Material) -> int:
    """Count the tests of segments: each theme in each value of an attribute; two values make one comparison."""
    total = 0
    for attribute in material.attributes:
        rows = [row for row in material.tables.by_attribute.get(attribute, ()) if row.segment_value != NOT_GIVEN]
        values = {row.segment_value for row in rows}
        if len(values) >= _TWO_VALUES:
            total += len(rows) // _TWO_VALUES if len(values) == _TWO_VALUES else len(rows)
    return total
