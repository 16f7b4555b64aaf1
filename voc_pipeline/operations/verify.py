"""``voc verify``: a report proves itself, from its folder alone, and against its sources where they are still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc_pipeline.errors import UsageError, VocError
from voc_pipeline.operations.study import open_study
from voc_pipeline.operations.verdicts import AGAIN, Tally, Verdict
from voc_pipeline.operations.verify_evidence import (
    Evidence,
    check_mentions,
    check_people,
    check_quotes,
    check_transcripts,
    check_turns,
)
from voc_pipeline.operations.verify_files import check_files, check_manifest, check_renderings, others
from voc_pipeline.operations.verify_numbers import check_numbers
from voc_pipeline.operations.verify_questions import check_questions
from voc_pipeline.report.inputs_json import INPUTS, changed_tables, inputs_of
from voc_pipeline.report.manifest import LATEST, MANIFEST, outside_files, read_latest, read_manifest
from voc_pipeline.report.reading_tables import read_table, table_file_text
from voc_pipeline.report.view import build_view
from voc_pipeline.tables import CONTRACT_TABLES, CONTRACT_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from voc_pipeline.operations.study import Study
    from voc_pipeline.operations.verdicts import Check
    from voc_pipeline.report.inputs import ReportInputs
    from voc_pipeline.report.manifest import Manifest

RECORDED = (
    "what the coder judged (theme, score, sentiment, stage, type, prompted): recorded; 'voc explain' shows why",
    "how topics were found, and which questions ask the same (topics.csv, questions.csv): models are not run again",
    "hashes of settings and models and versions of packages (manifest.json): what the run says of itself",
)
OUTSIDE = "an outside edition was proved against the study's tables when it was made; they do not travel with it"
NO_SOURCES = "the words of turns.csv against the files of the inbox: needs the study, see --sources"


def verify(place: Path, *, with_sources: bool = False) -> Verdict:
    """Prove the report at a place.

    Args:
        place: A report's folder, a folder of reports, or a study; of the last two, the newest report. Of an outside
            edition, which has no tables to compute from, only the files are proved.
        with_sources: Compare the turns with the files of the study's inbox as well.

    Raises:
        UsageError: There is no report, or no study around it though its sources are asked for.
        VocError: The manifest can't be read.
    """
    folder = _report_at(place)
    outside = outside_files(folder)
    if outside is not None:
        return Verdict(folder, (check_files(folder, outside),), (OUTSIDE,))
    if not with_sources:
        return verify_report(folder)
    root = folder.resolve().parent.parent
    if not (root / "inbox").is_dir():
        raise UsageError(
            "this report does not stand in a study, so its sources can't be read",
            where=str(folder),
            hint="Verify the report in the study's folder 'reports' with --sources, or this one without",
        )
    with open_study(root) as study:
        return verify_report(folder, sources=study)


def _report_at(place: Path) -> Path:
    if (place / MANIFEST).is_file():
        return place
    for reports in (place / "reports", place):
        latest = read_latest(reports)
        if latest is not None:
            return reports / latest.run
    raise UsageError(
        f"there is no report: neither {MANIFEST} nor reports/{LATEST}",
        where=str(place),
        hint="Name a report's folder or a study: voc verify DIR",
    )


def verify_report(folder: Path, *, sources: Study | None = None) -> Verdict:
    """Prove a report: files, quotes, numbers, and every rendering, from its folder alone.

    Args:
        folder: The run's folder.
        sources: The study it came from, if the turns are to be compared with the files of its inbox as well.

    Returns:
        What was checked, what failed and where, and what can't be checked. Wrong content never raises.

    Raises:
        VocError: There is no manifest that could be read, so nothing here is a report.
    """
    manifest = read_manifest(folder)
    checks = [check_files(folder, manifest.files), _check_version(manifest)]
    unchecked = list(RECORDED)
    frames, reading = _read_tables(folder)
    if reading.ok and checks[1].ok:
        unchecked += _check_contents(checks, folder, manifest, frames)
    else:
        unchecked.append("quotes, numbers and renderings: not reached")
    if sources is None:
        unchecked.append(NO_SOURCES)
    elif reading.ok:
        from voc_pipeline.operations.verify_sources import check_sources  # noqa: PLC0415 (needs readers: on demand)

        check, left = check_sources(sources, frames)
        checks.append(check)
        unchecked += left
    return Verdict(folder, (*checks[:1], reading, *checks[1:]), tuple(unchecked))


def require_proof(folder: Path) -> None:
    """Prove a report that is about to become visible.

    Raises:
        VocError: Something is not as it must be; names the first fault and how many there are.
    """
    verdict = verify_report(folder)
    faults = [fault for check in verdict.checks for fault in check.faults]
    if faults:
        count = sum(len(check.faults) + check.more for check in verdict.checks)
        raise VocError(
            f"the report does not prove itself ({count} faults, the first: {faults[0].what})",
            where=faults[0].where,
            hint="It was not published; the last report stands. Run again, and tell whoever maintains voc-pipeline "
            "if it stays so",
        )


def _check_version(manifest: Manifest) -> Check:
    tally = Tally("contract")
    found = manifest.contract_version
    hint = f"This voc verifies version {CONTRACT_VERSION}: verify the report with the voc that wrote it"
    tally.require(found == CONTRACT_VERSION, f"the contract's version is {found}", MANIFEST, hint)
    return tally.check()


def _read_tables(folder: Path) -> tuple[dict[str, pd.DataFrame], Check]:
    tally, frames = Tally("tables"), {}
    for spec in CONTRACT_TABLES:
        tally.checked += 1
        try:
            frames[spec.name] = read_table(table_file_text(folder, spec), spec)
        except VocError as error:
            tally.failed(error)
    return frames, tally.check()


def _check_contents(
    checks: list[Check], folder: Path, manifest: Manifest, frames: dict[str, pd.DataFrame]
) -> list[str]:
    """Add the checks of what the files say; give what can't be checked."""
    evidence = Evidence.of(frames)
    checks += [check_transcripts(evidence, manifest), check_turns(evidence), check_people(evidence)]
    tally = Tally("inputs")
    tally.checked += len(frames)
    try:
        inputs = inputs_of(folder, frames)
        for name in changed_tables(folder):
            tally.fault(f"its sha256 is not the one that {INPUTS} holds", name)
    except VocError as error:
        tally.failed(error)
        checks.append(tally.check())
        return ["mentions, quotes, numbers and renderings: not reached"]
    checks += [tally.check(), check_manifest(folder, manifest, inputs, frames)]
    checks += [check_mentions(evidence, inputs), check_quotes(evidence, inputs)]
    checks.append(_attempt("questions", lambda: check_questions(evidence, frames["turns"])))
    checks.append(_attempt("numbers", lambda: check_numbers(folder, inputs)))
    left: list[str] = []
    checks.append(_attempt("renderings", lambda: _check_pages(folder, inputs, left)))
    return left


def _check_pages(folder: Path, inputs: ReportInputs, left: list[str]) -> Check:
    check, rendered = check_renderings(folder, build_view(inputs))
    left += [f"{name}: nothing here makes it again, its hash is all there is" for name in others(folder, rendered)]
    return check


def _attempt(name: str, make: Callable[[], Check]) -> Check:
    """Make a check on contents that may be anything: what can't be computed at all has failed."""
    tally = Tally(name)
    try:
        return make()
    except VocError as error:
        tally.failed(error, where=name)
    except Exception as error:  # noqa: BLE001 (forged rows can break any sum; their text may stand in the message)
        tally.fault(f"computing it from the tables failed ({type(error).__name__})", name, AGAIN)
    return tally.check()
