"""Trying out a codebook, and which of its edits recode."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, ClassVar

import pytest

from voc_pipeline.codebooks.reading import read_codebook, shipped_codebook
from voc_pipeline.errors import UsageError
from voc_pipeline.ids import ThemeId
from voc_pipeline.operations import keys
from voc_pipeline.operations.codebooks import run_codebook_test, try_examples
from voc_pipeline.operations.study import open_study
from voc_pipeline.records import ThemeHit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voc_pipeline.protocols import FloatMatrix, SpeechEncoder
    from voc_pipeline.records import Codebook, CodingUnit
    from voc_pipeline.speech import Speech

OWN = """themes:
  - id: food
    definition: What people eat.
    examples:
      - {text: Our food was fine., applies: true}
      - {text: The rain was bad., applies: true, kind: atypical}
      - {text: Food for thought., applies: false}
      - {text: So much rain., applies: false}
  - id: rain
    definition: Wet weather.
    examples:
      - {text: So much rain., applies: true}
"""


class WordCoder:
    """Finds a theme where its id stands; remembers the codebooks it was made for."""

    name = "word"
    version = "1"
    uncovered = ()
    seen: ClassVar[list[Codebook]] = []

    def __init__(self, _: SpeechEncoder, codebook: Codebook) -> None:
        self.codebook = codebook
        self.seen.append(codebook)

    def code(self, units: Sequence[CodingUnit]) -> list[ThemeHit]:
        own = {one.text for theme in self.codebook.themes for one in theme.examples}
        assert not own & {unit.text for unit in units}
        return [
            ThemeHit(unit.transcript_id, unit.turn, ThemeId(theme.theme_id), 0, 1, 0.9, True, False, "word")  # noqa: FBT003 (a record)
            for unit in units
            for theme in self.codebook.themes
            if theme.theme_id in unit.text.lower()
        ]


class NoEncoder:
    key = "none"
    dimension = 1

    @property
    def broad(self) -> NoEncoder:
        return self

    def encode(self, speeches: Sequence[Speech]) -> list[FloatMatrix]:
        raise NotImplementedError

    def words(self, speech: Speech, sentence: int) -> tuple[list[tuple[int, int]], FloatMatrix]:
        raise NotImplementedError


@pytest.mark.models
def test_each_example_is_judged_by_a_coder_that_has_not_seen_it(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    path.write_text(OWN)
    outcome = try_examples(read_codebook(path), WordCoder, NoEncoder())
    assert [(one.theme_id, one.line, one.found, one.right) for one in outcome.results] == [
        ("food", 5, ("food",), True),
        ("food", 6, ("rain",), False),
        ("food", 7, ("food",), False),
        ("food", 8, ("rain",), True),
        ("rain", 12, ("rain",), True),
    ]
    assert outcome.confused == (("food", "rain", 1),)


def test_a_codebook_without_examples_can_not_be_tried(study: Path) -> None:
    with pytest.raises(UsageError, match=r"no theme of this codebook has examples.*Add 'examples:'"):
        run_codebook_test(study)


def code_key(study: Path, text: str) -> tuple[str, str]:
    (study / "codebook.yaml").write_text(text)
    with open_study(study) as opened:
        return keys.code_settings_key(opened), keys.publish_key(opened)


MIXED = (
    shipped_codebook()
    .read_text(encoding="utf-8")
    .replace("themes:\n", "themes:\n  - {id: mine, name: Mine, family: fit, definition: What is mine.}\n", 1)
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("themes:\n", "# a comment\nthemes:\n"),
        ("name: Political capital", "name: Capital"),
        ("[tells peers to buy or avoid,", "[warns peers,"),
        ("fit: Fit and outcome", "fit: Fit"),
        (
            "id: advocacy\n",
            "id: advocacy\n    examples: [{text: I tell everybody., applies: true}]\n",
        ),
    ],
)
def test_an_edit_that_shapes_no_coding_recodes_nothing_but_publishes(study: Path, old: str, new: str) -> None:
    assert MIXED.count(old) >= 1
    before, after = code_key(study, MIXED), code_key(study, MIXED.replace(old, new, 1))
    assert before[0] == after[0]
    assert before[1] != after[1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("definition: What is mine.", "definition: What is ours."),
        ("name: Mine", "name: Ours"),
        ("What is mine.}", "What is mine., include: [things]}"),
        ("What is mine.}", "What is mine., exclude: [things]}"),
        ("What is mine.}", "What is mine., examples: [{text: Mine., applies: true}]}"),
        ("id: advocacy\n", "id: advocating\n"),
        ("  discover:", "  find:"),
    ],
)
def test_an_edit_that_shapes_coding_recodes(study: Path, old: str, new: str) -> None:
    assert MIXED.count(old) >= 1
    assert code_key(study, MIXED)[0] != code_key(study, MIXED.replace(old, new, 1))[0]


def voc(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "voc_pipeline", "codebook", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_lint_on_the_command_line_ends_with_0_1_or_2(tmp_path: Path) -> None:
    path = tmp_path / "codebook.yaml"
    (tmp_path / "inbox").mkdir()
    assert "21 themes, nothing to mend" in voc("lint", tmp_path).stdout
    path.write_text(OWN)
    found = voc("lint", path)
    assert found.returncode == 1
    assert f"{path}, line 2: food: 'exclude' is empty" in found.stdout
    listed = json.loads(voc("lint", path, "--json").stdout)
    assert {one["line"] for one in listed} == {2, 9}
    path.write_text(OWN.replace("definition: Wet", "definiton: Wet"))
    wrong = voc("lint", path)
    assert wrong.returncode == 2
    assert f"{path}, line 10: unknown key 'definiton'" in wrong.stderr


def test_import_on_the_command_line_says_what_it_wrote(tmp_path: Path) -> None:
    source = tmp_path / "codes.qdc"
    source.write_text(
        '<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes><Code guid="x" name="Speed" isCodable="true"/></Codes>'
        "</CodeBook>"
    )
    done = voc("import", source, "--to", tmp_path)
    assert done.returncode == 0
    assert "1 theme in 1 family" in done.stdout
    assert "1 theme without a description" in done.stdout
    assert voc("import", source, "--to", tmp_path).returncode == 2


@pytest.mark.parametrize("command", ["lint", "test", "import"])
def test_every_codebook_command_has_help_with_an_example(command: str) -> None:
    done = voc(command, "--help")
    assert done.returncode == 0
    assert f"Example: voc codebook {command}" in " ".join(done.stdout.split())
