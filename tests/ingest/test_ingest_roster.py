from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import ConfigError
from voc_pipeline.ingest.roster import Roster, load_roster
from voc_pipeline.records import Role

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "file,speaker,participant_id,role_in_call,role,region\n"


def load(folder: Path, text: str | bytes, name: str = "participants.csv") -> Roster:
    inbox = folder / "inbox"
    inbox.mkdir(exist_ok=True)
    (inbox / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_roster(inbox, folder)


def test_all_cells_are_strings_and_blank_rows_are_skipped(tmp_path: Path) -> None:
    roster = load(
        tmp_path, HEADER + 'a.txt,Dana,007,Participant,"Buyer, senior",NA\n,,,,,\n\nb.txt,Ben,,interviewer,,\n'
    )
    first, second = roster.rows
    assert (first.participant_id, first.role, first.number) == ("007", Role.PARTICIPANT, 2)
    assert first.attributes == {"role": "Buyer, senior", "region": "NA"}
    assert (second.role, second.attributes, second.number) == (Role.INTERVIEWER, {}, 5)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_encodings(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = "File;Speaker;Role in call;Land\r\nä.txt;Zoë;participant;Österreich\r\n".replace(";", delimiter)
    row = load(tmp_path, text.encode(encoding)).rows[0]
    assert (row.file, row.speaker, row.role, row.attributes) == (
        "ä.txt",
        "Zoë",
        Role.PARTICIPANT,
        {"Land": "Österreich"},
    )


def test_an_excel_roster_reads_as_text(tmp_path: Path) -> None:
    import datetime as dt

    import openpyxl  # type: ignore[import-untyped] # it ships no stubs

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["file", "participant_id", "nps", "interview_date", "share"])
    sheet.append(["a.txt", "007", 9, dt.datetime(2026, 3, 4), 0.5])  # noqa: DTZ001 (as Excel keeps it)
    sheet.append([None, None, None, None, None])
    (tmp_path / "inbox").mkdir()
    book.save(tmp_path / "inbox" / "participants.xlsx")
    row = load_roster(tmp_path / "inbox", tmp_path).rows[0]
    assert row.participant_id == "007"
    assert row.attributes == {"nps": "9", "interview_date": "2026-03-04", "share": "0.5"}


def test_the_inbox_comes_before_the_study_and_none_is_empty(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    assert load_roster(tmp_path / "inbox", tmp_path) == Roster()
    (tmp_path / "participants.csv").write_text("file\nroot.txt\n")
    assert load_roster(tmp_path / "inbox", tmp_path).rows[0].file == "root.txt"
    assert load(tmp_path, "file\ninbox.txt\n").rows[0].file == "inbox.txt"
    assert load(tmp_path, "\n").rows == ()


@pytest.mark.parametrize(
    ("text", "what", "where", "hint"),
    [
        (
            "name,role\nDana,Buyer\n",
            "the roster lacks the column 'file', its columns are: name, role",
            "row 1",
            "file, speaker",
        ),
        (HEADER + "a.txt,Dana,,guest,,\n", "role_in_call is 'guest'", "row 2", "interviewer, participant, observer"),
        (
            HEADER + "a.txt,Dana,,,,\n./A.txt,dana,,,,\n",
            "rows 2 and 3 are about the same file and speaker",
            "row 3",
            "Keep one",
        ),
        (HEADER + ",Dana,,,,\n", "the row names no file", "row 2", "a pattern such as"),
        (
            HEADER + "a.txt,,,interviewer,,\n",
            "a row without a speaker is about the respondent",
            "row 2",
            "the speaker's label",
        ),
        ("file,Region,region\na.txt,1,2\n", "the column 'region' stands twice", "row 1", "Rename one"),
        ('file\n"a.txt\n', "this is no table of rows and columns", "participants.csv, line ", "Save it as CSV"),
        (b"\x00\x01\x02\x03file", "the file is binary, not text", "participants.csv", "Save it as CSV"),
    ],
)
def test_a_wrong_roster_is_told_with_row_and_remedy(
    tmp_path: Path, *, text: str | bytes, what: str, where: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert what in caught.value.what
    assert where in caught.value.where
    assert hint in caught.value.hint


def test_a_damaged_excel_roster_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="this is no Excel sheet"):
        load(tmp_path, b"PK\x03\x04 no", "participants.xlsx")


def test_the_most_exact_row_wins(tmp_path: Path) -> None:
    roster = load(
        tmp_path,
        "file,speaker,participant_id\n*,Dana,any\nemea/*,Dana,folder\na.txt,Dana,name\ninbox/emea/a.txt,Dana,path\n*.vtt,,only\n",
    )

    def found(path: str, speaker: str) -> str | None:
        row = roster.match(path, speaker)
        return row.participant_id if row else None

    assert found("emea/a.txt", "dana ") == "path"
    assert found("na/a.txt", "Dana") == "name"
    assert found("emea/b.txt", "Dana") == "folder"
    assert found("b.txt", "Dana") == "any"
    assert found("b.txt", "Ben") is None
    assert found("x/b.vtt", "") == "only"
    assert found("b.txt", "") is None


def test_names_match_whatever_their_case_unicode_form_or_slashes(tmp_path: Path) -> None:
    roster = load(tmp_path, "file,speaker\nEMEA\\José 1.docx,Zoë\n")
    assert roster.match("emea/Jose\u0301 1.docx", "ZOE\u0308") is not None


def test_personal_columns_are_names_and_no_attributes(tmp_path: Path) -> None:
    roster = load(
        tmp_path,
        "file,speaker,Full Name,Work E-Mail,region,words,question_share\n"
        "a.txt,Dana,Dana Wu,dana@example.org,NA,10,0.5\nb.txt,Speaker 1,Li Wei,,NA,,\nc.txt,Lab Manager,,,NA,,\n",
    )
    assert roster.names == ("Dana", "Dana Wu", "Li Wei", "dana@example.org")
    assert [dict(row.attributes) for row in roster.rows] == [{"region": "NA"}] * 3


def test_columns_of_parts_and_of_names_are_personal_too(tmp_path: Path) -> None:
    roster = load(
        tmp_path,
        "file,role_in_call,participant_id,interviewer,Moderator,respondent,customer_name,client name,"
        "last_name,product_name\n"
        "a.txt,participant,P1,Ana Ruiz,Ben Li,Lab Manager,Kim Doe,Cy Dee,Head,CytoLane\n",
    )
    assert roster.names == ("Ana Ruiz", "Ben Li", "Cy Dee", "Head", "Kim Doe")
    (row,) = roster.rows
    assert (row.attributes, row.role, row.participant_id) == ({"product_name": "CytoLane"}, Role.PARTICIPANT, "P1")


def test_a_row_says_participant_without_the_word_only_where_it_is_clear(tmp_path: Path) -> None:
    text = "file,speaker,participant_id,role_in_call\na.txt,,,\na.txt,Dana,P1,\na.txt,Ben,,\n"
    assert [row.role for row in load(tmp_path, text).rows] == [Role.PARTICIPANT, Role.PARTICIPANT, None]
    assert load(tmp_path, "file,speaker\na.txt,Dana\n").rows[0].role is Role.PARTICIPANT


def test_a_files_fingerprint_follows_its_own_rows_only(tmp_path: Path) -> None:
    before = load(tmp_path, HEADER + "a.txt,Dana,1,,,\nb.txt,Ben,2,,,\n")
    after = load(tmp_path, HEADER + "a.txt,Dana,1,,,\nb.txt,Ben,3,,,\n")
    assert before.fingerprint_for("a.txt") == after.fingerprint_for("a.txt")
    assert before.fingerprint_for("b.txt") != after.fingerprint_for("b.txt")
    assert Roster().fingerprint_for("a.txt") == before.fingerprint_for("c.txt")


def test_rows_that_name_no_file_are_told(tmp_path: Path) -> None:
    roster = load(tmp_path, "file\na.txt\nb*.txt\nc.txt\n")
    assert [row.file for row in roster.unused(["x/a.txt", "b1.txt"])] == ["c.txt"]
