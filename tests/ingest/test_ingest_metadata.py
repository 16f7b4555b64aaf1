from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.errors import AttentionError
from voc_pipeline.ingest.metadata import (
    Metadata,
    collect_metadata,
    front_matter,
    is_personal,
    parse_fields,
    sidecar_fingerprint,
)
from voc_pipeline.records import Role

if TYPE_CHECKING:
    from pathlib import Path


def test_values_stay_the_strings_they_are() -> None:
    assert parse_fields("id: 007\nregion: NA\nok: no\nday: 2026-03-04\ntags: [a, b]\nempty:\n") == {
        "id": "007", "region": "NA", "ok": "no", "day": "2026-03-04", "tags": "a, b", "empty": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: [b", "it is not YAML (line"),
        ("- a", "it is no mapping of fields"),
        ("a: 1\na: 2", "every field is a word and stands once"),
        ("a: {b: c}", "field 'a' holds neither a text nor a list of texts"),
        ("a: &x [1]\nb: *x", "it is not YAML"),
        ("a: !!python/object/apply:os.system [x]\nb: {}", "field 'b'"),
        ("a: [[[[[[1]]]]]]", "nested deeper than 4 levels"),
        ("1a: b", "a field's name begins with a letter"),
        ("a: " + "x" * 64_000, "more than 64,000 characters"),
    ],
)
def test_what_is_no_plain_mapping_is_told(text: str, what: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_fields(text)
    assert what in str(caught.value)


def test_front_matter_is_taken_only_when_it_is_that() -> None:
    assert front_matter("\ufeff---\na: b\n---\nDana: hi") == ({"a": "b"}, "Dana: hi")
    for text in (
        "a: b\n---\nx",
        "---\na: b\n",
        "---\na: b\n---\n \n",
        "---\njust text\n---\nmore",
        "---\na: b\na: c\n---\nx",
    ):
        assert front_matter(text) == ({}, text)


def test_precedence_is_sidecar_then_front_matter_then_folders(tmp_path: Path) -> None:
    (tmp_path / "emea").mkdir()
    (tmp_path / "emea" / "a.txt.yaml").write_text("role: Buyer\nparticipant: Dana Wu\nparticipant_id: P7\n")
    front = {"role": "Nurse", "size": "big", "interviewer": "Ben Li", "Interview Date": "2026-03-04"}
    known = collect_metadata(tmp_path, "emea/x/a.txt", front, ["region"])
    assert known.attributes == {"region": "emea", "role": "Nurse", "size": "big", "interview_date": "2026-03-04"}
    known = collect_metadata(tmp_path, "emea/a.txt", front, ["role"])
    assert known.attributes == {"role": "Buyer", "size": "big", "interview_date": "2026-03-04"}
    assert known.roles == {"dana wu": Role.PARTICIPANT, "ben li": Role.INTERVIEWER}
    assert (known.participant_id, known.interview_date, known.names) == ("P7", "2026-03-04", ("Ben Li", "Dana Wu"))


def test_folders_name_their_attributes_outermost_first(tmp_path: Path) -> None:
    assert collect_metadata(tmp_path, "emea/2026/a.txt", {}, ["region", "", "x"]).attributes == {"region": "emea"}
    assert collect_metadata(tmp_path, "a.txt", {}, ["region"]) == Metadata()


def test_speakers_and_lists_of_names_give_roles(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "speakers:\n  Dana: respondent\n  Kim Doe, Dr.: observer\ninterviewers: [A Bee, C Dee]\n"
    )
    assert collect_metadata(tmp_path, "a.txt", {}).roles == {
        "dana": Role.PARTICIPANT, "kim doe, dr.": Role.OBSERVER, "a bee": Role.INTERVIEWER, "c dee": Role.INTERVIEWER,
    }  # fmt: skip


def test_names_and_contacts_are_no_attributes(tmp_path: Path) -> None:
    known = collect_metadata(tmp_path, "a.txt", {"full name": "Dana Wu", "work email": "d@example.org", "region": "NA"})
    assert known.attributes == {"region": "NA"}
    assert known.names == ("Dana Wu", "d@example.org")


@pytest.mark.parametrize(
    "field", ["Interviewer", "moderator", "respondent", "customer_name", "Client Name", "end-user names", "FirstName"]
)
def test_fields_that_name_somebody_are_personal_wherever_they_stand(tmp_path: Path, field: str) -> None:
    assert is_personal(field)
    known = collect_metadata(tmp_path, "a.txt", {field: "Dana Wu"})
    assert (known.attributes, known.names) == ({}, ("Dana Wu",))


@pytest.mark.parametrize(
    "field", ["role_in_call", "participant_id", "role", "region", "company_name", "product name", "main_product_name"]
)
def test_fields_of_parts_ids_and_things_are_not_personal(field: str) -> None:
    assert not is_personal(field)


def test_a_wrong_sidecar_waits_for_a_person(tmp_path: Path) -> None:
    sidecar = tmp_path / "a.yaml"
    sidecar.write_text("a: [b")
    with pytest.raises(
        AttentionError, match=r"its sidecar is wrong. it is not YAML .* Write one 'field: value' a line"
    ):
        collect_metadata(tmp_path, "a.txt", {})
    sidecar.write_bytes(b"a: \xff\xff")
    with pytest.raises(AttentionError, match=r"its sidecar is not UTF-8"):
        collect_metadata(tmp_path, "a.txt", {})
    sidecar.write_text("speakers: {Dana: boss}")
    with pytest.raises(AttentionError, match=r"a part that is none of the three. Found 'boss', accepted: interviewer"):
        collect_metadata(tmp_path, "a.txt", {})


def test_the_fingerprint_follows_the_sidecar(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    assert sidecar_fingerprint(file) == ""
    (tmp_path / "a.yaml").write_text("a: b")
    first = sidecar_fingerprint(file)
    (tmp_path / "a.yaml").write_text("a: c")
    assert len({"", first, sidecar_fingerprint(file)}) == 3
