"""Which counts of the theme-by-segment table may leave the study team: cell suppression with a guarantee.

The rule. A count is safe if at least k of its group spoke of the theme and at least k did not (k <= count <= base - k).
Zeros and full cells are as unsafe as small ones: they say something of everyone in the group (group disclosure).
- Attribute values of fewer than 2k participants, which can have no safe count, are put together as ``(other values)``;
  this looks at bases only, never at what was said.
- One attribute is compared, the same for every theme. A theme's counts are shown for all of its groups or for none
  (the complement of an unsafe cell is its whole row), and a row has a total only if the total is safe.
- Everything else that is shown (share, interval) is worked out from shown counts.

The guarantee. What is known of a theme are its counts c in disjoint groups of b participants, all safe. Of any set of
participants, s of them in a group, between max(0, s + c - b) and min(s, c) may have spoken, in each group whatever the
others hold (bounds of Frechet). So, even for a reader who knows everybody's attributes:
- Of any fewer than k people nothing is learnt: s < k <= c and s < k <= b - c, so that any number of them, none to all,
  may have spoken. Whoever knows m answers from elsewhere is in the same place about any fewer than k - m others.
- A count that is not shown, of a group of k or more, is never known to be below k, nor above its base less k.
- A count that is not shown, of a group of the attribute compared, lies within a range at least k wide if the total t of
  N is shown: from max(0, t + b - N) to min(b, t), as wide as the least of t, N - t, b and N - b. It has both ends even
  for who knows the rule: at each of them some count of the row is unsafe. Without a total it lies within 0 to b.
Two attributes side by side would break the first two: where all but one of a group are of a group of the other, the
difference of two safe counts is one person's answer.

Two editions of a study, too, can be subtracted from each other. So those who joined or left are 2k or more, a count
shown in both differs by what is safe for them, and so does a total from any sum of groups told before. The attribute
compared stays the same; a row that was told is told again only of groups of the same names, between which nobody moved;
a row whose total was told without it stays untold. What else was left out is told once it is safe.

Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley: ch. 4 (suppression, protection intervals), ch. 5
(frequency tables, group disclosure, differencing). Willenborg, L. & de Waal, T. (2001). Elements of Statistical
Disclosure Control. Springer: ch. 6-8. Wong, R. C.-W. et al. (2007). Minimality attack in privacy preserving data
publishing. VLDB: 543-554, why no choice here follows from the counts but the one that is proved harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.analysis.intervals import wilson
from voc_pipeline.analysis.voices import Segment, counted, segments
from voc_pipeline.errors import VocError
from voc_pipeline.tables import ALL_SEGMENTS, DISCLOSURE_LOG, OUTSIDE_SHARES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

OTHER_VALUES = "(other values)"
Place = tuple[str, str]
"""Attribute and value of a segment."""
_TOTAL: Place = (ALL_SEGMENTS, ALL_SEGMENTS)


@dataclass(frozen=True, slots=True)
class Edition:
    """What an outside edition tells: of whom, and how many of them spoke of what.

    Args:
        groups: Participants of each segment, ``(all)`` first.
        counts: Participants by segment and theme id, of the counts that are shown.
    """

    groups: Mapping[Place, frozenset[str]]
    counts: Mapping[tuple[Place, str], int]

    @property
    def attribute(self) -> str:
        """The attribute it compares by, empty if it compares nothing."""
        return next((attribute for attribute, _ in self.groups if attribute != ALL_SEGMENTS), "")


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What may be told.

    Args:
        shares: Table ``OUTSIDE_SHARES``: totals, then the segments of the attribute compared.
        log: Table ``DISCLOSURE_LOG``: a row of the kind ``count`` for each row of ``shares``.
        edition: The same for the editions that follow.
    """

    shares: pd.DataFrame
    log: pd.DataFrame
    edition: Edition


@dataclass(frozen=True, slots=True)
class _Cell:
    segment: Segment
    theme: tuple[str, str]
    count: int
    hidden: str
    """Why it is not shown; empty if it is."""


def safe(count: int, base: int, k: int) -> bool:
    """Say whether at least k of a group spoke of a theme and at least k did not."""
    return k <= count <= base - k


def compared_segments(participants: pd.DataFrame, attributes: Sequence[str], k: int) -> tuple[Segment, ...]:
    """Give everyone, then the groups of the first attribute that has two groups of 2k participants or more.

    Values of fewer are put together as ``(other values)``, with them the smallest of the others if they are too few
    even so. Where no attribute has two such groups: everyone only.
    """
    everyone, *values = segments(participants, attributes)
    for attribute in dict.fromkeys(attributes):
        groups = _grouped([value for value in values if value.attribute == attribute], least=2 * k)
        if len(groups) > 1:
            return (everyone, *groups)
    return (everyone,)


def _grouped(values: Sequence[Segment], *, least: int) -> list[Segment]:
    ordered = sorted(values, key=lambda value: (len(value.members), value.value))
    together = [value for value in ordered if len(value.members) < least]
    if together and sum(len(value.members) for value in together) < least:
        together = ordered[: len(together) + 1]
    if not together:
        return list(values)
    others = frozenset(member for value in together for member in value.members)
    return [*(value for value in values if value not in together), Segment(values[0].attribute, OTHER_VALUES, others)]


def suppress(
    mentions: pd.DataFrame,
    compared: Sequence[Segment],
    themes: Sequence[tuple[str, str]],
    *,
    k: int,
    earlier: Sequence[Edition] = (),
) -> Suppressed:
    """Work out the counts that may be told, with Wilson's interval of each share.

    Args:
        mentions: Table ``MENTIONS``; rejected ones and those of other themes count nowhere.
        compared: What ``compared_segments`` gave.
        themes: Ids and names, in the order to show.
        k: Least number of participants on each side of a count.
        earlier: Outside editions of the study that are out already.

    Raises:
        VocError: After an earlier edition no further one is safe; says what to wait for.
        ValueError: A counted mention's participant is not among the participants.
    """
    _check_earlier(compared, earlier, k)
    speakers: dict[str, set[str]] = {theme: set() for theme, _ in themes}
    for said in counted(mentions, dict(themes), compared[0].members):
        speakers[said.theme].add(said.participant)
    rows = [_theme_cells(theme, speakers[theme[0]], compared, earlier, k=k) for theme in themes]
    cells = [row[number] for number in range(len(compared)) for row in rows]
    return Suppressed(
        OUTSIDE_SHARES.frame(_share(cell, show_base=len(compared[0].members) >= k) for cell in cells),
        DISCLOSURE_LOG.frame(_logged(cell) for cell in cells),
        Edition(
            {_place(segment): segment.members for segment in compared},
            {(_place(cell.segment), cell.theme[0]): cell.count for cell in cells if not cell.hidden},
        ),
    )


def _place(segment: Segment) -> Place:
    return segment.attribute, segment.value


def _theme_cells(
    theme: tuple[str, str], speakers: set[str], compared: Sequence[Segment], earlier: Sequence[Edition], *, k: int
) -> list[_Cell]:
    """Decide on one theme: its total, then its row of groups as a whole."""
    counts = [len(speakers & segment.members) for segment in compared]
    why = [_unsafe(segment, theme[0], count, earlier, k=k) for segment, count in zip(compared, counts, strict=True)]
    total, groups = why[0], [reason for reason in why[1:] if reason]
    if not total and any(_told_without_row(edition, theme[0], compared) for edition in earlier):
        groups.append("an earlier edition told its total only")
    if not total and any(_told_of_others(edition, theme[0], compared) for edition in earlier):
        groups.append("an earlier edition's groups were others, and the two could be subtracted")
    row = total or (f"the row has a count that can't be shown: {groups[0]}" if groups else "")
    return [
        _Cell(segment, theme, count, reason or (row if number else ""))
        for number, (segment, count, reason) in enumerate(zip(compared, counts, why, strict=True))
    ]


def _unsafe(segment: Segment, theme: str, count: int, earlier: Sequence[Edition], *, k: int) -> str:
    """Say why a count, taken by itself, can't be shown; empty if it can."""
    if not safe(count, len(segment.members), k):
        return f"fewer than {k} spoke of it, or fewer than {k} did not"
    for edition in earlier:
        before = edition.counts.get((_place(segment), theme))
        then = edition.groups.get(_place(segment), frozenset())
        joined, left = len(segment.members - then), len(then - segment.members)
        if before is not None and joined + left and not k - left <= count - before <= joined - k:
            return "an earlier edition's count could be subtracted from it"
        if _place(segment) == _TOTAL and _sums_betray(segment.members, theme, count, edition, k=k):
            return "an earlier edition's groups could be subtracted from it"
    return ""


def _sums_betray(now: frozenset[str], theme: str, count: int, edition: Edition, *, k: int) -> bool:
    """Say whether a total less some groups of an earlier edition is unsafe for those who joined and left.

    Safe is k - left <= count - sum <= joined - k. Either side is a sum over groups, so that its least is taken with
    the very groups that make it less. A total that is such a sum tells nothing new.
    """
    row = {place: before for (place, of), before in edition.counts.items() if of == theme and place != _TOTAL}
    spoke, silent, whole = count, len(now) - count, 0
    for place, before in row.items():
        stayed, left = len(edition.groups[place] & now), len(edition.groups[place] - now)
        spoke += min(0, left - before)
        silent += min(0, before - stayed)
        whole += 0 if left else stayed
    return bool(row) and whole < len(now) and min(spoke, silent) < k


def _told_of_others(edition: Edition, theme: str, compared: Sequence[Segment]) -> bool:
    """Say whether an edition told a theme's row of groups of other names, or somebody moved between them since."""
    both = edition.groups[_TOTAL] & compared[0].members
    if not both or not any(place != _TOTAL and told == theme for place, told in edition.counts):
        return False
    now = {_place(segment): segment.members for segment in compared[1:]}
    then = {place: members for place, members in edition.groups.items() if place != _TOTAL}
    return now.keys() != then.keys() or any((now[place] ^ then[place]) & both for place in now)


def _told_without_row(edition: Edition, theme: str, compared: Sequence[Segment]) -> bool:
    """Say whether an edition about other people told a theme's total and not its row."""
    changed = edition.groups[_TOTAL] != compared[0].members
    row = any(place != _TOTAL and told == theme for place, told in edition.counts)
    return changed and (_TOTAL, theme) in edition.counts and not row


def _check_earlier(compared: Sequence[Segment], earlier: Sequence[Edition], k: int) -> None:
    now = compared[0].members
    attribute = compared[-1].attribute if len(compared) > 1 else ""
    for edition in earlier:
        then = edition.groups[_TOTAL]
        moved = len(now ^ then)
        if 0 < moved < 2 * k:
            people = "1 participant has" if moved == 1 else f"{moved} participants have"
            raise VocError(
                f"{people} joined or left since an earlier outside edition, and the two could be subtracted",
                where="outside edition",
                hint=f"Wait until at least {2 * k} have; an edition that nobody was given can be forgotten: "
                "delete its folder in data/outside",
            )
        if attribute and edition.attribute not in {"", attribute} and now & then:
            raise VocError(
                f"an earlier outside edition compares by {edition.attribute!r}, this one would by {attribute!r}",
                where="[outside] attribute",
                hint=f"Set it to {edition.attribute!r}: from comparisons side by side single answers can be told; an "
                "edition that nobody was given can be forgotten: delete its folder in data/outside",
            )


def _share(cell: _Cell, *, show_base: bool) -> dict[str, object]:
    base = len(cell.segment.members)
    low, high = wilson(cell.count, base)
    told = {"participants": cell.count, "share": cell.count / base if base else None, "ci_low": low, "ci_high": high}
    return {
        "segment_attribute": cell.segment.attribute,
        "segment_value": cell.segment.value,
        "theme_id": cell.theme[0],
        "theme_name": cell.theme[1],
        "shown": not cell.hidden,
        "base": base if show_base else None,
        **(told if not cell.hidden else dict.fromkeys(told)),
    }


def _logged(cell: _Cell) -> dict[str, object]:
    return {
        "kind": "count",
        "id": "",
        "participant_id": "",
        "theme_id": cell.theme[0],
        "segment_attribute": cell.segment.attribute,
        "segment_value": cell.segment.value,
        "decision": "left out" if cell.hidden else "shown",
        "reason": cell.hidden or "safe",
    }
