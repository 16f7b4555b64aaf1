"""Archives and languages through reading and planning, with a pseudonymiser that changes nothing."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.faults.stand_ins import Unchanged
from voc_pipeline.operations import ingest as ingesting
from voc_pipeline.operations.frames import contract_tables, load_contents
from voc_pipeline.operations.ingest import ingest
from voc_pipeline.operations.scan import scan
from voc_pipeline.operations.study import open_study

if TYPE_CHECKING:
    from pathlib import Path

    from voc_pipeline.store import FileRow

TALK = "Interviewer: What happened?\n\nRespondent: The machine broke in {} and nobody came for weeks.\n"
GERMAN = (
    "Interviewer: Was ist passiert?\n\nRespondent: Also wir haben das Gerät seit drei Jahren im Labor und eigentlich "
    "sind wir zufrieden, aber der Service ist wirklich langsam und teuer.\n"
)


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "_pseudonymiser", lambda _key, _keep: Unchanged())


@pytest.fixture
def inbox(study: Path) -> Path:
    (study / "voc.toml").write_text("[inbox]\nstable_seconds = 0.0\n")
    return study / "inbox"


def settle(inbox: Path) -> dict[str, FileRow]:
    with open_study(inbox.parent) as study:
        ingest(study, scan(study).ingest)
    with open_study(inbox.parent) as study:
        assert scan(study).ingest == (), "a second look must find nothing to do"
        return {row.path: row for row in study.store.inbox.files() if row.current}


def test_each_member_of_an_archive_is_a_file_of_its_own(inbox: Path) -> None:
    with zipfile.ZipFile(inbox / "calls.zip", "w") as archive:
        archive.writestr("w1/one.txt", TALK.format("May"))
        archive.writestr("w1/two.txt", TALK.format("June"))
        archive.writestr("copy.txt", TALK.format("May"))
        archive.writestr("inner.zip", b"PK")
    (inbox / "participants.csv").write_text("file,speaker,participant_id,region\ncalls.zip/w1/*,Respondent,P-1,EMEA\n")
    rows = settle(inbox)
    assert {path: str(row.outcome) for path, row in rows.items()} == {
        "calls.zip/copy.txt": "coded", "calls.zip/inner.zip": "refused", "calls.zip/w1/one.txt": "duplicate",
        "calls.zip/w1/two.txt": "coded",
    }  # fmt: skip
    assert rows["calls.zip/inner.zip"].reason == "it is an archive inside an archive"
    (inbox / "calls.zip").unlink()
    (inbox / "w1").mkdir()
    (inbox / "w1" / "two.txt").write_text(TALK.format("June"))
    rows = settle(inbox)
    assert str(rows["w1/two.txt"].outcome) == "coded", "unpacked by hand, it is the same interview"
    assert "calls.zip/w1/two.txt" not in rows


def test_an_archive_that_is_none_is_listed_until_it_is_one(inbox: Path) -> None:
    (inbox / "calls.zip").write_bytes(b"PK half an upload")
    rows = settle(inbox)
    assert rows["calls.zip"].reason == "the archive is no zip file, or it is cut off or damaged"
    with zipfile.ZipFile(inbox / "calls.zip", "w") as archive:
        archive.writestr("one.txt", TALK.format("May"))
    assert {path: str(row.outcome) for path, row in settle(inbox).items()} == {"calls.zip/one.txt": "coded"}


def test_another_language_is_listed_as_such_and_not_coded(inbox: Path) -> None:
    (inbox / "a.txt").write_text(TALK.format("May"))
    (inbox / "b.txt").write_text(GERMAN)
    (inbox / "c.txt").write_text(GERMAN.replace("Respondent", "Anna").replace("Interviewer", "Berta"))
    rows = settle(inbox)
    assert {path: str(row.outcome) for path, row in rows.items()} == {
        "a.txt": "coded",
        "b.txt": "refused",
        "c.txt": "refused",
    }
    assert rows["b.txt"].reason == "the interview is in German (de), only English is coded"
    with open_study(inbox.parent) as study:
        frames, _ = contract_tables(study, load_contents(study))
    assert sorted(frames["transcripts"]["language"]) == ["de", "de", "en"]
    assert set(frames["turns"]["source_file"]) == {"a.txt"}


def test_a_sidecar_may_say_that_it_is_english(inbox: Path) -> None:
    (inbox / "b.txt").write_text(GERMAN)
    assert str(settle(inbox)["b.txt"].outcome) == "refused"
    (inbox / "b.yaml").write_text("language: English\n")
    assert str(settle(inbox)["b.txt"].outcome) == "coded"
