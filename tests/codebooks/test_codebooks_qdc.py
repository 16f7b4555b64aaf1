from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.codebooks.lint import lint
from voc_pipeline.codebooks.qdc import read_qdc
from voc_pipeline.codebooks.reading import read_codebook
from voc_pipeline.errors import UsageError
from voc_pipeline.operations.codebooks import import_qdc

if TYPE_CHECKING:
    from pathlib import Path

    from voc_pipeline.records import Codebook

GUID = "00000000-0000-0000-0000-00000000000"


DEEP = "".join(f'<Code name="c{n}" isCodable="true" guid="{GUID}1">' for n in range(60)) + "</Code>" * 60


def code(name: str, inner: str = "", codable: str = "true") -> str:
    return f'<Code guid="{GUID}1" name="{name}" isCodable="{codable}" color="#ff0000">{inner}</Code>'


def text(*codes: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{before}<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="x">'
        f"<Codes>{''.join(codes)}</Codes></CodeBook>"
    )


def read(folder: Path, content: str) -> Codebook:
    path = folder / "codes.qdc"
    path.write_text(content, encoding="utf-8")
    return read_qdc(path)


def test_parents_become_families_and_descriptions_definitions(tmp_path: Path) -> None:
    described = "<Description>How fast\n it is.</Description>"
    codebook = read(
        tmp_path,
        text(
            code("Quality", code("Speed", described) + code("Précision"), codable="false"),
            code("Price &amp; value", described + code("Discounts", code("Early"), codable="0")),
            code("Alone"),
        ),
    )
    assert dict(codebook.families) == {
        "quality": "Quality",
        "price_value": "Price & value",
        "other_codes": "Other codes",
    }
    assert [(theme.theme_id, theme.name, theme.family) for theme in codebook.themes] == [
        ("speed", "Speed", "quality"),
        ("precision", "Précision", "quality"),
        ("price_value", "Price & value", "price_value"),
        ("early", "Discounts > Early", "price_value"),
        ("alone", "Alone", "other_codes"),
    ]
    assert codebook.themes[0].definition == "How fast it is."
    assert codebook.themes[1].definition == "TO BE WRITTEN: what 'Précision' covers"


def test_names_that_give_one_id_get_numbers(tmp_path: Path) -> None:
    codebook = read(tmp_path, text(code("Speed"), code("speed!"), code("速度"), code("价格")))
    assert [theme.theme_id for theme in codebook.themes] == ["speed", "speed_2", "theme", "theme_2"]


def test_an_import_is_a_codebook_whose_gaps_lint_names(tmp_path: Path) -> None:
    source = tmp_path / "codes.qdc"
    source.write_text(text(code("Quality", code("Speed"))))
    import_qdc(source, tmp_path)
    findings = lint(read_codebook(tmp_path / "codebook.yaml"))
    assert [finding.theme_id for finding in findings if "still to be written" in finding.what] == ["quality", "speed"]
    with pytest.raises(UsageError, match=r"this file is there already.*--force"):
        import_qdc(source, tmp_path)
    import_qdc(source, tmp_path, force=True)
    with pytest.raises(UsageError, match="there is no such folder"):
        import_qdc(source, tmp_path / "none" / "codebook.yaml")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("<CodeBook", "line 1: this is not well-formed XML"),
        ("", "this is not well-formed XML"),
        (text(code("A"), before='<!DOCTYPE CodeBook [<!ENTITY x "y">]>'), "has a document type declaration"),
        (text(code("A"), before='<!DOCTYPE CodeBook SYSTEM "http://localhost/x.dtd">'), "document type declaration"),
        ("<CodeBook><Codes/></CodeBook>", "this is no REFI-QDA codebook"),
        (text(), "no code of this file can be applied"),
        (text(code("A", codable="false")), "no code of this file can be applied"),
        (text(code(" ")), "a code has no name"),
        (text(DEEP), "more than 50 deep"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_a_reason(tmp_path: Path, content: str, what: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, content)
    assert what in str(caught.value)


def test_entities_never_expand_and_files_are_never_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    bomb = '<!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "secret">]>'
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text(code("&b;&f;"), before=bomb))
    assert "secret" not in str(caught.value)


def test_a_missing_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.qdc: the file can't be read"):
        read_qdc(tmp_path / "none.qdc")
    with pytest.raises(UsageError, match="more than 10 MB"):
        read(tmp_path, text(code("A" * 10_000_001)))
