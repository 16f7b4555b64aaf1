"""Notes and status page in the inbox: what they say, when they are written, and what they never touch."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.faults.stand_ins import Unchanged
from voc_pipeline.operations import feedback, status_page
from voc_pipeline.operations import ingest as ingesting
from voc_pipeline.operations.feedback import NOTE_MARKER, note_path
from voc_pipeline.operations.ingest import ingest
from voc_pipeline.operations.run import tell
from voc_pipeline.operations.scan import scan
from voc_pipeline.operations.study import open_study

TALK = "Interviewer: What happened?\n\nRespondent: Canarybird is what happened to us.\n"
WHO = "Speaker 1: What happened?\n\nSpeaker 2: Canarybird is what happened to us.\n"
ROSTER = "file,speaker,role_in_call\nwho.txt,Speaker 1,interviewer\nwho.txt,Speaker 2,participant\n"
FAST = "[inbox]\nstable_seconds = 0.0\n"


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "_pseudonymiser", lambda _key, _keep: Unchanged())


@pytest.fixture
def inbox(study: Path) -> Path:
    (study / "voc.toml").write_text(FAST)
    return study / "inbox"


def settle(inbox: Path) -> None:
    with open_study(inbox.parent) as study:
        ingest(study, scan(study).ingest)
    tell(inbox.parent)


def page(inbox: Path) -> str:
    return (inbox / "STATUS.html").read_text(encoding="utf-8")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_note_says_what_is_wrong_and_what_to_paste_and_goes_when_it_is_mended(inbox: Path) -> None:
    (inbox / "who.txt").write_text(WHO)
    settle(inbox)
    note = (inbox / "who.txt.problem.txt").read_text()
    assert note.startswith(NOTE_MARKER + "\n")
    assert "who.txt needs you, so it is not in the report." in note
    assert "it can't be told who is interviewer and who is participant" in note
    assert '\n"inbox/who.txt","Speaker 1","","interviewer"\n' in note  # a line of its own: it can be pasted
    assert "Canarybird" not in note
    (inbox / "participants.csv").write_text(ROSTER)
    settle(inbox)
    assert names(inbox) == ["STATUS.html", "participants.csv", "who.txt"]
    with open_study(inbox.parent) as study:
        assert not scan(study).ingest  # what we write is never read


def test_a_note_goes_with_its_file(inbox: Path) -> None:
    (inbox / "deep").mkdir()
    (inbox / "deep" / "empty.txt").write_bytes(b"")
    settle(inbox)
    note = inbox / "deep" / "empty.txt.problem.txt"
    assert "deep/empty.txt can't be used as it is" in note.read_text()
    (inbox / "deep" / "empty.txt").unlink()
    tell(inbox.parent)
    assert not note.exists()


def test_only_files_of_ours_are_ever_overwritten_or_removed(inbox: Path) -> None:
    theirs = {
        "who.txt.problem.txt": "I wrote this myself",
        "old.problem.txt": "and this",
        "STATUS.html": "<p>my page</p>",
        "tricky.problem.txt": f"a line before\n{NOTE_MARKER}\n",
        "notes.txt": f"{NOTE_MARKER}\nthe marker alone is not enough",
    }
    for name, text in theirs.items():
        (inbox / name).write_text(text)
    (inbox / "link.problem.txt").symlink_to(inbox / "notes.txt")
    (inbox / "who.txt").write_text(WHO)
    settle(inbox)
    (inbox / "who.txt").unlink()
    settle(inbox)
    assert {name: (inbox / name).read_text() for name in theirs} == theirs
    assert (inbox / "link.problem.txt").is_symlink()
    assert "old.problem.txt" not in (inbox.parent / "data" / "STATUS.html").read_text()


def test_the_page_tells_every_file_its_outcome_speakers_words_and_losses(inbox: Path) -> None:
    (inbox / "a.txt").write_text(TALK)
    (inbox / "copy.txt").write_text(TALK)
    (inbox / "who.txt").write_text(WHO)
    settle(inbox)
    (inbox / "new.txt").write_text(TALK)
    tell(inbox.parent)
    html = page(inbox)
    assert "These need you" in html
    assert "8 words. Interviewer, interviewer: 2 words; Respondent, participant P-" in html
    assert re.search(r"Lines: \d+ seen, \d+ attributed, 0 dropped", html)
    assert "the same bytes as a.txt" in html
    assert re.search(r"new\.txt</bdi>.*waiting.*\n<p>not read yet", html)
    assert "Canarybird" not in html


def test_the_page_is_self_contained_escaped_and_needs_no_script(inbox: Path) -> None:
    hostile = '<script>alert(1)<!-- "x".txt'.replace("/", "")
    (inbox / hostile).write_bytes(b"")
    (inbox / "\u202etxt.exe").write_bytes(b"")
    settle(inbox)
    html = page(inbox)
    tags: list[str] = []
    attributes: dict[str, str] = {}

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)
            attributes.update({name: value or "" for name, value in attrs})
            if tag == "meta" and ("http-equiv", "Content-Security-Policy") in attrs:
                policies.append(dict(attrs)["content"] or "")

    policies: list[str] = []
    Reader().feed(html)
    assert not {"script", "img", "link", "iframe", "form"} & set(tags)
    assert not [name for name in attributes if name.startswith("on") or name in {"src", "href", "style"}]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert "\u202e" not in html
    assert "\\u202etxt.exe" in html
    assert 'name="viewport"' in html
    assert html.startswith(status_page.MARKER + "\n")


def test_what_is_said_already_is_not_written_again(inbox: Path) -> None:
    (inbox / "a.txt").write_text(TALK)
    (inbox / "who.txt").write_text(WHO)
    settle(inbox)
    for name in ("STATUS.html", "who.txt.problem.txt"):
        os.utime(inbox / name, (1, 1))
    settle(inbox)
    assert [(inbox / name).stat().st_mtime for name in ("STATUS.html", "who.txt.problem.txt")] == [1, 1]
    (inbox / "a.txt").unlink()
    tell(inbox.parent)
    assert "the file is gone from the inbox; what was read of it stays" in page(inbox)


def test_feedback_can_be_switched_off_and_takes_its_files_along(inbox: Path) -> None:
    (inbox / "who.txt").write_text(WHO)
    settle(inbox)
    (inbox.parent / "voc.toml").write_text(FAST + "feedback = false\n")
    settle(inbox)
    assert names(inbox) == ["who.txt"]


def test_a_read_only_inbox_has_its_page_in_the_data_folder(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "who.txt").write_text(WHO)
    real = feedback._write_own  # noqa: SLF001 (root may write anywhere: the refusal is simulated)

    def write(path: Path, text: str, marker: str) -> bool:
        if path.is_relative_to(inbox):
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, text, marker)

    with monkeypatch.context() as patch:
        patch.setattr(feedback, "_write_own", write)
        settle(inbox)
    assert names(inbox) == ["who.txt"]
    aside = inbox.parent / "data" / "STATUS.html"
    assert "Speaker 1" in aside.read_text()
    (inbox / "a.txt").write_text(TALK)
    settle(inbox)
    assert not aside.exists()
    assert names(inbox) == ["STATUS.html", "a.txt", "who.txt", "who.txt.problem.txt"]


def test_what_a_killed_process_left_half_written_is_cleared_away(inbox: Path) -> None:
    (inbox / ".voc-999999999.part").write_text("half")
    settle(inbox)
    assert names(inbox) == ["STATUS.html"]


def test_members_of_a_zip_are_told_beside_the_zip(inbox: Path) -> None:
    (inbox / "calls.zip").write_bytes(b"PK")
    view = feedback._View(inbox, [], {}, frozenset({"calls.zip/one.vtt"}))  # noqa: SLF001 (one rule)
    assert view.standing("calls.zip/one.vtt") == "calls.zip"
    assert view.standing("gone.zip/one.vtt") is None


def test_names_of_notes_fit_into_any_file_system() -> None:
    assert note_path("a/b.txt") == "a/b.txt.problem.txt"
    long = [note_path(f"a/{'é' * 125}{last}.txt") for last in "xy"]
    assert len(set(long)) == 2
    assert all(len(Path(path).name.encode()) <= 255 and path.endswith(".problem.txt") for path in long)
