from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voc_pipeline.codebooks.lint import PLACEHOLDER, lint
from voc_pipeline.codebooks.reading import load_codebook, read_codebook

if TYPE_CHECKING:
    from pathlib import Path

    from voc_pipeline.codebooks.lint import Finding

SOUND = """families: {f: Fit}
themes:
  - id: speed
    name: Speed
    family: f
    definition: How quickly the instrument gives a result after loading.
    include: [waiting for runs]
    exclude: [slow answers of the hotline]
    examples:
      - {text: We wait an hour for each run., applies: true}
      - {text: It flies through a plate., applies: true, kind: atypical}
      - {text: A batch is done before lunch., applies: true}
      - {text: They call back slowly., applies: false}
  - id: price
    name: Price
    family: f
    definition: Whether money asked stands in proportion to benefit.
    include: [discounts]
    exclude: [budgets]
    examples:
      - {text: Far too dear., applies: true}
      - {text: A bargain for what it does., applies: true}
      - {text: Each reagent costs a fortune., applies: true}
"""


def found(folder: Path, text: str) -> list[Finding]:
    path = folder / "codebook.yaml"
    path.write_text(text)
    return lint(read_codebook(path))


def test_a_sound_codebook_has_nothing_to_mend(tmp_path: Path) -> None:
    assert found(tmp_path, SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("How quickly the instrument gives a result after loading.", "Pace.", (3, "the definition has 1 words")),
        ("How quickly the instrument", "fast " * 70, (3, "the definition has 75 words")),
        ("[waiting for runs]", f"[{'waiting ' * 180}]", (3, "'include' have 190 words")),
        ("How quickly the instrument", PLACEHOLDER, (3, "still to be written")),
        ("include: [waiting for runs]", "include: []", (3, "'include' is empty")),
        ("    exclude: [budgets]\n", "", (14, "'exclude' is empty")),
        ("exclude: [budgets]", "exclude: [Discounts]", (14, "the same entry stands twice")),
        ("name: Price", "name: ' speed '", (14, "it has the name of 'speed' (line 3)")),
        (
            "Whether money asked stands in proportion to benefit.",
            "How quickly an instrument gives some result after its loading.",
            (14, "its definition is nearly that of 'speed' (line 3)"),
        ),
        ("      - {text: Far too dear., applies: true}\n", "", (14, "2 examples carry the theme")),
        (
            "They call back slowly.",
            "We wait an  hour for each run.",
            (13, "with applies: true and with applies: false"),
        ),
        ("A batch is done before lunch.", "It flies through a plate.", (12, "stands here twice")),
        ("kind: atypical", "kind: close_but_no", (11, "is close_but_no, yet carries the theme")),
        ("Far too dear.", "dear " * 151, (21, "an example has 151 words")),
        ("families: {f: Fit}", "families: {f: Fit}\nlenses: {l: {g: [prise]}}", (1, "but no theme has this id")),
    ],
)
def test_each_weak_spot_is_found_with_line_and_mend(
    tmp_path: Path, old: str, new: str, expected: tuple[int, str]
) -> None:
    line, what = expected
    assert old in SOUND
    [finding] = found(tmp_path, SOUND.replace(old, new))
    assert (finding.line, what in finding.what) == (line, True), finding
    assert finding.mend


def test_a_trained_theme_needs_no_examples_but_keeps_its_meaning(tmp_path: Path) -> None:
    shipped = load_codebook()
    path = tmp_path / "codebook.yaml"
    path.write_text(
        "themes:\n  - id: advocacy\n    definition: Whether people complain in public about us.\n"
        "    include: [reviews]\n    exclude: [chats]\n"
    )
    [finding] = lint(read_codebook(path), trained=shipped)
    assert "goes by its own training" in finding.what
    assert "another id" in finding.mend
    assert lint(read_codebook(), trained=shipped) == []
