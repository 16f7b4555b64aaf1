"""A report of the sample study against the files that it came from."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.report.proving import faults, rehash
from voc_pipeline.operations import verify_sources
from voc_pipeline.operations.ingest import read_raw
from voc_pipeline.operations.study import open_study
from voc_pipeline.operations.verify import verify, verify_report
from voc_pipeline.records import ReplacedSpan, Role, Turn

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline.conftest import Run
    from voc_pipeline.operations.study import Study
    from voc_pipeline.records import RawTranscript

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("sample")]


@pytest.fixture
def run(sample_run: Run, tmp_path: Path) -> Run:
    shutil.copytree(sample_run.root, tmp_path / "study")
    return replace(sample_run, root=tmp_path / "study")


def test_a_real_report_proves_itself_and_every_turn_is_that_of_its_file(sample_run: Run) -> None:
    verdict = verify(sample_run.root, with_sources=True)
    assert faults(verdict) == []
    assert verdict.checked("sources") == len(sample_run.table("turns"))
    assert verdict.checked("quotes") > 300
    assert [reason for reason in verdict.unchecked if "inbox" in reason] == []


def test_words_that_were_changed_in_the_report_are_found_in_the_file(run: Run) -> None:
    path = run.folder / "turns.csv"
    [first, *_] = [row["text"] for row in run.table("turns") if len(row["text"]) > 80 and "[" not in row["text"]]
    path.write_bytes(path.read_bytes().replace(first[:40].encode(), first[:40].encode().swapcase()))
    rehash(run.folder)
    with open_study(run.root) as study:
        verdict = verify_report(run.folder, sources=study)
    [check] = [check for check in verdict.checks if check.name == "sources"]
    [fault] = check.faults
    assert fault.where.startswith("turns.csv, tr_")
    assert "are not those of the file" in fault.what
    assert first[:20] not in f"{fault.what} {fault.hint}"


def test_what_is_gone_or_changed_is_listed_and_not_failed(run: Run) -> None:
    coded = [row["source_file"] for row in run.table("transcripts") if row["outcome"] == "coded"]
    there = sorted((run.root / "inbox").rglob("*.txt"))
    texts = [path for path in there if any(path.stem.split()[0] in name for name in coded)]
    texts[0].unlink()
    texts[1].write_text(texts[1].read_text(encoding="utf-8") + "\nInterviewer: One more.\n", encoding="utf-8")
    verdict = verify(run.root, with_sources=True)
    assert faults(verdict) == []
    gone = [reason for reason in verdict.unchecked if reason.endswith("gone from the inbox, or has changed since")]
    assert len(gone) == 2
    assert {reason.partition(": ")[0] for reason in gone} <= set(coded)
    assert 0 < verdict.checked("sources") < len(run.table("turns"))


def test_another_roster_is_no_fault_of_the_report(run: Run) -> None:
    roster = run.root / "inbox" / "participants.csv"
    head, *rows = roster.read_text(encoding="utf-8").splitlines()
    place = head.split(",").index("participant_id")
    cells = [row.split(",") for row in rows]
    for row in cells:
        row[place] = f"X-{row[place]}"
    roster.write_text("\n".join([head, *(",".join(row) for row in cells)]) + "\n", encoding="utf-8")
    verdict = verify(run.root, with_sources=True)
    assert faults(verdict) == []
    changed = [reason for reason in verdict.unchecked if "readers, settings or roster have changed" in reason]
    assert changed


def test_a_reading_that_fails_today_is_a_fault_only_if_nothing_changed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(study: Study, path: str, data: bytes) -> RawTranscript:
        raw = read_raw(study, path, data)
        return replace(raw, utterances=raw.utterances[:-1])

    monkeypatch.setattr("voc_pipeline.operations.verify_sources.read_raw", short)
    with open_study(run.root) as study:
        found = faults(verify_report(run.folder, sources=study))
    assert found
    assert all("the file gives no transcript any more: it has " in fault.what for fault in found)
    monkeypatch.setattr("voc_pipeline.operations.keys.ingest_key", lambda *_, **__: "another")
    with open_study(run.root) as study:
        assert faults(verify_report(run.folder, sources=study)) == []


@pytest.mark.parametrize(
    ("raw", "fits"),
    [
        ("I asked Bob Jones, then Al.", True),
        ("I asked X, then Y.", True),
        ("I asked , then Al.", False),
        ("I asked Bob, than Al.", False),
        ("I asked Bob, then .", False),
        ("I asked Bob, then Al. Really", False),
        ("So I asked Bob, then Al.", False),
        ("I asked Bob, then Cy, then Al.", True),
    ],
)
def test_a_raw_text_fits_what_is_stored_of_it(raw: str, *, fits: bool) -> None:
    text, name = "I asked [PERSON_AAAAAA], then [PERSON_BBBBBB].", "[PERSON_AAAAAA]"
    spans = tuple(ReplacedSpan(start, start + 15, text[start : start + 15], "PERSON") for start in (8, 30))
    assert text[8:23] == name
    assert verify_sources._fits(raw, Turn(1, "Interviewer", Role.INTERVIEWER, text, 0, replaced=spans)) is fits  # noqa: SLF001 (the heart of it)


def test_a_report_is_the_newest_of_its_study(sample_run: Run) -> None:
    latest = json.loads((sample_run.root / "reports" / "latest.json").read_text())
    assert verify(sample_run.root).folder.name == latest["run"]
