"""The outside edition of a released report: a second folder that people outside the study team may have.

What it may tell is decided in analysis/suppression.py and analysis/disclosure.py. What was told, and why the rest was
not, is kept in the study's own data/outside/: the log for people, the edition for those that follow.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voc_pipeline.analysis.disclosure import Budget, ChosenQuotes, Screen, choose_quotes
from voc_pipeline.analysis.suppression import Edition, Suppressed, compared_segments, suppress
from voc_pipeline.errors import ConfigError, UsageError, VocError
from voc_pipeline.manifests import file_sha256
from voc_pipeline.operations.outside_check import Source, check_edition
from voc_pipeline.operations.staging import new_staging, newest_release
from voc_pipeline.report.csv_tables import table_text
from voc_pipeline.report.durable import write_whole
from voc_pipeline.report.inputs_json import read_inputs
from voc_pipeline.report.manifest import MANIFEST, RELEASED, publish_folder, read_manifest
from voc_pipeline.report.outside import OutsideFacts, write_outside
from voc_pipeline.tables import DISCLOSURE_LOG

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voc_pipeline.config import OutsideSection
    from voc_pipeline.operations.study import Study
    from voc_pipeline.report.view import ReportInputs

_SUFFIX = "-outside"
_USUAL_K = 5
_EDITION, _LOG = "edition.json", "disclosure_log.csv"
_NAMED_BY = 12


@dataclass(frozen=True, slots=True)
class _Made:
    facts: OutsideFacts
    counts: Suppressed
    quotes: ChosenQuotes


def publish_outside(study: Study) -> Path:
    """Make the outside edition of the report that was released last. Done again, it ends the same.

    Args:
        study: The study; its writer lease is held.

    Returns:
        The edition's folder in ``reports/``.

    Raises:
        UsageError: No report is released, or an edition made with other settings stands there.
        VocError: The released report is not as it was released, an earlier edition makes this one unsafe, or the files
            do not pass the check; nothing is published.
    """
    folder, run = _released(study)
    inputs = read_inputs(folder)
    made = _make(study, inputs, folder.name)
    staging = new_staging(study.paths.reports, f"{run}{_SUFFIX}")
    try:
        write_outside(staging, made.facts, made.counts.shares, made.quotes.quotes)
        check_edition(staging, _source(study.settings.outside, inputs, made))
        target = _free(study.paths.reports / f"{run}{_SUFFIX}", staging)
        _remember(study, staging, made)  # before it is out: what is out is never unknown
        return publish_folder(staging, study.paths.reports, target.name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def caution(study: Study) -> str:
    """Say what is unusual about the threshold, in a sentence; empty if nothing is."""
    k = study.settings.outside.k
    if k >= _USUAL_K:
        return ""
    return f"[outside] k is {k}: with fewer than {_USUAL_K} people on each side of a number, guessing gets easy"


def _released(study: Study) -> tuple[Path, str]:
    """Find the released report's folder, unchanged since, and the run that was released."""
    released = newest_release(study)
    if released is None:
        raise UsageError(
            "no report of this study is released, and an outside edition is made of a released one only",
            where=str(study.paths.reports),
            hint="Release it first: voc release RUN --by 'Your Name'",
        )
    folder = study.paths.reports / released.run
    manifest = read_manifest(folder)
    decided = next(row for row in reversed(study.store.releases.all()) if row.folder == released.run)
    changed = [name for name, sha256 in manifest.files.items() if not _is(folder / name, sha256)]
    if manifest.facts.status != RELEASED or changed or not _is(folder / MANIFEST, decided.manifest_sha256):
        raise VocError(
            "the released report is not as it was released",
            where=str(folder / (changed[0] if changed else MANIFEST)),
            hint="Run 'voc verify' on it; get it again from where it was delivered to, or publish and release again",
        )
    return folder, decided.run


def _is(path: Path, sha256: str) -> bool:
    return path.is_file() and file_sha256(path) == sha256


def _make(study: Study, inputs: ReportInputs, run: str) -> _Made:
    settings, tables = study.settings.outside, inputs.tables
    compared = compared_segments(tables["participants"], _attributes(settings, inputs), settings.k)
    themes = [theme for theme in inputs.codebook.themes if theme.theme_id not in inputs.uncovered]
    named = [(theme.theme_id, theme.name) for theme in themes]
    counts = suppress(tables["mentions"], compared, named, k=settings.k, earlier=_editions(study))
    quotes = choose_quotes(
        tables["mentions"],
        counts.shares,
        compared,
        Screen(tables["participants"], tables["turns"]),
        budget=Budget(settings.quotes_per_theme, settings.quotes_per_participant),
        k=settings.k,
    )
    facts = OutsideFacts(
        title=inputs.title,
        run=run,
        date=inputs.published_at[:10],
        k=settings.k,
        families={
            theme.family: inputs.codebook.families.get(theme.family, theme.family) or "Themes" for theme in themes
        },
        themes=tuple((theme.theme_id, theme.family, theme.definition) for theme in themes),
    )
    return _Made(facts, counts, quotes)


def _attributes(settings: OutsideSection, inputs: ReportInputs) -> Sequence[str]:
    known = [str(name) for name in inputs.tables["participants"].columns if name != "participant_id"]
    if not settings.attribute:
        return inputs.attributes
    if settings.attribute in known:
        return (settings.attribute,)
    raise ConfigError(
        f"no participant attribute is called {settings.attribute!r}",
        where="[outside] attribute",
        hint=f"Known: {', '.join(known) or 'none'}; if empty, the report's first with groups big enough",
    )


def _source(settings: OutsideSection, inputs: ReportInputs, made: _Made) -> Source:
    return Source(
        facts=made.facts,
        tables=inputs.tables,
        log=made.quotes.log,
        per_theme=settings.quotes_per_theme,
        per_participant=settings.quotes_per_participant,
    )


def _free(target: Path, staging: Path) -> Path:
    """Check that nothing but this very edition has its name."""
    theirs, ours = target / MANIFEST, staging / MANIFEST
    if target.exists() and not (theirs.is_file() and theirs.read_bytes() == ours.read_bytes()):
        raise UsageError(
            "an outside edition of this report is there already, made with other settings",
            where=str(target),
            hint="Whoever has both can subtract them. If nobody was given it, delete it and its folder in data/outside",
        )
    return target


def _remember(study: Study, staging: Path, made: _Made) -> None:
    """Keep the log and the edition in data/outside, in a folder of their own for each different edition."""
    import pandas as pd  # noqa: PLC0415 (0.3 s; importing the package stays cheap)

    folder = _memory(study) / f"{made.facts.run}-{file_sha256(staging / MANIFEST)[:_NAMED_BY]}"
    folder.mkdir(parents=True, exist_ok=True)
    log = pd.concat([made.counts.log, made.quotes.log], ignore_index=True)
    write_whole(folder / _LOG, table_text(log, DISCLOSURE_LOG))
    edition = made.counts.edition
    told = {
        "groups": [[*place, sorted(members)] for place, members in edition.groups.items()],
        "counts": [[*place, theme, count] for (place, theme), count in edition.counts.items()],
    }
    write_whole(folder / _EDITION, json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def _memory(study: Study) -> Path:
    return study.paths.data / "outside"


def _editions(study: Study) -> Sequence[Edition]:
    return [_edition(path) for path in sorted(_memory(study).glob(f"*/{_EDITION}"))]


def _edition(path: Path) -> Edition:
    try:
        told = json.loads(path.read_bytes())
        return Edition(
            {(attribute, value): frozenset(members) for attribute, value, members in told["groups"]},
            {((attribute, value), theme): int(count) for attribute, value, theme, count in told["counts"]},
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise VocError(
            "what an earlier outside edition told can't be read",
            where=str(path),
            hint="Put it back from a backup; if nobody was given that edition, delete its folder",
        ) from None
