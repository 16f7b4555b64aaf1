from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.codebooks.reading import load_codebook, read_codebook
from voc_pipeline.codebooks.writing import codebook_yaml
from voc_pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "codebook: mine\nfamilies:\n  fit: Fit\nthemes:\n"
GOOD = "  - id: speed\n    name: Speed\n    family: fit\n    definition: How fast it is.\n"
EXAMPLE = "    examples:\n      - {text: It is quick., applies: true}\n"


def problem(folder: Path, text: str | bytes) -> str:
    path = folder / "codebook.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_codebook(path)
    assert caught.value.exit_code == 2
    assert caught.value.hint
    return str(caught.value)


def test_the_shipped_codebook_has_its_21_themes_with_definitions_and_families() -> None:
    codebook = load_codebook()
    assert len(codebook.themes) == 21
    assert all(theme.definition and theme.family in codebook.families for theme in codebook.themes)
    assert codebook.theme("grace_account").name == "Grace account"
    assert set(codebook.journey_stages) >= {"discover", "renew"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("themes: [", ["this is not YAML in UTF-8", "line"]),
        (b"themes: \xff\xfe", ["this is not YAML in UTF-8"]),
        ("a: &a [*a]\n", ["this is not YAML in UTF-8"]),
        ("a: !!python/object/apply:os.system [ls]\n", ["this is not YAML in UTF-8", "line 1"]),
        ("- a\n", ["a codebook is a mapping with a list of 'themes'"]),
        ("themes: []\n", ["a codebook is a mapping with a list of 'themes'"]),
        (HEAD + GOOD + "colour: red\n", ["line 9", "unknown key 'colour'"]),
        (HEAD + GOOD + "    definiton: x\n", ["line 9", "Did you mean 'definition'?"]),
        (HEAD + GOOD + "    name: Again\n", ["line 9", "the key 'name' stands twice"]),
        (HEAD + "  - id: speed\n    family: fit\n", ["line 5", "theme 'speed' has no definition"]),
        (HEAD + GOOD.replace("fit\n", "fat\n"), ["line 7", "names the family 'fat'", "of this codebook: fit"]),
        (HEAD + GOOD.replace("    family: fit\n", ""), ["line 5", "names no family", "of this codebook: fit"]),
        ("themes:\n" + GOOD, ["line 4", "names the family 'fit'", "Add it under 'families:'"]),
        (HEAD + GOOD + GOOD, ["line 9", "two themes have the id 'speed'", "line 5"]),
        (HEAD + "  - name: Speed\n", ["line 5", "a theme is a mapping with an 'id'"]),
        (HEAD + "  - speed\n", ["a theme is a mapping with an 'id'"]),
        ("version: 1.0b\n" + HEAD + GOOD, ["line 1", "'version' is no whole number"]),
        ("lenses: {a: [b]}\n" + HEAD + GOOD, ["line 1", "'a' has the wrong shape", "lenses map groups"]),
        ((HEAD + GOOD).replace("\n  fit: Fit", " [fit]"), ["line 2", "'families' has the wrong shape"]),
        (HEAD + GOOD + "    include: slow machines\n", ["line 9", "'include' is no list of texts", "[one, two]"]),
        (HEAD + GOOD + "    exclude: [speed: of light]\n", ["line 9", "'exclude' is no list of texts", "quotes"]),
        (HEAD + GOOD.replace("name: Speed", "name: no"), ["line 6", "'name' is no text", "quotes"]),
        (HEAD + GOOD + "    examples: quick\n", ["line 9", "'examples' of theme 'speed' is no list of mappings"]),
        (
            HEAD + GOOD + "    examples:\n      - {applies: true}\n",
            ["line 10", "an example of theme 'speed' has no 'text'"],
        ),
        (
            HEAD + GOOD + "    examples:\n      - {text: Quick., applies: 1}\n",
            ["line 10", "has no 'applies'", "applies: true"],
        ),
        (
            HEAD + GOOD + "    examples:\n      - {text: Quick., applies: true, kind: typicl}\n",
            ["line 10", "is of the kind 'typicl'", "Did you mean 'typical'?", "typical, atypical, close_but_no"],
        ),
        (HEAD + GOOD + "    examples:\n      - {txt: Quick.}\n", ["line 10", "unknown key 'txt'", "'text'?"]),
    ],
)
def test_a_wrong_codebook_says_where_and_what(tmp_path: Path, text: str | bytes, parts: list[str]) -> None:
    message = problem(tmp_path, text)
    assert [part for part in parts if part not in message] == []


def test_a_codebook_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: the codebook can't be read: No such file"):
        load_codebook(tmp_path / "none.yaml")


def test_examples_have_a_kind_and_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_text(
        HEAD + GOOD + EXAMPLE + "      - text: It is heavy.\n        applies: false\n"
        "      - {text: Faster than me., applies: true, kind: atypical}\n"
    )
    file = read_codebook(path)
    [theme] = file.codebook.themes
    assert [(one.code, str(one.kind)) for one in theme.examples] == [
        (True, "typical"),
        (False, "close_but_no"),
        (True, "atypical"),
    ]
    assert file.lines == {"speed": 5}
    assert file.example_lines == {"speed": (10, 11, 13)}


def test_words_that_look_like_numbers_times_or_dates_stay_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_text(
        "version: 12\nproducts: [3.10, 010, 1e3]\nthemes:\n  - id: 2024_01\n    name: 2026-02-30\n"
        "    definition: 12:30\n    include: [0x1F]\n"
    )
    codebook = load_codebook(path)
    [theme] = codebook.themes
    assert (codebook.version, codebook.products) == (12, ("3.10", "010", "1e3"))
    assert (theme.theme_id, theme.name, theme.definition) == ("2024_01", "2026-02-30", "12:30")
    assert theme.include == ("0x1F",)


def test_a_codebook_may_name_products_that_stay_readable(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_text(HEAD + GOOD + "products: [CytoLane 3, Helixa]\n", encoding="utf-8")
    assert load_codebook(path).products == ("CytoLane 3", "Helixa")


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_text(HEAD + GOOD.replace("name: Speed", "name: 'no'") + "    include: ['a: b', é]\n" + EXAMPLE)
    first = load_codebook(path)
    path.write_text(codebook_yaml(first))
    again = load_codebook(path)
    assert (again.families, again.themes) == (first.families, first.themes)
