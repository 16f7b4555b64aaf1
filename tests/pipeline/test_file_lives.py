"""What becomes of files that are copied, renamed, edited, swapped and removed: the tables follow the inbox.

Reading and planning only, with a pseudonymiser that changes nothing: models have no part in it.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from tests.faults.stand_ins import Unchanged
from voc_pipeline.errors import AttentionError
from voc_pipeline.operations import ingest as ingesting
from voc_pipeline.operations.ingest import ingest
from voc_pipeline.operations.run import ingest_batches
from voc_pipeline.operations.scan import scan
from voc_pipeline.operations.study import open_study
from voc_pipeline.operations.watching import Watcher
from voc_pipeline.records import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voc_pipeline.records import RawTranscript, ReadingOptions, ReplacedSpan

TALK = "Interviewer: What happened?\n\nRespondent: {} is what happened to us.\n"


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "_pseudonymiser", lambda _key, _keep: Unchanged())


@pytest.fixture
def inbox(study: Path) -> Path:
    (study / "voc.toml").write_text("[inbox]\nstable_seconds = 0.0\n")
    return study / "inbox"


def settle(inbox: Path) -> None:
    with open_study(inbox.parent) as study:
        ingest(study, scan(study).ingest)
    with open_study(inbox.parent) as study:
        assert scan(study).ingest == (), "a second look must find nothing to do"


def outcomes(inbox: Path) -> dict[str, str]:
    with open_study(inbox.parent) as study:
        return {row.path: str(row.outcome) for row in study.store.inbox.files() if row.current}


def reasons(inbox: Path) -> dict[str, str]:
    with open_study(inbox.parent) as study:
        return {row.path: row.reason for row in study.store.inbox.files() if row.current}


def spoken(inbox: Path) -> list[str]:
    with open_study(inbox.parent) as study:
        return sorted(turn.text.split()[0] for item in study.store.inbox.transcripts() for turn in item.turns[1:])


def test_the_first_path_is_read_whichever_came_first(inbox: Path) -> None:
    (inbox / "z.txt").write_text(TALK.format("Rain"))
    settle(inbox)
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    settle(inbox)
    assert outcomes(inbox) == {"a.txt": "coded", "z.txt": "duplicate"}
    assert spoken(inbox) == ["Rain"]


def test_a_duplicate_names_the_first_path_of_today_whichever_came_first(inbox: Path) -> None:
    for name in ("m.txt", "y.txt", "z.txt"):
        (inbox / name).write_text(TALK.format("Rain"))
    settle(inbox)
    assert reasons(inbox) == {"m.txt": "", "y.txt": "the same bytes as m.txt", "z.txt": "the same bytes as m.txt"}
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    settle(inbox)
    assert set(reasons(inbox).values()) == {"", "the same bytes as a.txt"}
    (inbox / "a.txt").rename(inbox / "x.txt")
    settle(inbox)
    assert reasons(inbox) == dict.fromkeys(("x.txt", "y.txt", "z.txt"), "the same bytes as m.txt") | {"m.txt": ""}


def test_a_file_whose_names_can_not_be_searched_waits_and_stops_no_other(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(Unchanged):
        def pseudonymise(
            self, texts: Sequence[str], *, names: Sequence[str]
        ) -> list[tuple[str, tuple[ReplacedSpan, ...]]]:
            if any("Garbled" in text for text in texts):
                raise AttentionError("the search for personal data failed (ValueError)")
            return super().pseudonymise(texts, names=names)

    monkeypatch.setattr(ingesting, "_pseudonymiser", lambda _key, _keep: Failing())
    (inbox / "a.txt").write_text(TALK.format("Garbled"))
    (inbox / "b.txt").write_text(TALK.format("Rain"))
    settle(inbox)
    assert outcomes(inbox) == {"a.txt": "attention", "b.txt": "coded"}
    assert reasons(inbox)["a.txt"] == "the search for personal data failed (ValueError)"
    assert spoken(inbox) == ["Rain"]


def test_a_kill_between_two_copies_leaves_no_interview_twice(inbox: Path) -> None:
    (inbox / "z.txt").write_text(TALK.format("Rain"))
    settle(inbox)
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    with open_study(inbox.parent) as study:
        ingest(study, ["a.txt"])  # and here it is killed: z.txt was the next of the batch
    watcher = Watcher(inbox.parent)
    task = watcher.due()
    assert task is not None
    assert task.paths == ("z.txt",)
    assert ingest_batches(inbox.parent, task.paths) == [["z.txt"]]
    with open_study(inbox.parent) as study:
        ingest(study, task.paths)
    assert outcomes(inbox) == {"a.txt": "coded", "z.txt": "duplicate"}
    assert ingest_batches(inbox.parent) == []


def test_planning_and_reading_agree_on_a_copy_of_a_file_that_does_not_stand_still(inbox: Path) -> None:
    for name in ("a.txt", "z.txt"):
        (inbox / name).write_text(TALK.format("Rain"))
    settle(inbox)
    assert ingest_batches(inbox.parent, ["z.txt"]) == []  # a.txt is being touched: z.txt stays its copy
    (inbox / "0.txt").write_text(TALK.format("Rain"))
    assert ingest_batches(inbox.parent, ["a.txt", "z.txt"]) == []  # 0.txt may be half written: nobody reads it yet


def test_a_duplicate_with_a_roster_row_of_its_own_stays_settled(inbox: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (inbox / name).write_text(TALK.format("Rain"))
    (inbox / "participants.csv").write_text(
        "file,speaker,participant_id,role_in_call\nb.txt,Respondent,P2,participant\n"
    )
    settle(inbox)
    assert outcomes(inbox) == {"a.txt": "coded", "b.txt": "duplicate"}
    with open_study(inbox.parent) as study:
        assert len(scan(study).code) == 1


def test_a_renamed_file_is_one_interview(inbox: Path) -> None:
    (inbox / "old.txt").write_text(TALK.format("Rain"))
    settle(inbox)
    (inbox / "old.txt").rename(inbox / "new.txt")
    settle(inbox)
    assert outcomes(inbox) == {"new.txt": "coded"}
    assert spoken(inbox) == ["Rain"]


def test_a_renamed_file_that_the_roster_knows_by_its_old_name_waits_and_is_counted_once(inbox: Path) -> None:
    (inbox / "old.txt").write_text("Dana: Why?\n\nRuth: Rain is what happened to us all year.\n")
    header = "file,speaker,participant_id,role_in_call\n"
    rows = "{0},Dana,,interviewer\n{0},Ruth,P1,participant\n"
    (inbox / "participants.csv").write_text(header + rows.format("old.txt"))
    settle(inbox)
    (inbox / "old.txt").rename(inbox / "new.txt")
    settle(inbox)
    assert outcomes(inbox) == {"new.txt": "attention"}
    (inbox / "participants.csv").write_text(header + rows.format("new.txt"))
    settle(inbox)
    assert outcomes(inbox) == {"new.txt": "coded"}
    assert spoken(inbox) == ["Rain"]


def test_a_duplicate_whose_original_is_edited_is_read(inbox: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (inbox / name).write_text(TALK.format("Rain"))
    settle(inbox)
    (inbox / "a.txt").write_text(TALK.format("Snow"))
    settle(inbox)
    assert outcomes(inbox) == {"a.txt": "coded", "b.txt": "coded"}
    assert spoken(inbox) == ["Rain", "Snow"]


def test_a_copy_of_a_refused_file_under_a_right_name_is_read(inbox: Path) -> None:
    (inbox / "a.foo").write_text(TALK.format("Rain"))
    settle(inbox)
    assert outcomes(inbox) == {"a.foo": "refused"}
    (inbox / "a.foo").rename(inbox / "a.txt")
    settle(inbox)
    assert outcomes(inbox) == {"a.txt": "coded"}


def test_a_removed_problem_is_no_problem_any_more_and_a_removed_interview_stays(inbox: Path) -> None:
    (inbox / "bad.txt").write_bytes(b"")
    (inbox / "good.txt").write_text(TALK.format("Rain"))
    settle(inbox)
    for path in list(inbox.iterdir()):
        path.unlink()
    settle(inbox)
    assert outcomes(inbox) == {"good.txt": "coded"}


def test_a_mended_file_is_refused_no_more(inbox: Path) -> None:
    (inbox / "a.txt").write_bytes(b"")
    settle(inbox)
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    settle(inbox)
    with open_study(inbox.parent) as study:
        assert [row.outcome for row in study.store.inbox.files()] == [Outcome.SUPERSEDED, Outcome.CODED]


def test_one_person_under_two_labels_is_one_participant(inbox: Path) -> None:
    (inbox / "a.txt").write_text("Interviewer: Hello?\n\nAnna: Rain, mostly.\n\nAnna phone: Snow, later.\n")
    rows = "a.txt,Anna,P1,participant,EMEA\na.txt,Anna phone,P1,participant,\n"
    (inbox / "participants.csv").write_text("file,speaker,participant_id,role_in_call,region\n" + rows)
    settle(inbox)
    with open_study(inbox.parent) as study:
        [transcript] = study.store.inbox.transcripts()
        [person] = study.store.inbox.participants([transcript.transcript_id])
    assert dict(person.attributes) == {"region": "EMEA"}


def test_a_reader_that_fails_stops_no_other_file(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from voc_pipeline.ingest.reading import read_transcript

    class Fragile:
        def read(self, data: bytes, *, name: str, options: ReadingOptions) -> RawTranscript:
            if name == "a.txt":
                raise IndexError(data.decode())
            return read_transcript(data, name=name, options=options)

    monkeypatch.setattr(ingesting, "shared", Fragile)
    for name in ("a.txt", "b.txt"):
        (inbox / name).write_text(TALK.format(f"Rain {name}"))
    settle(inbox)
    assert outcomes(inbox) == {"a.txt": "refused", "b.txt": "coded"}
    with open_study(inbox.parent) as study:
        [row] = study.store.inbox.files_at("a.txt")
    assert row.reason == "reading failed (IndexError)"


def test_an_attribute_roster_edit_does_not_throw_the_coding_away(inbox: Path) -> None:
    (inbox / "a.txt").write_text(TALK.format("Rain"))
    settle(inbox)
    with open_study(inbox.parent) as study:
        [name] = scan(study).code
        from voc_pipeline.operations import keys

        study.store.codings.save_coding(name, keys.code_keys(study)[name], passages=[], mentions=[], scores=[])
    (inbox / "participants.csv").write_text(
        "file,speaker,participant_id,role_in_call,region\nb.txt,,P9,participant,NA\n"
    )
    settle(inbox)
    with open_study(inbox.parent) as study:
        assert scan(study).code == ()


@pytest.mark.parametrize("seed", range(6))
def test_any_life_of_files_ends_like_a_fresh_study_of_what_is_left(inbox: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (a repeatable life, no secret)
    names = ["a.txt", "b.txt", "c.md", "d.foo"]
    for _ in range(14):
        path, other = inbox / chance.choice(names), inbox / chance.choice(names)
        action = chance.choice(["write", "write", "copy", "move", "empty"])
        if action == "write":
            path.write_text(TALK.format(chance.choice(["Rain", "Snow", "Hail"])))
        elif action == "empty":
            path.write_bytes(b"")
        elif path.exists() and path != other:
            other.write_bytes(path.read_bytes())
            if action == "move":
                path.unlink()
        settle(inbox)
    fresh = tmp_path / "fresh" / "inbox"
    fresh.mkdir(parents=True)
    (fresh.parent / "voc.toml").write_text("[inbox]\nstable_seconds = 0.0\n")
    for path in inbox.iterdir():
        (fresh / path.name).write_bytes(path.read_bytes())
    settle(fresh)
    there = {path.name for path in inbox.iterdir()}
    for told in (outcomes, reasons):
        assert {name: value for name, value in told(inbox).items() if name in there} == told(fresh)
    assert set(spoken(fresh)) <= set(spoken(inbox))


def test_names_and_folders_at_the_limits_of_the_file_system_stop_nothing(inbox: Path) -> None:
    (inbox / f"{'m' * 251}.txt").write_text(TALK.format("Rain"))
    (inbox / f"{'x' * 200}.{'t' * 50}").write_text(TALK.format("Snow"))
    deep = inbox
    for _ in range(25):  # deeper than one path can name
        deep = deep / ("d" * 200)
        here = os.open(deep.parent, os.O_RDONLY) if len(str(deep)) < 4000 else None
        if here is None:
            break
        os.mkdir(deep.name, dir_fd=here)
        os.close(here)
    os.mkfifo(inbox / "pipe.txt")
    (inbox / "link.txt").symlink_to("/etc/hostname")
    settle(inbox)
    assert spoken(inbox) == ["Rain"]
    assert sorted(outcomes(inbox).values()) == ["coded", "refused", "refused", "refused"]
