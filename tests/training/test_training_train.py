from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from voc_pipeline.manifests import coder_manifest, models_dir

if TYPE_CHECKING:
    from pathlib import Path


CODERS = sorted(path.parent.name for path in (models_dir() / "coders").glob("*/manifest.json"))


def theme_ids() -> list[str]:
    from voc_pipeline.codebooks.reading import load_codebook

    return [theme.theme_id for theme in load_codebook().themes]


@pytest.mark.parametrize("name", CODERS)
def test_the_shipped_coders_were_trained_on_the_files_beside_them(name: str) -> None:
    from models.training.data import EXEMPLARS, VALIDATION, data_hash

    assert coder_manifest(name).details["trained_on"] == data_hash(EXEMPLARS, VALIDATION), (
        f"the training data changed: run `python -m models.training.train {name}` and commit models/coders"
    )


@pytest.mark.parametrize("name", CODERS)
def test_the_background_was_read_by_the_untrained_encoder_as_it_is_pinned(name: str) -> None:
    from voc_pipeline.embedding.speech import UNTRAINED
    from voc_pipeline.manifests import encoder_manifest

    assert coder_manifest(name).details["background_of"] == f"{UNTRAINED}@{encoder_manifest(UNTRAINED).revision}"


@pytest.mark.parametrize("name", CODERS)
def test_a_manifest_covers_the_shipped_codebook_and_has_a_card(name: str) -> None:
    manifest = coder_manifest(name)
    details, themes = manifest.details, theme_ids()
    assert list(details["themes"]) == themes
    assert manifest.version
    assert set(details["thresholds"]) == set(details["floors"]) == set(themes)
    assert all(0 < details["floors"][theme] < details["thresholds"][theme] < 1 for theme in themes)
    assert set(details["cues"]) == set(themes)
    assert all(details["cues"].values())
    assert (models_dir() / "coders" / name / "card.md").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", CODERS)
def test_stance_labels_are_the_codebooks(name: str) -> None:
    from voc_pipeline.codebooks.reading import load_codebook

    labels, codebook = coder_manifest(name).details["labels"], load_codebook()
    assert set(labels["stage"]) == set(codebook.journey_stages)
    assert set(labels["type"]) == set(codebook.statement_types)
    assert set(labels["sentiment"]) == {"negative", "neutral", "positive", "mixed"}


def test_all_models_that_are_shipped_stay_under_30_mb() -> None:
    assert sum(path.stat().st_size for path in (models_dir() / "coders").rglob("*") if path.is_file()) < 30e6


def test_every_exemplar_has_an_id_of_its_own_and_evidence_in_its_text() -> None:
    from models.training.data import EXEMPLARS, HELD_OUT

    seen = set()
    themes = set(theme_ids())
    paths = [path for folder in (EXEMPLARS, HELD_OUT) for path in folder.glob("part*.jsonl")]
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            seen.add(entry["id"])
            assert entry["id"].startswith(path.stem.replace("part", "p") + "-")
            for code in entry["codes"]:
                assert code["theme"] in themes, entry["id"]
                assert code.get("evidence", "") in entry["text"], entry["id"]
    assert len(seen) == sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def test_held_out_statements_are_all_coded_twice_and_none_is_trained_on() -> None:
    from models.training.data import EXEMPLARS, FOLDER, HELD_OUT

    def entries(*paths: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]

    held_out = entries(*sorted(HELD_OUT.glob("part*.jsonl")))
    second = entries(FOLDER / "second_coder" / "statements.jsonl")
    assert sorted(entry["id"] for entry in held_out) == sorted(entry["id"] for entry in second)
    assert not {entry["text"] for entry in held_out} & {
        entry["text"] for entry in entries(*EXEMPLARS.glob("part*.jsonl"))
    }


def test_traps_are_of_five_kinds_and_say_what_is_wrong_in_them() -> None:
    from models.training.data import TRAPS

    entries = [json.loads(line) for line in TRAPS.read_text(encoding="utf-8").splitlines()]
    assert len({entry["id"] for entry in entries}) == len(entries) >= 60
    assert {entry["kind"] for entry in entries} == {
        "denial", "other_sense", "hypothetical", "leading_question", "third_party",
    }  # fmt: skip
    themes = {*theme_ids(), "*"}
    assert all(entry["wrong"] and set(entry["wrong"]) <= themes for entry in entries)


@pytest.mark.models
def test_a_trap_counts_when_a_wrong_theme_is_accepted_and_only_then(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.traps import fallen_for, print_traps
    from models.training.data import load_traps
    from voc_pipeline.ids import ThemeId
    from voc_pipeline.records import ThemeHit

    traps = load_traps()
    one = next(number for number, trap in enumerate(traps) if "*" not in trap.wrong)
    [right] = [theme for theme in theme_ids() if not traps[one].is_wrong(theme)][:1]

    class Coder:
        def code(self, units: list[Any]) -> list[ThemeHit]:
            said = [(0, "price_value", True), (1, "price_value", False), (one, right, True)]
            return [
                ThemeHit(units[number].transcript_id, units[number].turn, ThemeId(theme), 0, 1, score=0.5,
                         accepted=accepted, prompted=False, why="")
                for number, theme, accepted in said
            ]  # fmt: skip

    fallen = fallen_for(traps, Coder())  # type: ignore[arg-type]  # all that is asked of a coder here
    assert [number for number, fell in enumerate(fallen) if fell] == [0]
    print_traps(traps, fallen)
    assert f"all                   1 of {len(traps):>3}  0.01" in capsys.readouterr().out


def test_a_written_coder_is_named_by_what_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from models.training.shipping import write_coder
    from voc_pipeline import manifests

    for name, weight in (("a", 1.0), ("b", 1.0), ("c", 2.0)):
        write_coder(tmp_path / "coders" / name, {"theme.weight": torch.full((2, 2), weight)}, {"encoder": "minilm"})
    monkeypatch.setattr(manifests, "models_dir", lambda: tmp_path)
    first, same, other = (coder_manifest(name) for name in "abc")
    assert first.version == same.version != other.version
    assert len(first.version) == 12
    assert first.encoder == "minilm"


@pytest.mark.parametrize("profile", ["accurate", "fast"])
def test_a_profiles_passes_name_parts_that_exist(profile: str) -> None:
    from models.training.profiles import PROFILES, shares_of

    recipe = PROFILES[profile].recipe
    assert all(shares_of(one.parts) for one in recipe.passes)
    assert 1 <= recipe.averaged <= len(recipe.passes)


def test_reasons_refer_to_statements_of_all_parts_and_of_no_theme_to_too_many(tmp_path: Path) -> None:
    from collections import Counter

    from models.training.data import EXEMPLARS, load_exemplars
    from models.training.shipping import BRIEF, spread

    for part in ("part1.jsonl", "part27.jsonl"):
        (tmp_path / part).write_bytes((EXEMPLARS / part).read_bytes())
    exemplars = load_exemplars(tmp_path)
    kept = spread(exemplars, 6)
    themes = {code.theme for one in exemplars for code in one.codes}
    assert Counter(code.theme for one in kept for code in one.codes) == dict.fromkeys(themes, 6)
    assert {one.group for one in kept} == {"p1", "p27"}
    assert all(one.codes for one in kept)
    short = [one for one in exemplars if one.codes and len(one.unit.text.split()) <= BRIEF]
    assert spread(exemplars, 10**6) == short
    assert len(short) < sum(bool(one.codes) for one in exemplars), "none that is too long to be read at a glance"


def test_the_background_is_the_middle_sentence_of_some_statements_of_all_parts_without_their_question(
    tmp_path: Path,
) -> None:
    from dataclasses import replace
    from types import SimpleNamespace
    from typing import TYPE_CHECKING

    import numpy as np

    from models.training.data import EXEMPLARS, load_exemplars, statements_of
    from models.training.shipping import background
    from voc_pipeline.coding.speeches import sentences_of

    if TYPE_CHECKING:
        from collections.abc import Sequence

        from voc_pipeline.speech import Speech

    for part in ("part1.jsonl", "part27.jsonl"):
        (tmp_path / part).write_bytes((EXEMPLARS / part).read_bytes())
    exemplars = load_exemplars(tmp_path)
    read: list[Speech] = []

    def encode(speeches: Sequence[Speech]) -> list[Any]:
        read.extend(speeches)
        return [np.arange(float(len(one.sentences)))[:, None] for one in speeches]

    encoder: Any = SimpleNamespace(encode=encode)
    vectors = background(exemplars, encoder, 50)
    texts = {one.unit.text: one for one in exemplars}
    assert vectors.shape == (50, 1)
    assert {speech.question for speech in read} == {None}
    statements = [texts[speech.text] for speech in read]
    assert {one.group for one in statements} == {"p1", "p27"}
    assert {bool(one.codes) for one in statements} == {True, False}
    codable = [
        [number for number, sentence in enumerate(sentences_of(one.unit)) if sentence.codable] for one in statements
    ]
    assert vectors[:, 0].tolist() == [numbers[len(numbers) // 2] for numbers in codable]
    [said] = statements_of([("p1", 999, None, "Hm. Well. The crane stood.", ())])
    [whole] = said.unit.passages
    cut = whole.sentences[1][1]
    fillers = replace(whole, end=cut, sentences=whole.sentences[:2], codable=False)
    rest = replace(whole, start=cut, sentences=whole.sentences[2:])
    filled = replace(said, unit=replace(said.unit, passages=(fillers, rest)))
    assert background([filled], encoder).tolist() == [[2.0]]


def test_a_training_refuses_options_that_make_no_sense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from models.training import train

    monkeypatch.setattr("sys.argv", ["train", "fast", "--start", "build/first/fast"])
    with pytest.raises(SystemExit):
        train.main()
    assert "--start needs --pass, the parts to go on with" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["train", "fast", "--start", "build/first/accurate", "--pass", "9"])
    with pytest.raises(SystemExit):
        train.main()
    assert (
        "--start needs the folder of a coder of the profile, fast, not build/first/accurate" in capsys.readouterr().err
    )
    monkeypatch.setattr("sys.argv", ["train", "fast", "--pass", "9-1"])
    with pytest.raises(SystemExit):
        train.main()
    assert "parts, as \"42-51,1-41:0.5\", not '9-1'" in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["train", "accurate", "--out", str(tmp_path)])
    with pytest.raises(SystemExit):
        train.main()
    said = " ".join(capsys.readouterr().err.split())
    assert f"accurate is made beside fast, of the same files: train that one first, into {tmp_path}" in said


def test_learning_rates_begin_whole_from_nothing_and_by_half_from_a_coder() -> None:
    from models.training.learning import Pass
    from models.training.train import passes_of

    assert passes_of(["1", "2", "3"], from_nothing=True) == (Pass("1", 1.0, 0.5), Pass("2"), Pass("3"))
    assert passes_of(["1"], from_nothing=True) == (Pass("1", 1.0, 0.0),)
    assert passes_of(["1", "2"], from_nothing=False) == (Pass("1", 0.5, 0.0), Pass("2", 0.5, 0.0))


def test_a_pass_names_parts_and_shares_of_them() -> None:
    from models.training.profiles import shares_of

    assert shares_of("1-3") == {1: 1.0, 2: 1.0, 3: 1.0}
    assert shares_of("2,4-5:0.25,5") == {2: 1.0, 4: 0.25, 5: 1.0}


@pytest.mark.parametrize("written", ["", "x", "1-", "9-1", "1,9-1", "1-9999999999", "3:", "3:0", "3:1.5", "1-2-3"])
def test_shares_of_parts_that_make_no_sense_are_refused(written: str) -> None:
    from models.training.profiles import shares_of

    with pytest.raises(ValueError):  # noqa: PT011 (only main's message reaches a person)
        shares_of(written)


def test_an_average_lies_halfway_between_two_passes_and_keeps_its_precision() -> None:
    import torch

    from models.training.train import averaged

    made = [
        {"theme.bias": torch.tensor([1.0, 2.0], dtype=torch.float16)},
        {"theme.bias": torch.tensor([3.0, 0.0], dtype=torch.float16)},
    ]
    found = averaged(made)
    assert found["theme.bias"].tolist() == [2.0, 1.0]
    assert found["theme.bias"].dtype == torch.float16
    assert averaged(made[-1:])["theme.bias"].tolist() == [3.0, 0.0]
